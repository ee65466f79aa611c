"""`python -m app.check`: models against migrations, and the catalogues; on a database of its own, thrown away after."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.frontend import parse_mapping_cfg
from babel.messages.pofile import read_po
from sqlalchemy import create_engine

from app.core import migrate
from app.core.servers import embedded
from app.tables import Base

ROOT = Path(__file__).resolve().parent.parent
KEYWORDS = {"_": None, "_l": None, "N_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2)}


def drift() -> list[str]:
    """What Alembic would change to make a freshly migrated database equal to the models."""
    with tempfile.TemporaryDirectory() as folder, embedded(Path(folder)) as servers:
        migrate.upgrade(servers.database_url)
        engine = create_engine(migrate.psycopg_url(servers.database_url))
        with engine.connect() as connection:
            found = migrate.differences(connection, Base.metadata)
        engine.dispose()
    return [f"Models and migrations differ: {difference!r}" for difference in found]


def texts() -> set[str]:
    """Every text on screen, in English: of code, of templates, and the names of tables, columns and choices."""
    with (ROOT / "babel" / "babel.cfg").open("rb") as file:
        methods, options = parse_mapping_cfg(BytesIO(file.read()).read().decode().splitlines())
    found = extract_from_dir(str(ROOT), methods, options, keywords=KEYWORDS)
    return {message if isinstance(message, str) else message[0] for _file, _line, message, *_ in found}


def catalogues() -> Iterator[tuple[str, Catalog]]:
    for path in sorted((ROOT / "translations").glob("*/LC_MESSAGES/messages.po")):
        with path.open("rb") as file:
            yield path.parent.parent.name, read_po(file)


def untranslated(wanted: set[str]) -> list[str]:
    """Texts without a translation, and translations with other placeholders than their text."""
    problems = []
    for language, catalogue in catalogues():
        for text in sorted(wanted):
            message = catalogue.get(text)
            if message is None or message.fuzzy or not all(_strings(message.string)):
                problems.append(f"{language}: no translation of {text!r}")
            else:
                problems += [f"{language}: {text!r}: {error}" for error in message.check(catalogue)]
    return problems


def _strings(string: str | list[str] | tuple[str, ...]) -> tuple[str, ...]:
    return (string,) if isinstance(string, str) else tuple(string)


if __name__ == "__main__":
    wrong = [*drift(), *untranslated(texts())]
    for problem in wrong:
        print(problem, file=sys.stderr)
    if wrong:
        sys.exit(1)
    print("Models and migrations agree; the catalogues are complete.")
