"""Why a rule did not act, as sentences without personal data; stored in English, read in the reader's language."""

from __future__ import annotations

from flask_babel import gettext as _

from app.communication.reasons import pattern
from app.core.errors import DomainError, Unprocessable
from app.core.mail.reasons import N_
from app.pipeline.models import AutomationRunOutcome


class NotNow(Exception):
    """There is nothing to do, or the deal itself stands against it: that is no failure of the rule."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class Stopped(NotNow):
    """Rules set each other off: this one does not go on."""


_UNMET = N_("A condition is not met: %(name)s.")
_SHAPED = {
    sentence: pattern(sentence)
    for sentence in (
        N_("“%(stage)s” needs more about the deal first."),
        N_("The pipeline “%(name)s” takes no new deals."),
        N_("The pipeline “%(name)s” is for %(codes)s."),
        N_("Choose a stage of the pipeline “%(name)s”."),
        _UNMET,
    )
}


def said(refused: DomainError) -> str:
    """What a refusal says: of several fields the first sentence."""
    if isinstance(refused, Unprocessable) and refused.sentence == _("Some values cannot be saved."):
        return next((lines[0] for lines in (*refused.fields.values(), refused.general) if lines), refused.sentence)
    return refused.sentence


def told(stored: str | None) -> str:
    """A stored reason in words of the reader; "" for none."""
    if not stored:
        return ""
    for sentence, shape in _SHAPED.items():
        if found := shape.fullmatch(stored):
            values = found.groupdict()
            return _(sentence, **({"name": _(values["name"])} if sentence == _UNMET else values))
    return _(stored)


def label(outcome: AutomationRunOutcome) -> str:
    """The outcome in a word."""
    return {
        AutomationRunOutcome.done: _("Done"),
        AutomationRunOutcome.skipped: _("Not met"),
        AutomationRunOutcome.failed: _("Failed"),
        AutomationRunOutcome.stopped: _("Stopped"),
    }[outcome]
