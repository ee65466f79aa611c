"""Reading workbooks: xlsx, xlsm and ods, each opened by `unpack.py` in a process that may die."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from flask_babel import gettext as _

from app.imports.cells import Cell, is_empty
from app.imports.errors import Unreadable

_PROGRAM = Path(__file__).with_name("unpack.py")
_PATIENCE = 90  # seconds
_MAGIC = (b"PK\x03\x04", b"PK\x05\x06", b"PK\x07\x08", b"\xd0\xcf\x11\xe0")


@dataclass(frozen=True)
class Book:
    """What a workbook says of itself. `early`: its days are counted from 1904. `columns` are those of the sheet."""

    format: str
    early: bool
    sheets: tuple[str, ...]
    sheet: str
    columns: int


def is_book(raw: bytes) -> bool:
    """Whether the bytes are those of a workbook, whatever the file is called."""
    return raw.startswith(_MAGIC)


@contextmanager
def opened(raw: bytes, sheet: str) -> Iterator[tuple[Book, Iterator[tuple[int, list[Cell]]]]]:
    """The workbook, and the rows of one of its sheets that hold something. Raises Unreadable, also between rows."""
    child = subprocess.Popen(
        [sys.executable, "-I", str(_PROGRAM), sheet],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env={},
    )  # fmt: skip
    watch = threading.Timer(_PATIENCE, child.kill)
    watch.start()
    try:
        assert child.stdin is not None
        with suppress(BrokenPipeError):  # it is over already; its answer, or having none, says why
            child.stdin.write(raw)
            child.stdin.close()
        lines = _lines(child)
        yield _book(next(lines)), _rows(lines)
    finally:
        watch.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            with suppress(BrokenPipeError):
                pipe.close()  # type: ignore[union-attr]  # both are pipes


def _lines(child: subprocess.Popen[bytes]) -> Iterator[Any]:
    assert child.stdout is not None
    for line in child.stdout:
        if not line.endswith(b"\n"):
            break
        found = json.loads(line)
        if isinstance(found, dict) and "refused" in found:
            raise Unreadable(_sentence(found["refused"]))
        yield found
    if child.wait() != 0:  # killed at its limit of memory or time
        raise Unreadable(_sentence("bomb"))


def _book(meta: Any) -> Book:
    return Book(meta["format"], meta["early"], tuple(meta["sheets"]), meta["sheet"], meta["columns"])


def _rows(lines: Iterator[Any]) -> Iterator[tuple[int, list[Cell]]]:
    for number, *cells in lines:
        if not all(is_empty(cell) for cell in cells):
            yield number, cells


def _sentence(code: str) -> str:
    return {
        "locked": _("This workbook is protected by a password. Take the password off and upload it again."),
        "old": _("This is an old Excel workbook (.xls), whatever its name says. Save it as .xlsx or CSV."),
        "binary": _("This is a binary Excel workbook (.xlsb). Save it as .xlsx or CSV."),
        "damaged": _("The workbook is incomplete or damaged. Open it, save it again and upload it once more."),
        "bomb": _("The workbook is too large once it is unpacked. Leave only the rows and columns that are needed."),
        "entities": _("The workbook holds parts that no spreadsheet program writes, so it is not opened."),
        "sheetless": _("The workbook has no sheet that can be seen."),
    }.get(code, _("This archive is no workbook. Upload CSV, an Excel workbook (.xlsx) or a spreadsheet (.ods)."))
