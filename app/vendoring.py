"""Fetches the third-party files of `vendor.toml` and builds the icon sprite.

Run `python -m app.vendoring` after a change of `vendor.toml`, or after using
an icon that is not in the sprite yet. It needs `npm` and the npm registry;
what it writes is committed, so nothing else ever does.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

APP_FOLDER = Path(__file__).resolve().parent
SETTINGS = APP_FOLDER / "vendor.toml"
STATIC_FOLDER = APP_FOLDER / "static"
VENDOR_FOLDER = STATIC_FOLDER / "vendor"
SPRITE = STATIC_FOLDER / "icons.svg"

# icon("users"), icon="users", "icon": "users" and data-icon="users".
ICON_NAMED = re.compile(r"""\bicon["']?\s*(?:\(|=|:)\s*["']([a-z0-9][a-z0-9-]+)["']""")
SOURCES = ("*.py", "*.json", "*.html", "*.js")


class VendoringError(Exception):
    """A package is not what `vendor.toml` says; the sentence names it."""


def integrity(archive: Path) -> str:
    """The npm integrity string (sha512, base64) of an archive."""
    return "sha512-" + base64.b64encode(hashlib.sha512(archive.read_bytes()).digest()).decode()


def fetch(package: dict[str, Any], folder: Path) -> Path:
    """Unpack one npm package into `folder` and return its root.

    Raises VendoringError when the archive differs from the pinned integrity.
    """
    wanted = f"{package['name']}@{package['version']}"
    packed = subprocess.run(
        ["npm", "pack", wanted, "--silent", "--pack-destination", str(folder)],
        check=True,
        capture_output=True,
        text=True,
    )
    archive = folder / packed.stdout.strip().splitlines()[-1]
    found = integrity(archive)
    if found != package["integrity"]:
        raise VendoringError(f"{wanted} has integrity {found}, not the one in vendor.toml.")
    root = folder / archive.stem
    with tarfile.open(archive) as tar:
        tar.extractall(root, filter="data")
    return root / "package"


def wanted_files(package: dict[str, Any]) -> dict[str, str]:
    """Path in the package to path in our folder, flags included."""
    flags = {f"dist/img/flags/{code}.svg": f"img/flags/{code}.svg" for code in package.get("flags", ())}
    return {**package["files"], **flags}


def copy(package: dict[str, Any], root: Path) -> list[dict[str, Any]]:
    """Copy the listed files and the licence; returns their manifest entries."""
    home = VENDOR_FOLDER / package["name"] / package["version"]
    if home.parent.exists():
        shutil.rmtree(home.parent)
    home.mkdir(parents=True)
    for source, target in wanted_files(package).items():
        (home / target).parent.mkdir(parents=True, exist_ok=True)
        content = (root / source).read_bytes()
        # A source map is not served: naming one would make browsers ask for it.
        content = re.sub(rb"\n?(//|/\*)# sourceMappingURL=\S+( ?\*/)?", b"", content)
        (home / target).write_bytes(content)
    if "licence_text" in package:
        (home / "LICENSE").write_text(package["licence_text"].strip() + "\n", encoding="utf-8")
    for kind in ("licence_file", "notice_file"):
        if kind in package:
            (home / Path(package[kind]).name).write_bytes((root / package[kind]).read_bytes())
    return [described(path) for path in sorted(home.rglob("*")) if path.is_file()]


def described(path: Path) -> dict[str, Any]:
    """Manifest entry of a file: path below vendor/, sha256 in hex, size in bytes."""
    content = path.read_bytes()
    return {
        "path": path.relative_to(VENDOR_FOLDER).as_posix(),
        "sha256": hashlib.sha256(content).hexdigest(),
        "size": len(content),
    }


def named_icons() -> Iterator[str]:
    """Every icon name that the code, the templates and the scripts mention."""
    for pattern in SOURCES:
        for path in APP_FOLDER.rglob(pattern):
            if VENDOR_FOLDER not in path.parents:
                yield from ICON_NAMED.findall(path.read_text(encoding="utf-8"))


def build_sprite(settings: dict[str, Any], root: Path) -> int:
    """Write icons.svg with one symbol per icon; returns how many.

    Raises VendoringError when a listed icon is not in the package. Names found
    in code may be something else that is called icon; those are skipped.
    """
    listed = set(settings["names"]) | {settings["fallback"]}
    shapes = root / "icons" / "outline"
    missing = sorted(name for name in listed if not (shapes / f"{name}.svg").is_file())
    if missing:
        raise VendoringError(f"The icon package has no {', '.join(missing)}.")
    found = {name for name in named_icons() if (shapes / f"{name}.svg").is_file()}
    symbols = [symbol("fallback", shapes / f"{settings['fallback']}.svg")]
    symbols += [symbol(name, shapes / f"{name}.svg") for name in sorted(listed | found)]
    SPRITE.write_text(
        '<svg xmlns="http://www.w3.org/2000/svg">\n' + "\n".join(symbols) + "\n</svg>\n", encoding="utf-8"
    )
    return len(symbols)


def symbol(name: str, shape: Path) -> str:
    """One `<symbol>`; stroke and colour come from the `<svg>` that uses it."""
    drawing = shape.read_text(encoding="utf-8")
    body = drawing[drawing.index(">", drawing.index("<svg")) + 1 : drawing.rindex("</svg>")]
    body = re.sub(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>', "", body)
    body = re.sub(r"[ \t]*\n[ \t]*", "", body)
    return f'<symbol id="{name}" viewBox="0 0 24 24">{body}</symbol>'


def main() -> int:
    settings = tomllib.loads(SETTINGS.read_text(encoding="utf-8"))
    manifest: dict[str, Any] = {"packages": [], "names": {}}
    with tempfile.TemporaryDirectory() as scratch:
        for package in settings["package"]:
            root = fetch(package, Path(scratch))
            if package["name"] == settings["icons"]["package"]:
                click.echo(f"icons.svg: {build_sprite(settings['icons'], root)} symbols")
            prefix = f"{package['name']}/{package['version']}"
            manifest["packages"].append(
                {
                    "name": package["name"],
                    "version": package["version"],
                    "licence": package["licence"],
                    "files": copy(package, root),
                }
            )
            manifest["names"] |= {name: f"{prefix}/{path}" for name, path in package["names"].items()}
            manifest["names"] |= {
                f"flags/{code}.svg": f"{prefix}/img/flags/{code}.svg" for code in package.get("flags", ())
            }
            click.echo(f"{package['name']} {package['version']}")
    (VENDOR_FOLDER / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (VendoringError, subprocess.CalledProcessError) as error:
        click.echo(error, err=True)
        sys.exit(1)
