"""Cells of a file as they rest between upload and import: JSON lines, compressed.

A cell is a text; None where it is empty; or a pair that says what the workbook knew of it: `["n", "45000"]` a number,
`["d", "2026-03-31"]` a day, `["t", "2026-03-31T14:30:00"]` a moment, `["h", "14:30:00"]` a time of day, `["b", true]`
yes or no.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

Cell = Any
_PIECE = 64 * 1024


def packed(rows: Iterable[tuple[int, Sequence[Cell]]]) -> bytes:
    """Rows with their line numbers, as `unpacked` reads them again."""
    press = zlib.compressobj(6)
    pieces = []
    for number, row in rows:
        line = json.dumps([number, *row], ensure_ascii=False, separators=(",", ":"))
        pieces.append(press.compress(line.encode() + b"\n"))
    return b"".join([*pieces, press.flush()])


def unpacked(data: bytes) -> Iterator[tuple[int, list[Cell]]]:
    """Rows with their line numbers, one at a time: a file is never in memory as a whole."""
    open_up = zlib.decompressobj()
    left, rest = b"", memoryview(data)
    while rest or open_up.unconsumed_tail:
        piece = open_up.unconsumed_tail or rest[:_PIECE]
        if not open_up.unconsumed_tail:
            rest = rest[_PIECE:]
        *lines, left = (left + open_up.decompress(bytes(piece), 16 * _PIECE)).split(b"\n")
        for line in lines:
            number, *cells = json.loads(line)
            yield number, cells


def text_of(cell: Cell) -> str:
    """What stood in the cell, as a text."""
    if cell is None:
        return ""
    if isinstance(cell, str):
        return cell
    kind, value = cell
    if kind == "b":
        return "1" if value else "0"
    return str(value)


def is_empty(cell: Cell) -> bool:
    return cell is None or (isinstance(cell, str) and not cell.strip())
