"""People as a list shows them: the letters of a name, on a colour that stays theirs."""

from __future__ import annotations

import zlib
from functools import lru_cache
from typing import Any

TABLE = "users"
HUES = 6
"""How many colours there are (base.css, `.avatar`)."""


@lru_cache(maxsize=4096)
def initials(name: str) -> str:
    """At most two letters of a name, without titles such as "MUDr."."""
    parts = [part for part in name.split() if not part.endswith(".")] or name.split()
    letters = [part[0] for part in parts if part[0].isalpha()]
    return "".join([letters[0], letters[-1]] if len(letters) > 1 else letters).upper()


def hue(key: Any) -> int:
    """The colour of a person: the same on every page, after every start, under every name."""
    return zlib.crc32(str(key).encode()) % HUES
