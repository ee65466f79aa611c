"""What was found, grouped by table, the best first."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.core.folding import dial, ending, fold
from app.core.viewer import Viewer
from app.screens.find.asking import ask
from app.screens.find.describing import Told, tell
from app.screens.find.doors import Doors, doors_of
from app.screens.find.words import Typed, Word, apart, read
from app.screens.query import Screens
from app.screens.resolve import Resolved

SHOWN = 5
SHOWN_ON_PAGE = 25
_LOOKED_AT = 60  # records of a table that are ranked
_WHOLE_NUMBER = 6  # digits of a telephone number that is more than a beginning


@dataclass(frozen=True)
class Hit:
    """One record. `reasons` are the columns (name, value) in which the words were found, but for the name itself."""

    told: Told
    rank: int
    reasons: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """The hits of one table; `more` when there are others."""

    screen: Resolved
    hits: tuple[Hit, ...]
    more: bool = False


@dataclass(frozen=True)
class Results:
    typed: Typed
    groups: tuple[Group, ...] = ()

    @property
    def count(self) -> int:
        return sum(len(group.hits) for group in self.groups)

    @property
    def more(self) -> bool:
        return any(group.more for group in self.groups)


def find(session: Session, screens: Screens, viewer: Viewer, line: str, *, shown: int = SHOWN) -> Results:
    """The records that a line means, in two statements; several words that find nothing are asked for once more.

    Raises TooLong.
    """
    typed = read(line)
    if not typed.words or not viewer.user_id:
        return Results(typed)
    doors = {way.screen.table: way for way in doors_of(screens, viewer)}
    found = ask(session, viewer, list(doors.values()), typed, most=4 * shown)
    wanted = {table: keys[:_LOOKED_AT] for table, keys in found.items()}
    told = tell(session, screens, viewer, wanted, {table: way.columns for table, way in doors.items()})
    groups = []
    for table, keys in wanted.items():
        hits = sorted(
            (_hit(doors[table], told[table, key], typed) for key in keys if (table, key) in told),
            key=lambda hit: (not hit.told.active, hit.rank, fold(hit.told.name), hit.told.key),
        )
        if hits:
            groups.append(Group(screens[table], tuple(hits[:shown]), len(hits) > shown))
    order = {table: at for at, table in enumerate(screens)}
    groups.sort(key=lambda group: (min(hit.rank for hit in group.hits) > 0, order[group.screen.table]))
    return Results(typed, tuple(groups))


def _hit(way: Doors, told: Told, typed: Typed) -> Hit:
    reasons = tuple((name, told.values[name]) for name in _reasons(way, told, typed))
    return Hit(told, _rank(way, told, typed), reasons)


def _rank(way: Doors, told: Told, typed: Typed) -> int:
    """0: exactly what was typed; 1: the name begins so; 2: all words begin words of the name; 3: another."""
    whole, name = fold(typed.text), fold(told.name)
    values = told.values
    if any(fold(values.get(names[0], "")) in _texts(typed) for names in way.begins if len(names) == 1):
        return 0
    numbers = {number for word in typed.words for number in word.dialled if len(number) >= _WHOLE_NUMBER}
    if any(dial(values.get(column, "")) in numbers for column in way.dialled):
        return 0
    pairs = [" ".join(fold(values.get(n, "")) for n in names) for names in way.begins if len(names) > 1]
    if any(text.startswith(whole) for text in [name, *pairs]):
        return 1
    return 2 if all(_begins_in(name, word) for word in typed.words) else 3


def _texts(typed: Typed) -> set[str]:
    single = typed.words[0].texts if len(typed.words) == 1 else ()
    return {fold(typed.text), *(fold(text) for text in single)}


def _reasons(way: Doors, told: Told, typed: Typed) -> list[str]:
    """The columns that say why, without those that are the name."""
    naming = {*way.screen.name, *(name for names in way.begins if len(names) > 1 for name in names)}
    found = []
    for name in way.columns:
        text = told.values.get(name, "")
        if name not in naming and text and any(_meets(way, name, text, word, typed) for word in typed.words):
            found.append(name)
    return found[:3]


def _meets(way: Doors, name: str, text: str, word: Word, typed: Typed) -> bool:
    if name in way.dialled and any(dial(text).startswith(number) for number in word.dialled):
        return True
    folded = fold(text)
    if any(folded.startswith(fold(start)) for start in word.texts):
        return True
    if name in way.ending and word.ending and ending(text).startswith(word.ending):
        return True
    if len(typed.words) > 1 and name in way.inside:
        return _begins_in(folded, word)
    return bool(word.later) and name in way.later and _begins_in(folded, word)


def _begins_in(folded: str, word: Word) -> bool:
    return f" {word.inner}" in f" {apart(folded)}"
