"""Reading a workbook, in a process of its own: `python unpack.py [sheet]`, the file on standard input.

A stranger's workbook can be made to take any amount of memory or time: a small archive that unpacks without end, two
cells at opposite corners of a sheet. So it is opened where a limit holds and where nothing is lost when it is met. The
answer is JSON lines: what the workbook is, then its rows; or one line that says why it is refused. Nothing of the
application is imported here.
"""

from __future__ import annotations

import io
import json
import re
import resource
import sys
import zipfile
import zlib
from datetime import date, datetime, time, timedelta
from typing import Any

MEMORY = 1536 * 1024**2  # bytes of address space
SECONDS = 60  # of work
UNPACKED = 400 * 1024**2  # bytes of all parts together
PARTS = 5_000
_PIECE = 1024**2
_OVERLAP = 64
_DECLARES = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


class Refused(Exception):
    """The text is a code that the caller puts into words."""


def check(raw: bytes) -> tuple[str, bool]:
    """(format, whether days are counted from 1904). Every part is unpacked once, and counted while it is."""
    if raw.startswith(_OLD):
        raise Refused("locked" if "EncryptedPackage".encode("utf-16-le") in raw else "old")
    try:
        archive = zipfile.ZipFile(io.BytesIO(raw))
    except (zipfile.BadZipFile, OSError, ValueError, EOFError, NotImplementedError):
        raise Refused("damaged") from None
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if any(part.flag_bits & 1 for part in parts):
        raise Refused("locked")
    if len(parts) > PARTS or sum(part.file_size for part in parts) > UNPACKED:
        raise Refused("bomb")
    kind = "xlsx" if "xl/workbook.xml" in names else "ods" if "content.xml" in names else ""
    if not kind:
        raise Refused("binary" if "xl/workbook.bin" in names else "other")
    if kind == "ods" and b"encryption-data" in archive.read("META-INF/manifest.xml")[:_PIECE]:
        raise Refused("locked")
    left = UNPACKED
    for part in parts:
        try:
            left -= _walk(archive, part, left)
        except (zipfile.BadZipFile, OSError, EOFError, ValueError, NotImplementedError, zlib.error):
            raise Refused("damaged") from None
    head = archive.read("xl/workbook.xml") if kind == "xlsx" else b""
    return kind, bool(re.search(rb"date1904\s*=\s*[\"'](1|true)", head))


def _walk(archive: zipfile.ZipFile, part: zipfile.ZipInfo, left: int) -> int:
    """Unpack one part to the end; gives its size. What a directory says of it is not believed."""
    size, tail = 0, b""
    text = part.filename.lower().endswith((".xml", ".rels"))
    with archive.open(part) as stream:
        while piece := stream.read(_PIECE):
            size += len(piece)
            if size > left:
                raise Refused("bomb")
            if text and (
                _DECLARES.search(tail + piece) or (size == len(piece) and piece[:2] in (b"\xff\xfe", b"\xfe\xff"))
            ):
                raise Refused("entities")
            tail = piece[-_OVERLAP:]
    return size


def cell_of(value: Any) -> Any:
    """A cell as `app.imports.cells` has it."""
    if value is None or value == "":
        return None
    if isinstance(value, bool):
        return ["b", value]
    if isinstance(value, int | float):
        return ["n", number(value)]
    if isinstance(value, datetime):
        moment = value.replace(microsecond=0) + timedelta(seconds=value.microsecond >= 500_000)
        return ["d", moment.date().isoformat()] if moment.time() == time() else ["t", moment.isoformat()]
    if isinstance(value, date):
        return ["d", value.isoformat()]
    if isinstance(value, time):
        return ["h", value.isoformat("seconds")]
    if isinstance(value, timedelta):
        return ["h", str(value)]
    return str(value)


def number(value: float) -> str:
    """As Excel shows it: at most 15 digits, and no point where there is nothing behind it."""
    if isinstance(value, float) and not value.is_integer():
        plain = f"{value:.15g}"
        return plain if "e" not in plain else f"{value:.20f}".rstrip("0").rstrip(".")
    return str(int(value)) if abs(value) < 1e15 else f"{value:.15g}"


def main() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    out = io.TextIOWrapper(sys.stdout.buffer, encoding="utf-8", errors="replace", write_through=False)
    raw = sys.stdin.buffer.read()
    wanted = sys.argv[1] if len(sys.argv) > 1 else ""
    try:
        answer(raw, wanted, out)
    except Refused as refused:
        out.write(json.dumps({"refused": str(refused)}) + "\n")
    except MemoryError:
        out.write(json.dumps({"refused": "bomb"}) + "\n")
    out.flush()


def answer(raw: bytes, wanted: str, out: Any) -> None:
    kind, early = check(raw)
    import python_calamine as calamine  # noqa: PLC0415  # after the limits are set and the archive is known

    try:
        book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(raw))
        sheets = [
            one.name for one in book.sheets_metadata
            if one.typ == calamine.SheetTypeEnum.WorkSheet and one.visible == calamine.SheetVisibleEnum.Visible
        ]  # fmt: skip
        if not sheets:
            raise Refused("sheetless")
        name = wanted if wanted in sheets else sheets[0]
        sheet = book.get_sheet_by_name(name)
        meta = {"format": kind, "early": early, "sheets": sheets, "sheet": name, "columns": sheet.width}
        out.write(json.dumps(meta) + "\n")
        for place, row in enumerate(sheet.iter_rows(), 1):
            out.write(json.dumps([place, *map(cell_of, row)]) + "\n")
    except calamine.PasswordError:
        raise Refused("locked") from None
    except (calamine.CalamineError, calamine.XmlError, calamine.ZipError, OSError, ValueError):
        raise Refused("damaged") from None


if __name__ == "__main__":
    main()
