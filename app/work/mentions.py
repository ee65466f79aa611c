"""Names in texts: `@[username]` stands for a colleague. Pure.

The text is kept as it is and never as markup: whoever draws it escapes every
piece. A user name is what may stand in the brackets; anything else is text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MOST = 20
"""People named in one text."""
_MENTION = re.compile(r"@\[([^\[\]\s@][^\[\]\n]{0,99})\]")


def named(text: str) -> list[str]:
    """The user names in a text, each once, in their order."""
    return list(dict.fromkeys(_MENTION.findall(text)))


def pieces(text: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces: (piece, whether it is a user name)."""
    at = 0
    for found in _MENTION.finditer(text):
        if found.start() > at:
            yield text[at : found.start()], False
        yield found[1], True
        at = found.end()
    if at < len(text):
        yield text[at:], False
