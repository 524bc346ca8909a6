"""The embedded model, as it answers here: offline, by schema, the same each time, in a process that ends with the run."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import psutil
import pytest
from pydantic import TypeAdapter, ValidationError

from curation.errors import EngineError
from curation.resources import NOTHING
from curation.sft.engines.configs import AnyEngine, Endpoint, Gguf
from curation.sft.engines.engine import Engine, Message, Reply, Request
from curation.sft.engines.gguf_model import built_in
from curation.sft.engines.opening import open_engine
from curation.sft.stages.questions import Questions
from tests.conftest import PROJECT

ENDPOINT = Endpoint(model="m", licence="MIT", base_url="http://127.0.0.1:9/v1")

MODEL = "SmolLM2-135M-Instruct"
PLAIN = Request((Message("user", "Name a star."),), model=MODEL, max_tokens=12, temperature=0.8, seed=3)
SCHEMA = {
    "type": "object",
    "properties": {"sentence": {"type": "integer", "enum": [1, 2, 3]}, "answer": {"type": "string", "maxLength": 20}},
    "required": ["sentence", "answer"],
    "additionalProperties": False,
}


def servers(of: int | None = None) -> list[psutil.Process]:
    """The model's processes that were started by one."""
    parent = psutil.Process(of or os.getpid())
    return [child for child in parent.children() if "curation.sft.engines.gguf_server" in child.cmdline()]


def test_the_embedded_model_answers_by_schema_and_the_same_each_time(tmp_path: Path) -> None:
    by_schema = replace(PLAIN, schema=SCHEMA, max_tokens=60)
    too_long = replace(PLAIN, messages=(Message("user", "star " * 2000),))

    async def ask(store: str, before: bool) -> list[Reply]:
        engine: Engine = open_engine(Gguf(context_tokens=1024), tmp_path / store)
        async with engine:
            assert len(servers()) == 1 and isinstance(engine, Engine)
            if before:  # what was read before changes nothing
                await engine.ask(replace(PLAIN, messages=(Message("user", "Name a planet."),)))
            return [
                await engine.ask(PLAIN),
                await engine.ask(by_schema),
                await engine.ask(PLAIN, 1),
                await engine.ask(too_long),
            ]

    first = asyncio.run(ask("one", False))
    assert servers() == []
    plain, schema, sample, refused = first
    assert plain.error is None and plain.served_model == MODEL and plain.prompt_tokens > 3
    said = json.loads(schema.text)
    assert set(said) == {"sentence", "answer"} and said["sentence"] in (1, 2, 3) and len(said["answer"]) <= 20
    assert sample.text != plain.text
    assert refused.error is not None and refused.error.startswith("refused: HTTP 400") and "context" in refused.error
    assert asyncio.run(ask("two", True)) == first


def test_its_process_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from pathlib import Path\n"
        "from curation.sft.engines.configs import Gguf; from curation.sft.engines.opening import open_engine\n"
        "async def main():\n"
        "    async with open_engine(Gguf(), Path(sys.argv[1])):\n"
        "        print('ready', flush=True); await asyncio.sleep(600)\n"
        "asyncio.run(main())"
    )
    parent = subprocess.Popen([sys.executable, "-c", code, str(tmp_path / "s")], cwd=PROJECT, stdout=subprocess.PIPE)
    assert parent.stdout is not None and parent.stdout.readline() == b"ready\n"
    (server,) = servers(parent.pid)
    environ = server.environ()
    parent.send_signal(signal.SIGKILL)
    parent.communicate()
    for _ in range(600):
        if not server.is_running() or server.status() == psutil.STATUS_ZOMBIE:
            break
        time.sleep(0.1)
    else:
        pytest.fail("the model's process is still there")
    assert "HOME" in environ and not [name for name in environ if "KEY" in name or "TOKEN" in name]


def test_its_process_ends_with_its_input(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "curation.sft.engines.gguf_server"]
    server = subprocess.Popen(command, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    assert server.stdin is not None and server.stdout is not None
    settings = {"path": str(built_in()), "model": MODEL, "context_tokens": 256, "threads": 1, "key": "k" * 32}
    server.stdin.write(json.dumps(settings).encode() + b"\n")
    server.stdin.flush()
    assert b'"address": "http://127.0.0.1:' in server.stdout.readline()
    assert server.poll() is None
    server.communicate(timeout=300)
    assert server.returncode == 0


def test_a_model_that_cannot_be_loaded_is_told(tmp_path: Path) -> None:
    (tmp_path / "broken.gguf").write_bytes(b"GGUF, but not for long")
    config = Gguf(path=tmp_path / "broken.gguf", model="own", licence="MIT", start_timeout_s=60)

    async def enter() -> None:
        async with open_engine(config, tmp_path / "s"):
            pass

    with pytest.raises(EngineError, match=r"broken\.gguf did not start"):
        asyncio.run(enter())
    assert servers() == []


def test_its_process_is_counted_with_the_driver_of_a_stage_that_asks_it() -> None:
    known, long = Gguf(threads=3).resources(), Gguf(context_tokens=8192).resources()
    assert (known.cpus, known.gpus) == (3, 0) and long.memory_mb - known.memory_mb == 4096 * 128 // 1024
    assert 310 < known.memory_mb < 1000, "what it took, and not a machine's"
    step, idle = (Questions(engine=Gguf(threads=3, memory_mb=512)), Questions(engine=ENDPOINT))
    assert (step.resources(0).cpus, step.child_memory_mb()) == (4, 512)
    assert (idle.resources(0).cpus, idle.child_memory_mb(), idle.engine_resources()) == (1, 0, NOTHING)
    assert Gguf(threads=3, memory_mb=512).identity() == Gguf().identity()


def test_the_identity_holds_the_model_file_and_no_path_or_limit(tmp_path: Path) -> None:
    one, two = tmp_path / "a.gguf", tmp_path / "b.gguf"
    one.write_bytes(b"weights")
    two.write_bytes(b"weights")
    config = Gguf(path=one, model="own", licence="MIT", threads=1)
    same = Gguf(path=two, model="own", licence="MIT", threads=4, rpm=6, timeout_s=5)
    assert config.identity() == same.identity() and config.digest() == same.digest()
    assert str(tmp_path) not in json.dumps(config.identity())
    two.write_bytes(b"other weights")
    assert config.digest() != Gguf(path=two, model="own", licence="MIT").digest()
    other_licence = Gguf(path=one, model="own", licence="Apache-2.0")
    assert other_licence.identity() != config.identity() and other_licence.digest() == config.digest()
    assert Gguf().identity()["weights"] == Gguf().identity()["weights"] and len(Gguf().identity()["weights"]) == 64


@pytest.mark.parametrize(
    "wrong",
    [
        {"kind": "gguf", "model": "own"},
        {"kind": "gguf", "licence": "MIT"},
        {"kind": "gguf", "path": "a.gguf"},
        {"kind": "gguf", "path": "a.gguf", "model": "own"},
        {"kind": "endpoint", "model": "m", "base_url": "http://a/v1"},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://user:key@a/v1"},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://a/v1?key=k"},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "ftp://a/v1"},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://a/v1", "key_env": "sk-a-key"},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://a/v1", "max_usd": 5},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://a/v1", "beside": {"model": "n"}},
        {"kind": "endpoint", "model": "m", "licence": "MIT", "base_url": "http://a/v1", "api_key": "sk"},
        {"kind": "other", "model": "m"},
    ],
)
def test_a_wrong_config_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(AnyEngine).validate_python(wrong)
