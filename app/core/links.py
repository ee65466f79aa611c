"""Links that leave the house: where this installation is reached from outside."""

from __future__ import annotations

_base = ""


def reached_at(base_url: str) -> None:
    """Said once when a process starts: `Settings.base_url`."""
    global _base
    _base = base_url


def absolute(path: str) -> str:
    """A path of ours as a link in an e-mail."""
    return _base + path
