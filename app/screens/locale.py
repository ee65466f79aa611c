"""Which language and which time zone a page is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, has_request_context, request, session
from flask_babel import Babel, Domain, get_locale
from flask_babel import gettext as _

from app.core.viewer import current_viewer
from config import ROOT

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
LANGUAGES = {"SK": "sk", "CZ": "cs", "HU": "hu", "RO": "ro", "IT": "it", "DE": "de", "CH": "de"}
_said: ContextVar[tuple[str, str]] = ContextVar("language_and_zone", default=("en", "UTC"))


def choose_locale() -> str:
    """Language and number format: English writes dates as in Britain, unless one works for the US alone."""
    language = chosen_language()
    if language != "en" or not has_request_context():
        return language
    return "en_US" if current_viewer().countries == ("US",) else "en_GB"


def chosen_language() -> str:
    """The language chosen on the page, else the browser's wish, else English."""
    if not has_request_context():
        return _said.get()[0]
    languages = current_app.config["LANGUAGES"]
    chosen = session.get("locale")
    if chosen in languages:
        return str(chosen)
    return request.accept_languages.best_match(list(languages)) or str(current_app.config["BABEL_DEFAULT_LOCALE"])


class Texts(Domain):
    """The catalogues of the house. A page asks for hundreds of texts: the catalogue of a language is looked up once."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[Locale, NullTranslations] = {}

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        found = self._known.get(locale)
        if found is None:
            found = super().get_translations()
            if locale is not None:
                self._known[locale] = found
        return found


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
    """The zone of somebody who works in these countries; of head office for several."""
    return ZONES.get(countries[0], HOME) if len(countries) == 1 else HOME


def language_of(wish: str | None, countries: Sequence[str]) -> str:
    """The language of somebody who is not there to choose: the last one chosen, else that of the only country."""
    wanted = wish or (LANGUAGES.get(countries[0], "en") if len(countries) == 1 else "en")
    there = (ROOT / "translations" / wanted / "LC_MESSAGES" / "messages.po").is_file() if wanted.isalpha() else False
    return wanted if there else "en"


@contextmanager
def speaking(language: str, zone: str) -> Iterator[None]:
    """Without a request: texts, dates and numbers within the block are in this language, times in this zone."""
    token = _said.set((language, zone))
    try:
        with _voice().app_context():
            yield
    finally:
        _said.reset(token)


@lru_cache(maxsize=1)
def _voice() -> Flask:
    """What Flask-Babel asks for language and zone where there is no application, as in a worker."""
    app = Flask("app", static_folder=None)
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(ROOT / "translations")
    Babel(app, locale_selector=_said_locale, timezone_selector=lambda: _said.get()[1])
    return app


def _said_locale() -> str:
    """As `choose_locale` has it: English writes dates as in Britain, unless it is spoken in America."""
    language, zone = _said.get()
    return language if language != "en" else "en_US" if zone == ZONES["US"] else "en_GB"
