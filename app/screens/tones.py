"""One colour per meaning, whatever the table: green done, blue running, amber waiting, red lost, grey quiet.

Choices that tell a sort and no state ("Doctor", "Invoice") have no colour: a
colour that says nothing hides those that do.
"""

from __future__ import annotations

from app.screens.fields import Field

_TONES = {
    "green": "acquired active answered answered_call completed consent_granted delivered editable granted "
             "granted_consent in_progress_done paid positive published qualified realized signed success visible won",
    "blue": "contacted generated in_progress inbound initiated open otp_sent otp_verified processing readonly ringing "
            "scheduled sent viewed warm",
    "amber": "busy callback_scheduled callback_set duplicate high hot negative paused pending pending_signature "
             "postponed voicemail waiting warning",
    "red": "angry cancelled consent_revoked critical delete denied expired failed hidden login_failed lost no_answer "
           "no_interest not_interested not_realized overdue terminated urgent",
    "grey": "archived cold draft inactive low medium neutral none normal off outbound potential",
}  # fmt: skip
TONES = {value: tone for tone, values in _TONES.items() for value in values.split()}
# Fields that tell a sort: a word that is a state elsewhere ("qualified", "hidden") is none here.
SORTS = {"action_type", "auth_method", "signature_mode", "trigger_type", "type"}


def tone_of(value: str) -> str:
    return TONES.get(value, "")


def tone_in(f: Field, value: str) -> str:
    """The colour of a choice in a field."""
    return "" if f.name in SORTS else tone_of(value)
