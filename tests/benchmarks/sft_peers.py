"""What a client of chat completions takes for each request, one client a process; started by sft_client.py.

    python tests/benchmarks/sft_peers.py ours|datatrove|curator URL REQUESTS IN_FLIGHT

Each asks the same questions and keeps the answers so that a kill loses none that it gave (ours: sqlite; datatrove: checkpoints; curator:
its response files). Prints wall and CPU seconds of the asking alone, children among them, as JSON.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

QUESTION = "Which of the stars in the field of the survey vary, and with which period? " * 12


def ours(url: str, n: int, in_flight: int, folder: Path) -> Callable[[], int]:
    from curation.place import FolderPlace
    from curation.sft.engines import Message, Request
    from curation.sft.engines.configs import Endpoint
    from curation.sft.engines.opening import open_engine

    config = Endpoint(model="m", licence="MIT", base_url=url, max_in_flight=in_flight)

    async def ask() -> int:
        async with open_engine(config, folder / "store.sqlite", FolderPlace(folder / "sealed")) as engine:
            asked = (Request((Message("user", f"{i} {QUESTION}"),), model="m", max_tokens=400) for i in range(n))
            replies = await asyncio.gather(*map(engine.ask, asked))
        return sum(reply.error is None and bool(reply.text) for reply in replies)

    return lambda: asyncio.run(ask())


def datatrove(url: str, n: int, in_flight: int, folder: Path) -> Callable[[], int]:
    from datatrove.data import Document
    from datatrove.pipeline.inference.run_inference import InferenceConfig, InferenceRunner
    from datatrove.pipeline.writers import JsonlWriter

    async def rollout(document: Any, generate: Any) -> Any:
        return await generate({"messages": [{"role": "user", "content": document.text}], "max_tokens": 400})

    config = InferenceConfig(
        server_type="endpoint",
        model_name_or_path="m",
        endpoint_url=url.removesuffix("/v1"),
        max_concurrent_generations=in_flight,
        server_ready_delay_sec=0.1,
    )
    writer = JsonlWriter(str(folder / "out"), output_filename="${rank}_${chunk_index}.jsonl", compression=None)
    runner = InferenceRunner(
        rollout, config, writer, checkpoints_local_dir=str(folder / "checkpoints"), records_per_chunk=500
    )
    documents = [Document(text=f"{i} {QUESTION}", id=str(i)) for i in range(n)]

    def run() -> int:
        runner.run(iter(documents), rank=0, world_size=1)
        return sum(path.read_text().count('"rollout_results"') for path in (folder / "out").iterdir())

    return run


def curator(url: str, n: int, in_flight: int, folder: Path) -> Callable[[], int]:
    os.environ |= {"CURATOR_CACHE_DIR": str(folder), "OPENAI_API_KEY": "EMPTY", "TELEMETRY_ENABLED": "false"}
    os.environ |= {"CURATOR_DISABLE_RICH_DISPLAY": "1", "CURATOR_VIEWER": "0"}
    tokenizers = Path(find_spec("litellm").origin).parent / "litellm_core_utils" / "tokenizers"  # type: ignore[union-attr,arg-type]
    os.environ["TIKTOKEN_CACHE_DIR"] = str(tokenizers)  # its file lies there; without it a download is tried
    from bespokelabs.curator import LLM

    llm = LLM(
        model_name="m",
        backend="openai",
        backend_params={
            "base_url": url,
            "max_concurrent_requests": in_flight,
            "max_requests_per_minute": 1_000_000,
            "max_tokens_per_minute": 1_000_000_000,
        },
    )
    questions = [f"{i} {QUESTION}" for i in range(n)]

    def run() -> int:
        found = llm(questions)
        return len(getattr(found, "dataset", found))

    return run


CLIENTS = {"ours": ours, "datatrove": datatrove, "curator": curator}


def cpu_s() -> float:
    return sum(os.times()[:4])


def main() -> None:
    client, url, n, in_flight = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
    with tempfile.TemporaryDirectory() as folder:
        run = CLIENTS[client](url, n, in_flight, Path(folder))
        began, cpu = time.perf_counter(), cpu_s()
        answered = run()
        print(
            "MEASURED "
            + json.dumps({"wall_s": time.perf_counter() - began, "cpu_s": cpu_s() - cpu, "answered": answered})
        )


if __name__ == "__main__":
    main()
