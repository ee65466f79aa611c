"""Pages on which e-mails are written, followed and sent again, and addresses are let go."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.access.models import RoleFieldPermission, User
from app.communication import reasons, services
from app.communication.models import BadAddress, CommunicationMessage, MessageSending
from app.communication.rules import Draft
from app.core.mail import port
from app.core.mail.port import WaitingMailer
from app.core.types import utc_now
from app.customers.models import Customer
from app.screens.locale import speaking
from tests.conftest import logged_in, make_user
from tests.mailserver import HOUSE, Post, mailer_for, post_office
from tests.outbox import work_off
from tests.places import placed
from tests.test_rights_pages import make_role

pytestmark = pytest.mark.usefixtures("without_csrf")
JSON = {"Accept": "application/json"}


@pytest.fixture(autouse=True)
def post() -> Iterator[Post]:
    with post_office() as post:
        before = port.use(mailer_for(post.port))
        yield post
        port.use(before)


@pytest.fixture
def jana(session: Session) -> Customer:
    found: Customer = placed(session, "customers", "SK", first_name="Jana", last_name="Malá", email="jana@example.com")
    session.commit()
    return found


def clerk(app: Flask, session: Session, name: str, messages: str = "vae", country: str = "SK",
          hidden: tuple[tuple[str, str], ...] = ()) -> FlaskClient:  # fmt: skip
    """A browser of somebody with these rights on messages in one country; customers may be read."""
    role = make_role(session, name, {"communication_messages": messages, "customers": "v"})
    role.role_field_permissions = [
        RoleFieldPermission(module_key=module, field_key=field, permission="hidden") for module, field in hidden
    ]
    user = make_user(session, name, role=role, assigned_countries=[country])
    session.commit()
    return logged_in(app, user)


def form(customer: Customer | None = None, **more: str) -> dict[str, str]:
    return {"customer_id": customer.id if customer else "", "recipient_email": "jana@example.com", "language": "sk",
            "subject": "Zmluva", "content": "Dobrý deň", "form_key": "k1", **more}  # fmt: skip


def messages(session: Session) -> list[CommunicationMessage]:
    session.expire_all()
    return list(session.scalars(select(CommunicationMessage).order_by(CommunicationMessage.created_at)))


def failed(session: Session, customer: Customer, post: Post) -> CommunicationMessage:
    post.rcpt["jana@example.com"] = "550 5.1.1 no such user"
    message = services.write_email(
        session, Draft("jana@example.com", "Zmluva", "Dobrý deň", "sk"), customer=customer, now=utc_now()
    )
    work_off(session)
    post.rcpt.clear()
    assert message.status == "failed"
    return message


# Write --------------------------------------------------------------------------


def test_the_form_knows_address_and_language_of_the_customer(app: Flask, session: Session, jana: Customer) -> None:
    page = clerk(app, session, "petra").get(f"/mail/write?customer={jana.id}")

    assert page.status_code == 200
    assert 'value="jana@example.com"' in page.text and "Jana Malá" in page.text
    assert '<option value="sk" selected>' in page.text


def test_a_sent_form_is_an_email_that_leaves(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    browser = clerk(app, session, "petra")

    answer = browser.post("/mail/write", data=form(jana))
    (message,) = messages(session)
    waiting = browser.get(answer.location)
    work_off(session)
    done = browser.get(answer.location)

    assert answer.status_code == 302 and answer.location == f"/mail/{message.id}"
    assert "Waiting to be sent" in waiting.text and "data-watch" in waiting.text
    assert post.taken[0]["To"] == "jana@example.com" and str(post.taken[0]["Reply-To"]) == "Petra <petra@example.com>"
    assert "250 2.0.0 OK queued as 4711" in done.text and "data-watch" not in done.text
    assert "/again" not in done.text and f'<a href="/customers/show/{jana.id}">Jana Malá</a>' in done.text
    petra = session.scalars(select(User.id).where(User.username == "petra")).one()
    assert (message.customer_id, message.user_id) == (jana.id, petra)


def test_a_form_that_is_sent_twice_is_one_email(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "petra")

    locations = {browser.post("/mail/write", data=form(jana)).location for _click in range(3)}

    assert len(locations) == 1 and len(messages(session)) == 1


def test_without_an_address_the_one_of_the_customer_is_taken(app: Flask, session: Session, jana: Customer) -> None:
    clerk(app, session, "petra").post("/mail/write", data=form(jana, recipient_email=""))

    assert messages(session)[0].recipient_email == "jana@example.com"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("recipient_email", "nobody", "“nobody” is not an e-mail address."),
        ("recipient_email", "a@example.com\r\nBcc: b@example.com", "The e-mail address holds a line break"),
        ("subject", "Hello\r\nBcc: b@example.com", "The subject holds a line break"),
        ("subject", "", "This field is required."),
        ("content", "", "This field is required."),
        ("customer_id", "none", "This record does not exist, or you have no access to it."),
    ],
)
def test_what_is_wrong_is_said_at_its_field_and_nothing_typed_is_lost(
    app: Flask, session: Session, field: str, typed: str, sentence: str
) -> None:
    answer = clerk(app, session, "petra").post("/mail/write", data=form(content="Dobrý deň <3") | {field: typed})

    assert answer.status_code == 422
    assert sentence in answer.text and f'id="e-{field}"' in answer.text
    assert field == "content" or "Dobrý deň &lt;3" in answer.text
    assert messages(session) == []


def test_a_customer_of_another_country_is_unknown(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "czech", country="CZ")

    answers = [
        browser.get(f"/mail/write?customer={jana.id}"),
        browser.get(f"/mail/customer.json?id={jana.id}"),
        browser.post("/mail/write", data=form(jana)),
        browser.post("/mail/preview", data=form(jana), headers=JSON),
    ]

    assert [answer.status_code for answer in answers] == [404, 404, 422, 422]
    assert all(
        "Malá" not in answer.text and "jana@example.com" not in answer.text
        for answer in (answers[0], answers[1], answers[3])
    )
    assert messages(session) == []


@pytest.mark.parametrize("rights", ["v", "ve"])
def test_who_may_not_add_messages_writes_none(app: Flask, session: Session, jana: Customer, rights: str) -> None:
    browser = clerk(app, session, "reader", rights)

    codes = [browser.get("/mail/write").status_code, browser.post("/mail/write", data=form(jana)).status_code,
             browser.post("/mail/preview", data=form(jana)).status_code]  # fmt: skip

    assert codes == [403, 403, 403]
    assert messages(session) == []
    assert "Write e-mail" not in browser.get("/communication_messages/list/").text
    assert "Write e-mail" not in browser.get(f"/customers/show/{jana.id}").text


@pytest.mark.parametrize("field", ["recipient_email", "subject", "content"])
def test_who_may_not_fill_in_a_field_writes_none(app: Flask, session: Session, field: str) -> None:
    browser = clerk(app, session, "petra", hidden=(("communication_messages", field),))

    assert browser.post("/mail/write", data=form()).status_code == 403


def test_a_hidden_address_of_customers_is_not_filled_in(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "petra", hidden=(("customers", "email"),))

    page = browser.get(f"/mail/write?customer={jana.id}")
    found = browser.get(f"/mail/customer.json?id={jana.id}").json
    blind = browser.post("/mail/write", data=form(jana, recipient_email=""))

    assert "jana@example.com" not in page.text
    assert found == {"recipient_email": "", "language": "sk"}
    assert blind.status_code == 422 and messages(session) == []


def test_writing_is_offered_where_one_looks_for_it(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "petra")

    assert 'href="/mail/write"' in browser.get("/communication_messages/list/").text
    assert f'href="/mail/write?customer={jana.id}"' in browser.get(f"/customers/show/{jana.id}").text


def test_the_preview_is_the_letter_and_writes_nothing(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "petra")

    shown = browser.post("/mail/preview", data=form(jana, content="Dear <script>alert(1)</script>"), headers=JSON)

    assert shown.status_code == 200
    assert "Dear &lt;script&gt;" in shown.json["html"] and "<style" not in shown.json["html"]
    assert shown.json["sender"] == f"Petra <{HOUSE.email}>"
    assert messages(session) == []


def test_a_house_without_a_mail_server_says_so_where_one_writes(
    app: Flask, session: Session, jana: Customer, post: Post
) -> None:
    message = failed(session, jana, post)
    port.use(WaitingMailer(HOUSE, "indexus.example"))
    browser = clerk(app, session, "petra")

    for page in ("/mail/write", f"/mail/{message.id}"):
        assert "No mail server is configured: e-mails wait and nothing leaves." in browser.get(page).text


# One e-mail ------------------------------------------------------------------------


def test_a_failed_email_says_why_and_can_be_tried_again(
    app: Flask, session: Session, jana: Customer, post: Post
) -> None:
    message = failed(session, jana, post)
    browser = clerk(app, session, "petra")

    page = browser.get(f"/mail/{message.id}")
    browser.post("/mail/addresses/clear", data={"address": "jana@example.com"})
    again = browser.post(f"/mail/{message.id}/again", data={"version": message.row_version})
    work_off(session)

    assert "The address takes no e-mail: 550 5.1.1 no such user" in page.text
    assert f'action="/mail/{message.id}/again"' in page.text
    assert again.status_code == 302
    assert messages(session)[0].status == "sent" and len(post.taken) == 1
    twice = browser.post(f"/mail/{message.id}/again", headers=JSON)
    assert (twice.status_code, twice.json["message"]) == (
        409,
        "This message has left already, or is no e-mail of ours.",
    )


def test_the_state_changes_when_something_has_happened(app: Flask, session: Session, jana: Customer) -> None:
    browser = clerk(app, session, "petra")
    place = browser.post("/mail/write", data=form(jana)).location

    before = browser.get(f"{place}/state.json").json
    same = browser.get(f"{place}/state.json").json
    work_off(session)

    assert before == same != browser.get(f"{place}/state.json").json


def test_a_message_noted_by_hand_can_be_sent(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    row = {"type": "email", "subject": "Zmluva", "content": "Text", "recipient_email": "jana@example.com"}
    message = CommunicationMessage(customer_id=jana.id, **row)
    session.add(message)
    session.commit()
    browser = clerk(app, session, "petra")

    page = browser.get(f"/mail/{message.id}")
    browser.post(f"/mail/{message.id}/again")
    work_off(session)

    assert "This message was noted by hand. Nobody has sent it." in page.text
    assert post.taken[0]["Subject"] == "Zmluva"
    assert session.get(MessageSending, message.id).language == "sk"


def test_an_email_of_another_country_is_unknown(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    message = failed(session, jana, post)
    browser = clerk(app, session, "czech", country="CZ")

    codes = [browser.get(f"/mail/{message.id}").status_code, browser.get(f"/mail/{message.id}/state.json").status_code,
             browser.post(f"/mail/{message.id}/again").status_code]  # fmt: skip

    assert codes == [404, 404, 404]


def test_who_may_not_edit_does_not_send_again(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    message = failed(session, jana, post)
    browser = clerk(app, session, "reader", "va")

    assert "/again" not in browser.get(f"/mail/{message.id}").text
    assert browser.post(f"/mail/{message.id}/again").status_code == 403


@pytest.mark.parametrize(
    ("field", "secret"),
    [("subject", "Zmluva"), ("content", "Dobrý deň"), ("recipient_email", "jana@example.com"),
     ("error_message", "The address takes no e-mail"), ("external_id", "&lt;{id}@indexus.example&gt;")],
)  # fmt: skip
def test_a_hidden_field_is_not_told_here_either(
    app: Flask, session: Session, jana: Customer, post: Post, field: str, secret: str
) -> None:
    message = failed(session, jana, post)
    everybody = clerk(app, session, "petra")
    browser = clerk(app, session, "blind", hidden=(("communication_messages", field),))

    secret = secret.format(id=message.id)
    assert secret in everybody.get(f"/mail/{message.id}").text
    assert secret not in browser.get(f"/mail/{message.id}").text


def test_why_an_email_did_not_leave_is_told_in_the_language_of_the_reader(
    app: Flask, session: Session, jana: Customer, post: Post
) -> None:
    message = failed(session, jana, post)
    browser = clerk(app, session, "petra")
    english = browser.get(f"/mail/{message.id}").text
    with browser.session_transaction() as cookie:
        cookie["locale"] = "sk"

    slovak = browser.get(f"/mail/{message.id}").text

    assert "The address takes no e-mail: 550" in english
    assert "The address takes no e-mail" not in slovak
    assert "Adresa neprijíma e-maily: 550" in slovak


@pytest.mark.parametrize("language", ["sk", "cs", "de", "hu", "it", "ro"])
@pytest.mark.parametrize("sentence", [*reasons.KNOWN, "The mail server does not answer in time."])
def test_every_stored_reason_is_known_again(language: str, sentence: str) -> None:
    values = dict.fromkeys(("answer", "reason", "most"), "550 5.1.1 <a@b.sk>: not here (100 %)\nat all")
    stored = sentence % values if "%(" in sentence else sentence

    with speaking(language, "Europe/Bratislava"):
        told = reasons.told(stored)
        strange = reasons.told("what an older system wrote: %(answer)s 100 %")

    assert told != stored
    assert ("(100 %)" in told) == ("%(" in sentence)
    assert strange == "what an older system wrote: %(answer)s 100 %"


def test_a_hidden_name_of_a_customer_is_not_told_here_either(
    app: Flask, session: Session, jana: Customer, post: Post
) -> None:
    message = failed(session, jana, post)
    browser = clerk(app, session, "blind", hidden=(("customers", "last_name"),))

    pages = [browser.get(f"/mail/{message.id}").text, browser.get(f"/mail/write?customer={jana.id}").text]

    assert all("Jana" in page and "Malá" not in page for page in pages)


# Addresses -----------------------------------------------------------------------------


def test_refused_addresses_are_listed_and_let_go(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    failed(session, jana, post)
    browser = clerk(app, session, "petra")

    listed = browser.get("/mail/addresses")
    searched = browser.get("/mail/addresses?q=nobody")
    cleared = browser.post("/mail/addresses/clear", data={"address": "jana@example.com"})

    assert "jana@example.com" in listed.text and "550 5.1.1 no such user" in listed.text
    assert "jana@example.com" not in searched.text.replace('value="nobody"', "")
    assert cleared.status_code == 302
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 0
    assert "No address has been refused" in browser.get("/mail/addresses").text


def test_a_refused_address_is_seen_by_those_who_see_the_message(
    app: Flask, session: Session, jana: Customer, post: Post
) -> None:
    failed(session, jana, post)
    czech = clerk(app, session, "czech", country="CZ")

    assert "jana@example.com" not in czech.get("/mail/addresses").text
    assert czech.post("/mail/addresses/clear", data={"address": "jana@example.com"}, headers=JSON).status_code == 404
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 1


def test_whoever_meets_the_block_can_lift_it_for_all(app: Flask, session: Session, jana: Customer, post: Post) -> None:
    failed(session, jana, post)
    karel = placed(session, "customers", "CZ", email="jana@example.com")
    czech = clerk(app, session, "czech", country="CZ")
    czech.post("/mail/write", data=form(karel))
    work_off(session)

    listed = czech.get("/mail/addresses").text
    czech.post("/mail/addresses/clear", data={"address": "jana@example.com"})

    assert "jana@example.com" in listed
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 0


@pytest.mark.parametrize(
    ("rights", "hidden", "code"), [("v", (), 200), ("vae", (("communication_messages", "recipient_email"),), 403)]
)
def test_the_list_of_addresses_needs_the_right_to_see_addresses(
    app: Flask, session: Session, jana: Customer, post: Post, rights: str, hidden: Any, code: int
) -> None:
    failed(session, jana, post)
    browser = clerk(app, session, "reader", rights, hidden=hidden)

    assert browser.get("/mail/addresses").status_code == code
    assert browser.post("/mail/addresses/clear", data={"address": "jana@example.com"}).status_code == 403
    assert session.scalar(select(func.count()).select_from(BadAddress)) == 1


# Doors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("method", "address"),
    [("GET", "/mail/write"), ("POST", "/mail/write"), ("POST", "/mail/preview"), ("GET", "/mail/customer.json?id=1"),
     ("GET", "/mail/1"), ("GET", "/mail/1/state.json"), ("POST", "/mail/1/again"), ("GET", "/mail/addresses"),
     ("POST", "/mail/addresses/clear")],
)  # fmt: skip
def test_no_page_opens_without_the_module(app: Flask, session: Session, method: str, address: str) -> None:
    stranger = make_user(session, "stranger", role=make_role(session, "Strangers", {"customers": "v"}))
    session.commit()

    assert logged_in(app, stranger).open(address, method=method, headers=JSON).status_code == 403
    assert app.test_client().open(address, method=method).status_code in (302, 401)


@pytest.mark.parametrize(
    "address", ["/mail/none", "/mail/none/state.json", "/mail/write?customer=none", "/mail/%00", "/mail/" + "x" * 3000]
)
def test_what_does_not_exist_is_not_found(client: FlaskClient, address: str) -> None:
    assert client.get(address, headers=JSON).status_code in (400, 404)
