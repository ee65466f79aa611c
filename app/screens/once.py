"""The doors of `core.idempotency`: a hidden field in forms, a header of REST requests.

A page that makes something draws `{{ m.form_key() }}` into its form; its view
then does the work through `idempotency.once(session, once.by_form(viewer), ...)`.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import uuid
from datetime import timedelta
from typing import Any

from flask import Response, current_app, request
from flask_babel import gettext as _

from app.core.errors import BadQuery
from app.core.idempotency import FOR_FORMS, FOR_PROGRAMS, Answer, Asked
from app.core.viewer import Viewer

FIELD = "form_key"
HEADER = "Idempotency-Key"
REPEATED = "Idempotent-Replayed"
LONGEST = 255  # characters of a key

_VISIBLE = re.compile(rf"[\x21-\x7e]{{1,{LONGEST}}}")
_MADE = re.compile(r"[0-9a-f]{32}")
_APART = ("csrf_token", FIELD)  # what differs between two drawings of the same form


def new_key() -> str:
    """A key for a form that is being drawn."""
    return uuid.uuid4().hex


def sent_key() -> str:
    """The key of the form that was sent; "" for one without. Raises BadQuery for what no page of ours has drawn."""
    given = request.form.get(FIELD, "")
    if given and not _MADE.fullmatch(given):
        raise BadQuery(_("The key of this form is damaged. Open the form again."))
    return given


def by_form(viewer: Viewer) -> Asked | None:
    """This form, as one that may be sent again; None when it carries no key."""
    key = sent_key()
    if not key:
        return None
    fields = sorted((name, values) for name, values in request.form.lists() if name not in _APART)
    files = [(name, file.filename, _digest(file)) for name, file in request.files.items(multi=True)]
    return _asked(viewer, key, [fields, files], FOR_FORMS)


def by_program(viewer: Viewer, body: Any = None) -> Asked | None:
    """This REST request with its parsed body, as one that may be sent again; None without the header.

    Raises BadQuery for a key that is none.
    """
    key = request.headers.get(HEADER)
    if key is None:
        return None
    if not _VISIBLE.fullmatch(key):
        raise BadQuery(_("Idempotency-Key must have 1 to 255 visible ASCII characters."))
    return _asked(viewer, key, [body, request.headers.get("If-Match", "")], FOR_PROGRAMS)


def told(response: Response, answer: Answer) -> Response:
    """The response with the headers of an answer that may have been given before."""
    if answer.location:
        response.headers["Location"] = answer.location
    if answer.repeated:
        response.headers[REPEATED] = "true"
    return response


def _asked(viewer: Viewer, key: str, content: Any, kept: timedelta) -> Asked:
    """The hash is keyed: nobody who reads the table can try out what was sent."""
    said = json.dumps([request.method, request.path, content], sort_keys=True, default=str)
    secret = str(current_app.secret_key).encode()
    digest = hmac.new(secret, f"{viewer.user_id}:{key}:{said}".encode(), hashlib.sha256).hexdigest()
    return Asked(viewer.user_id, key, str(request.endpoint), digest, kept)


def _digest(file: Any) -> str:
    """SHA-256 of an uploaded file, which is at its beginning again afterwards."""
    found = hashlib.file_digest(file.stream, "sha256").hexdigest()
    file.stream.seek(0)
    return found
