"""Refusals and failures as answers: a page in our look for people, JSON for programs, never a trace."""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask_babel import gettext as _
from flask_login import AnonymousUserMixin
from flask_wtf.csrf import CSRFError
from psycopg import errors as postgres
from sqlalchemy.exc import DBAPIError, OperationalError, StatementError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from app.core import audit
from app.core.db import current_session
from app.core.errors import DomainError, TooManyTries, Unprocessable
from app.core.guard import request_id
from app.core.vault import VaultError
from app.core.viewer import current_viewer

log = logging.getLogger(__name__)

_RETRY_SECONDS = 5


def explain(app: Flask) -> None:
    app.register_error_handler(DomainError, _refused)
    app.register_error_handler(CSRFError, _forged)
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(PoolTimeout, _busy)
    app.register_error_handler(DBAPIError, _database)
    app.register_error_handler(StatementError, _statement)
    app.register_error_handler(VaultError, _locked)
    app.register_error_handler(Exception, _failed)
    app.after_request(_note_refusal)


def _note_refusal(response: Any) -> Any:
    """Who was refused for lack of a right is written to the audit trail, as long as there is a database."""
    viewer = (
        current_viewer() if (response.status_code == 403 or g.get("refused")) and not g.get("without_frame") else None
    )
    if viewer is not None and viewer.user_id:
        current_session.rollback()
        try:
            audit.denied(viewer, {"method": request.method, "path": request.path[:300]})
        except DBAPIError as away:
            log.error("a refusal could not be noted (%s): %s", request_id(), type(away.orig).__name__)
    return response


def wants_json() -> bool:
    """Programs get JSON: everything below /api/, and whoever asks for nothing but JSON."""
    best = request.accept_mimetypes.best_match(["text/html", "application/json"], default="text/html")
    return request.path.startswith("/api/") or request.path.endswith(".json") or best == "application/json"


def answer(code: int, title: str, sentence: str, advice: str = "", fields: Any = None) -> Any:
    """The answer to a request that did not go well; undoes what it had begun."""
    current_session.rollback()
    if wants_json():
        message = f"{title}. {sentence}" if code >= 500 else sentence or title
        body = {"message": message, "request_id": request_id()}
        response = jsonify(body | ({"errors": fields} if fields else {}))
    else:
        page = render_template(
            "errors/error.html",
            code=code,
            title=title,
            sentence=sentence,
            advice=advice,
            request_id=request_id(),
        )
        response = app_response(page)
    response.status_code = code
    if code in (429, 503):
        response.headers["Retry-After"] = str(_RETRY_SECONDS)
    return response


def app_response(page: str) -> Any:
    return Flask.response_class(page)


def _refused(refused: DomainError) -> Any:
    fields = None
    if isinstance(refused, Unprocessable):
        fields = refused.fields | ({"": refused.general} if refused.general else {})
    titles = {403: _("No permission"), 404: _("Not found"), 409: _("Not possible right now"), 429: _("Too many tries")}
    title = titles.get(refused.status, _("This does not work"))
    response = answer(refused.status, title, refused.sentence, fields=fields)
    if isinstance(refused, TooManyTries):
        response.headers["Retry-After"] = str(refused.seconds)
    return response


def _forged(forged: CSRFError) -> Any:
    return answer(
        400, _("This form is out of date"), _("The page was open too long, or you have logged in again meanwhile."),
        _("Go back, reload the page and try again; nothing was changed."),
    )  # fmt: skip


def _http(error: HTTPException) -> Any:
    code = error.code or 500
    if code < 400:
        return error
    title, sentence = _words(code)
    if code == 400 and error.description and type(error.description) is str and "browser" not in error.description:
        sentence = _(error.description)
    response = answer(code, title, sentence)
    if code == 405:
        response.headers.update({k: v for k, v in error.get_headers() if k == "Allow"})
    return response


def _words(code: int) -> tuple[str, str]:
    known = {
        400: (_("This address makes no sense"), _("Something in the request cannot be read.")),
        401: (_("Not logged in"), _("Log in to go on.")),
        403: (_("No permission"), _("You have no permission for this.")),
        404: (_("Not found"), _("This page does not exist, or you have no access to it.")),
        405: (_("Not possible this way"), _("This address does not take that kind of request.")),
        413: (_("Too large"), _("What you sent is larger than 16 MB.")),
        414: (_("Address too long"), _("The address is too long. Use fewer filters.")),
        415: (_("Wrong format"), _("This format is not understood here.")),
        429: (_("Too many tries"), _("Wait a little and try again.")),
    }
    return known.get(code, (_("Something went wrong"), _("The request could not be answered.")))


def _alone() -> None:
    """From here on the database is not asked again: neither who looks (language, time zone) nor what they see."""
    g.without_frame = True
    g.user = g._login_user = AnonymousUserMixin()


def _busy(error: PoolTimeout) -> Any:
    _alone()
    log.error("no database connection was free (%s)", request_id())
    return answer(503, _("Very busy"), _("Too many people at once. Try again in a moment."))


def _database(error: DBAPIError) -> Any:
    original = error.orig
    if isinstance(original, postgres.QueryCanceled | postgres.LockNotAvailable):
        log.warning("a statement took too long (%s)", request_id())
        return answer(503, _("This took too long"), _("Narrow it down with a filter and try again."))
    if isinstance(original, postgres.InsufficientPrivilege):
        # The second wall held where the first had let something through.
        log.error("the database refused a row (%s)", request_id())
        return answer(403, *_words(403))
    if isinstance(original, postgres.DataError):
        return answer(400, *_words(400))
    if (
        isinstance(error, OperationalError)
        or error.connection_invalidated
        or isinstance(original, postgres.AdminShutdown)
    ):
        _alone()
        log.error("the database does not answer (%s): %s", request_id(), type(original).__name__)
        return answer(
            503, _("The database does not answer"),
            _("Nothing you saved is lost. The system tries again by itself; reload the page in a moment."),
        )  # fmt: skip
    return _failed(error)


def _statement(error: StatementError) -> Any:
    """What happens on the way to the database, such as sealing a secret."""
    return _locked(error.orig) if isinstance(error.orig, VaultError) else _failed(error)


def _locked(error: VaultError) -> Any:
    """The sentence of the vault names the place and nothing of the content."""
    log.error("a secret could not be sealed or opened (%s): %s", request_id(), error)
    return answer(
        503, _("A stored credential cannot be used"),
        _("Its encryption key is missing, or what is stored was altered."),
        _("Whoever runs the system has to look after ENCRYPTION_KEYS; or enter the credential again."),
    )  # fmt: skip


def _failed(error: Exception) -> Any:
    _alone()
    log.exception("request %s failed", request_id())
    return answer(500, _("Something went wrong"), _("The mistake is ours and has been written down."))
