"""INDEXUS CRM: the back office of a cord blood bank in eight countries."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """The application; without `settings` they come from the environment. Raises SettingsError."""
    # Loading the web framework takes seconds, and commands such as migrations and the supervisor start without it.
    from app.house import build  # noqa: PLC0415  # see above

    return build(settings)
