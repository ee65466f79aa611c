"""Finding records for many rows at once: those a cell points to, and those a row is about.

Everything goes through `visible`: a record of another country is not there, neither to point to nor to update.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ARRAY, ColumnElement, Text, cast, func, select, text

from app.core.viewer import visible
from app.imports.columns import KEY, is_unique
from app.screens import query
from app.screens.fields import Field
from app.screens.look import Look
from app.screens.readers import Invalid
from app.screens.resolve import Resolved

_SMALL = 20_000  # rows of a table that may be read as a whole to find a name that no index knows
_MOST = 100  # records of one name of which one may be told by what else stands in the row


class Several(tuple[Any, ...]):
    """Keys of the records that are called alike; none where they are too many."""

    __slots__ = ()


class Pointed:
    """Ids of the records that the cells of one relation mean, by id or by name.

    Of several of one name it is the one that belongs to what the row points to as well: the stage "Won" of its
    pipeline, the version 2 of its template.
    """

    def __init__(self, look: Look, f: Field) -> None:
        self._look, self._field = look, f
        self._known: dict[str, Any] = {}
        self._owners: dict[Any, dict[str, Any]] = {}
        self.beside = _beside(look, f)

    def learn(self, texts: Iterable[str]) -> None:
        """Look up what is not known yet; two statements per table."""
        fresh = sorted({found for found in texts if found and found not in self._known})
        if not fresh:
            return
        self._known |= dict.fromkeys(fresh)
        for table in self._field.targets:
            screen = self._look.screens[table]
            by_id = _typed(self._field, fresh)
            model = screen.model
            if by_id:
                asked = visible(model, self._look.viewer).with_only_columns(model.id).where(model.id.in_(list(by_id)))
                for key in self._look.session.scalars(asked):
                    self._known[by_id[key]] = key
            left = [one for one in fresh if self._known[one] is None]
            if left:
                self._by_name(screen, left)
        if self.beside:
            self._learn_owners([self._known[one] for one in fresh])

    def key_of(self, found: str, given: Mapping[str, Any]) -> Any:
        """The key; `Several` where the name alone does not tell. `given`: the keys of the row's other relations.

        Raises Invalid for what is not there, or may not be known of.
        """
        key = self._known.get(found)
        if key is None:
            raise Invalid(_("“%(name)s” does not exist, or you have no access to it.", name=found[:80]))
        if not isinstance(key, Several):
            return key
        owners = {name: given[name] for name in self.beside if given.get(name) is not None}
        own = [one for one in key if owners and self._owners.get(one, {}).items() >= owners.items()]
        return own[0] if len(own) == 1 else key

    def _by_name(self, screen: Resolved, texts: Sequence[str]) -> None:
        session, viewer = self._look.session, self._look.viewer
        wanted: dict[str, list[str]] = {}  # the same name may be written in several ways
        for one in texts:
            wanted.setdefault(_bare(one), []).append(one)
        found: dict[str, list[tuple[Any, bool]]] = {}
        for plain, folded in self._names(screen):
            model = screen.model
            active = model.is_active if screen.active else model.id.is_not(None)
            asked = visible(model, viewer).with_only_columns(model.id, plain.label("name"), active)
            for key, said, is_active in session.execute(asked.where(_folded_in(folded, texts))):
                found.setdefault(_bare(said or ""), []).append((key, bool(is_active)))
        for said, hits in found.items():
            left = [one for one in wanted.get(said, ()) if self._known[one] is None]
            keys = dict.fromkeys(key for key, _active in hits)
            actives = dict.fromkeys(key for key, is_active in hits if is_active)
            clear = keys if len(keys) == 1 else actives
            several = Several(actives or keys) if len(keys) <= _MOST else Several()
            self._known |= dict.fromkeys(left, next(iter(clear)) if len(clear) == 1 else several)

    def _learn_owners(self, found: Iterable[Any]) -> None:
        keys = [key for several in found if isinstance(several, Several) for key in several]
        if keys:
            model = self._look.screens[self._field.targets[0]].model
            columns = [getattr(model, attribute).label(name) for name, attribute in self.beside.items()]
            asked = visible(model, self._look.viewer).with_only_columns(model.id.label("of"), *columns)
            for row in self._look.session.execute(asked.where(model.id.in_(keys))).mappings():
                self._owners[row["of"]] = {name: row[name] for name in self.beside}

    def _names(self, screen: Resolved) -> list[tuple[ColumnElement[str], ColumnElement[str]]]:
        """SQL of what a record may be called, plain and folded: its name, and each unique text of it.

        Only of what this viewer may read.
        """
        look, viewer = self._look, self._look.viewer
        readable = screen.names(viewer)
        if not readable:
            return []
        fields = [screen.fields[name] for name in readable]
        names: list[tuple[Any, Any]] = []
        if all(f.kind.name in ("string", "email", "phone") for f in fields):
            columns = [getattr(screen.model, f.attribute) for f in fields]
            plain = columns[0] if len(columns) == 1 else func.concat_ws(" ", *columns)
            names.append((plain, _folded(screen, readable, plain)))
        elif self._is_small(screen):
            plain = query.name_of(look.screens, screen.table, screen.model.id, viewer)
            names.append((plain, func.fold(plain)))
        if viewer.sees(screen.module):
            for f in screen.fields.values():
                single = f.kind.name in ("string", "email") and f.name not in (KEY, *readable) and not f.internal
                if single and is_unique(f) and screen.reads(viewer, f.name):
                    plain = getattr(screen.model, f.attribute)
                    names.append((plain, _folded(screen, (f.name,), plain)))
        return names

    def _is_small(self, screen: Resolved) -> bool:
        asked = text("SELECT reltuples FROM pg_class WHERE oid = CAST(:name AS regclass)")
        return (self._look.session.connection().scalar(asked, {"name": screen.table}) or 0) < _SMALL


def unclear(found: str) -> str:
    return _("Several records are called “%(name)s”. Write the ID instead.", name=found[:80])


def _beside(look: Look, f: Field) -> dict[str, str]:
    """Relations that rows here and the records they point to have in common: by name, the attribute of the latter.

    Only what every such record belongs to, and this viewer may read.
    """
    if len(f.targets) != 1:
        return {}
    screen, own = look.screens[f.targets[0]], look.screen.fields
    if screen.table == look.screen.table or not look.viewer.sees(screen.module):
        return {}
    return {
        other.name: other.attribute
        for other in screen.fields.values()
        if other.targets and not other.nullable and other.name in own and own[other.name].targets == other.targets
        and screen.reads(look.viewer, other.name)
    }  # fmt: skip


def _typed(f: Field, texts: Sequence[str]) -> dict[Any, str]:
    """The texts that can be keys, by the key."""
    if f.number_key:
        return {int(one): one for one in texts if one.isascii() and one.isdecimal() and len(one) <= 9}
    return {one: one for one in texts if len(one) <= 100}


def _folded(screen: Resolved, names: tuple[str, ...], plain: Any) -> ColumnElement[str]:
    """As the search index has it, where there is one."""
    return query.folded(screen, names) if names in screen.find else func.fold(plain).collate("C")


def _folded_in(folded: ColumnElement[str], texts: Sequence[str]) -> ColumnElement[bool]:
    """Equal but for case and accents, as the search index has it; what is alike by accents only is sorted out after.

    A subquery, because a list of a thousand calls would be compared with every row.
    """
    given = func.unnest(cast(list(texts), ARRAY(Text))).column_valued("given")
    return folded.in_(select(func.fold(given).collate("C")).scalar_subquery())


def _bare(said: str) -> str:
    return " ".join(said.split()).casefold()


class Matches:
    """Records of the table itself by the value of one field: whom a row is about."""

    def __init__(self, look: Look, f: Field) -> None:
        self._look, self._field = look, f
        self._loose = f.kind.name in ("string", "email", "phone") and f.name != KEY

    def of(self, value: Any) -> Any:
        """The value as it is compared: texts without regard to case and surrounding blanks."""
        return _bare(value) if self._loose and isinstance(value, str) else value

    def find(self, values: Iterable[Any]) -> dict[Any, list[Any]]:
        """Ids by compared value, in one statement."""
        wanted = sorted(set(values), key=str)
        if not wanted:
            return {}
        screen, model = self._look.screen, self._look.screen.model
        column = getattr(model, self._field.attribute)
        compared: Any = column
        if not self._loose:
            condition = column.in_(wanted)
        elif (self._field.name,) in screen.find:
            condition = _folded_in(query.folded(screen, (self._field.name,)), wanted)
        else:
            condition = func.lower(func.btrim(column)).in_(wanted)
        asked = visible(model, self._look.viewer).with_only_columns(model.id, compared).where(condition)
        found: dict[Any, list[Any]] = {}
        for key, value in self._look.session.execute(asked):
            found.setdefault(self.of(value), []).append(key)
        return found


def versions_of(look: Look, keys: Sequence[Any]) -> dict[Any, Any]:
    """The mapped rows behind these ids, as far as they may be known of."""
    model = look.screen.model
    rows = look.session.scalars(visible(model, look.viewer).where(model.id.in_(list(keys))))
    return {row.id: row for row in rows}
