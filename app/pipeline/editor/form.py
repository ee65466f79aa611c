"""The form of a pipeline: from what a browser sends to a draft, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from flask_babel import gettext as _
from werkzeug.datastructures import MultiDict

from app.core.errors import BadQuery
from app.core.types import Country
from app.pipeline.editor.rights import FLAGS, May
from app.pipeline.models import DealField, Pipeline, PipelineStage
from app.pipeline.rules.stages import MOST_STAGES, PALETTE, Kind, kind_of
from app.pipeline.services.arranging import NEW, Draft, StageDraft
from app.pipeline.services.removing import Removal

LONGEST_NAME = 255
LONGEST_TEXT = 5_000
MOST_DAYS = 3_650
_TEXTS = ("name", "color", "kind", "probability", "rotting_days")


@dataclass(frozen=True)
class TypedStage:
    """A stage as it stands in the form; everything is text. `gone`: it is to be removed."""

    key: str
    name: str = ""
    color: str = PALETTE[1]
    kind: str = Kind.open.value
    probability: str = "0"
    rotting_days: str = ""
    required: tuple[str, ...] = ()
    gone: bool = False
    target: str = ""
    reason: str = ""
    follow: bool = False
    switch_off: bool = False

    @property
    def new(self) -> bool:
        return self.key.startswith(NEW)


@dataclass(frozen=True)
class Typed:
    """A pipeline as it stands in the form. `errors` are sentences by field, or by "<key of the stage>:<field>"."""

    name: str = ""
    description: str = ""
    countries: tuple[str, ...] = ()
    default: bool = False
    active: bool = True
    version: str = ""
    stages: tuple[TypedStage, ...] = ()
    errors: dict[str, list[str]] = field(default_factory=dict)

    def refused(self, errors: Mapping[str, list[str]]) -> Typed:
        return replace(self, errors={name: list(messages) for name, messages in errors.items()})


def stored(may: May, pipeline: Pipeline, stages: Sequence[PipelineStage], version: str) -> Typed:
    """What the form starts with; what the viewer may not read is not in it."""
    return Typed(
        pipeline.name if may.reads("name") else _("Pipeline"),
        (pipeline.description or "") if may.reads("description") else "",
        tuple(pipeline.country_codes or ()) if may.reads("country_codes") else (),
        bool(pipeline.is_default),
        pipeline.is_active is not False,
        version,
        tuple(_stage(may, stage, place) for place, stage in enumerate(stages, 1)),
    )


def _stage(may: May, stage: PipelineStage, place: int) -> TypedStage:
    return TypedStage(
        stage.id,
        stage.name if may.reads_stage("name") else f"{_('Stage')} {place}",
        (stage.color or "") if may.reads_stage("color") else "",
        kind_of(stage).value if may.reads_stage(*FLAGS) else Kind.open.value,
        str(stage.probability or 0) if may.reads_stage("probability") else "",
        str(stage.rotting_days or "") if may.reads_stage("rotting_days") else "",
        tuple(stage.required_fields or ()) if may.reads_stage("required_fields") else (),
    )


def read(form: MultiDict[str, str], may: May, base: Typed) -> Typed:
    """What was posted; fields that the viewer may not write are as in `base`. Raises BadQuery for what is no form."""
    keys = form.getlist("stage")
    if len(keys) > 2 * MOST_STAGES + 10 or any(len(key) > 100 or "\x00" in key for key in keys):
        raise BadQuery(_("The order of the stages is damaged. Reload the page and try again."))
    known = {stage.key: stage for stage in base.stages}
    return Typed(
        _text(form, "name", base.name) if may.writes("name") else base.name,
        _text(form, "description", base.description) if may.writes("description") else base.description,
        tuple(form.getlist("country_codes")) if may.writes("country_codes") else base.countries,
        form.get("is_default") == "1" or base.default if may.writes("is_default") else base.default,
        form.get("is_active") == "1" if may.writes("is_active") else base.active,
        form.get("version", ""),
        tuple(_read_stage(form, may, key, known.get(key)) for key in keys),
    )


def _read_stage(form: MultiDict[str, str], may: May, key: str, before: TypedStage | None) -> TypedStage:
    base = before or TypedStage(key)

    def told(name: str, *columns: str) -> str:
        given = form.get(f"{key}:{name}")
        kept: str = getattr(base, name)
        return kept if given is None or not may.writes_stage(*(columns or (name,))) else given.strip()[:LONGEST_TEXT]

    return TypedStage(
        key,
        told("name"),
        told("color"),
        told("kind", *FLAGS),
        told("probability"),
        told("rotting_days"),
        tuple(form.getlist(f"{key}:required")) if may.writes_stage("required_fields") else base.required,
        form.get(f"{key}:gone") == "1",
        form.get(f"{key}:target", "")[:100],
        form.get(f"{key}:reason", "").strip()[:LONGEST_TEXT],
        form.get(f"{key}:follow") == "1",
        form.get(f"{key}:switch_off") == "1",
    )


def _text(form: MultiDict[str, str], name: str, before: str) -> str:
    given = form.get(name)
    return before if given is None else given.replace("\r\n", "\n").strip()[:LONGEST_TEXT]


def draft(typed: Typed, may: May) -> tuple[Draft, dict[str, list[str]]]:
    """What is wanted, and what cannot be read, by field."""
    errors: dict[str, list[str]] = {}
    values: dict[str, Any] = {
        "name": typed.name,
        "description": typed.description or None,
        "country_codes": _countries(typed.countries, errors),
        "is_default": typed.default,
        "is_active": typed.active,
    }
    _fits(typed.name, "name", errors)
    for text, name in ((typed.description, "description"), (typed.version, "version")):
        _storable(text, name, errors)
    kept = [_draft_stage(stage, may, errors) for stage in typed.stages if not stage.gone]
    gone = [
        Removal(stage.key, stage.target, stage.reason, stage.switch_off)
        for stage in typed.stages if stage.gone and not stage.new
    ]  # fmt: skip
    for stage in typed.stages:
        _storable(stage.reason, f"{stage.key}:reason", errors)
    return Draft({name: value for name, value in values.items() if may.writes(name)}, kept, gone), errors


def values_of(typed: Typed, may: May) -> tuple[dict[str, Any], dict[str, list[str]]]:
    """Attributes of a new pipeline, and what cannot be read, by field."""
    wanted, errors = draft(replace(typed, stages=()), may)
    if not typed.name:
        errors["name"] = [_("This field is required.")]
    return dict(wanted.values), errors


def _draft_stage(stage: TypedStage, may: May, errors: dict[str, list[str]]) -> StageDraft:
    where = f"{stage.key}:"
    _fits(stage.name, f"{where}name", errors)
    _storable(stage.color, f"{where}color", errors)
    try:
        kind = Kind(stage.kind)
    except ValueError:
        kind = Kind.open
        errors[f"{where}kind"] = [_("Choose one of the list.")]
    chance = {Kind.won: 100, Kind.lost: 0}.get(kind)
    if chance is None and may.writes_stage("probability"):
        chance = _number(stage.probability, 0, 100, f"{where}probability", errors)
    days = _number(stage.rotting_days, 1, MOST_DAYS, f"{where}rotting_days", errors) if stage.rotting_days else None
    known = {one.value for one in DealField}
    if not known.issuperset(stage.required):
        errors[f"{where}required"] = [_("Choose from the list.")]
    required = [one.value for one in DealField if one.value in stage.required]
    values: dict[str, Any] = {
        "name": stage.name,
        "color": stage.color or None,
        "probability": chance,
        "rotting_days": days,
        "required_fields": required or None,
    }
    allowed = {name: value for name, value in values.items() if may.writes_stage(name)}
    flags = kind if may.writes_stage(*FLAGS) else None
    return StageDraft(stage.key, allowed, flags, stage.reason, stage.follow)


def _countries(given: Sequence[str], errors: dict[str, list[str]]) -> list[str] | None:
    known = [country.value for country in Country]
    if not set(given) <= set(known):
        errors["country_codes"] = [_("Choose from the list.")]
    return [code for code in known if code in given] or None


def _number(text: str, least: int, most: int, name: str, errors: dict[str, list[str]]) -> int | None:
    if text.isascii() and text.isdigit() and len(text) < 6 and least <= int(text) <= most:
        return int(text)
    errors[name] = [_("A whole number from %(least)s to %(most)s.", least=least, most=most)]
    return None


def _fits(text: str, name: str, errors: dict[str, list[str]]) -> None:
    if len(text) > LONGEST_NAME:
        errors[name] = [_("At most %(most)s characters.", most=LONGEST_NAME)]
    _storable(text, name, errors)


def _storable(text: str, name: str, errors: dict[str, list[str]]) -> None:
    if "\x00" in text:
        errors[name] = [_("This text holds a character that cannot be stored.")]


# Somebody was faster ------------------------------------------------------------


def merged(typed: Typed, now: Typed) -> tuple[Typed, list[str]]:
    """What was typed, over what is stored now, and what differs as sentences: saved again, it is as typed.

    Stages that somebody added meanwhile come last; those that he removed are new ones.
    """
    here, there = {stage.key for stage in typed.stages}, {stage.key: stage for stage in now.stages}
    said = [*_differences(typed, now)]
    stages: list[TypedStage] = []
    for stage in typed.stages:
        other = there.get(stage.key)
        if other is None and not stage.new:
            if stage.gone:
                continue
            said.append(_("“%(name)s” was removed. It is added again when you save.", name=stage.name))
            stage = replace(stage, key=f"{NEW}{stage.key}"[:100], follow=False)
        elif other is not None:
            said += _stage_differences(stage, other)
        stages.append(stage)
    for stage in now.stages:
        if stage.key not in here:
            said.append(_("“%(name)s” was added.", name=stage.name))
            stages.append(stage)
    if not said:
        said = [_("The order of the stages was changed.")]
    return replace(typed, stages=tuple(stages), version=now.version), said


def _differences(typed: Typed, now: Typed) -> list[str]:
    yes, no = _("Yes"), _("No")
    pairs = (
        (_("Name"), typed.name, now.name),
        (_("Description"), typed.description, now.description),
        (_("Countries"), ", ".join(typed.countries), ", ".join(now.countries)),
        (_("Default pipeline"), yes if typed.default else no, yes if now.default else no),
        (_("Active"), yes if typed.active else no, yes if now.active else no),
    )
    return [_told(label, theirs) for label, mine, theirs in pairs if mine != theirs]


def _stage_differences(stage: TypedStage, other: TypedStage) -> list[str]:
    labels = {
        "name": _("Name"),
        "color": _("Colour"),
        "kind": _("Kind"),
        "probability": _("Win probability (%)"),
        "rotting_days": _("Rotting after (days)"),
    }
    found = [
        f"“{other.name}”: " + _told(labels[name], _words(name, getattr(other, name)))
        for name in _TEXTS if getattr(stage, name) != getattr(other, name) and not stage.gone
    ]  # fmt: skip
    if set(stage.required) != set(other.required) and not stage.gone:
        found.append(f"“{other.name}”: " + _told(_("Required of deals"), str(len(other.required))))
    return found


def _words(name: str, value: str) -> str:
    return kinds()[value] if name == "kind" else value


def _told(label: str, theirs: str) -> str:
    return _("%(field)s is “%(value)s” now.", field=label, value=theirs or _("Empty"))


def kinds() -> dict[str, str]:
    return {Kind.open.value: _("Open"), Kind.won.value: _("Won"), Kind.lost.value: _("Lost")}
