"""What the supervisor says on the terminal."""

import io
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TextIO


class Console:
    """Plain lines with times; goes on in silence when nobody reads any more."""

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stdout
        self._open = False  # a line without its end is on the screen
        self._fancy = (self._out.encoding or "").lower().replace("-", "") == "utf8"

    def say(self, text: str) -> None:
        """One sentence on a line of its own."""
        self._write(("\n" if self._open else "") + text + "\n")
        self._open = False

    @contextmanager
    def step(self, text: str) -> Iterator[None]:
        """`Starting PostgreSQL ... 1.2 s` around a part that says nothing itself."""
        begin = time.monotonic()
        self._write(f"{text} ... ")
        self._open = True
        try:
            yield
        except BaseException:
            if self._open:
                self._write("\n")
                self._open = False
            raise
        took = f"{time.monotonic() - begin:.1f} s"
        self._write(f"{took}\n" if self._open else f"{text} ... {took}\n")
        self._open = False

    @contextmanager
    def part(self, text: str) -> Iterator[None]:
        """A heading and a time around a part with lines of its own."""
        begin = time.monotonic()
        self.say(f"{text}:")
        yield
        self.say(f"{text}: done in {time.monotonic() - begin:.1f} s")

    def box(self, lines: Sequence[str]) -> None:
        """The lines in a frame."""
        width = max(len(line) for line in lines)
        side, flat = ("│", "─") if self._fancy else ("|", "-")
        corners = "┌┐└┘" if self._fancy else "++++"
        framed = [f"{side} {line.ljust(width)} {side}" for line in lines]
        top = corners[0] + flat * (width + 2) + corners[1]
        bottom = corners[2] + flat * (width + 2) + corners[3]
        self.say("\n".join([top, *framed, bottom]))

    def _write(self, text: str) -> None:
        encoding = self._out.encoding or "ascii"
        try:
            self._out.write(text.encode(encoding, "replace").decode(encoding))
            self._out.flush()
        except (BrokenPipeError, OSError, ValueError):
            self._out = io.StringIO()  # the terminal is gone, the servers stay
