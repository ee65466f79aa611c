"""Who plays a part: what later steps need to know of the people and places of earlier ones."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from app.demo.markets import City
from app.demo.offer import Offer
from app.demo.people import Person


@dataclass(frozen=True)
class Colleague:
    """`team` is one of admin, manager, clerk, operator, sales."""

    id: str
    username: str
    name: str
    email: str
    team: str
    countries: tuple[str, ...]
    joined: datetime
    phone: str


@dataclass(frozen=True)
class Place:
    """A hospital."""

    id: str
    name: str
    country: str
    city: City
    street: str


@dataclass(frozen=True)
class Partner:
    """A collaborator. `app` is true for those who use the mobile app."""

    id: str
    person: Person
    kind: str
    place: Place
    since: datetime
    app: bool

    @property
    def country(self) -> str:
        return self.person.country


@dataclass
class Family:
    """A customer and how the story went.

    `story` is one of lead (still deciding), offered (a contract is out),
    client, lost, ended. `due` is the expected birth; with `case_realized` it has
    happened and was stored.
    """

    id: str
    key: str
    person: Person
    story: str
    since: datetime
    due: date
    owner: Colleague
    place: Place
    offer: Offer
    case_id: str = ""
    case_realized: bool = False
    consents: dict[str, bool] = field(default_factory=dict)
    contract: dict[str, Any] | None = None
    deal: dict[str, Any] | None = None

    @property
    def country(self) -> str:
        return self.person.country

    @property
    def language(self) -> str:
        return self.person.language
