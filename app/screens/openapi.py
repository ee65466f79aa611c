"""The OpenAPI 3.0 description of all REST resources, made from the resolved screens."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _

from app.core.viewer import Right, Viewer
from app.screens.address import visible_fields
from app.screens.fields import Field
from app.screens.locale import helped
from app.screens.once import HEADER, LONGEST, REPEATED
from app.screens.resolve import Resolved
from app.screens.write import writable

_TYPES: dict[str, dict[str, Any]] = {
    "integer": {"type": "integer", "format": "int32"},
    "decimal": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "money": {"type": "string", "pattern": r"^-?\d+(\.\d+)?$"},
    "boolean": {"type": "boolean"},
    "date": {"type": "string", "format": "date"},
    "datetime": {"type": "string", "format": "date-time"},
    "tags": {"type": "array", "items": {}},
    "multichoice": {"type": "array", "items": {"type": "string"}},
    "json": {},
    "email": {"type": "string", "format": "email"},
    "secret": {"type": "string", "format": "password", "writeOnly": True},
}
_ERROR = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_QUERY = {
    "name": "q",
    "in": "query",
    "required": False,
    "schema": {"type": "string"},
    "description": "Rison: filters (col, opr, value), columns, order_column, order_direction, page (from 0), page_size",
}
_KEY = {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}}
_IF_MATCH = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": {"type": "string"},
    "description": "ETag of the record as it was read, or * to overwrite whatever is there",
}
_ONCE = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST, "pattern": r"^[\x21-\x7E]+$"},
    "description": "A new random value (such as a UUID) for each request that changes something. Sent again with the"
    " same key and content within 7 days, nothing happens twice: the answer is the one of the first time, with"
    f" {REPEATED}: true and the record as it is now. With other content the answer is 422, while the first is still at"
    " work 409. A refused request keeps nothing: correct it and send it under the same key.",
}


def describe_all(screens: Mapping[str, Resolved], viewer: Viewer, title: str) -> dict[str, Any]:
    """The document, limited to the modules and fields this viewer may use."""
    paths: dict[str, Any] = {
        "/api/v1/security/login": _login(),
        "/api/v1/security/refresh": {"post": _of_token(_("A new access token for a refresh token"), "200", "401")},
        "/api/v1/security/logout": {"post": _of_token(_("End the session of this token"), "204", "401")},
    }
    schemas: dict[str, Any] = {"Error": _error()}
    tags = []
    for table, screen in screens.items():
        if not viewer.sees(screen.module):
            continue
        name = screen.model.__name__
        schemas[name] = _readable(screen, viewer)
        schemas[f"{name}.write"] = _writable(screen, viewer)
        paths |= _paths(table, name, screen, viewer)
        tags.append({"name": table, "description": _(screen.many)})
    return {
        "openapi": "3.0.3",
        "info": {
            "title": title,
            "version": "v1",
            "description": _("Every table as a resource. Sign in first for a token."),
        },
        "servers": [{"url": "/"}],
        "tags": tags,
        "paths": paths,
        "components": {
            "schemas": schemas,
            "securitySchemes": {"jwt": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}},
        },
        "security": [{"jwt": []}],
    }


def _paths(table: str, name: str, screen: Resolved, viewer: Viewer) -> dict[str, Any]:
    def operation(summary: str, ok: int, schema: Any, **more: Any) -> dict[str, Any]:
        answers = {str(ok): {"description": "OK", "content": {"application/json": {"schema": schema}}}}
        answers |= {str(code): {"description": words, "content": _ERROR} for code, words in _answers(more).items()}
        return {"tags": [table], "summary": summary, "responses": answers, **more}

    said = {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "string"}}}
    one = {
        "type": "object",
        "properties": {
            "id": {},
            "result": {"$ref": f"#/components/schemas/{name}"},
            "warnings": {**said, "description": _("What is odd about values that were saved, by field.")},
        },
    }
    many = {
        "type": "object",
        "properties": {
            "count": {"type": "integer"},
            "count_is_capped": {"type": "boolean"},
            "ids": {"type": "array", "items": {}},
            "result": {"type": "array", "items": {"$ref": f"#/components/schemas/{name}"}},
        },
    }
    body = {
        "required": True,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{name}.write"}}},
    }
    right = viewer.module(screen.module)
    listed = {"get": operation(_("List %(many)s", many=_(screen.many)), 200, many, parameters=[_QUERY])}
    single = {"get": operation(_("Read one"), 200, one, parameters=[_KEY])}
    if right.can_add:
        listed["post"] = operation(_("Create"), 201, one, parameters=[_ONCE], requestBody=body)
    if right.can_edit:
        single["put"] = operation(_("Change"), 200, one, parameters=[_KEY, _IF_MATCH, _ONCE], requestBody=body)
        single["delete"] = operation(_("Delete or deactivate"), 200, {"type": "object"}, parameters=[_KEY, _ONCE])
    info = {"get": operation(_("Fields, filters and permissions"), 200, {"type": "object"})}
    return {f"/api/v1/{table}/": listed, f"/api/v1/{table}/_info": info, f"/api/v1/{table}/{{id}}": single}


def _answers(more: Mapping[str, Any]) -> dict[int, str]:
    answers = {400: "Bad request", 401: "Not signed in", 403: "No permission"}
    if _KEY in more.get("parameters", []):
        answers[404] = "Not found"
        answers[409] = "Conflict, or still in use"
    elif _ONCE in more.get("parameters", []):
        answers[409] = "The same request is still at work"
    if _IF_MATCH in more.get("parameters", []):
        answers[428] = "If-Match is missing"
    if "requestBody" in more:
        answers[422] = "Values that cannot be saved, by field"
    elif _ONCE in more.get("parameters", []):
        answers[422] = "A key that was sent before with another request"
    return answers


def _readable(screen: Resolved, viewer: Viewer) -> dict[str, Any]:
    properties: dict[str, Any] = {"id": {"type": "string"}}
    for f in visible_fields(screen, viewer):
        properties |= _properties(f)
        if f.targets:
            properties[f"{f.name}__name"] = {"type": "string", "nullable": True, "readOnly": True}
    return {"type": "object", "title": _(screen.one), "properties": properties}


def _writable(screen: Resolved, viewer: Viewer) -> dict[str, Any]:
    fields = writable(screen, viewer)
    properties: dict[str, Any] = {}
    for f in fields:
        properties |= _properties(f)
    schema: dict[str, Any] = {"type": "object", "properties": properties, "additionalProperties": False}
    required = [f.name for f in fields if f.required and screen.right(viewer, f.name) is Right.editable]
    return schema | ({"required": required} if required else {})


def _properties(f: Field) -> dict[str, Any]:
    if f.kind.name == "partial_date":
        return {c.name: {"type": "integer", "nullable": True, "description": str(c.comment or "")} for c in f.columns}
    schema = dict(_TYPES.get(f.kind.name, {"type": "string"}))
    if f.choices is not None and f.kind.name in ("choice", "country"):
        schema["enum"] = [value for value, _label in f.picks()]
    if f.length:
        schema["maxLength"] = f.length
    return {
        f.name: {
            **schema,
            "nullable": f.nullable,
            "title": _(f.label),
            "description": helped(f.help),
        }
    }


def _error() -> dict[str, Any]:
    return {
        "type": "object",
        "properties": {
            "message": {"type": "string"},
            "errors": {"type": "object"},
            "request_id": {"type": "string"},
        },
    }


def _of_token(summary: str, well: str, refused: str) -> dict[str, Any]:
    answers = {well: {"description": "OK"}, refused: {"description": "No valid token", "content": _ERROR}}
    return {"tags": ["security"], "summary": summary, "responses": answers}


def _login() -> dict[str, Any]:
    body = {
        "type": "object",
        "required": ["username", "password", "provider"],
        "properties": {
            "username": {"type": "string"},
            "password": {"type": "string", "format": "password"},
            "provider": {"type": "string", "enum": ["db"]},
            "otp": {"type": "string", "description": "Code of the authenticator app, for who has one"},
            "refresh": {"type": "boolean"},
        },
    }
    token = {
        "type": "object",
        "properties": {"access_token": {"type": "string"}, "refresh_token": {"type": "string"}},
    }
    return {
        "post": {
            "tags": ["security"],
            "summary": _("Sign in for a token"),
            "security": [],
            "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
            "responses": {
                "200": {"description": "OK", "content": {"application/json": {"schema": token}}},
                "401": {"description": "Wrong name or password", "content": _ERROR},
                "429": {"description": "Too many tries", "content": _ERROR},
            },
        }
    }
