"""Text as it is compared: `fold` without case and accents, `dial` of a telephone number, `later` words, the `ending`.

PostgreSQL has functions of the same names (migrations 0001, 0004, 0011 and 0017), on which the search indexes stand.
These are for whoever has the text already; a test holds both to the same answers.
"""

from __future__ import annotations

_LETTERS = str.maketrans(
    "áàâäãåāăąćčçďđéèêëēėęěíìîïīįĺľłńňñóòôöõōőŕřśšşșťţțúùûüūůűųýÿźžż",
    "aaaaaaaaacccddeeeeeeeeiiiiiilllnnnooooooorrsssstttuuuuuuuuyyzzz",
)
# Of the countries we work in; what stands after them is dialled within the country.
PREFIXES = ("421", "420", "36", "40", "39", "49", "41", "1")
SEPARATORS = "-–/.,;:@()+'\"_\u00a0"  # between words, beside the blank
_APART = str.maketrans(SEPARATORS, " " * len(SEPARATORS))
_BETWEEN = str.maketrans("", "", " \u00a0\t-–/.()")


def fold(text: str) -> str:
    """Small letters without accents."""
    return text.lower().translate(_LETTERS).replace("ß", "ss")


def later(text: str, nth: int) -> str | None:
    """The folded text from its nth word on, with blanks for what separates words; None where there are fewer."""
    words = fold(text).translate(_APART).split(" ")
    rest = [word for word in words if word][nth - 1 :]
    return " ".join(rest) or None


def ending(text: str) -> str:
    """The folded text backwards, without what separates words: an ending is a beginning of it."""
    return fold(text).translate(_APART).replace(" ", "")[::-1]


def dial(text: str) -> str:
    """The digits dialled within the country: of "+421 905 123 456", "0905/123 456" and "905123456" the same."""
    bare = text.translate(_BETWEEN)
    if bare.startswith(("+", "00")):
        abroad = bare[1:] if bare.startswith("+") else bare[2:]
        known = next((prefix for prefix in PREFIXES if abroad.startswith(prefix)), "")
        return abroad[len(known) :].lstrip("0") if known else abroad
    return bare.lstrip("0")
