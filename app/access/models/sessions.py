"""Tables beyond the document: sessions, second factors, recovery codes, tries at the door."""

from __future__ import annotations

import enum
from datetime import datetime

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, ForeignKey, Index, Integer, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base
from app.core.types import Choice, Created, Key, Secret, Timestamp
from app.core.vault import Veiled


class SessionKind(enum.StrEnum):
    web = "web"
    api = "api"
    pending = "pending"
    __labels__ = {"web": "Browser", "api": "API", "pending": "Waiting for the code"}


class EndReason(enum.StrEnum):
    """Why a session ended before its time. The four of the account are written by the database itself."""

    logout = "logout"
    elsewhere = "elsewhere"  # by the person, from another session
    administrator = "administrator"
    replaced = "replaced"  # by a session with a new id
    refused = "refused"  # too many wrong codes
    deactivated = "deactivated"
    password = "password"
    role = "role"
    method = "method"


class UserSession(Base):
    """One login of a user, in a browser or by API; a cookie or token without a live one opens nothing.

    An extension: the document knows no sessions, and a signed cookie alone cannot be taken back.
    """

    __tablename__ = "user_sessions"
    __table_args__ = (
        CheckConstraint("(ended_at IS NULL) = (end_reason IS NULL)", name="ended_for_a_reason"),
        Index("ix_user_sessions_open", "user_id", postgresql_where=text("ended_at IS NULL")),
        Index(None, "expires_at"),
        {
            "comment": "One login of a user, in a browser or by API.",
            "info": {"extension": "a signed cookie or token alone cannot be taken back"},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), comment="Who has logged in."
    )
    kind: Mapped[SessionKind] = mapped_column(
        Choice(SessionKind), comment="Browser, API, or a login that still waits for its code."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the person logged in (UTC).")
    last_seen_at: Mapped[datetime] = mapped_column(Timestamp, comment="Last request, to the minute (UTC).")
    expires_at: Mapped[datetime] = mapped_column(Timestamp, comment="After this it is over whatever happens (UTC).")
    ended_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it was ended before its time (UTC).")
    end_reason: Mapped[EndReason | None] = mapped_column(Choice(EndReason), comment="Why it was ended.")
    ip: Mapped[str] = mapped_column(Text, server_default="", comment="Network address at the login.")
    user_agent: Mapped[str] = mapped_column(Text, server_default="", comment="Browser or program at the login.")
    code_tries: Mapped[int] = mapped_column(
        Integer, default=0, server_default=text("0"), comment="Codes tried while it waited for one."
    )


class UserSecondFactor(Base):
    """The authenticator app of a user. An extension: the document knows passwords and Microsoft 365 only."""

    __tablename__ = "user_second_factors"
    __table_args__ = (
        {
            "comment": "The authenticator app of a user.",
            "info": {"extension": "the document knows no second factor"},
        },
    )

    user_id: Mapped[str] = mapped_column(
        String, ForeignKey("users.id", ondelete="CASCADE"), primary_key=True, comment="Whose it is."
    )
    secret: Mapped[Veiled] = mapped_column(
        Secret("user_second_factors.secret"), comment="What the app computes its codes from; sealed."
    )
    created_at: Mapped[Created] = mapped_column(comment="When the enrolment began (UTC).")
    confirmed_at: Mapped[datetime | None] = mapped_column(
        Timestamp, comment="When the first code was right; before that logins do not ask for one (UTC)."
    )
    last_used_step: Mapped[int] = mapped_column(
        BigInteger, default=0, server_default=text("0"), comment="30-second step of the last code taken."
    )


class UserRecoveryCode(Base):
    """A code that opens once in place of the authenticator app. An extension, as the second factor itself."""

    __tablename__ = "user_recovery_codes"
    __table_args__ = (
        Index(None, "user_id"),
        {
            "comment": "A code that opens once in place of the authenticator app.",
            "info": {"extension": "the document knows no second factor"},
        },
    )

    id: Mapped[Key]
    user_id: Mapped[str] = mapped_column(String, ForeignKey("users.id", ondelete="CASCADE"), comment="Whose it is.")
    code_hash: Mapped[Veiled] = mapped_column(
        Secret("user_recovery_codes.code_hash", store="hashed"), comment="SHA-256 of person and code."
    )
    created_at: Mapped[Created] = mapped_column(comment="When it was shown (UTC).")
    used_at: Mapped[datetime | None] = mapped_column(Timestamp, comment="When it opened (UTC).")


class LoginTries(Base):
    """Recent tries at one account or from one address.

    An extension, and the one place that counts them for all web machines: counters in Redis would be lost or
    unreachable just when somebody is guessing. Not logged (`UNLOGGED`): after a crash everybody starts anew.
    """

    __tablename__ = "login_tries"
    __table_args__ = (
        {
            "comment": "Recent tries at one account or from one address.",
            "info": {"extension": "guessing is counted for all web machines together"},
            "prefixes": ["UNLOGGED"],
        },
    )

    key: Mapped[str] = mapped_column(
        Text, primary_key=True, comment="Keyed hash of what is counted; a mistyped name may be a password."
    )
    tries: Mapped[list[datetime]] = mapped_column(ARRAY(Timestamp), comment="When, oldest first (UTC).")
