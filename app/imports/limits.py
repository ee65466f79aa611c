"""How much one file may hold. Past these a file is refused with a sentence, before anything is done with it."""

from __future__ import annotations

MOST_BYTES = 50 * 1024**2
MOST_ROWS = 100_000
MOST_COLUMNS = 250
MOST_CELL = 1_000_000  # characters; as long as the longest field
HEADING = 200  # characters kept of a heading
