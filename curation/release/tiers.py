"""The tiers of a release, and what each asks of a licence."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from curation.identity import check_licence


class TierRule(BaseModel):
    """What a tier asks of a licence.

    Args:
        licences: licences that may be released, as CC-BY-4.0 and CC0-1.0 are written; without the key any, also unknown
            ones (for use inside one's own walls). A tier `public` must name them.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    licences: tuple[Annotated[str, AfterValidator(check_licence)], ...] | None = Field(default=None, min_length=1)


def check_tier(name: str) -> str:
    """The name itself when it can be a folder of a release beside all others.

    Raises:
        ValueError: it cannot.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_]*", name):
        raise ValueError(f"tier {name!r}: a name has lower-case letters, digits and underscores only")
    return name
