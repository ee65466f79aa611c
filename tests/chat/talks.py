"""People who talk, and what they said."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.models import Role, RoleModulePermission, User
from app.core.types import new_key
from app.core.viewer import AUDIT, EXPORT
from app.work.models import ChatMessage
from tests.conftest import make_user
from tests.places import screens_of

T0 = datetime(2026, 3, 1, 9, 0, tzinfo=UTC)


def person(session: Session, name: str, *countries: str, rights: str = "vae", **values: Any) -> User:
    """Somebody with a chat in these countries (Slovakia); `rights` as in "v", "va", "" for no chat."""
    role = Role(name=f"Role of {name}")
    if rights:
        role.role_module_permissions = [
            RoleModulePermission(module_key="chat_messages", can_add="a" in rights, can_edit="e" in rights)
        ]
    found = make_user(session, name, role=role, assigned_countries=list(countries or ("SK",)), **values)
    session.commit()
    return found


def say(session: Session, sender: User, receiver: User, words: str, at: datetime = T0, **values: Any) -> ChatMessage:
    message = ChatMessage(sender_id=sender.id, receiver_id=receiver.id, content=words, created_at=at, **values)
    session.add(message)
    session.commit()
    return message


def everything_for(session: Session, app: Flask, name: str) -> User:
    """Somebody who may do everything with every module in all countries, and is no administrator."""
    modules = {screen.module for screen in screens_of(app).values()} | {EXPORT, AUDIT}
    role = Role(name=f"Everything for {name}")
    role.role_module_permissions = [
        RoleModulePermission(module_key=module, can_add=True, can_edit=True) for module in sorted(modules)
    ]
    user = make_user(session, name, role=role)
    session.commit()
    return user


def form(words: str, key: str = "") -> dict[str, str]:
    return {"id": key or new_key(), "text": words}


def rows(session: Session) -> list[ChatMessage]:
    session.expire_all()
    return list(session.scalars(select(ChatMessage).order_by(ChatMessage.created_at, ChatMessage.id)))
