"""Asks many requests of an endpoint, as a process that may be killed: `python -m tests.sft.engines.asking SETTINGS.json`.

Every reply that was released is named at once in the file `released`; all of them go to `out` at the end.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from typing import Any

from curation.place import FolderPlace
from curation.sft.engines.configs import Endpoint
from curation.sft.engines.endpoint import EndpointEngine
from curation.sft.engines.engine import Message, Request


def requests(n: int, model: str) -> list[Request]:
    return [Request((Message("user", f"question {i}"),), model=model, max_tokens=200, seed=1) for i in range(n)]


async def ask_all(settings: dict[str, Any]) -> None:
    config = Endpoint.model_validate(settings["engine"])
    place = FolderPlace(Path(settings["place"])) if settings.get("place") else None
    released = os.open(settings["released"], os.O_WRONLY | os.O_APPEND | os.O_CREAT)

    async with EndpointEngine(config, Path(settings["store"]), place) as engine:

        async def ask(request: Request) -> dict[str, Any]:
            reply = await engine.ask(request)
            key = engine.key_of(request)
            os.write(released, f"{key}\n".encode())
            return {"key": key, "text": reply.text, "error": reply.error, "tokens": reply.completion_tokens}

        rows = await asyncio.gather(*map(ask, requests(settings["n"], config.model)))
        view = engine.status.view()
    Path(settings["out"]).write_text("".join(json.dumps(row) + "\n" for row in rows))
    print(json.dumps({"done": view.done, "cached": view.cached, "failed": view.failed, "tries": view.tries}))


if __name__ == "__main__":
    asyncio.run(ask_all(json.loads(Path(sys.argv[1]).read_text())))
