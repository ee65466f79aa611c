"""What the steps share: the clock, the rows on their way, and what earlier steps have made."""

from __future__ import annotations

import random
import uuid
from collections import Counter, defaultdict
from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, text
from sqlalchemy.orm import Session

from app.core.db import Base
from app.demo.markets import MARKETS
from app.demo.people import People

if TYPE_CHECKING:
    from app.demo.cast import Colleague, Family, Partner, Place
    from app.demo.offer import Offer

NAMESPACE = uuid.UUID("6f1c2a64-52d1-5b0f-9d0e-2f4f0a7c9e11")
HISTORY_DAYS = 730
LEADERS = ("admin", "manager")
OPENING, CLOSING = 6 * 60 + 30, 15 * 60 + 30  # minutes after midnight UTC: the working day in Central Europe
GROWTH = 2.6  # the last month is this much busier than the first one, on top of 1
SEASON = (0.9, 0.95, 1.15, 1.1, 1.1, 0.95, 0.75, 0.8, 1.25, 1.2, 1.1, 0.75)  # January to December


def row_id(model: type[Base], key: str) -> str:
    """The id that the row with this readable key has in every demo database."""
    return str(uuid.uuid5(NAMESPACE, f"{model.__tablename__}/{key}"))


def dice(name: str) -> random.Random:
    """An own source of chance, so that a change in one step does not shuffle the others."""
    return random.Random(f"indexus demo: {name}")


class World:
    """Rows are collected by `add` and written by `flush`, tables that others point to first."""

    def __init__(self, session: Session, now: datetime, password: str) -> None:
        self.session = session
        self.now = (now if now.tzinfo else now.replace(tzinfo=UTC)).astimezone(UTC).replace(microsecond=0)
        self.opened = self.now - timedelta(days=HISTORY_DAYS)
        self.password = password
        self.people = People(self.now.date())
        self.markets = MARKETS
        self.counts: Counter[str] = Counter()
        self._waiting: dict[type[Base], list[dict[str, Any]]] = {}
        self._months = self._month_weights()
        # What earlier steps hand to later ones.
        self.colleagues: list[Colleague] = []
        self.insurers: dict[str, list[str]] = defaultdict(list)
        self.laboratories: dict[str, str] = {}
        self.lookups: dict[str, list[str]] = defaultdict(list)
        self.companies: dict[str, dict[str, Any]] = {}
        self.offers: dict[str, list[Offer]] = defaultdict(list)
        self.hospitals: dict[str, list[Place]] = defaultdict(list)
        self.partners: list[Partner] = []
        self.families: list[Family] = []
        self.stages: dict[str, list[dict[str, Any]]] = {}
        self.campaigns: list[dict[str, Any]] = []
        self.mails: list[dict[str, Any]] = []
        self.tasks: list[dict[str, Any]] = []

    @property
    def today(self) -> date:
        return self.now.date()

    def add(self, model: type[Base], key: str, /, **values: Any) -> str:
        """Take a row for writing and return its id.

        A row without `created_at` is as old as the database; one without
        `updated_at` was not touched since it was created.
        """
        columns = model.__table__.columns
        found = values.setdefault("id", row_id(model, key))
        if "created_at" in columns:
            values.setdefault("created_at", self.opened)
        if "updated_at" in columns:
            values.setdefault("updated_at", values.get("created_at", self.opened))
        self._waiting.setdefault(model, []).append(values)
        return str(found)

    def flush(self) -> None:
        """Write what was added. Rows of one table that name the same columns go together."""
        order = {table.name: place for place, table in enumerate(Base.metadata.sorted_tables)}
        for model in sorted(self._waiting, key=lambda model: order[model.__tablename__]):
            rows = self._waiting[model]
            groups: dict[frozenset[str], list[dict[str, Any]]] = defaultdict(list)
            for row in rows:
                groups[frozenset(row)].append(row)
            for group in groups.values():
                self.session.execute(insert(model), group)
            self.counts[model.__tablename__] += len(rows)
        self._waiting.clear()

    def continue_numbering(self, model: type[Base]) -> None:
        """Let the next serial id follow ours: the database does not see ids that were given to it.

        By taking numbers, not by setting one: the application may not set sequences.
        """
        table = model.__tablename__
        self.session.execute(
            text(
                f"SELECT count(nextval(pg_get_serial_sequence('{table}', 'id')))"
                f" FROM generate_series(1, (SELECT max(id) FROM {table}))"
            )
        )

    def colleague(self, country: str, turn: int, *teams: str) -> Colleague:
        """A colleague who works for the country, by turns; of one of `teams` where there is such a one.

        People of the country come before those who answer for all countries.
        """
        near = [one for one in self.colleagues if country in one.countries and one.team not in LEADERS]
        able = [one for one in near if one.team in teams] or near
        return able[turn % len(able)]

    # -- time -----------------------------------------------------------------------------------------

    def growing(self, rng: random.Random) -> datetime:
        """A moment of the last 24 months: more of them lately, fewer in summer and at Christmas."""
        start, end = rng.choices([span for span, _ in self._months], [weight for _, weight in self._months])[0]
        return self.office_hour(rng, start + timedelta(days=rng.randrange((end - start).days)))

    def office_hour(self, rng: random.Random, day: date) -> datetime:
        """A minute of the working day on or before `day`, never later than now."""
        day -= timedelta(days=max(0, day.weekday() - 4))
        minute = rng.randrange(OPENING, CLOSING)
        moment = datetime.combine(day, time(tzinfo=UTC)) + timedelta(minutes=minute, seconds=rng.randrange(60))
        return min(moment, self.now - timedelta(minutes=rng.randrange(2, 90)))

    def ago(self, rng: random.Random, least: float, most: float) -> datetime:
        """A working minute between `least` and `most` days ago."""
        return self.office_hour(rng, (self.now - timedelta(days=rng.uniform(least, most))).date())

    def after(self, rng: random.Random, moment: datetime, least: float, most: float) -> datetime:
        """Between `least` and `most` days after `moment`, but later than it and before now."""
        wanted = moment + timedelta(days=rng.uniform(least, most))
        if wanted >= self.now - timedelta(hours=2):
            # Spread over the time that there is, so that the last hour does not collect everything.
            return (moment + (self.now - moment) * rng.uniform(0.05, 0.95)).replace(microsecond=0)
        found = self.office_hour(rng, wanted.date())
        return found if found > moment else moment + timedelta(minutes=rng.randrange(3, 55))

    def ahead(self, rng: random.Random, least: float, most: float) -> datetime:
        """A round quarter of an hour of a working day to come."""
        day = (self.now + timedelta(days=rng.uniform(least, most))).date()
        day += timedelta(days=(7 - day.weekday()) if day.weekday() > 4 else 0)
        minute = rng.randrange(OPENING + 30, CLOSING, 15)
        return max(datetime.combine(day, time(tzinfo=UTC)) + timedelta(minutes=minute), self.now + timedelta(hours=1))

    def _month_weights(self) -> list[tuple[tuple[date, date], float]]:
        spans = []
        for turn in range(24):
            start = (self.opened + timedelta(days=turn * HISTORY_DAYS / 24)).date()
            end = (self.opened + timedelta(days=(turn + 1) * HISTORY_DAYS / 24)).date()
            spans.append(((start, end), (1 + GROWTH * turn / 23) * SEASON[start.month - 1]))
        return spans
