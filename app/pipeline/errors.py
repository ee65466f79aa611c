"""Refusals about deals."""

from __future__ import annotations

from flask_babel import gettext as _

from app.core.errors import Conflict, DomainError, Unprocessable


class NotLikeThis(Unprocessable):
    """One field of a deal cannot have this value, for a reason that a person may read."""

    def __init__(self, field: str, sentence: str) -> None:
        super().__init__({field: [sentence]})
        self.args = (sentence,)


class StageOfOtherPipeline(NotLikeThis):
    """The stage is none of the deal's pipeline."""

    def __init__(self, pipeline: str) -> None:
        super().__init__("stage_id", _("Choose a stage of the pipeline “%(name)s”.", name=pipeline))


class NeedsReason(NotLikeThis):
    """A deal is not lost without a reason."""

    def __init__(self) -> None:
        super().__init__("lost_reason", _("Say why the deal was lost."))


class NeedsFields(Unprocessable):
    """The stage asks for fields that are empty. `names` are their columns."""

    def __init__(self, names: list[str], stage: str) -> None:
        sentence = _("“%(stage)s” needs this field.", stage=stage)
        super().__init__({name: [sentence] for name in names})
        self.names = names
        self.args = (_("“%(stage)s” needs more about the deal first.", stage=stage),)


class MovedMeanwhile(Conflict):
    """Somebody else moved the deal since the board was drawn. The sentence says who, where to and when."""


class WrongPlace(DomainError):
    """A place on the board that makes no sense."""

    def default(self) -> str:
        return _("This place on the board does not exist.")


class DoneAlready(DomainError):
    """The activity needs nothing more."""

    status = 409

    def default(self) -> str:
        return _("This activity is done already.")


class StillOpen(DomainError):
    """Only what is done is opened again."""

    status = 409

    def default(self) -> str:
        return _("This activity is open; there is nothing to reopen.")


class NotPossibleYet(DomainError):
    """Something is missing for a step; the sentence says what to do."""

    status = 422
