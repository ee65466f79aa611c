"""Letters: a template with a text and an HTML part, in the language of whoever reads it.

`mail/<name>.txt` holds the subject in its first line, then a blank line, then the text; `mail/<name>.html` extends
`mail/layout.html`. Needs no request and no application: workers write letters, too. Templates are logic-light: values
come formatted, and everything in HTML is escaped unless it is `Markup`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from gettext import NullTranslations
from typing import Any

from babel.support import Translations
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from config import APP_NAME, ROOT

LANGUAGES = ("en", "sk", "cs", "de", "hu", "ro", "it")
FALLBACK = "en"
_STYLES = re.compile(r"<style>.*?</style>", re.DOTALL)
_language: ContextVar[str] = ContextVar("language_of_letters", default=FALLBACK)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str


def spoken(language: str) -> str:
    """The language a letter will be in: the wanted one where we write it ("de_AT" is "de"), else English."""
    plain = language.replace("-", "_").partition("_")[0].lower()
    return plain if plain in LANGUAGES else FALLBACK


@lru_cache(maxsize=16)
def _catalogue(language: str) -> NullTranslations:
    found: NullTranslations = Translations.load(str(ROOT / "translations"), [language], "messages")
    return found


@contextmanager
def writing(language: str) -> Iterator[str]:
    """Within the block letters are in that language; gives the one that is really written."""
    token = _language.set(spoken(language))
    try:
        yield _language.get()
    finally:
        _language.reset(token)


def gettext(text: str, **values: Any) -> str:
    """A text in the language of the letter that is being written."""
    found = _catalogue(_language.get()).gettext(text)
    return found % values if values else found


def ngettext(one: str, many: str, number: int, **values: Any) -> str:
    return _catalogue(_language.get()).ngettext(one, many, number) % {"num": number, **values}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    made = Environment(
        loader=FileSystemLoader(ROOT / "app" / "templates"),
        autoescape=select_autoescape(["html"], default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        extensions=["jinja2.ext.i18n"],
    )
    made.install_gettext_callables(  # type: ignore[attr-defined]  # the extension adds it
        lambda text: _catalogue(_language.get()).gettext(text),
        lambda one, many, number: _catalogue(_language.get()).ngettext(one, many, number),
        newstyle=True,
    )
    return made


def on_screen(html: str) -> str:
    """A letter for one of our own pages, which refuses style sheets and gives letters a light ground."""
    return _STYLES.sub("", html).replace('content="light dark"', 'content="light"')


def write(name: str, language: str, /, **values: Any) -> Letter:
    """The letter `mail/<name>` with these values."""
    with writing(language) as real:
        given = {"language": real, "app_name": APP_NAME, **values}
        plain = _templates().get_template(f"mail/{name}.txt").render(given)
        subject, _blank, text = plain.partition("\n")
        given["subject"] = " ".join(subject.split())
        html = _templates().get_template(f"mail/{name}.html").render(given)
    return Letter(given["subject"], text.strip() + "\n", html)
