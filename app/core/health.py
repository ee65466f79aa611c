"""`/healthz`: the process answers. `/readyz`: database, Redis and migrations are as the code needs them."""

from __future__ import annotations

from typing import Any

import redis
from flask import Flask, current_app, jsonify
from sqlalchemy import Engine, text
from sqlalchemy.exc import SQLAlchemyError

from app.core import migrate


def add_probes(app: Flask, engine: Engine) -> None:
    """No login, no session, no data: only whether the parts work."""

    @app.get("/healthz")
    def healthz() -> Any:
        return jsonify(status="ok")

    @app.get("/readyz")
    def readyz() -> Any:
        parts = {"database": _database(engine), "redis": _redis(current_app.config["RATELIMIT_STORAGE_URI"])}
        well = all(said == "ok" for said in parts.values())
        return jsonify(status="ok" if well else "not ready", **parts), 200 if well else 503


def _database(engine: Engine) -> str:
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            return "ok" if migrate.version(connection) == migrate.newest() else "not migrated"
    except SQLAlchemyError:
        return "no answer"


def _redis(url: str) -> str:
    if not url.startswith(("redis", "unix")):
        return "ok"  # no Redis is configured: limits are counted in this process
    try:
        client = redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2)
        return "ok" if client.ping() else "no answer"
    except redis.RedisError:
        return "no answer"
