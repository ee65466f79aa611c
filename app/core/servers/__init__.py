"""Servers that a checkout runs for itself: embedded PostgreSQL and Valkey, and the supervisor of `run.py`."""

from app.core.servers.embedded import Servers, embedded
from app.core.servers.errors import AlreadyRunning, ServerError

__all__ = ["AlreadyRunning", "ServerError", "Servers", "embedded"]
