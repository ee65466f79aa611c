"""One change for many rows of a list: which fields it may be, which rows it is about, what each would become."""

from __future__ import annotations

from app.screens import write
from app.screens.fields import Field
from app.screens.look import Look

OWNERS = ("assigned_user_id", "assigned_to", "owner_user_id", "owner_id", "responsible_user_id")


def fields(look: Look) -> list[Field]:
    """The fields this viewer may give one value in many rows: no secrets, and nothing that only one row can have."""
    if not look.may_edit():
        return []
    one = {c.name for c in look.screen.model.__table__.columns if c.unique}
    if "default_within" in look.screen.model.__table__.info:
        one.add("is_default")
    return [
        f for f in write.writable(look.screen, look.viewer)
        if not f.secret and not f.internal and f.name not in one and f.name != "is_active"
    ]  # fmt: skip


def owner(look: Look) -> Field | None:
    """The field that says whose a row is, where the viewer may hand it over."""
    known = {f.name: f for f in fields(look) if f.targets == ("users",)}
    return next((known[name] for name in OWNERS if name in known), None)
