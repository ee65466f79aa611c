"""What a person chose for a file: a field for each column, the key, and what happens with records that are known."""

from __future__ import annotations

import enum
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from app.imports.columns import KEY, Target, keys_of, matched
from app.imports.models import ImportFile
from app.imports.reading import folded
from app.screens.look import Look


class Known(enum.StrEnum):
    """What becomes of rows, by whether their key is known already."""

    create = "create"  # every row is a new record; no key is looked at
    both = "both"  # known records are updated, the others created
    update = "update"  # known records are updated, the others left out
    new = "new"  # known records are left out, the others created


@dataclass(frozen=True)
class Chosen:
    """`columns` holds the target of each column in order, "" for none. `filled`: an empty cell changes nothing."""

    columns: tuple[str, ...]
    known: Known = Known.create
    key: str = ""
    filled: bool = True

    @property
    def creates(self) -> bool:
        return self.known is not Known.update

    @property
    def updates(self) -> bool:
        return self.known in (Known.both, Known.update)

    def stored(self) -> dict[str, Any]:
        return asdict(self)


def of_file(file: ImportFile) -> Chosen | None:
    """What was chosen and kept with the file."""
    kept = file.chosen
    if kept is None:
        return None
    return Chosen(tuple(kept["columns"]), Known(kept["known"]), str(kept["key"]), bool(kept["filled"]))


def allowed(look: Look, chosen: Chosen, targets: Mapping[str, Target], width: int) -> Chosen:
    """Without what this viewer may not fill today, and without what the file does not have.

    Fields that went are no column any more; a choice that needs a right or a key that is not there is the plainest one.
    """
    columns = [name if name in targets else "" for name in chosen.columns][:width]
    columns += [""] * (width - len(columns))
    columns = [name if name and columns.index(name) == place else "" for place, name in enumerate(columns)]
    key = chosen.key if chosen.key in columns and chosen.key in keys_of(look, targets) else ""
    known = chosen.known if key and (look.may_edit() or chosen.known is Known.new) else Known.create
    if KEY in columns and key != KEY:
        columns[columns.index(KEY)] = ""
    return replace(chosen, columns=tuple(columns), key=key if known is not Known.create else "", known=known)


def proposed(look: Look, headings: Sequence[str], targets: Mapping[str, Target]) -> Chosen:
    """What the headings say by themselves; a record that is named by its id, or another sure key, is meant."""
    columns = matched(look, headings, targets)
    if not look.may_edit() and KEY in columns:
        columns[columns.index(KEY)] = ""
    if KEY in columns:
        return Chosen(tuple(columns), Known.both, KEY)
    return Chosen(tuple(columns))


def fingerprint(headings: Sequence[str]) -> str:
    """The same for the same set of headings, in whatever order they stand."""
    return hashlib.sha256("\n".join(sorted(map(folded, headings))).encode()).hexdigest()


def by_heading(headings: Sequence[str], chosen: Chosen) -> dict[str, Any]:
    """As it is remembered: fields by heading, because columns may stand in another order the next time."""
    fields = {folded(heading): name for heading, name in zip(headings, chosen.columns, strict=True) if name}
    return {**chosen.stored(), "columns": fields}


def again(headings: Sequence[str], kept: Mapping[str, Any]) -> Chosen:
    """What was remembered, for the columns as they stand now."""
    fields = kept["columns"]
    columns = tuple(str(fields.get(folded(heading), "")) for heading in headings)
    return Chosen(columns, Known(kept["known"]), str(kept["key"]), bool(kept["filled"]))
