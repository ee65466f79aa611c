"""What a spreadsheet takes for a formula, and the apostrophe that keeps it from doing so."""

from __future__ import annotations

BEGINNINGS = ("=", "+", "-", "@", "\t", "\r", "＝", "＋", "－", "＠")  # full-width forms count too


def looks_like_formula(text: str) -> bool:
    return text.startswith(BEGINNINGS)


def plain(text: str) -> str:
    """A text that no spreadsheet takes for a formula; numbers stay numbers."""
    if looks_like_formula(text) and not text.removeprefix("-").replace(".", "", 1).isdecimal():
        return "'" + text
    return text


def unguarded(text: str) -> str:
    """The text behind `plain`: without the apostrophe that stands before what looks like a formula."""
    return text[1:] if text.startswith("'") and looks_like_formula(text[1:]) else text
