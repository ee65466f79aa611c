"""What became of one mail that was handed over. Reasons are sentences for the log of messages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True)
class Accepted:
    """The server has taken responsibility for it. `answer` is what it said."""

    answer: str


@dataclass(frozen=True)
class Delayed:
    """Not now. `after` is how long to wait at least, where somebody said so.

    `tried` is false when the server was not asked at all; `unsure` is true when the connection broke after the whole
    mail was written: it may have been taken, and the next try carries the same Message-ID.
    """

    reason: str
    after: timedelta | None = None
    tried: bool = True
    unsure: bool = False


@dataclass(frozen=True)
class RefusedAddress:
    """The address does not exist or takes no mail; writing to it again would harm our name. `answer` as it was said."""

    reason: str
    answer: str


@dataclass(frozen=True)
class Refused:
    """This mail will never be taken as it is, but the address may be fine."""

    reason: str
    answer: str = ""


Outcome = Accepted | Delayed | RefusedAddress | Refused
