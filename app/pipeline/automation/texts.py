"""Texts of rules with placeholders such as `{customer_name}`: a fixed set of names, and nothing else is looked up."""

from __future__ import annotations

import re
from collections.abc import Mapping

PLACEHOLDERS = (
    "customer_name",
    "customer_first_name",
    "deal_title",
    "deal_value",
    "owner_name",
    "pipeline_name",
    "stage_name",
)
_NAMED = re.compile(r"\{([A-Za-z0-9_.]+)\}")
DOUBLE = re.compile(r"\{\{\s*([A-Za-z0-9_.]{1,60})\s*\}\}")
"""A placeholder as other systems write it (`former`)."""


def unknown_in(text: str) -> list[str]:
    """Names in braces that stand for nothing, in the order in which they come; in double braces none stands for
    anything: a family would read the braces."""
    doubled = DOUBLE.findall(text)
    named = dict.fromkeys(_NAMED.findall(DOUBLE.sub("", text)))
    return [*dict.fromkeys(doubled), *(name for name in named if name not in PLACEHOLDERS)]


def used_in(*texts: str) -> set[str]:
    return {name for text in texts for name in _NAMED.findall(text)} & set(PLACEHOLDERS)


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with what its placeholders stand for. A value that holds braces itself stays as it is."""
    return _NAMED.sub(lambda found: values.get(found[1], found[0]), text)
