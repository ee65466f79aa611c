"""A board as its page draws it: columns with their cards, sums as texts, and what had to be left out of them."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.dates import format_skeleton
from babel.numbers import format_currency, format_decimal
from flask_babel import format_date, get_locale, ngettext
from flask_babel import gettext as _

from app.core.scope import changeable
from app.pipeline.board.cards import MOST, PAGE, SOON, Card, cards_of, days_until
from app.pipeline.board.moves import token_of
from app.pipeline.board.rights import May
from app.pipeline.board.sums import ROTTING_CAP, Sum, rotting_of, sums_of
from app.pipeline.models import Deal, DealActivityType, PipelineStage
from app.pipeline.models.pipelines import DealField
from app.screens.cells import local_day
from app.screens.fields import choice_label
from app.screens.locale import said
from app.screens.people import hue, initials
from app.screens.query import Listing

_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ICONS = {
    DealActivityType.call: "phone", DealActivityType.email: "mail", DealActivityType.meeting: "users",
    DealActivityType.task: "checkbox", DealActivityType.note: "note",
}  # fmt: skip


@dataclass(frozen=True)
class Drawn:
    """A card with its texts; one that is `fixed` is not to be moved. The tones of the next activity and of the birth
    say how pressing they are."""

    card: Card
    fixed: bool
    token: str
    title: str
    value: str
    initials: str
    hue: int
    icon: str
    next: str
    next_tone: str
    next_when: str
    days: str
    days_title: str
    rots: str
    birth: str
    birth_tone: str
    birth_title: str


@dataclass(frozen=True)
class Column:
    """A stage with its cards; sums are "" where the viewer may not know them."""

    stage: PipelineStage
    kind: str
    colour: str
    asks: bool
    cards: tuple[Drawn, ...]
    more: str
    count: str
    value: str
    weighted: str
    rotting: str
    rotting_title: str


@dataclass(frozen=True)
class Clock:
    """When it is: the moment in UTC, and the day in the viewer's zone."""

    now: datetime
    today: date


def columns_of(
    may: May, stages: Sequence[PipelineStage], pipeline_id: str, listing: Listing, clock: Clock, currency: str,
    shown: Mapping[str, int],
) -> tuple[list[Column], str]:  # fmt: skip
    """The columns, and a sentence on what is not in their sums. `shown` are the cards of columns that were unfolded.

    At most four statements, six for whom a country is closed. Raises BadQuery.
    """
    most = max([PAGE, *(min(number, MOST) for number in shown.values())])
    cards = cards_of(may, pipeline_id, listing, now=clock.now, today=clock.today, most=most)
    sums = sums_of(may, pipeline_id, listing, today=clock.today, currency=currency)
    rotting = rotting_of(may, pipeline_id, listing, now=clock.now)
    closed = closed_of(may, [card for there in cards.values() for card in there])
    made = []
    for stage in stages:
        there = cards.get(stage.id, [])
        cut = min(max(PAGE, shown.get(stage.id, PAGE)), MOST)
        one, rots = sums.get(stage.id, Sum()), 0 if _kind(stage) != "open" else rotting.get(stage.id, 0)
        made.append(
            Column(
                stage=stage,
                kind=_kind(stage),
                colour=colour_of(stage),
                asks=bool(stage.is_lost_stage or stage.required_fields),
                cards=tuple(drawn(may, card, stage, clock, closed) for card in there[:cut]),
                more=following(there, cut),
                count=str(format_decimal(one.deals, locale=_locale())),
                value=amount_text(one.value or Decimal(0), currency) if may.sums else "",
                weighted=amount_text(one.weighted or Decimal(0), currency)
                if may.weighs and _kind(stage) == "open"
                else "",
                rotting=f"{format_decimal(ROTTING_CAP)}+" if rots > ROTTING_CAP else str(rots or ""),
                rotting_title=_rotting_title(stage),
            )
        )
    return made, _left_out([sums.get(stage.id, Sum()) for stage in stages])


def following(cards: Sequence[Card], cut: int) -> str:
    """The place after which a column goes on; "" when this is all."""
    return str(cards[cut - 1].position) if len(cards) > cut else ""


def closed_of(may: May, cards: Sequence[Card]) -> frozenset[str]:
    """The cards that this viewer's countries let him see and not change. At most one statement."""
    if not may.moves or not cards:
        return frozenset()
    keys = [card.id for card in cards]
    return frozenset(keys) - changeable(may.look.session, may.look.viewer, Deal, keys)


def drawn(may: May, card: Card, stage: PipelineStage, clock: Clock, closed: Container[str] = ()) -> Drawn:
    next_when, next_tone = _when(card, clock)
    days, until = card.days(clock.now), days_until(card, clock.today)
    rots = may.rots and card.rots(stage.rotting_days, clock.now)
    known = may.reads("stage_entered_at")
    return Drawn(
        card=card,
        fixed=not may.moves or card.id in closed,
        token=token_of(card.id, card.seen),
        title=card.title or _("Deal"),
        value=amount_text(card.value, card.currency) if card.value is not None else "",
        initials=initials(card.owner) if card.owner else "",
        hue=hue(card.owner_id),
        icon=_ICONS.get(card.next_type, "") if card.next_type else "",
        next=card.next_subject,
        next_tone=next_tone,
        next_when=next_when,
        days="" if days is None or not known else _("%(days)s d", days=format_decimal(days)),
        days_title=str(ngettext("%(num)s day in this stage", "%(num)s days in this stage", days or 0)),
        rots=_rotting_title(stage) if rots else "",
        birth=_birth(card, until),
        birth_tone="" if until is None else "red" if until <= SOON else "amber",
        birth_title="" if until is None else _birth_title(card),
    )


def colour_of(stage: PipelineStage) -> str:
    return stage.color if stage.color and _COLOUR.fullmatch(stage.color) else "#968c90"


def amount_text(value: Decimal, currency: str) -> str:
    """An amount in whole units, as a board has room for it; cents are told on the deal itself."""
    return _amount(value, currency, str(_locale()))


@lru_cache(maxsize=16_384)
def _amount(value: Decimal, currency: str, language: str) -> str:
    if len(currency) == 3 and currency.isalpha():
        text = format_currency(
            round(value), currency.upper(), format=_whole(language), currency_digits=False, locale=language
        )
        return re.sub(r"(?<=[A-Za-z])(?=\d)", "\u00a0", text)
    return str(format_decimal(round(value), locale=language))


@lru_cache(maxsize=64)
def _whole(language: str) -> str:
    return re.sub(r"[.]0+", "", str(Locale.parse(language).currency_formats["standard"].pattern))


def _kind(stage: PipelineStage) -> str:
    return "won" if stage.is_won_stage else "lost" if stage.is_lost_stage else "open"


def _when(card: Card, clock: Clock) -> tuple[str, str]:
    """When the next activity is due, and how pressing that is."""
    if card.next_type is None or card.next_due is None:
        return "", ""
    due = local_day(card.next_due)
    days = (due - clock.today).days
    if card.next_due < clock.now:
        return (_("late today") if days == 0 else ngettext("%(num)s day late", "%(num)s days late", -days)), "red"
    if days == 0:
        return _("today"), "amber"
    if days == 1:
        return _("tomorrow"), ""
    return str(format_skeleton("MMMd" if due.year == clock.today.year else "yMMMd", due, locale=_locale())), ""


def _birth(card: Card, until: int | None) -> str:
    if until is None or card.birth is None:
        return ""
    if not card.birth_day_known:
        return str(format_skeleton("MMM", card.birth, locale=_locale()))
    if until < 0:
        return _("due %(days)s d ago", days=-until)
    return _("in %(days)s d", days=until)


def _birth_title(card: Card) -> str:
    assert card.birth is not None
    day = (
        format_date(card.birth, "long")
        if card.birth_day_known
        else format_skeleton("yMMMM", card.birth, locale=_locale())
    )
    return _("Expected birth: %(day)s", day=day)


def _rotting_title(stage: PipelineStage) -> str:
    if not stage.rotting_days:
        return ""
    return str(
        ngettext(
            "Nothing has happened for more than %(num)s day",
            "Nothing has happened for more than %(num)s days",
            stage.rotting_days,
        )
    )


def _left_out(sums: Sequence[Sum]) -> str:
    """What could not be converted, in one sentence; "" for nothing."""
    lost: dict[str | None, int] = {}
    for one in sums:
        for currency, deals in one.left_out.items():
            lost[currency] = lost.get(currency, 0) + deals
    if not lost:
        return ""
    names = ", ".join([*sorted(code for code in lost if code), *([_("no currency")] if None in lost else [])])
    number = sum(lost.values())
    return str(
        ngettext(
            "Not in the sums: %(num)s deal without an exchange rate (%(names)s).",
            "Not in the sums: %(num)s deals without an exchange rate (%(names)s).",
            number,
            names=names,
        )
    )


def wanted_of(stage: PipelineStage) -> str:
    """What a stage asks for, as its column says it; "" for nothing."""
    names = [str(said(choice_label(DealField, name))) for name in stage.required_fields or ()]
    return _("Needs: %(fields)s", fields=", ".join(names)) if names else ""


def _locale() -> Any:
    return get_locale() or "en"
