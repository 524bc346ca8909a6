"""A Hub on loopback that keeps what it is sent: repositories, commits, LFS objects. As much of the protocol as
`upload_folder` (without Xet) and `datasets.load_dataset` speak."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

import huggingface_hub.constants
import pytest

TOKEN = "hf_loopback"


@dataclass
class Repo:
    """Commits of one dataset repository; each is path -> sha256."""

    private: bool
    commits: dict[str, dict[str, str]] = field(default_factory=lambda: {"0" * 40: {}})
    lfs: set[str] = field(default_factory=set)

    @property
    def head(self) -> str:
        return list(self.commits)[-1]


@dataclass
class Hub:
    """State of the stand-in. `fail` holds (method, path pattern, status): each entry spoils one request."""

    url: str = ""
    repos: dict[str, Repo] = field(default_factory=dict)
    objects: dict[str, bytes] = field(default_factory=dict)
    fail: list[tuple[str, str, int]] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def files(self, repo: str) -> dict[str, str]:
        """path -> sha256 at the head."""
        return self.repos[repo].commits[self.repos[repo].head]

    def add(self, repo: str, files: dict[str, bytes]) -> None:
        """A commit of its owner, path -> content."""
        digests = {path: hashlib.sha256(content).hexdigest() for path, content in files.items()}
        self.objects |= {digests[path]: content for path, content in files.items()}
        self.repos[repo].commits[f"{len(self.repos[repo].commits):040x}"] = self.files(repo) | digests


class Handler(BaseHTTPRequestHandler):
    """Routes of the stand-in."""

    protocol_version = "HTTP/1.1"
    hub: Hub

    def log_message(self, format: str, *args: Any) -> None:
        pass

    def do_GET(self) -> None:
        self.route("GET")

    def do_HEAD(self) -> None:
        self.route("HEAD")

    def do_POST(self) -> None:
        self.route("POST")

    def do_PUT(self) -> None:
        self.route("PUT")

    def route(self, method: str) -> None:
        path = unquote(urlsplit(self.path).path)
        body = self.body()
        self.hub.requests.append(f"{method} {path}")
        for spoiled in self.hub.fail:
            if spoiled[0] == method and re.search(spoiled[1], path):
                self.hub.fail.remove(spoiled)
                return self.answer({"error": "spoiled"}, spoiled[2])
        if not path.startswith("/lfs/") and self.headers.get("Authorization") != f"Bearer {TOKEN}":
            return self.answer({"error": "Invalid username or password."}, 401)
        for wanted, pattern, handler in ROUTES:
            if (wanted == method or (wanted == "GET" and method == "HEAD")) and (match := re.fullmatch(pattern, path)):
                return handler(self, body, **match.groupdict())
        return self.answer({"error": f"no such page {path}"}, 404)

    def body(self) -> bytes:
        if self.headers.get("Transfer-Encoding") != "chunked":
            return self.rfile.read(int(self.headers.get("Content-Length") or 0))
        pieces = []
        while size := int(self.rfile.readline().strip() or b"0", 16):
            pieces.append(self.rfile.read(size))
            self.rfile.readline()
        self.rfile.readline()
        return b"".join(pieces)

    def answer(self, content: Any, status: int = 200, headers: dict[str, str] | None = None) -> None:
        data = content if isinstance(content, bytes) else json.dumps(content).encode()
        self.send_response(status)
        defaults = {"Content-Type": "application/json", "Content-Length": str(len(data))}
        for name, value in (defaults | (headers or {})).items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(data)

    def create(self, body: bytes) -> None:
        asked = json.loads(body)
        name = f"{asked.get('organization') or 'owner'}/{asked['name']}"
        url = {"url": f"{self.hub.url}/datasets/{name}", "name": name}
        if name in self.hub.repos:
            return self.answer(url | {"error": "You already created this dataset repo"}, 409)
        private = bool(asked.get("private")) or asked.get("visibility") == "private"
        self.hub.repos[name] = Repo(private)
        return self.answer(url)

    def info(self, body: bytes, repo: str, rev: str = "main") -> None:
        if repo not in self.hub.repos:
            return self.answer({"error": "Repository not found"}, 404, {"X-Error-Code": "RepoNotFound"})
        kept = self.hub.repos[repo]
        return self.answer(
            {
                "id": repo,
                "sha": kept.head if rev == "main" else rev,
                "private": kept.private,
                "tags": [],
                "siblings": [{"rfilename": p} for p in kept.commits[kept.head if rev == "main" else rev]],
                "lastModified": "2026-01-01T00:00:00.000Z",
            }
        )

    def preupload(self, body: bytes, repo: str, rev: str) -> None:
        files = json.loads(body)["files"]
        modes = [
            {"path": f["path"], "uploadMode": "lfs" if f["path"].endswith(".parquet") else "regular"} for f in files
        ]
        self.answer({"files": [mode | {"shouldIgnore": False} for mode in modes]})

    def lfs_batch(self, body: bytes, repo: str) -> None:
        objects = []
        for asked in json.loads(body)["objects"]:
            if asked["oid"] not in self.hub.objects:
                base = f"{self.hub.url}/lfs/{asked['oid']}"
                asked["actions"] = {"upload": {"href": base}, "verify": {"href": f"{base}/verify"}}
            objects.append(asked)
        self.answer({"transfer": "basic", "objects": objects})

    def lfs_put(self, body: bytes, oid: str) -> None:
        if hashlib.sha256(body).hexdigest() != oid:
            return self.answer({"error": "wrong digest"}, 400)
        self.hub.objects[oid] = body
        return self.answer(b"")

    def lfs_verify(self, body: bytes, oid: str) -> None:
        self.answer({}, 200 if oid in self.hub.objects else 404)

    def commit(self, body: bytes, repo: str, rev: str) -> None:
        kept = self.hub.repos[repo]
        files = dict(kept.commits[kept.head])
        for line in map(json.loads, body.splitlines()):
            value = line["value"]
            if line["key"] == "file":
                data = base64.b64decode(value["content"])
                files[value["path"]] = hashlib.sha256(data).hexdigest()
                self.hub.objects[files[value["path"]]] = data
            elif line["key"] == "lfsFile":
                files[value["path"]] = value["oid"]
                kept.lfs.add(value["path"])
            elif line["key"] == "deletedFile":
                del files[value["path"]]
        oid = hashlib.sha1(repr((kept.head, sorted(files.items()))).encode()).hexdigest()
        kept.commits[oid] = files
        self.answer({"commitUrl": f"{self.hub.url}/datasets/{repo}/commit/{oid}", "commitOid": oid, "success": True})

    def tree(self, body: bytes, repo: str, rev: str, folder: str | None) -> None:
        kept = self.hub.repos[repo]
        files = kept.commits[kept.head if rev == "main" else rev]
        folder = (folder or "").strip("/")
        inside = [p for p in files if not folder or p.startswith(f"{folder}/")]
        entries = [self.entry(kept, files, p) for p in inside]
        folders = {p.rsplit("/", n)[0] for p in inside for n in range(1, p.count("/") + 1)} - {folder}
        entries += [{"type": "directory", "path": p, "oid": "0", "size": 0} for p in sorted(folders)]
        if "recursive=true" not in self.path.lower():
            depth = folder.count("/") + 1 if folder else 0
            entries = [e for e in entries if e["path"].count("/") == depth]
        if not entries and folder:
            return self.answer({"error": "no such folder"}, 404, {"X-Error-Code": "EntryNotFound"})
        return self.answer(entries)

    def entry(self, kept: Repo, files: dict[str, str], path: str) -> dict[str, Any]:
        found: dict[str, Any] = {"type": "file", "path": path, "oid": files[path][:40]}
        found["size"] = len(self.hub.objects[files[path]])
        if path in kept.lfs:
            found["lfs"] = {"oid": files[path], "size": found["size"], "pointerSize": 130}
        return found

    def paths_info(self, body: bytes, repo: str, rev: str) -> None:
        kept = self.hub.repos[repo]
        files = kept.commits[kept.head if rev == "main" else rev]
        is_json = "json" in (self.headers.get("Content-Type") or "")
        asked = json.loads(body)["paths"] if is_json else parse_qs(body.decode())["paths"]
        self.answer([self.entry(kept, files, p) for p in asked if p in files])

    def resolve(self, body: bytes, repo: str, rev: str, path: str) -> None:
        kept = self.hub.repos.get(repo)
        commit = kept.head if kept and rev == "main" else rev
        if kept is None or path not in kept.commits[commit]:
            return self.answer(
                {"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound", "X-Repo-Commit": commit}
            )
        digest = kept.commits[commit][path]
        data = self.hub.objects[digest]
        headers = {"ETag": f'"{digest}"', "X-Repo-Commit": commit, "Accept-Ranges": "bytes"}
        if wanted := re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or ""):
            first, last = int(wanted[1]), min(int(wanted[2] or len(data) - 1), len(data) - 1)
            headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            return self.answer(data[first : last + 1], 206, headers)
        return self.answer(data, 200, headers)


_REPO = r"(?P<repo>[\w.-]+/[\w.-]+)"
ROUTES: list[tuple[str, str, Any]] = [
    ("POST", r"/api/repos/create", Handler.create),
    ("POST", r"/api/validate-yaml", lambda self, body: self.answer({"errors": [], "warnings": []})),
    ("GET", rf"/api/datasets/{_REPO}", Handler.info),
    ("GET", rf"/api/datasets/{_REPO}/revision/(?P<rev>[^/]+)", Handler.info),
    ("POST", rf"/api/datasets/{_REPO}/preupload/(?P<rev>[^/]+)", Handler.preupload),
    ("POST", rf"/datasets/{_REPO}\.git/info/lfs/objects/batch", Handler.lfs_batch),
    ("PUT", r"/lfs/(?P<oid>[0-9a-f]{64})", Handler.lfs_put),
    ("POST", r"/lfs/(?P<oid>[0-9a-f]{64})/verify", Handler.lfs_verify),
    ("POST", rf"/api/datasets/{_REPO}/commit/(?P<rev>[^/]+)", Handler.commit),
    ("GET", rf"/api/datasets/{_REPO}/tree/(?P<rev>[^/]+)(?P<folder>/.*)?", Handler.tree),
    ("POST", rf"/api/datasets/{_REPO}/paths-info/(?P<rev>[^/]+)", Handler.paths_info),
    ("GET", rf"/datasets/{_REPO}/resolve/(?P<rev>[^/]+)/(?P<path>.+)", Handler.resolve),
]


def hub_environment(hub: Hub, monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the stand-in the Hub of this process; nothing waits."""
    monkeypatch.setenv("HF_ENDPOINT", hub.url)
    monkeypatch.setenv("HF_TOKEN", TOKEN)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(time, "sleep", lambda seconds: None)  # waits of the library and our own


@contextmanager
def hub_stand_in() -> Iterator[Hub]:
    """A stand-in on a free port of loopback."""
    hub = Hub()
    handler = type("BoundHandler", (Handler,), {"hub": hub})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    hub.url = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield hub
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
