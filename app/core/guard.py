"""What holds for every request and answer: known host, clean input, strict headers, a number to talk about."""

from __future__ import annotations

import ipaddress
import re
import secrets
import uuid
from collections.abc import Sequence
from urllib.parse import unquote_to_bytes, urlsplit

from flask import Flask, Response, abort, g, request
from flask_babel import gettext as _

UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_POLICY = (
    "default-src 'self'; script-src 'self' 'nonce-{nonce}'; style-src 'self'; style-src-attr 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'; connect-src 'self'; object-src 'none'; base-uri 'none'; "
    "frame-ancestors 'none'; form-action 'self'"
)
_YEAR = 31_536_000  # seconds
_LONGEST_ADDRESS = 8_000
_HOST = re.compile(r"([a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d{1,5})?")
_PROBES = ("/healthz", "/readyz")  # asked by address, and they tell nothing


def nonce() -> str:
    """The nonce of this answer's scripts."""
    if "nonce" not in g:
        g.nonce = secrets.token_urlsafe(16)
    return str(g.nonce)


def request_id() -> str:
    """A number for this request, shown on error pages and written to the log."""
    if "request_id" not in g:
        g.request_id = uuid.uuid4().hex[:12]
    return str(g.request_id)


def same_site_referrer() -> str:
    """Path and query of the page one came from, when it is ours; else ""."""
    parts = urlsplit(request.referrer or "")
    if parts.netloc != request.host or not parts.path.startswith("/") or parts.path.startswith("//"):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def refuse_foreign_hosts(app: Flask, hosts: Sequence[str], *, addresses: bool) -> None:
    """Answer 400 to a request for another host, before anything looks at it; links and redirects are built of it.

    `addresses` lets a bare IP address pass. Registered first; Flask's TRUSTED_HOSTS would refuse the probes as well.
    """

    @app.before_request
    def refuse_foreign_host() -> Response | None:
        if request.path in _PROBES:
            return None
        if _is_served(request.environ.get("HTTP_HOST", "").lower(), hosts, addresses=addresses):
            return None
        return Response("This host name is not served here.\n", 400, content_type="text/plain; charset=utf-8")


def _is_served(host: str, hosts: Sequence[str], *, addresses: bool) -> bool:
    parts = _HOST.fullmatch(host)
    if parts is None:
        return False
    name = parts[1]
    if any(name == known or (known.startswith(".") and f".{name}".endswith(known)) for known in hosts):
        return True
    return addresses and _is_address(name.strip("[]"))


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _is_text(query: bytes) -> bool:
    """Whether the values of an address are UTF-8. Else a list would be searched for the signs of the wrong bytes."""
    try:
        unquote_to_bytes(query).decode()
    except UnicodeDecodeError:
        return False
    return True


def protect(app: Flask) -> None:
    @app.before_request
    def refuse_unstorable() -> None:
        """PostgreSQL keeps no NUL and no half surrogate; no honest address or form holds one."""
        if len(request.url) > _LONGEST_ADDRESS:
            abort(414)
        if not _is_text(request.query_string):
            abort(400, _("The address holds bytes that are no text in UTF-8."))
        texts = [request.path, *(request.view_args or {}).values()]
        for pairs in (request.args, request.form if request.mimetype != "application/json" else ()):
            texts += [text for pair in (pairs.items(multi=True) if pairs else ()) for text in pair]
        if any(isinstance(text, str) and UNSTORABLE.search(text) for text in texts):
            abort(400, _("The request holds a character that cannot be stored."))

    @app.after_request
    def strict_headers(answer: Response) -> Response:
        answer.headers.setdefault("Content-Security-Policy", _POLICY.format(nonce=nonce()))
        answer.headers.setdefault("X-Content-Type-Options", "nosniff")
        answer.headers.setdefault("Referrer-Policy", "same-origin")
        answer.headers.setdefault("X-Frame-Options", "DENY")
        answer.headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
        answer.headers["X-Request-Id"] = request_id()
        if request.is_secure:
            answer.headers.setdefault("Strict-Transport-Security", f"max-age={_YEAR}")
        if request.endpoint == "static":
            # Addresses carry a hash or a version: a changed file has another address.
            if "v" in request.args or "/vendor/" in request.path:
                answer.headers["Cache-Control"] = f"public, max-age={_YEAR}, immutable"
        else:
            answer.headers.setdefault("Cache-Control", "no-store")
        return answer
