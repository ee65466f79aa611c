"""Secrets: sealed at rest, bound to their place, never shown, and a key can be replaced."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import text
from sqlalchemy.exc import StatementError
from sqlalchemy.orm import Session

from app.core import vault
from app.core.types import Secret
from app.core.vault import Vault, VaultError, Veiled
from app.mobile.models import MobilePushToken
from app.tables import ALL, MODELS
from config import Settings
from tests.smallest import form_of, smallest, values_for

PLAIN = "Bäcker's token 🔑 'quoted' %s \\ " + "long " * 200
SECRETS = [(table.name, c.name, c.type) for table in ALL.values() for c in table.columns if isinstance(c.type, Secret)]
# Those of tables beyond the document are looked after by the tests of what uses them.
SEALED = [(table, column) for table, column, kind in SECRETS if kind.store == "sealed" and table in MODELS]
HASHED = [(table, column) for table, column, kind in SECRETS if kind.store == "hashed" and table in MODELS]

AS_JSON = {"Accept": "application/json"}
every_sealed = pytest.mark.parametrize(("table", "column"), SEALED, ids=lambda value: value)


@pytest.fixture
def key_ring(settings: Settings) -> Iterator[None]:
    """A test may change the keys of this process; afterwards they are those of the settings."""
    yield
    vault.configure(settings.encryption_keys)


def stored(session: Session, table: str, column: str, key: Any) -> str:
    """What stands in the database, past the models."""
    return str(session.scalar(text(f'SELECT "{column}" FROM "{table}" WHERE id = :id'), {"id": key}))


def overwrite(session: Session, table: str, column: str, key: Any, value: str) -> None:
    session.execute(text(f'UPDATE "{table}" SET "{column}" = :value WHERE id = :id'), {"value": value, "id": key})
    session.expire_all()


def test_every_secret_is_bound_to_its_own_place() -> None:
    assert len(SECRETS) == 14
    assert {f"{table}.{column}": kind.purpose for table, column, kind in SECRETS} == {
        kind.purpose: kind.purpose for _table, _column, kind in SECRETS
    }


@every_sealed
def test_a_credential_rests_sealed_and_opens_again(session: Session, table: str, column: str) -> None:
    row = smallest(session, table, **{column: PLAIN})
    session.commit()
    session.expire_all()

    rests = stored(session, table, column, row.id)
    whole = session.execute(text(f'SELECT * FROM "{table}"')).mappings().all()

    assert rests.startswith("v1:") and rests.isascii()
    assert not any(
        part in str(whole) for part in ("Bäcker", "quoted", PLAIN, base64.b64encode(PLAIN.encode()).decode())
    )
    assert getattr(row, column) == Veiled(PLAIN)
    assert getattr(row, column).reveal() == PLAIN


@every_sealed
def test_the_same_credential_never_rests_as_the_same_text(session: Session, table: str, column: str) -> None:
    row = smallest(session, table, **{column: PLAIN})
    first = stored(session, table, column, row.id)

    setattr(row, column, Veiled("another"))
    session.flush()
    setattr(row, column, Veiled(PLAIN))
    session.flush()

    assert stored(session, table, column, row.id) not in (first, PLAIN)


def test_a_credential_that_is_moved_to_another_column_does_not_open(session: Session) -> None:
    row = smallest(session, "user_ms365_connections", access_token="one", refresh_token="two")
    moved = stored(session, "user_ms365_connections", "refresh_token", row.id)
    overwrite(session, "user_ms365_connections", "access_token", row.id, moved)

    with pytest.raises(VaultError, match=r"user_ms365_connections\.access_token was altered or belongs elsewhere"):
        row.access_token.reveal()


@pytest.mark.parametrize("broken", [0, 1, 2, 3, 4], ids=["a letter", "the end", "no base64", "nothing", "short"])
def test_an_altered_credential_does_not_open(broken: int) -> None:
    safe = Vault({"k": bytes(32)})
    sealed = safe.seal("secret", "a.b")
    head, body = sealed[: sealed.rindex(":") + 1], sealed[sealed.rindex(":") + 1 :]
    other = "A" if body[20] != "A" else "B"
    texts = [body[:20] + other + body[21:], body[:-8], "no base64 at all!", "", "AAAA"]

    assert safe.open(sealed, "a.b") == "secret"
    with pytest.raises(VaultError, match=r"Secret of a\.b was altered"):
        safe.open(head + texts[broken], "a.b")


@every_sealed
def test_nothing_and_an_empty_text_stay_what_they_are(session: Session, table: str, column: str) -> None:
    row = smallest(session, table, **{column: ""})
    session.expire_all()

    assert stored(session, table, column, row.id) == ""
    assert not getattr(row, column)
    if ALL[table].c[column].nullable:
        setattr(row, column, None)
        session.flush()
        session.expire_all()
        assert getattr(row, column) is None


def test_a_clear_text_of_a_person_with_psql_is_read_and_sealed_at_the_next_write(session: Session) -> None:
    row = smallest(session, "users")
    overwrite(session, "users", "sip_password", row.id, "by hand")

    read = row.sip_password.reveal()
    row.sip_password = Veiled("by form")
    session.flush()

    assert read == "by hand"
    assert stored(session, "users", "sip_password", row.id).startswith("v1:")


@pytest.mark.parametrize(("table", "column"), HASHED, ids=lambda value: value)
def test_a_hash_is_stored_as_it_is_given(session: Session, table: str, column: str) -> None:
    row = smallest(session, table)

    setattr(row, column, Veiled("$2b$10$abcdefghijklmnopqrstuv"))
    session.flush()
    session.expire_all()

    assert stored(session, table, column, row.id) == "$2b$10$abcdefghijklmnopqrstuv"
    assert getattr(row, column).reveal() == "$2b$10$abcdefghijklmnopqrstuv"


@pytest.mark.parametrize("code", ["483920", Veiled("483920"), ""], ids=["text", "veiled", "empty"])
def test_a_one_time_code_is_never_stored_and_the_refusal_does_not_repeat_it(session: Session, code: Any) -> None:
    values = values_for(session, "contract_signature_requests", otp_code=code)

    with pytest.raises(StatementError) as refused, session.begin_nested():
        session.add(MODELS["contract_signature_requests"](**values))
        session.flush()

    assert "contract_signature_requests.otp_code is never stored" in str(refused.value)
    assert "483920" not in str(refused.value)


def test_no_code_at_all_can_be_stored(session: Session) -> None:
    row = smallest(session, "contract_signature_requests", otp_code=None)

    assert session.scalar(text("SELECT otp_code IS NULL FROM contract_signature_requests")) is True
    assert row.otp_code is None


def test_a_veiled_secret_shows_itself_nowhere() -> None:
    secret, empty = Veiled("pa55word"), Veiled("")

    shown = [str(secret), repr(secret), f"{secret}", f"{secret!s} {secret!r}", f"{secret}",
             str([secret]), str({"secret": secret}), str({secret})]  # fmt: skip

    assert "pa55word" not in "".join(shown)
    assert (repr(secret), repr(empty)) == ("Veiled(set)", "Veiled(empty)")
    with pytest.raises(TypeError):
        format(secret, ">20")
    with pytest.raises(TypeError):
        json.dumps(secret)
    with pytest.raises(TypeError):
        vars(secret)
    assert (bool(secret), bool(empty)) == (True, False)


def test_veiled_secrets_are_equal_by_what_they_hide_and_to_nothing_else() -> None:
    assert Veiled("a") == Veiled("a") and hash(Veiled("a")) == hash(Veiled("a"))
    assert Veiled("a") != Veiled("b")
    assert Veiled("a") != "a"


def test_a_key_is_replaced_without_a_pause(session: Session, key_ring: None) -> None:
    old, new = os.urandom(32), os.urandom(32)
    vault.configure({"old": old})
    row = smallest(session, "user_ms365_connections", access_token="from before")
    vault.configure({"new": new, "old": old})
    session.expire_all()

    read = row.access_token.reveal()
    row.refresh_token = "from after"
    session.flush()

    assert read == "from before"
    assert stored(session, "user_ms365_connections", "access_token", row.id).startswith("v1:old:")
    assert stored(session, "user_ms365_connections", "refresh_token", row.id).startswith("v1:new:")
    row.access_token = Veiled("from now on")
    session.flush()
    vault.configure({"new": new})
    session.expire_all()
    assert (row.access_token.reveal(), row.refresh_token.reveal()) == ("from now on", "from after")


def test_a_lost_key_and_no_key_are_said_with_the_place_and_not_the_content(session: Session, key_ring: None) -> None:
    row = smallest(session, "user_ms365_connections", access_token="from before")
    vault.configure({"another": bytes(32)})
    session.expire_all()

    with pytest.raises(VaultError, match=r"^Secret of user_ms365_connections\.access_token was sealed with a key"):
        row.access_token.reveal()
    vault.configure({})
    with pytest.raises(StatementError, match="No encryption key is set: give ENCRYPTION_KEYS") as refused:
        smallest(session, "sip_settings", turn_password="pa55word")
    assert "pa55word" not in str(refused.value)


@every_sealed
@pytest.mark.parametrize("lost", [{}, {"another": bytes(32)}], ids=["no key", "another key"])
def test_a_record_whose_key_is_lost_opens_and_takes_another_secret(
    app: Flask, client: FlaskClient, session: Session, key_ring: None, table: str, column: str, lost: dict[str, bytes]
) -> None:
    """One lost key must not close a page, nor a list, nor the door to the person whose telephone it is about."""
    row = smallest(session, table, **{column: "from before"})
    session.commit()
    before = stored(session, table, column, row.id)
    vault.configure(lost)
    session.expire_all()

    pages = [client.get(f"/{table}/{page}") for page in (f"show/{row.id}", f"edit/{row.id}", "list/?all=1")]
    kept = client.post(f"/{table}/edit/{row.id}", data={**form_of(row), "version": row.row_version})
    session.expire_all()
    still = stored(session, table, column, row.id)
    refused = client.post(
        f"/{table}/edit/{row.id}",
        data={**form_of(row), "version": row.row_version, column: "fr0m n0w"},
        headers=AS_JSON,
    )

    assert [page.status_code for page in pages] == [200] * 3
    assert "from before" not in "".join(page.text for page in pages)
    assert ">Set<" in re.sub(r"\s+", "", pages[0].text) or not app.extensions["screens"][table].fields[column].secret
    assert (kept.status_code, still) == (302, before)
    if lost:
        assert refused.status_code == 302
        session.expire_all()
        assert getattr(row, column).reveal() == "fr0m n0w"
    else:
        assert refused.status_code == 503
        assert refused.json["message"].startswith("A stored credential cannot be used. Its encryption key is missing")
        assert "fr0m" not in refused.text


@pytest.mark.parametrize("token", ["device one", Veiled("device one")], ids=["text", "veiled"])
def test_a_device_is_known_again_by_the_fingerprint_of_its_token(session: Session, token: Any) -> None:
    row = smallest(session, "mobile_push_tokens", token=token)
    session.expire_all()

    assert row.token.reveal() == "device one"
    assert row.token_fingerprint == hashlib.sha256(b"device one").hexdigest()
    assert MobilePushToken(token=None).token_fingerprint is None
