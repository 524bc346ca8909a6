"""Publishing to a dataset repository of the Hugging Face Hub, in one commit.

Tested against a stand-in that keeps what it is sent and speaks the plain LFS protocol (HF_HUB_DISABLE_XET=1). The real Hub,
and Xet, which huggingface_hub uses unless that variable is set, are untested.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO, TypeVar

from curation.errors import RunError, UserError, first_names
from curation.release.audited import why_not_public
from curation.release.licences import closed_rows
from curation.release.published import (
    CARD_FILES,
    Published,
    check_may_be_public,
    check_replaces,
    may_be_public,
    summary,
)
from schemas.manifest import MANIFEST_NAME, Manifest, ManifestError, parse_manifest

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi, RepoFile, RepoFolder

ATTEMPTS = 4
FIRST_WAIT_S = 1.0
"""Waits double: 1, 2 and 4 s, on top of the library's own retries of single requests."""
_MADE_BY_HUB = {".gitattributes"}
"""What the Hub puts into a new repository by itself."""
_RETRIED = (408, 429, 500, 502, 503, 504)
T = TypeVar("T")


def publish_to_hub(manifest: Manifest, files: Sequence[str], repo_id: str, *, private: bool) -> Published:
    """Upload a release as one commit that also removes the files of the earlier release there, then compare digests.

    Args:
        files: paths below the release folder.
        repo_id: owner/name; made when it does not exist. It is empty or holds an earlier release of the same name; files
            that no manifest of ours names stay.

    Raises:
        UserError: huggingface_hub is not installed, no HF_TOKEN, the token is refused, the repository holds something
            else, or a row whose licence does not let it be passed on, or a release with open failures or without an audit that passed,
            would go to a public repository.
        RunError: the Hub fails ATTEMPTS times, or holds other bytes than were sent.
    """
    try:
        from huggingface_hub import HfApi
    except ImportError as error:
        raise UserError("publishing to the Hub needs huggingface_hub: pip install 'astrocorpus[hub]'") from error
    closed = closed_rows(manifest)
    tiers = "; ".join(f"tier {tier} ({why})" for tier, why in closed.items())
    refusal = UserError(
        f"{repo_id} is public, and may not get {tiers}: make the repository private, or publish a release "
        "(`astrocorpus release --tier`) without these rows"
    )
    if not private:
        check_may_be_public(manifest, repo_id)
    if closed and not private:
        raise refusal
    if not (token := os.environ.get("HF_TOKEN")):
        why = why_not_public(manifest)
        raise UserError(
            "set HF_TOKEN to a token that may write to the repository (https://huggingface.co/settings/tokens)"
            + (f"; and mind that this release may go to a private repository only: {why}" if why else "")
        )
    api = HfApi(endpoint=os.environ.get("HF_ENDPOINT"), token=token)
    _retried(repo_id, lambda: api.create_repo(repo_id, repo_type="dataset", private=private, exist_ok=True))
    if (closed or not may_be_public(manifest)) and not _retried(repo_id, lambda: api.dataset_info(repo_id)).private:
        check_may_be_public(manifest, repo_id)
        raise refusal
    gone = _earlier_files(api, manifest, repo_id) - set(files)
    commit = _retried(
        repo_id,
        lambda: api.create_commit(
            repo_id=repo_id,
            repo_type="dataset",
            operations=_operations(manifest, files, gone),
            commit_message=f"Release {manifest.name} {manifest.sha256[:12]}",
        ),
    )
    _compare(api, manifest, repo_id, commit.oid, gone)
    return summary(manifest, f"hf://datasets/{repo_id}", commit.oid)


def _operations(
    manifest: Manifest, files: Sequence[str], gone: AbstractSet[str]
) -> list[CommitOperationAdd | CommitOperationDelete]:
    """What the commit does: it removes some files and adds the release's, read where they lie."""
    from huggingface_hub import CommitOperationAdd, CommitOperationDelete

    return [
        *(CommitOperationDelete(path_in_repo=name) for name in sorted(gone)),
        *(CommitOperationAdd(path_in_repo=name, path_or_fileobj=_content(manifest, name)) for name in files),
    ]


def _content(manifest: Manifest, name: str) -> Path | BinaryIO:
    """A file of the release as the Hub's library takes it: what lies in a bucket it reads twice, for its digest and to send it,
    by a request each and without a copy here."""
    place = manifest.place
    if (path := place.local(name)) is not None:
        return path
    return place.in_a_row(name)


def _earlier_files(api: HfApi, manifest: Manifest, repo_id: str) -> set[str]:
    """The files of the release that a repository holds: those that its manifest.json names, and the cards.

    Raises:
        UserError: the repository is not empty and holds no release, or one of another name.
    """
    there = set(_tree(api, repo_id))
    if MANIFEST_NAME not in there:
        if foreign := sorted(there - _MADE_BY_HUB):
            raise UserError(
                f"{repo_id}: holds {foreign[0]} and is no release of ours ({len(foreign)} files, no {MANIFEST_NAME}); name "
                "another repository, or empty this one first"
            )
        return set()
    with tempfile.TemporaryDirectory() as folder:
        path = _retried(
            repo_id,
            lambda: api.hf_hub_download(
                repo_id, MANIFEST_NAME, repo_type="dataset", local_dir=folder, force_download=True
            ),
        )
        body = Path(path).read_bytes()
    try:
        earlier = parse_manifest(body, manifest.place, f"{repo_id}: {MANIFEST_NAME}")
    except ManifestError as error:
        raise UserError(f"{error}; name another repository, or empty this one first") from error
    check_replaces(repo_id, earlier, manifest)
    return there & {*(f.file for f in earlier.files), *CARD_FILES}


def _tree(api: HfApi, repo_id: str, revision: str | None = None) -> dict[str, RepoFile | RepoFolder]:
    """Path -> entry of every file of a repository."""
    entries = _retried(
        repo_id,
        lambda: list(api.list_repo_tree(repo_id, recursive=True, revision=revision, repo_type="dataset")),
    )
    return {entry.path: entry for entry in entries if hasattr(entry, "size")}


def _compare(api: HfApi, manifest: Manifest, repo_id: str, revision: str, gone: set[str]) -> None:
    """Raise RunError unless the commit holds the data files of the manifest, by sha256 where the Hub tells it, and none of
    the earlier release's."""
    remote = _tree(api, repo_id, revision)
    if unlike := sorted({f.file for f in manifest.files} - set(remote) | gone & set(remote)):
        raise RunError(f"{repo_id}@{revision}: data files differ from the release: {first_names(unlike)}")
    for file in manifest.files:
        lfs = getattr(remote[file.file], "lfs", None)
        if lfs is not None and lfs.sha256 != file.sha256:
            raise RunError(f"{repo_id}@{revision}: {file.file} has sha256 {lfs.sha256}, the manifest {file.sha256}")


def _retried(repo_id: str, call: Callable[[], T]) -> T:
    """The result of a call to the Hub, tried again when the Hub is busy or unreachable."""
    from huggingface_hub.errors import HfHubHTTPError, HTTPError  # type: ignore[attr-defined,unused-ignore]

    for attempt in range(1, ATTEMPTS + 1):
        try:
            return call()
        except HfHubHTTPError as error:
            status = error.response.status_code if error.response is not None else 0
            if status in (401, 403):
                raise UserError(
                    f"{repo_id}: the Hub refuses HF_TOKEN ({status}); it needs the right to write there"
                ) from error
            if status not in _RETRIED or attempt == ATTEMPTS:
                raise RunError(f"{repo_id}: the Hub answered {status}, try {attempt}: {error}") from error
        except HTTPError as error:  # no answer at all: connection, time-out
            if attempt == ATTEMPTS:
                raise RunError(f"{repo_id}: the Hub cannot be reached: {error}") from error
        time.sleep(FIRST_WAIT_S * 2 ** (attempt - 1))
    raise RunError(f"{repo_id}: no attempt was made")
