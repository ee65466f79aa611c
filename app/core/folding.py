"""Text as it is compared: `fold` without case and accents, `dial` of a telephone number. As in the database.

PostgreSQL has functions of the same names (migrations 0001, 0004 and 0011), on which the search indexes stand. These
are for whoever has the text already; a test holds both to the same answers.
"""

from __future__ import annotations

_LETTERS = str.maketrans(
    "áàâäãåāăąćčçďđéèêëēėęěíìîïīįĺľłńňñóòôöõōőŕřśšşșťţțúùûüūůűųýÿźžż",
    "aaaaaaaaacccddeeeeeeeeiiiiiilllnnnooooooorrsssstttuuuuuuuuyyzzz",
)
# Of the countries we work in; what stands after them is dialled within the country.
PREFIXES = ("421", "420", "36", "40", "39", "49", "41", "1")
_BETWEEN = str.maketrans("", "", " \u00a0\t-–/.()")


def fold(text: str) -> str:
    """Small letters without accents."""
    return text.lower().translate(_LETTERS).replace("ß", "ss")


def dial(text: str) -> str:
    """The digits dialled within the country: of "+421 905 123 456", "0905/123 456" and "905123456" the same."""
    bare = text.translate(_BETWEEN)
    if bare.startswith(("+", "00")):
        abroad = bare[1:] if bare.startswith("+") else bare[2:]
        known = next((prefix for prefix in PREFIXES if abroad.startswith(prefix)), "")
        return abroad[len(known) :].lstrip("0") if known else abroad
    return bare.lstrip("0")
