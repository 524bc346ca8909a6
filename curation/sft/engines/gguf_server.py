"""The process in which a GGUF model answers: a server of chat completions on loopback, by llama.cpp (xllamacpp).

`python -m curation.sft.engines.gguf_server` reads one line of settings as JSON from its input, writes one line with its address to its
output, and serves until its input ends, which is when its parent does, however it ends. It needs the key that the settings hold, so that
no other user of the machine asks it.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import sys
from typing import Any

PR_SET_PDEATHSIG = 1
"""prctl(2): a signal when the parent ends, in case another child of it has inherited the pipe."""


def serve(settings: dict[str, Any]) -> None:
    """Load the model, say where it is served, and wait for the end of the input."""
    from xllamacpp import CommonParams, Server  # a megabyte of code that only this process needs

    params = CommonParams()
    params.model.path = settings["path"]
    params.model_alias = {settings["model"]}
    params.hostnames, params.port = ["127.0.0.1"], 0
    params.api_keys = [settings["key"]]
    params.n_ctx, params.n_parallel = settings["context_tokens"], 1
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = settings["threads"]
    params.cache_ram_mib = 0  # requests ask that no prompt is used again (gguf.py)
    params.offline, params.ui, params.endpoint_slots = True, False, False
    server = Server(params)
    print(json.dumps({"address": server.listening_address}), flush=True)
    sys.stdin.read()
    os._exit(0)  # its threads answer nobody any more


def main() -> None:
    parent = os.getppid()
    ctypes.CDLL(None, use_errno=True).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() == parent:
        serve(json.loads(sys.stdin.readline()))


if __name__ == "__main__":
    main()
