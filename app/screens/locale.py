"""Which language and which time zone a page is in."""

from __future__ import annotations

from collections.abc import Sequence

from flask import current_app, has_request_context, request, session
from flask_babel import gettext as _

from app.core.viewer import current_viewer

ZONES = {
    "SK": "Europe/Bratislava",
    "CZ": "Europe/Prague",
    "HU": "Europe/Budapest",
    "RO": "Europe/Bucharest",
    "IT": "Europe/Rome",
    "DE": "Europe/Berlin",
    "US": "America/New_York",
    "CH": "Europe/Zurich",
}
HOME = "Europe/Bratislava"


def choose_locale() -> str:
    """Language and number format: English writes dates as in Britain, unless one works for the US alone."""
    language = chosen_language()
    if language != "en" or not has_request_context():
        return language
    return "en_US" if current_viewer().countries == ("US",) else "en_GB"


def chosen_language() -> str:
    """The language chosen on the page, else the browser's wish, else English."""
    if not has_request_context():
        return str(current_app.config["BABEL_DEFAULT_LOCALE"])
    languages = current_app.config["LANGUAGES"]
    chosen = session.get("locale")
    if chosen in languages:
        return str(chosen)
    return request.accept_languages.best_match(list(languages)) or str(current_app.config["BABEL_DEFAULT_LOCALE"])


def helped(text: str) -> str:
    """Help under a field in the language of the page; none rather than a foreign one."""
    there = str(_(text)) if text else ""
    return there if there != text or chosen_language() == "en" else ""


def within(label: str) -> str:
    """A translated label inside a sentence: in lower case, except in German, where nouns keep their capital."""
    return label if chosen_language() == "de" else label.lower()


def choose_zone() -> str:
    """The zone of the viewer's country; of head office for people with several."""
    return zone_of(current_viewer().countries or ()) if has_request_context() else "UTC"


def zone_of(countries: Sequence[str]) -> str:
    """The zone of somebody with these countries."""
    return ZONES.get(countries[0], HOME) if len(countries) == 1 else HOME
