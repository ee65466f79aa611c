"""Compiled translations: `.mo` files are made where they are used, not committed."""

import subprocess
import sys
from pathlib import Path

from app.core.servers.errors import ServerError


def stale(directory: Path) -> list[Path]:
    """The `.po` files below `directory` that have no `.mo` of the same age or newer."""
    return [
        source
        for source in sorted(directory.glob("*/LC_MESSAGES/*.po"))
        if not source.with_suffix(".mo").exists() or source.with_suffix(".mo").stat().st_mtime < source.stat().st_mtime
    ]


def compile_stale(directory: Path) -> int:
    """Compile what is stale; the number of files compiled.

    Raises ServerError with what the compiler said.
    """
    found = stale(directory)
    for source in found:
        command = [sys.executable, "-m", "babel.messages.frontend", "compile"]
        command += ["--input-file", str(source), "--output-file", str(source.with_suffix(".mo"))]
        command += ["--locale", source.parents[1].name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerError(f"{source} could not be compiled.\n{done.stderr.strip()}")
    return len(found)
