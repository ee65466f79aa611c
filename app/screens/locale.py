"""Which language and which time zone a page is in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from typing import Any

from babel import Locale
from babel.support import NullTranslations
from flask import Flask, current_app, g, has_request_context, request, session
from flask_babel import Babel, Domain, format_decimal, get_locale
from jinja2 import pass_eval_context
from jinja2.nodes import EvalContext
from markupsafe import Markup
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header

from app.core.viewer import current_viewer
from config import LANGUAGES as SPOKEN
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
_SEPARATED = 1_000  # smaller numbers look the same everywhere
MOST_DRAWN = 20_000  # texts of one language; templates hold some thousands
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
    wished = _wished(request.headers.get("Accept-Language", ""), tuple(languages))
    return wished or str(current_app.config["BABEL_DEFAULT_LOCALE"])


@lru_cache(maxsize=512)
def _wished(header: str, languages: tuple[str, ...]) -> str | None:
    """Which of the languages a browser asks for."""
    return parse_accept_header(header, LanguageAccept).best_match(languages)


class Texts(Domain):
    """The catalogues of the house. A page asks for hundreds of texts: the catalogue of a language is looked up once."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[str, Spoken] = {}

    def get_translations(self) -> NullTranslations:
        return self.spoken().catalogue

    def ngettext(self, singular: str, plural: str, num: Any, **values: Any) -> str:
        """As Flask-Babel has it, but a number in a text is written as this language writes numbers."""
        values.setdefault("num", written(num))
        return str(self.get_translations().ngettext(singular, plural, num) % values)

    def spoken(self) -> Spoken:
        """What is known of the language of this moment; kept beside the locale, and looked up again when it changes."""
        try:
            # Where Flask-Babel keeps the locale of this moment, without a proxy for each of hundreds of questions.
            here = g._get_current_object()._flask_babel
        except (AttributeError, RuntimeError):
            here = None
        locale = getattr(here, "babel_locale", None) or get_locale()
        kept: tuple[Locale, Spoken] | None = getattr(here, "house_spoken", None)
        if kept is not None and kept[0] is locale:
            return kept[1]
        key = str(locale)
        found = self._known.get(key)
        if found is None:
            found = Spoken(super().get_translations(), locale)
            if locale is not None:
                self._known[key] = found
        if here is not None:
            here.house_spoken = (locale, found)
        return found


class Spoken:
    """One language: its catalogue, and the texts of pages that were asked for, ready to be drawn."""

    def __init__(self, catalogue: NullTranslations, locale: Locale | None) -> None:
        self.catalogue = catalogue
        self.locale = locale
        self.code = str(locale)
        self.language = "en" if locale is None else locale.language
        self.drawn: dict[str, Markup] = {}


TEXTS = Texts()


@pass_eval_context
def drawn_text(context: EvalContext, message: str, /, **values: Any) -> str:
    """`_` for templates: like Jinja's own, but a text without values is translated and marked safe only once."""
    spoken = TEXTS.spoken()
    if values or not context.autoescape:
        told = spoken.catalogue.gettext(message)
        return (Markup(told) if context.autoescape else told) % values
    found = spoken.drawn.get(message)
    if found is None:
        found = Markup(spoken.catalogue.gettext(message)) % ()
        if len(spoken.drawn) < MOST_DRAWN:
            spoken.drawn[message] = found
    return found


@pass_eval_context
def drawn_number_text(context: EvalContext, singular: str, plural: str, number: Any, /, **values: Any) -> str:
    """`ngettext` for templates, with the number as this language writes numbers."""
    told = TEXTS.spoken().catalogue.ngettext(singular, plural, number)
    values.setdefault("num", written(number))
    return (Markup(told) if context.autoescape else told) % values


def written(number: Any) -> Any:
    """A count as this language writes it, such as 10,000; what is no count yet stays as it is."""
    return format_decimal(number) if isinstance(number, int) and abs(number) >= _SEPARATED else number


def said(text: str) -> str:
    """A text that is data, such as the label of a field, in the language of the page; a page has hundreds of them."""
    return str(TEXTS.spoken().catalogue.gettext(text)) if text else ""


def helped(text: str) -> str:
    """Help under a field in the language of the page; none rather than a foreign one."""
    there = said(text)
    return there if there != text or TEXTS.spoken().language == "en" else ""


def within(label: str) -> str:
    """A translated label inside a sentence: in lower case, except in German, where nouns keep their capital."""
    return label if TEXTS.spoken().language == "de" else label.lower()


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
    app.config["LANGUAGES"] = SPOKEN
    Babel(app, locale_selector=_said_locale, timezone_selector=lambda: _said.get()[1])
    return app


def _said_locale() -> str:
    """As `choose_locale` has it: English writes dates as in Britain, unless it is spoken in America."""
    language, zone = _said.get()
    return language if language != "en" else "en_US" if zone == ZONES["US"] else "en_GB"
