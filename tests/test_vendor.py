"""Third-party files are the ones we vendored, and no page needs the internet."""

from __future__ import annotations

import hashlib
import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from app import vendoring
from app.core import assets

APP = Path(assets.__file__).parents[1]
VENDOR = APP / "static" / "vendor"
MANIFEST = json.loads((VENDOR / "manifest.json").read_text(encoding="utf-8"))
SETTINGS = tomllib.loads((APP / "vendor.toml").read_text(encoding="utf-8"))
FILES = {entry["path"]: entry for package in MANIFEST["packages"] for entry in package["files"]}

# An XML namespace is a name, not an address that anything opens.
NAMES = ("http://www.w3.org/2000/svg", "http://www.w3.org/1999/xlink")
OUTSIDE = re.compile(r"""(?:https?:)?//[a-z0-9-]+(?:\.[a-z0-9-]+)+[^\s"'`)>]*""", re.IGNORECASE)


def own_files() -> Iterator[Path]:
    for folder, pattern in (
        ("templates", "*.html"),
        ("static/css", "*.css"),
        ("static/js", "*.js"),
        ("static", "*.svg"),
    ):
        for path in sorted((APP / folder).rglob(pattern)):
            if VENDOR not in path.parents:
                yield path


@pytest.mark.parametrize("path", sorted(FILES))
def test_a_vendored_file_is_the_one_in_the_manifest(path):
    content = (VENDOR / path).read_bytes()

    assert hashlib.sha256(content).hexdigest() == FILES[path]["sha256"]
    assert len(content) == FILES[path]["size"]


def test_no_vendored_file_is_missing_from_the_manifest():
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}

    assert found - {"manifest.json"} == set(FILES)


def test_the_manifest_has_the_packages_and_versions_of_the_settings():
    wanted = [(package["name"], package["version"], package["licence"]) for package in SETTINGS["package"]]

    assert [(p["name"], p["version"], p["licence"]) for p in MANIFEST["packages"]] == wanted


@pytest.mark.parametrize("package", MANIFEST["packages"], ids=lambda package: package["name"])
def test_every_package_keeps_its_licence(package):
    assert f"{package['name']}/{package['version']}/LICENSE" in FILES


@pytest.mark.parametrize("name", sorted(MANIFEST["names"]))
def test_a_logical_name_leads_to_a_file(name):
    assert (APP / assets.vendor(name).removeprefix("/")).is_file()


def test_every_imported_stylesheet_exists():
    imported = [
        (path.parent / address).resolve()
        for path in own_files() if path.suffix == ".css"
        for address in re.findall(r'@import url\("([^"]+)"\)', path.read_text(encoding="utf-8"))
    ]  # fmt: skip

    assert imported
    assert [path for path in imported if not path.is_file()] == []


@pytest.mark.parametrize("path", list(own_files()), ids=lambda path: path.relative_to(APP).as_posix())
def test_no_page_asks_another_server(path):
    text = path.read_text(encoding="utf-8")
    for name in NAMES:
        text = text.replace(name, "")

    assert OUTSIDE.findall(text) == []


@pytest.mark.parametrize(
    "path",
    [p for p in own_files() if p.suffix == ".html" and p.parent.name != "mail"],  # letters are read elsewhere
    ids=lambda p: p.relative_to(APP).as_posix(),
)
def test_a_template_has_no_script_or_style_of_its_own(path):
    """The content security policy would refuse them in silence."""
    text = path.read_text(encoding="utf-8")

    assert re.findall(r"<style\b", text) == []
    assert re.findall(r"""\son[a-z]+\s*=\s*["']""", text) == []
    assert [
        tag for tag in re.findall(r"<script\b[^>]*>", text) if "src=" not in tag and "application/json" not in tag
    ] == []


def test_every_icon_in_use_is_in_the_sprite():
    """After a new icon: `python -m app.vendoring`."""
    drawn = set(vendoring.named_icons())

    assert len(drawn) > 50
    assert drawn - assets.icon_names() == set()


def test_an_unknown_icon_is_drawn_as_the_fallback():
    assert "#fallback" in assets.icon("no-such-icon")


def test_an_address_changes_with_the_content_of_the_file():
    content = (APP / "static/css/base.css").read_bytes()

    assert assets.asset("css/base.css") == f"/static/css/base.css?v={hashlib.sha256(content).hexdigest()[:10]}"
