"""Pages about e-mails: write one, see whether it has left, and the addresses that take none."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import uuid4

from flask import Response, current_app, flash, jsonify, redirect, render_template, request
from flask_appbuilder import BaseView
from flask_appbuilder.baseviews import expose
from flask_babel import format_datetime
from flask_babel import gettext as _
from flask_login import login_required
from sqlalchemy.orm import Session

from app.access.models import User
from app.communication import queries, reasons, rules, services
from app.communication.jobs import framed, letter_of
from app.communication.models import BadAddress, CommunicationMessage, CommunicationMessageStatus, MessageSending
from app.communication.queries import Sender
from app.communication.rules import Draft
from app.core.db import current_session, transaction
from app.core.errors import Conflict, DomainError, Forbidden, NotFound, Unprocessable
from app.core.html import html_of
from app.core.mail import port
from app.core.mail.letters import LANGUAGES, on_screen
from app.core.mail.recording import RecordingMailer
from app.core.scope import may_change
from app.core.types import utc_now
from app.core.viewer import SYSTEM, Right, Viewer, current_viewer, visible
from app.customers.models import Customer
from app.screens import query
from app.screens.page import Link
from app.screens.shell import crumbs

MESSAGES, CUSTOMERS = "communication_messages", "customers"
_FIELDS = ("customer_id", "recipient_email", "subject", "content")
_TONES = {"pending": "amber", "sent": "blue", "delivered": "green", "failed": "red"}
_LONGEST_SEARCH = 200


class MailView(BaseView):
    """`/mail/write`, `/mail/<id>`, `/mail/addresses`."""

    route_base = "/mail"
    default_view = "addresses"

    # Write --------------------------------------------------------------------

    @expose("/write", methods=["GET", "POST"])
    @login_required
    def write(self) -> Any:
        viewer = _writer()
        if request.method == "GET":
            return self._form(viewer, _prefilled(viewer, request.args.get("customer", "")))
        typed = {name: request.form.get(name, "").strip() for name in (*_FIELDS, "language", "form_key")}
        try:
            with transaction(by=viewer) as session:
                customer = _customer(viewer, typed["customer_id"])
                draft = Draft(typed["recipient_email"] or _first_address(viewer, customer), typed["subject"],
                              typed["content"], _language(typed["language"]))  # fmt: skip
                message = services.write_email(
                    session, draft, customer=customer, user=session.get(User, viewer.user_id),
                    reference=f"form:{viewer.user_id}:{typed['form_key'][:64]}" if typed["form_key"] else None,
                    now=utc_now(),
                )  # fmt: skip
                key = message.id
        except Unprocessable as unfit:
            return self._form(viewer, typed, unfit.fields), 422
        flash(_("The e-mail is on its way."), "success")
        return redirect(f"/mail/{key}")

    def _form(self, viewer: Viewer, typed: dict[str, str], errors: dict[str, list[str]] | None = None) -> str:
        crumbs(Link(_("Messages"), f"/{MESSAGES}/list/"), Link(_("Write e-mail")))
        languages: dict[str, Any] = current_app.config["LANGUAGES"]
        try:
            customer = _customer(viewer, typed.get("customer_id", ""))
        except DomainError:
            customer = None
        return render_template(
            "communication/write.html",
            typed={"form_key": str(uuid4()), **typed},
            errors=errors or {},
            customer=customer,
            customer_name=_name(viewer, customer.id if customer else None),
            back=f"/{CUSTOMERS}/show/{customer.id}" if customer else f"/{MESSAGES}/list/",
            sees_customers=viewer.sees(CUSTOMERS) and viewer.field(MESSAGES, "customer_id") is Right.editable,
            offered=[(code, languages[code]["name"] if code in languages else code) for code in LANGUAGES],
            warning=port.current().warning,
            me=viewer.email,
        )

    @expose("/customer.json", methods=["GET"])
    @login_required
    def customer(self) -> Response:
        """What follows from a chosen customer: address and language."""
        viewer = _writer()
        found = _prefilled(viewer, request.args.get("id", ""))
        return jsonify(recipient_email=found["recipient_email"], language=found["language"])

    @expose("/preview", methods=["POST"])
    @login_required
    def preview(self) -> Response:
        """How the e-mail of the form would look. Writes nothing."""
        viewer, session = _writer(), current_session()
        customer = _customer(viewer, request.form.get("customer_id", ""))
        sender = _sender(session, customer, session.get(User, viewer.user_id), automatic=False)
        subject = " ".join(request.form.get("subject", "").split())
        text = request.form.get("content", "")[: rules.LONGEST_TEXT]
        letter = framed(subject, text, html_of(text), sender, _language(request.form.get("language", "")),
                        automatic=False)  # fmt: skip
        return jsonify(html=on_screen(letter.html), sender=_shown(sender), subject=letter.subject)

    # One e-mail ----------------------------------------------------------------

    @expose("/<message_id>", methods=["GET"])
    @login_required
    def show(self, message_id: str) -> str:
        viewer, session = _reader(), current_session()
        message = _message(viewer, message_id)
        sending = session.get(MessageSending, message.id)
        reads = {name: viewer.field(MESSAGES, name) is not Right.hidden for name in _SHOWN}
        subject = message.subject if reads["subject"] and message.subject else _("E-mail")
        crumbs(Link(_("Messages"), f"/{MESSAGES}/list/"), Link(subject, f"/{MESSAGES}/show/{message.id}"),
               Link(_("Sending")))  # fmt: skip
        named = viewer.sees(CUSTOMERS) and reads["customer_id"]
        customer = message.customer_id if named else None
        sender = _sender_of(session, message, sending)
        letter = letter_of(message, sending, sender) if sending and reads["content"] else None
        if letter is not None and not reads["subject"]:
            letter = None  # the whole letter names its subject; the text alone does not
        return render_template(
            "communication/mail.html",
            message=message, sending=sending, reads=reads, subject=subject, customer=customer,
            customer_name=_name(viewer, customer),
            letter=on_screen(letter.html) if letter else "", sender=_shown(sender),
            tone=_TONES[message.status.value],
            pending=message.status is CommunicationMessageStatus.pending and sending is not None,
            version=_version(message, sending),
            may_send=viewer.may_edit(MESSAGES) and services.sendable(message, sending, now=utc_now()),
            bad=queries.refused(session, message.recipient_email or "") if reads["recipient_email"] else None,
            kept=message.provider == RecordingMailer.provider and message.sent_at is not None,
            may_edit=viewer.may_edit(MESSAGES),
            most_tries=len(rules.DELAYS) + 1,
            warning=port.current().warning,
            when=_when,
            told=reasons.told,
        )  # fmt: skip

    @expose("/<message_id>/state.json", methods=["GET"])
    @login_required
    def state(self, message_id: str) -> Response:
        """Changes when something has happened to the e-mail."""
        message = _message(_reader(), message_id)
        return jsonify(version=_version(message, current_session().get(MessageSending, message.id)))

    @expose("/<message_id>/again", methods=["POST"])
    @login_required
    def again(self, message_id: str) -> Any:
        viewer = _reader()
        if not viewer.may_edit(MESSAGES):
            raise Forbidden
        with transaction(by=viewer) as session:
            message = _message(viewer, message_id)
            version = request.form.get("version")
            if version and version != message.row_version:
                raise Conflict
            country = _country_of(session, message)
            services.try_again(session, message, language=rules.language_of(country), now=utc_now())
        flash(_("The e-mail is on its way."), "success")
        return redirect(f"/mail/{message_id}")

    # Addresses ------------------------------------------------------------------

    @expose("/addresses", methods=["GET"])
    @login_required
    def addresses(self) -> str:
        viewer = _reader(addresses=True)
        search = request.args.get("q", "")[:_LONGEST_SEARCH]
        crumbs(Link(_("Refused addresses")))
        return render_template(
            "communication/addresses.html",
            lines=queries.blocked(current_session(), viewer, search=search),
            search=search,
            when=_when,
            may_edit=viewer.may_edit(MESSAGES),
            sees_subject=viewer.field(MESSAGES, "subject") is not Right.hidden,
        )

    @expose("/addresses/clear", methods=["POST"])
    @login_required
    def clear(self) -> Any:
        viewer, address = _reader(addresses=True), request.form.get("address", "")[: _LONGEST_SEARCH * 2]
        if not viewer.may_edit(MESSAGES):
            raise Forbidden
        with transaction(by=viewer) as session:
            asked = visible(BadAddress, viewer).where(BadAddress.address == rules.folded(address))
            rows = session.scalars(asked.order_by(BadAddress.since.desc())).all()
            mine = [row for row in rows if may_change(session, viewer, CommunicationMessage, row.message_id)]
            if not mine:
                raise NotFound
            services.clear_address(session, mine[0].address, mine[0].message_id)
        flash(_("E-mail may be sent to %(address)s again.", address=mine[0].address), "success")
        return redirect("/mail/addresses")


_SHOWN = (*_FIELDS, "status", "sent_at", "delivered_at", "error_message", "delivery_status", "provider", "external_id")


def _reader(*, addresses: bool = False) -> Viewer:
    """The viewer, if messages (and the addresses on them) are shown to him. Raises Forbidden."""
    viewer = current_viewer()
    hidden = addresses and viewer.field(MESSAGES, "recipient_email") is Right.hidden
    if not viewer.sees(MESSAGES) or hidden:
        raise Forbidden
    return viewer


def _writer() -> Viewer:
    """The viewer, if he may write e-mails: add messages, with address, subject and text. Raises Forbidden."""
    viewer = _reader()
    needed = ("recipient_email", "subject", "content")
    if not viewer.may_add(MESSAGES) or any(viewer.field(MESSAGES, name) is not Right.editable for name in needed):
        raise Forbidden
    return viewer


def _message(viewer: Viewer, key: str) -> CommunicationMessage:
    """Raises NotFound."""
    asked = visible(CommunicationMessage, viewer).where(CommunicationMessage.id == key[:100])
    found: CommunicationMessage | None = current_session().scalars(asked).one_or_none()
    if found is None:
        raise NotFound
    return found


def _customer(viewer: Viewer, key: str) -> Customer | None:
    """The chosen customer; None when none was chosen. Raises Unprocessable for one who may not be known of."""
    if not key:
        return None
    found: Customer | None = None
    if viewer.sees(CUSTOMERS) and viewer.field(MESSAGES, "customer_id") is Right.editable:
        found = current_session().scalars(visible(Customer, viewer).where(Customer.id == key[:100])).one_or_none()
    if found is None:
        raise Unprocessable({"customer_id": [_("This record does not exist, or you have no access to it.")]})
    return found


def _name(viewer: Viewer, key: str | None) -> str:
    """What this viewer may know of the customer's name; "" for one he may not know of."""
    screens = current_app.extensions["screens"]
    return query.own_name(current_session(), screens, screens[CUSTOMERS], viewer, key) if key else ""


def _first_address(viewer: Viewer, customer: Customer | None) -> str:
    """The address of the customer, for those who may read it."""
    if customer is None or viewer.field(CUSTOMERS, "email") is Right.hidden:
        return ""
    return (customer.email or "").strip()


def _prefilled(viewer: Viewer, key: str) -> dict[str, str]:
    """A form for this customer, or an empty one. Raises NotFound."""
    try:
        customer = _customer(viewer, key)
    except Unprocessable as unknown:
        raise NotFound from unknown
    country = customer.country if customer else (viewer.countries or ("",))[0]
    return {
        "customer_id": customer.id if customer else "",
        "recipient_email": _first_address(viewer, customer),
        "language": rules.language_of(country),
    }


def _language(code: str) -> str:
    return code if code in LANGUAGES else LANGUAGES[0]


def _country_of(session: Session, message: CommunicationMessage) -> str | None:
    customer = session.get(Customer, message.customer_id) if message.customer_id else None
    return customer.country if customer else None


def _sender_of(session: Session, message: CommunicationMessage, sending: MessageSending | None) -> Sender:
    as_system = {"viewer": SYSTEM}
    customer = session.get(Customer, message.customer_id, execution_options=as_system) if message.customer_id else None
    user = session.get(User, message.user_id, execution_options=as_system) if message.user_id else None
    return _sender(session, customer, user, automatic=sending is not None and sending.automatic)


def _sender(session: Session, customer: Customer | None, user: User | None, *, automatic: bool) -> Sender:
    return queries.sender_of(session, customer, user, automatic=automatic, house=port.current().sender)


def _shown(sender: Sender) -> str:
    name, email = sender.address.name, sender.address.email
    return f"{name} <{email}>" if name else email


def _when(moment: datetime) -> str:
    return format_datetime(moment, "short")


def _version(message: CommunicationMessage, sending: MessageSending | None) -> str:
    return f"{message.row_version}.{sending.row_version if sending else ''}"
