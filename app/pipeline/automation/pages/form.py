"""The form of a rule: from what a browser sends to the JSON of the rule, and back. Never half: each sentence at its
control."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from sqlalchemy.orm import Session
from werkzeug.datastructures import MultiDict

from app.core.viewer import Viewer, visible
from app.pipeline.automation import config as grammar
from app.pipeline.automation import former, references, wording
from app.pipeline.automation.conditions import FIELDS, WITHOUT_VALUE
from app.pipeline.automation.config import Config, Draft
from app.pipeline.automation.pages import offer as offers
from app.pipeline.automation.pages.controls import Control, typed, value_of
from app.pipeline.automation.pages.offer import Offer, Part
from app.pipeline.models import AutomationRule
from app.screens import atlas, query
from app.screens.page import Choice
from app.screens.readers import UNSTORABLE, Invalid

LONGEST_NAME, LONGEST_WHY = 255, 2_000
_ROW = re.compile(r"if\.(\d{1,3})\.field")
_SIDES = {grammar.TRIGGER: "when", grammar.ACTION: "then"}

Texts = Mapping[str, Sequence[str]]
"""What stands in the controls, by name."""


@dataclass(frozen=True)
class Row:
    """One condition in the form. `unknown` is what a field that is not offered is called."""

    index: int
    field: str
    op: str
    ops: tuple[Choice, ...]
    control: Control | None
    fields: tuple[tuple[str, tuple[Choice, ...]], ...]
    unknown: str = ""
    errors: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        return f"if.{self.index}"


@dataclass(frozen=True)
class Typed:
    """A rule as it stands in the form. `errors` are sentences by control; `labels` what each is called."""

    pipeline_id: str
    name: str
    description: str
    active: bool
    trigger: str
    act: str
    triggers: tuple[Part, ...]
    actions: tuple[Part, ...]
    rows: tuple[Row, ...]
    trigger_config: dict[str, Any]
    action_config: dict[str, Any]
    config: Config
    errors: dict[str, list[str]] = field(default_factory=dict)

    def draft(self, key: str = "") -> Draft:
        return Draft(self.name or _("New rule"), self.pipeline_id, self.config, key)

    def refused(self, name: str, sentence: str) -> None:
        """Put a sentence to a control; the first one stays."""
        if sentence not in self.errors.setdefault(name, []):
            self.errors[name].append(sentence)


# From the browser ------------------------------------------------------------------


def read(session: Session, viewer: Viewer, form: MultiDict[str, str], offered: Offer) -> Typed:
    """What was posted; what does not belong to the chosen trigger and action is left out."""
    errors: dict[str, list[str]] = {}
    trigger, act = form.get("trigger", ""), form.get("action", "")
    triggers, actions = (_typed_in(parts, form) for parts in (offered.triggers, offered.actions))
    trigger_config = _values(_of(triggers, trigger), errors)
    action_config = _values(_of(actions, act), errors)
    rows = [_row(form, index, offered) for index in _indices(form)]
    told = [row for row in rows if row.field]
    trigger_config["conditions"] = [_condition(row, errors) for row in told]
    if act == "update_deal":
        action_config = {"values": action_config}
    found = grammar.read(trigger, trigger_config, act, action_config)
    for problem in found.problems:
        name = place_of(problem, trigger, act, told)
        if name not in errors:
            errors[name] = [_chosen(problem, trigger, act)]
    result = Typed(
        pipeline_id=offered.pipeline_id,
        name=_line(form, "name", LONGEST_NAME, errors),
        description=_line(form, "description", LONGEST_WHY, errors, lines=True),
        active=form.get("active") == "1",
        trigger=trigger if any(part.value == trigger for part in triggers) else "",
        act=act if any(part.value == act for part in actions) else "",
        triggers=triggers,
        actions=actions,
        rows=tuple(rows),
        trigger_config=trigger_config if found.trigger is None else found.trigger.dump(),
        action_config=action_config if found.action is None else grammar.dump(found.action),
        config=found,
        errors=errors,
    )
    _refuse_strangers(session, viewer, result)
    if not errors and found.alive and result.pipeline_id:
        for problem in references.problems(session, result.draft()):
            result.refused(place_of(problem, trigger, act, told), problem.sentence)
    return _named(session, viewer, result)


def _chosen(problem: grammar.Problem, trigger: str, act: str) -> str:
    """A trigger or an action that there is not: nobody types those."""
    if problem.column in ("trigger_type", "action_type"):
        given = trigger if problem.column == "trigger_type" else act
        return _("Choose one of the list.") if given else _("This field is required.")
    return problem.sentence


def place_of(problem: grammar.Problem, trigger: str, act: str, rows: Sequence[Row]) -> str:
    """The control that a problem of the rule belongs to."""
    if problem.column in ("trigger_type", "action_type", "pipeline_id"):
        return {"trigger_type": "trigger", "action_type": "action"}.get(problem.column, problem.column)
    side = _SIDES.get(problem.column, "")
    first, _dot, rest = problem.key.partition(".")
    if side == "when" and first == "conditions":
        place = rest.partition(".")[0]
        known = place.isdecimal() and int(place) < len(rows)
        return rows[int(place)].name if known else "trigger"
    key = problem.key.removeprefix("values.")
    if not side or key in ("", "values"):
        return "action" if side == "then" else "trigger"
    return f"{side}.{trigger if side == 'when' else act}.{key}"


def _typed_in(parts: Iterable[Part], form: MultiDict[str, str]) -> tuple[Part, ...]:
    return tuple(replace(part, controls=tuple(typed(one, form) for one in part.controls)) for part in parts)


def _of(parts: Iterable[Part], chosen: str) -> tuple[Control, ...]:
    return next((part.controls for part in parts if part.value == chosen), ())


def _values(controls: Iterable[Control], errors: dict[str, list[str]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    given = {one.key: one.text for one in controls}
    for one in controls:
        if one.when and given.get(one.when, "") not in one.when_values:
            continue  # folded away: it belongs to another choice
        try:
            value = value_of(one)
        except Invalid as wrong:
            errors[one.name] = [str(wrong)]
            continue
        if value is not None:
            found[one.key] = value
    return found


def _indices(form: MultiDict[str, str]) -> list[int]:
    """Of the conditions, in the order in which they stand on the page; one more than may be is enough to say so."""
    found = (match for name in form if (match := _ROW.fullmatch(name)))
    return [int(match[1]) for match in found][: grammar.MOST_CONDITIONS + 1]


def _row(form: MultiDict[str, str], index: int, offered: Offer) -> Row:
    name = f"if.{index}"
    return row_of(index, form.get(f"{name}.field", ""), form.get(f"{name}.op", ""), offered,
                  form.getlist(f"{name}.value"))  # fmt: skip


def row_of(index: int, chosen: str, op: str, offered: Offer, texts: Sequence[str] = ()) -> Row:
    """A condition as it is drawn: an operator that the field does not know gives way to its first."""
    known = chosen in offered.known_fields
    ops = offers.operators_of(chosen) if known else ()
    if ops and op not in {pick.value for pick in ops}:
        op = ops[0].value
    control = offers.value_control(chosen, op, f"if.{index}.value", offered) if known else None
    if control is not None:
        control = control.filled(texts)
    unknown = "" if known or not chosen else _("A field that is not there, or hidden from you")
    return Row(index, chosen, op, ops, control, offered.fields, unknown)


def _condition(row: Row, errors: dict[str, list[str]]) -> dict[str, Any]:
    """The JSON of one condition; what is wrong with its value is told at the row."""
    found: dict[str, Any] = {"field": row.field, "op": row.op}
    if row.unknown:
        errors[row.name] = [_("Choose a field of the list.")]
    if row.control is None or row.op in {one.value for one in WITHOUT_VALUE}:
        return found
    try:
        found["value"] = value_of(row.control)
    except Invalid as wrong:
        errors[row.name] = [str(wrong)]
    return found


def _line(form: MultiDict[str, str], name: str, most: int, errors: dict[str, list[str]], *, lines: bool = False) -> str:
    text = form.get(name, "").replace("\r\n", "\n").strip()
    text = text if lines else " ".join(text.split())
    if UNSTORABLE.search(text):
        errors[name] = [_("A text here holds a character that cannot be stored.")]
    elif len(text) > most:
        errors[name] = [_("At most %(most)s characters.", most=most)]
    return text


def _refuse_strangers(session: Session, viewer: Viewer, found: Typed) -> None:
    """Records that were chosen must be such as the viewer may choose."""
    controls = [*_of(found.triggers, found.trigger), *_of(found.actions, found.act)]
    wanted = [(one.name, one) for one in controls]
    wanted += [(row.name, row.control) for row in found.rows if row.control is not None]
    for name, control in wanted:
        keys = {text for text in control.texts if text}
        if not control.table or not keys or name in found.errors:
            continue
        model = atlas.known()[control.table].model
        asked = visible(model, viewer).with_only_columns(model.id).where(model.id.in_(keys))
        if set(session.scalars(asked, execution_options={"viewer": viewer})) != keys:
            found.refused(name, _("This is not there any more, or not yours. Choose from the list."))


# From the database -----------------------------------------------------------------


def stored(
    session: Session, viewer: Viewer, rule: AutomationRule, offered: Offer, problems: Sequence[grammar.Problem] = ()
) -> Typed:
    """The form of a rule that is there, also of one that an older system or a program wrote wrong: what keeps it from
    acting stands at its control."""
    return given(
        session, viewer, offered, name=rule.name, description=rule.description or "",
        active=rule.is_active is not False, trigger=str(rule.trigger_type), trigger_config=rule.trigger_config,
        act=str(rule.action_type), action_config=rule.action_config, problems=problems,
    )  # fmt: skip


def given(
    session: Session, viewer: Viewer, offered: Offer, *, name: str = "", description: str = "", active: bool = True,
    trigger: str = "deal_created", trigger_config: Any = None, act: str = "create_activity", action_config: Any = None,
    problems: Sequence[grammar.Problem] = (),
) -> Typed:  # fmt: skip
    """The form with these values."""
    trigger_config, action_config = former.trigger(trigger, trigger_config), former.action(act, action_config)
    when = trigger_config if isinstance(trigger_config, dict) else {}
    then = action_config if isinstance(action_config, dict) else {}
    inner = then.get("values") if act == "update_deal" else then
    texts = {f"when.{trigger}.{key}": _texts(value) for key, value in when.items()}
    texts |= {f"then.{act}.{key}": _texts(value) for key, value in (inner if isinstance(inner, dict) else {}).items()}
    conditions = when.get("conditions")
    listed = [one if isinstance(one, dict) else {} for one in (conditions if isinstance(conditions, list) else ())]
    rows = [
        row_of(index, str(one.get("field", "")), str(one.get("op", "")), offered, _texts(one.get("value")))
        for index, one in enumerate(listed)
    ]
    found = Typed(
        pipeline_id=offered.pipeline_id,
        name=name,
        description=description,
        active=active,
        trigger=trigger,
        act=act,
        triggers=_filled(offered.triggers, texts),
        actions=_filled(offered.actions, texts),
        rows=tuple(rows[: grammar.MOST_CONDITIONS + 1]),
        trigger_config=when,
        action_config=then,
        config=grammar.read(trigger, trigger_config, act, action_config),
    )
    _mark(found, problems)
    return _named(session, viewer, found)


def _mark(found: Typed, problems: Iterable[grammar.Problem]) -> None:
    """Put what is wrong to its control; of a setting that there is no control for, say what becomes of it."""
    known = _labels(found)
    for problem in problems:
        name = place_of(problem, found.trigger, found.act, found.rows)
        if name in known:
            found.refused(name, _in_words(found, problem, name))
        else:
            key = problem.key.removeprefix("values.")
            found.refused(name, _("“%(name)s” means nothing to this rule. Saving leaves it out.", name=key))


def _in_words(found: Typed, problem: grammar.Problem, name: str) -> str:
    """The sentence with what there is to choose as the form calls it, where the rule itself knows codes alone."""
    row = next((row for row in found.rows if row.name == name and problem.key.endswith(".op")), None)
    if row is not None and row.ops:
        written = found.trigger_config["conditions"][row.index].get("op")
        known = ", ".join(pick.label for pick in row.ops)
        return _("This field cannot be compared by “%(op)s”. Choose one of these: %(known)s.", op=str(written)[:60],
                 known=known)  # fmt: skip
    controls = (*_of(found.triggers, found.trigger), *_of(found.actions, found.act))
    control = next((one for one in controls if one.name == name and one.kind == "choice"), None)
    if control is None or control.key.endswith("_id") or control.text in ("", *(pick.value for pick in control.picks)):
        return problem.sentence
    known = ", ".join(pick.label for pick in control.picks)
    return _("There is no “%(value)s”. Choose one of these: %(known)s.", value=control.text[:60], known=known)


def _texts(value: Any) -> tuple[str, ...]:
    if value is None or isinstance(value, dict):
        return ()
    return tuple(str(one) for one in value) if isinstance(value, list | tuple) else (str(value),)


def _filled(parts: Iterable[Part], texts: Texts) -> tuple[Part, ...]:
    return tuple(
        replace(part, controls=tuple(one.filled(texts.get(one.name, one.texts)) for one in part.controls))
        for part in parts
    )


# Names -----------------------------------------------------------------------------


def _named(session: Session, viewer: Viewer, found: Typed) -> Typed:
    """The names of records that stand in pickers, in one statement."""
    controls = [one for part in (*found.triggers, *found.actions) for one in part.controls]
    controls += [row.control for row in found.rows if row.control is not None]
    wanted = sorted({(one.table, text) for one in controls if one.table for text in one.texts if 0 < len(text) <= 100})
    told = query.names_in(session, atlas.known(), viewer, [((table,), key) for table, key in wanted])
    names = {key: name for (_table, key), name in zip(wanted, told, strict=True) if name}

    def with_names(one: Control) -> Control:
        return one.filled(one.texts, names) if one.table else one

    def parts(given_parts: Iterable[Part]) -> tuple[Part, ...]:
        return tuple(replace(part, controls=tuple(map(with_names, part.controls))) for part in given_parts)

    rows = tuple(
        replace(row, control=with_names(row.control) if row.control is not None else None,
                errors=tuple(found.errors.get(row.name, ())))
        for row in found.rows
    )  # fmt: skip
    return replace(found, triggers=parts(found.triggers), actions=parts(found.actions), rows=rows)


def summary(found: Typed) -> list[tuple[str, str, str]]:
    """What is wrong: (control, what it is called, sentence), in the order of the page."""
    labels = _labels(found)
    return [
        (name, labels[name], sentence) for name, said in found.errors.items() if name in labels for sentence in said
    ]


def _labels(found: Typed) -> dict[str, str]:
    """What each control is called."""
    labels = {
        "pipeline_id": _("Pipeline"), "name": _("Name"), "trigger": _("Trigger"), "action": _("Action"),
        "description": _("Purpose"),
    }  # fmt: skip
    labels |= {one.name: one.label for part in (*found.triggers, *found.actions) for one in part.controls}
    for row in found.rows:
        labels[row.name] = wording.field_label(row.field) if row.field in FIELDS and not row.unknown else _("Condition")
    return labels


def general(found: Typed) -> list[str]:
    """What is wrong and belongs to no control of the form."""
    known = _labels(found)
    return [sentence for name, said in found.errors.items() if name not in known for sentence in said]
