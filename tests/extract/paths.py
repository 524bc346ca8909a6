"""One paper of a folder or file, by the routes of a run."""

from __future__ import annotations

from pathlib import Path

from curation.extract.result import Extracted
from curation.extract.router import Extract
from curation.sources.folder import FolderSource
from curation.sources.members import member_at


def extract_path(path: Path, step: Extract | None = None) -> Extracted:
    """The text of a paper. Raises PaperError when it gives none."""
    root, member = (path, ".") if path.is_dir() else (path.parent, member_at(path.name))
    source, step = FolderSource(path=str(root)), step or Extract()
    try:
        content = source.open({"member": member})
        return step.extract(source, {"member": member, "pdf_member": None, "content_sha256": content.sha256}, content)
    finally:
        step.close()
