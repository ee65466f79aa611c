"""Which country a row belongs to: each table declares its path, `core.scope` holds everybody to it.

A path is a fact about the table and stands in its `info["country"]`. It gives
two conditions over the table: what people of some countries may read, and
what they may change. Both are plain SQL over Core tables, so that they can be
put below any statement without being narrowed themselves.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    FromClause,
    Table,
    Text,
    and_,
    cast,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    true,
)

Rule = ColumnElement[bool]


@dataclass(frozen=True)
class Reach:
    """Whose eyes: the countries of a person, and the person, who always sees what is his own.

    `watched`: somebody else looks through them, from whom what is private stays closed. `settled`: they look only at
    rows that say their country themselves, so that one column tells all; what is read so is a part of what may be.
    `by_row`: a parent that says its country itself is looked up for each row, instead of being joined.
    """

    countries: tuple[str, ...]
    user_id: str = ""
    watched: bool = False
    settled: bool = False
    by_row: bool = False


@dataclass(frozen=True)
class Path:
    """How to get from a row to its country."""

    @property
    def private(self) -> bool:
        """Whether its people alone know of a row: nobody has a right to it, wherever he works."""
        return False

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule | None:
        """Which rows may be known of; None for all."""
        return None

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule | None:
        """Which rows may be made, changed and removed; None for all."""
        return None

    def leans(self) -> str:
        """The column of the row that decides over this one wherever it is given; "" for none."""
        return ""

    def describe(self) -> str:
        """The path in words, for those who ask why."""
        return "belongs to no country"

    def parents(self) -> Iterator[str]:
        """Columns that lead to the row that decides."""
        yield from ()

    def names(self) -> Iterator[str]:
        """Columns of the row itself that decide."""
        yield from ()


GLOBAL = Path()


@dataclass(frozen=True)
class Own(Path):
    """A column of its own. Empty: the next path decides, or the row belongs to all countries."""

    column: str
    otherwise: Path | None = None

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        column = row.c[self.column]
        inside = column.in_(reach.countries)
        if not table.c[self.column].nullable or reach.settled:
            return inside
        empty: Rule = column.is_(None)
        further = self.otherwise.reads(row, table, reach) if self.otherwise else None
        return or_(inside, empty if further is None else and_(empty, further))

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        inside = row.c[self.column].in_(reach.countries)
        further = self.otherwise.writes(row, table, reach) if self.otherwise else None
        return inside if further is None else or_(inside, and_(row.c[self.column].is_(None), further))

    def describe(self) -> str:
        return f"{self.column}" + (f", else {self.otherwise.describe()}" if self.otherwise else "")

    def parents(self) -> Iterator[str]:
        yield from self.otherwise.parents() if self.otherwise else ()

    def names(self) -> Iterator[str]:
        yield self.column
        yield from self.otherwise.names() if self.otherwise else ()


@dataclass(frozen=True)
class Owns(Path):
    """A list of countries, seen in each of them and changed by whoever has them all. An empty list is for all.

    `seat` is a column with one more country, where the row is at home.
    """

    column: str
    seat: str = ""

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        column = row.c[self.column]
        rules: list[Rule] = [column.op("&&")(_array(table, self.column, reach))]
        if self.seat:
            rules.append(row.c[self.seat].in_(reach.countries))
        else:
            rules.append(func.coalesce(func.cardinality(column), 0) == 0)
        return or_(*rules)

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        column = row.c[self.column]
        within = and_(column.is_not(None), column.op("<@")(_array(table, self.column, reach)))
        if self.seat:
            return and_(within, row.c[self.seat].in_(reach.countries))
        return and_(within, func.cardinality(column) > 0)

    def describe(self) -> str:
        return self.column + (f" and {self.seat}" if self.seat else "")

    def names(self) -> Iterator[str]:
        yield from (name for name in (self.column, self.seat) if name)


@dataclass(frozen=True)
class People(Path):
    """Users: seen by whoever shares a country, changed by whoever has all of theirs; everybody knows himself."""

    column: str = "assigned_countries"

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        shared = row.c[self.column].op("&&")(_array(table, self.column, reach))
        return or_(shared, func.cardinality(row.c[self.column]) == 0, row.c.id == reach.user_id)

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        return or_(row.c[self.column].op("<@")(_array(table, self.column, reach)), row.c.id == reach.user_id)

    def describe(self) -> str:
        return self.column

    def names(self) -> Iterator[str]:
        yield self.column


@dataclass(frozen=True)
class Owner(Path):
    """Personal rows: for their people, and for who has all countries of each of these people."""

    columns: tuple[str, ...]

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        mine = self._mine(row, reach)
        theirs = []
        for name in self.columns:
            below = _within(_parent(table, name), row.c[name], reach)
            theirs.append(or_(row.c[name].is_(None), below) if table.c[name].nullable else below)
        return or_(*mine, and_(*theirs))

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        """Of nobody is of all countries."""
        rule = self.reads(row, table, reach)
        if not all(table.c[name].nullable for name in self.columns):
            return rule
        return and_(or_(*(row.c[name].is_not(None) for name in self.columns)), rule)

    def _mine(self, row: FromClause, reach: Reach) -> list[Rule]:
        return [row.c[name] == reach.user_id for name in self.columns]

    def describe(self) -> str:
        return f"the countries of the person in {' and '.join(self.columns)}"


@dataclass(frozen=True)
class Private(Owner):
    """Rows for their people alone, such as a talk: administrators included, nobody else knows of them."""

    @property
    def private(self) -> bool:
        return True

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        return false() if reach.watched else or_(*self._mine(row, reach))

    def describe(self) -> str:
        return f"the person in {' or '.join(self.columns)} alone"


@dataclass(frozen=True)
class Through(Path):
    """The row that a foreign key points to; `also` must be readable, too. Without one the next path decides."""

    column: str
    also: tuple[str, ...] = ()
    otherwise: Path | None = None

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule | None:
        rules = [self._reads(row, table, reach, self.column)]
        if self.otherwise is not None:
            further = self.otherwise.reads(row, table, reach)
            if rules[0] is not None or further is not None:
                empty = row.c[self.column].is_(None)
                rules = [or_(and_(~empty, _or_true(rules[0])), and_(empty, _or_true(further)))]
        rules += [self._reads(row, table, reach, name) for name in self.also]
        known = [rule for rule in rules if rule is not None]
        return and_(*known) if known else None

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule | None:
        rules = [_followed(row, table, reach, self.column, change=True)]
        if self.otherwise is not None:
            further = self.otherwise.writes(row, table, reach)
            empty = row.c[self.column].is_(None)
            rules = [or_(and_(~empty, _or_true(rules[0])), and_(empty, _or_true(further)))]
        rules += [self._reads(row, table, reach, name) for name in self.also]
        known = [rule for rule in rules if rule is not None]
        return and_(*known) if known else None

    def _reads(self, row: FromClause, table: Table, reach: Reach, name: str) -> Rule | None:
        rule = _followed(row, table, reach, name, change=False)
        if rule is None or not table.c[name].nullable:
            return rule
        return or_(row.c[name].is_(None), rule)

    def leans(self) -> str:
        return self.column

    def describe(self) -> str:
        also = f" (and {', '.join(self.also)})" if self.also else ""
        return self.column + also + (f", else {self.otherwise.describe()}" if self.otherwise else "")

    def parents(self) -> Iterator[str]:
        yield self.column
        yield from self.also
        yield from self.otherwise.parents() if self.otherwise else ()

    def names(self) -> Iterator[str]:
        yield from self.otherwise.names() if self.otherwise else ()


@dataclass(frozen=True)
class Mailbox(Path):
    """The mailbox a message came through: one of a country, or the own one of a person. An unknown one is for all.

    Which mailboxes other countries have is asked of a function (migration 0004): the database hides them from those
    from whom their messages must be hidden.
    """

    column: str
    table: str = "system_ms365_connections"
    personal: str = "user_ms365_connections"

    def reads(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        abroad = select(func.unnest(func.mailboxes_abroad(cast(list(reach.countries), ARRAY(Text)))))
        mine, theirs = self._personal(row, table, reach)
        known = table.metadata.tables[self.personal].alias("known_mailbox")
        personal = exists(select(literal(1)).select_from(known).where(self._matches(known, row)))
        return and_(func.lower(row.c[self.column]).not_in(abroad), or_(~personal, mine, theirs))

    def writes(self, row: FromClause, table: Table, reach: Reach) -> Rule:
        box = table.metadata.tables[self.table].alias("mailbox")
        ours = exists(
            select(literal(1)).select_from(box).where(self._matches(box, row), box.c.country_code.in_(reach.countries))
        )
        return and_(self.reads(row, table, reach), or_(ours, *self._personal(row, table, reach)))

    def _personal(self, row: FromClause, table: Table, reach: Reach) -> tuple[Rule, Rule]:
        """Whether it is the mailbox of the person himself, and of somebody whose countries he has."""
        boxes = table.metadata.tables[self.personal]
        own, other = boxes.alias("own_mailbox"), boxes.alias("personal_mailbox")
        mine = select(literal(1)).select_from(own).where(self._matches(own, row), own.c.user_id == reach.user_id)
        within = _within(_parent(boxes, "user_id"), other.c.user_id, reach)
        return exists(mine), exists(select(literal(1)).select_from(other).where(self._matches(other, row), within))

    def _matches(self, box: FromClause, row: FromClause) -> Rule:
        return func.lower(box.c.email) == func.lower(row.c[self.column])

    def describe(self) -> str:
        return f"the country of the mailbox in {self.column}"

    def names(self) -> Iterator[str]:
        yield self.column


def path_of(table: Table) -> Path:
    """The declared path. Raises LookupError for a table that declares none."""
    found = table.info.get("country")
    if found is None and "extension" in table.info:
        return GLOBAL
    if not isinstance(found, Path):
        raise LookupError(f"{table.name} does not say to which country its rows belong.")
    return found


def targets(table: Table, name: str) -> list[tuple[Table, str]]:
    """Tables that a column points to, each with the condition ("" or `kind = 'value'`) under which it does."""
    column, known = table.c[name], table.metadata.tables
    kind = column.info.get("polymorphic")
    if kind:
        return [(known["market_product_services"], "service"), (known["market_product_instances"], "")]
    return [(key.column.table, "") for key in column.foreign_keys]


def _followed(row: FromClause, table: Table, reach: Reach, name: str, *, change: bool) -> Rule | None:
    rules: list[Rule] = []
    kind = table.c[name].info.get("polymorphic")
    for target, value in targets(table, name):
        parent = target.alias(f"{name}_of_{table.name}"[:60])
        path = path_of(target)
        rule = (path.writes if change else path.reads)(parent, target, reach)
        if rule is None:
            return None
        its = select(literal(1)).select_from(parent).where(parent.c.id == row.c[name], rule)
        alone = reach.by_row and isinstance(path, Own) and path.otherwise is None
        found: Rule = exists(its.offset(0) if alone else its)  # with an offset it cannot become a join
        if kind:
            picked = row.c[kind] == value if value else row.c[kind] != "service"
            found = and_(picked, found)
        rules.append(found)
    return or_(*rules) if rules else false()


def _parent(table: Table, name: str) -> Table:
    return targets(table, name)[0][0]


def _within(users: Table, key: ColumnElement[Any], reach: Reach) -> Rule:
    """Whether all countries of a person are open; who has none is nobody's colleague."""
    person = users.alias(f"{key.key}_owner")
    countries = person.c.assigned_countries
    inside = and_(countries.op("<@")(_array(users, "assigned_countries", reach)), func.cardinality(countries) > 0)
    return exists(select(literal(1)).select_from(person).where(person.c.id == key, inside))


def _array(table: Table, name: str, reach: Reach) -> ColumnElement[Any]:
    """The countries as an array of the column's own type, so that its index can be used."""
    return cast(list(reach.countries), table.c[name].type)


def _or_true(rule: Rule | None) -> Rule:
    return true() if rule is None else rule
