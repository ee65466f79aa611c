"""What was typed, in words: each a beginning of something, a telephone number in one piece. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass

from app.core.folding import PREFIXES, SEPARATORS, dial, ending, fold

LONGEST = 200  # characters; what stands behind them is not looked at
MOST = 6  # words; the others are not looked at
BLANKS = " " * len(SEPARATORS)
_APART = str.maketrans(SEPARATORS, BLANKS)
_NUMBER = re.compile(r"\+?[\d()/.–-]*\d[\d()/.–-]*")
_LEAST_DIGITS = 3
_LEAST_LATER = 3  # letters of a word that is looked for behind the first one
_LEAST_ENDING = 4  # digits that are looked for at the end


@dataclass(frozen=True)
class Word:
    """One word: `texts` are ways to write it in full, `dialled` the beginnings of telephone numbers it can be."""

    texts: tuple[str, ...]
    dialled: tuple[str, ...] = ()

    @property
    def inner(self) -> str:
        """The word as one looks for it inside of a text: folded, with blanks for what separates words."""
        return apart(fold(self.texts[0])).strip()

    @property
    def later(self) -> str:
        """The word as it is looked for behind the first word of a field; "" where it is too short, or a number."""
        return "" if self.ending or len(self.inner) < _LEAST_LATER else self.inner

    @property
    def ending(self) -> str:
        """The digits as they are looked for at the end of numbers, backwards; "" where there are too few, or a "+"."""
        text = self.texts[0]
        if _NUMBER.fullmatch(text) is None or text.startswith("+"):
            return ""
        back = ending(text)
        return back if len(back) >= _LEAST_ENDING else ""


@dataclass(frozen=True)
class Typed:
    """A whole line that was typed: the text with single blanks, and its words."""

    text: str
    words: tuple[Word, ...]


def apart(folded: str) -> str:
    """A folded text in which every word stands behind a blank."""
    return folded.translate(_APART)


def read(line: str) -> Typed:
    """The words of a line; none where nothing can be looked for."""
    parts = line[:LONGEST].split()
    text = " ".join(parts)
    words = [_word(part) for part in _joined(parts)]
    return Typed(text, tuple(word for word in words if word.inner)[:MOST])


def _joined(parts: list[str]) -> list[str]:
    """Groups of digits that follow each other are one number: people write telephone numbers with blanks."""
    found: list[str] = []
    number = False
    for part in parts:
        is_number = _NUMBER.fullmatch(part) is not None
        if number and is_number and not part.startswith("+"):
            found[-1] += part
        else:
            found.append(part)
        number = is_number
    return found


def _word(text: str) -> Word:
    if _NUMBER.fullmatch(text) is None:
        return Word((text,))
    digits = re.sub(r"\D", "", text)
    texts = [text]
    if len(digits) in (9, 10):  # a personal number, with and without its slash
        texts += [digits, f"{digits[:6]}/{digits[6:]}"]
    return Word(tuple(dict.fromkeys(texts)), _dialled(text, digits))


def _dialled(text: str, digits: str) -> tuple[str, ...]:
    """Where the "+" was left out, the number may begin with a country; "06" is how Hungary dials within itself."""
    found = [dial(text)]
    if text.startswith("06"):
        found.append(digits[2:])
    elif not text.startswith(("+", "0")) and len(digits) > _LEAST_DIGITS:
        found += [digits[len(prefix) :] for prefix in PREFIXES if digits.startswith(prefix)]
    return tuple(dict.fromkeys(number for number in found if len(number) >= _LEAST_DIGITS and number.isdecimal()))
