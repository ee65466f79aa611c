"""Texts of the demo, one file of `words/` for each language."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "words"
LANGUAGES = ("sk", "cs", "hu", "ro", "it", "de", "fr", "en")


@cache
def words(language: str, country: str = "") -> dict[str, Any]:
    """All texts of one language; the keys are the same in every file, lists may differ in length.

    In Switzerland German is written without ß.
    """
    raw = (FOLDER / f"{language}.toml").read_text(encoding="utf-8")
    return tomllib.loads(raw.replace("ß", "ss") if country == "CH" else raw)
