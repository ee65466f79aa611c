"""What a chat message may be, and how its text is shown: links, and the words that were searched for."""

from __future__ import annotations

import re
import unicodedata
from typing import NamedTuple

LONGEST = 4000  # characters of a message
MOST_PER_MINUTE = 30  # messages of one person
_KEY = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_LINK = re.compile(r"\bhttps?://\w[^\s<>\"'`\\^{}|]*", re.IGNORECASE)
_AFTER_A_LINK = ".,;:!?…"
_SNIPPET = 160  # characters
_BEFORE_A_HIT = 50


class Part(NamedTuple):
    """A piece of a text; `href` where it is a link, `hit` where it was searched for."""

    text: str
    href: str = ""
    hit: bool = False


def is_key(text: str) -> bool:
    """Whether this is a UUID as clients make them for a new message."""
    return _KEY.fullmatch(text) is not None


def tidy(text: str) -> str:
    """A typed text as it is kept: lines end with a plain newline, nothing invisible, no blanks around it."""
    plain = _UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))
    return unicodedata.normalize("NFC", plain).strip()


def linked(text: str) -> list[Part]:
    """The text in pieces, addresses of pages as links; put together they are the text again."""
    parts, end = [], 0
    for found in _LINK.finditer(text):
        address = _without_tail(found[0])
        parts += [Part(text[end : found.start()]), Part(address, href=address)]
        end = found.start() + len(address)
    return [part for part in (*parts, Part(text[end:])) if part.text]


def _without_tail(address: str) -> str:
    """Without what belongs to the sentence around: a full stop, or a bracket that was opened before the address."""
    while True:
        shorter = address.rstrip(_AFTER_A_LINK)
        for opening, closing in ("()", "[]"):
            if shorter.endswith(closing) and shorter.count(closing) > shorter.count(opening):
                shorter = shorter[:-1]
        if shorter == address:
            return address
        address = shorter


def snippet(text: str, words: list[str]) -> list[Part]:
    """A line of a text around the first hit, with all hits marked; letters count without accents and case."""
    line = " ".join(text.split())
    folded = _folded(line)
    hits = sorted((at, at + len(word)) for word in map(_folded, words) if word for at in _places(folded, word))
    first = hits[0][0] if hits else 0
    start = 0 if first < _BEFORE_A_HIT else line.rfind(" ", 0, first - _BEFORE_A_HIT // 2) + 1
    stop = min(len(line), start + _SNIPPET)
    parts, end = [Part("…")] if start else [], start
    for begin, after in hits:
        if begin < end or after > stop:
            continue
        parts += [Part(line[end:begin]), Part(line[begin:after], hit=True)]
        end = after
    parts += [Part(line[end:stop]), Part("…" if stop < len(line) else "")]
    return [part for part in parts if part.text]


def _places(text: str, word: str) -> list[int]:
    return [found.start() for found in re.finditer(re.escape(word), text)]


def _folded(text: str) -> str:
    """Lower case without accents, letter by letter, so that places stay what they are."""
    return "".join((unicodedata.normalize("NFD", letter)[0].lower() + letter)[0] for letter in text)
