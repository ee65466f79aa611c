"""Addresses of our own static files, of the vendored ones, and icons.

`asset("css/app.css")` carries a hash of the content, so a browser may keep a
file for a year and still sees every change at once. Vendored files carry
their version in the path and need no hash.
"""

from __future__ import annotations

import hashlib
import json
import re
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path

from markupsafe import Markup

STATIC_FOLDER = Path(__file__).resolve().parent.parent / "static"
STATIC_URL = "/static/"
MANIFEST = "vendor/manifest.json"
SPRITE = "icons.svg"


@lru_cache(maxsize=512)
def _content_hash(path: str, changed: int) -> str:
    """First ten hex digits of the file's sha256; `changed` (ns) is only a cache key."""
    return hashlib.sha256((STATIC_FOLDER / path).read_bytes()).hexdigest()[:10]


def asset(path: str) -> str:
    """Address of a file under static/, changing with its content.

    A file that does not exist gets its plain address: a page with a missing
    picture is better than no page.
    """
    return _address(path, int(time.monotonic()))


@lru_cache(maxsize=512)
def _address(path: str, second: int) -> str:
    """The address as it is within this second: a page asks for some files hundreds of times."""
    try:
        changed = (STATIC_FOLDER / path).stat().st_mtime_ns
    except OSError:
        return STATIC_URL + path
    return f"{STATIC_URL}{path}?v={_content_hash(path, changed)}"


@lru_cache(maxsize=1)
def vendor_paths() -> dict[str, str]:
    """Logical name ("tabler.css") to path under static/, from the manifest."""
    manifest = json.loads((STATIC_FOLDER / MANIFEST).read_text(encoding="utf-8"))
    return {name: f"vendor/{path}" for name, path in manifest["names"].items()}


def vendor(name: str) -> str:
    """Address of a vendored file by its logical name; KeyError when unknown."""
    return STATIC_URL + vendor_paths()[name]


@lru_cache(maxsize=4)
def _symbols(changed: int) -> frozenset[str]:
    sprite = (STATIC_FOLDER / SPRITE).read_text(encoding="utf-8")
    return frozenset(re.findall(r'<symbol id="([^"]+)"', sprite))


def icon_names() -> frozenset[str]:
    """Names of the symbols in the sprite; empty when there is no sprite."""
    try:
        return _symbols((STATIC_FOLDER / SPRITE).stat().st_mtime_ns)
    except OSError:
        return frozenset()


def icon(name: str, size: int = 16, label: str = "", extra: str = "") -> Markup:
    """An icon of the sprite, `size` pixels wide; decorative unless it has a `label`.

    `extra` is one more CSS class. An unknown name draws the fallback symbol.
    """
    return _drawn(name, size, label, extra, asset(SPRITE))


@lru_cache(maxsize=4096)
def _drawn(name: str, size: int, label: str, extra: str, sprite: str) -> Markup:
    """The drawing; a page has hundreds. `sprite` changes with the sprite's content."""
    symbol = name if name in icon_names() else "fallback"
    heard = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
    return Markup('<svg class="{1}" width="{0}" height="{0}" {2}><use href="{3}#{4}"></use></svg>').format(
        size, f"glyph {extra}".rstrip(), heard, sprite, symbol
    )


@lru_cache(maxsize=512)
def flag(code: str) -> Markup:
    """The flag of a two-letter country code, or nothing when we carry none."""
    path = vendor_paths().get(f"flags/{code.lower()}.svg")
    if path is None:
        return Markup("")
    return Markup('<img class="flag" src="{}" width="16" height="12" alt="">').format(STATIC_URL + path)


def jinja_globals() -> dict[str, Callable[..., object]]:
    """What templates call to name a file, an icon or a flag."""
    return {"asset": asset, "vendor": vendor, "icon": icon, "flag": flag}
