"""The engine that answers on this machine's CPU, offline: a model in a GGUF file, in a process of its own."""

from __future__ import annotations

import asyncio
import json
import secrets
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from curation.confine.surroundings import environment
from curation.errors import EngineError
from curation.place import Place
from curation.sft.engines.bounds import bounded
from curation.sft.engines.configs import Gguf
from curation.sft.engines.endpoint import HttpEngine
from curation.sft.engines.engine import Request
from curation.sft.engines.gguf_model import built_in
from curation.sft.engines.secret import Secret
from curation.sft.engines.wire import body_of
from curation.sft.store import Spent


class GgufEngine(HttpEngine):
    """Starts the server, asks it as any other, and ends it.

    Args:
        config: the model.
        store, place: as of `StoredEngine`.
    """

    def __init__(self, config: Gguf, store: Path, place: Place | None = None) -> None:
        super().__init__(config, store, place, config.seal_every_s, model=config.model, licence=config.licence)
        self._config = config
        self._server: asyncio.subprocess.Process | None = None

    async def _open(self, spent: Spent) -> None:
        key = secrets.token_hex(16)
        address = await self._start(key)
        self._connect(self._config, f"{address}/v1", Secret(key), spent)

    async def _start(self, key: str) -> str:
        config = self._config
        settings = {
            "path": str((config.path or built_in()).absolute()),
            "model": config.model,
            "context_tokens": config.context_tokens,
            "threads": config.threads,
            "key": key,
        }
        with tempfile.TemporaryFile() as told:
            self._server = server = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "curation.sft.engines.gguf_server"),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=told,
                env=environment(),
            )
            try:
                async with asyncio.timeout(config.start_timeout_s):
                    return await self._address(server, settings)
            except (TimeoutError, OSError, ValueError) as error:
                await self._kill()
                raise EngineError(
                    f"the model {settings['path']} did not start in {config.start_timeout_s:g} s: {_last_words(told) or error}"
                ) from error
            except BaseException:
                await self._kill()
                raise

    async def _address(self, server: asyncio.subprocess.Process, settings: dict[str, Any]) -> str:
        if server.stdin is None or server.stdout is None:
            raise OSError("its process has no pipes")
        server.stdin.write(json.dumps(settings).encode() + b"\n")
        await server.stdin.drain()
        while line := await server.stdout.readline():
            if line.startswith(b'{"address"'):
                address: str = json.loads(line)["address"]
                return address
        raise OSError("its process ended")

    def _body(self, request: Request, sample: int) -> dict[str, Any]:
        """As every server takes it, without a cache of prompts: what was read before would be summed in another order. The built-in model's template knows no thinking, for which a prompt has to ask.
        Texts of a schema end before the tokens do, so that what comes is whole."""
        if request.schema is not None:
            request = replace(request, schema=bounded(request.schema, request.max_tokens))
        template = {} if request.thinking is None else {"chat_template_kwargs": {"enable_thinking": request.thinking}}
        return body_of(request, sample, {"cache_prompt": False, **template})

    async def _close(self) -> None:
        try:
            await super()._close()
        finally:
            await self._kill()

    async def _kill(self) -> None:
        if self._server is not None and self._server.returncode is None:
            self._server.kill()
            await self._server.wait()


def _last_words(file: IO[bytes]) -> str:
    """The end of what the server said, for people."""
    file.seek(max(0, file.seek(0, 2) - 400))
    return " ".join(file.read().decode(errors="replace").split())
