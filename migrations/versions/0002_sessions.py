"""Sessions, second factors and login attempts."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Whichever door changes an account - a form, REST, a service, a statement typed by hand - its sessions end with it.
# A new session of the person who changed the own password is begun by the application afterwards.
ENDINGS = """
CREATE FUNCTION end_sessions(person text, why text) RETURNS void LANGUAGE sql AS $$
    UPDATE user_sessions SET ended_at = clock_timestamp() AT TIME ZONE 'UTC', end_reason = why
    WHERE user_id = person AND ended_at IS NULL
$$;
CREATE FUNCTION user_ends_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF OLD.is_active AND NOT NEW.is_active THEN
        PERFORM end_sessions(NEW.id, 'deactivated');
    ELSIF NEW.password_hash IS DISTINCT FROM OLD.password_hash THEN
        PERFORM end_sessions(NEW.id, 'password');
    ELSIF NEW.auth_method IS DISTINCT FROM OLD.auth_method THEN
        PERFORM end_sessions(NEW.id, 'method');
    ELSIF NEW.role_id IS DISTINCT FROM OLD.role_id THEN
        PERFORM end_sessions(NEW.id, 'role');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_ends_sessions AFTER UPDATE OF is_active, password_hash, auth_method, role_id ON users
    FOR EACH ROW EXECUTE FUNCTION user_ends_sessions();

CREATE FUNCTION user_role_ends_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP <> 'INSERT' THEN
        PERFORM end_sessions(OLD.user_id, 'role');
    END IF;
    IF TG_OP <> 'DELETE' THEN
        PERFORM end_sessions(NEW.user_id, 'role');
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER user_role_ends_sessions AFTER INSERT OR DELETE OR UPDATE OF user_id, role_id ON user_roles
    FOR EACH ROW EXECUTE FUNCTION user_role_ends_sessions();

CREATE FUNCTION role_ends_sessions() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM end_sessions(holder.id, 'role') FROM users AS holder
    WHERE holder.role_id = NEW.id
        OR EXISTS (SELECT FROM user_roles WHERE user_roles.user_id = holder.id AND user_roles.role_id = NEW.id);
    RETURN NULL;
END $$;
CREATE TRIGGER role_ends_sessions AFTER UPDATE OF is_active, legacy_role ON roles
    FOR EACH ROW
    WHEN (NEW.is_active IS DISTINCT FROM OLD.is_active OR NEW.legacy_role IS DISTINCT FROM OLD.legacy_role)
    EXECUTE FUNCTION role_ends_sessions();
"""
UNENDING = """
DROP TRIGGER role_ends_sessions ON roles;
DROP FUNCTION role_ends_sessions();
DROP TRIGGER user_role_ends_sessions ON user_roles;
DROP FUNCTION user_role_ends_sessions();
DROP TRIGGER user_ends_sessions ON users;
DROP FUNCTION user_ends_sessions();
DROP FUNCTION end_sessions(text, text);
"""


def upgrade() -> None:
    op.add_column(
        "users",
        sa.Column(
            "must_change_password",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Somebody else chose the password; nothing opens before it is replaced.",
        ),
    )
    op.create_table(
        "user_sessions",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Who has logged in."),
        sa.Column("kind", sa.Text(), nullable=False, comment="Browser, API, or a login that still waits for its code."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the person logged in (UTC).",
        ),
        sa.Column("last_seen_at", sa.DateTime(), nullable=False, comment="Last request, to the minute (UTC)."),
        sa.Column(
            "expires_at",
            sa.DateTime(),
            nullable=False,
            comment="After this it is over whatever happens (UTC).",
        ),
        sa.Column("ended_at", sa.DateTime(), nullable=True, comment="When it was ended before its time (UTC)."),
        sa.Column("end_reason", sa.Text(), nullable=True, comment="Why it was ended."),
        sa.Column("ip", sa.Text(), server_default="", nullable=False, comment="Network address at the login."),
        sa.Column(
            "user_agent",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Browser or program at the login.",
        ),
        sa.Column(
            "code_tries",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Codes tried while it waited for one.",
        ),
        sa.CheckConstraint(
            "(ended_at IS NULL) = (end_reason IS NULL)",
            name=op.f("ck_user_sessions_ended_for_a_reason"),
        ),
        sa.CheckConstraint("\"kind\" IN ('web', 'api', 'pending')", name=op.f("ck_user_sessions_kind")),
        sa.CheckConstraint(
            "\"end_reason\" IN ('logout', 'elsewhere', 'administrator', 'replaced', 'refused', 'deactivated',"
            " 'password', 'role', 'method')",
            name=op.f("ck_user_sessions_end_reason"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_sessions_user_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_sessions")),
        comment="One login of a user, in a browser or by API.",
    )
    op.create_index("ix_user_sessions_open", "user_sessions", ["user_id"], postgresql_where=sa.text("ended_at IS NULL"))
    op.create_index(op.f("ix_user_sessions_expires_at"), "user_sessions", ["expires_at"])
    op.create_table(
        "user_second_factors",
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose it is."),
        sa.Column("secret", sa.Text(), nullable=False, comment="What the app computes its codes from; sealed."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the enrolment began (UTC).",
        ),
        sa.Column(
            "confirmed_at",
            sa.DateTime(),
            nullable=True,
            comment="When the first code was right; before that logins do not ask for one (UTC).",
        ),
        sa.Column(
            "last_used_step",
            sa.BigInteger(),
            server_default=sa.text("0"),
            nullable=False,
            comment="30-second step of the last code taken.",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_second_factors_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", name=op.f("pk_user_second_factors")),
        comment="The authenticator app of a user.",
    )
    op.create_table(
        "user_recovery_codes",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose it is."),
        sa.Column("code_hash", sa.Text(), nullable=False, comment="SHA-256 of person and code."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it was shown (UTC).",
        ),
        sa.Column("used_at", sa.DateTime(), nullable=True, comment="When it opened (UTC)."),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_recovery_codes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_recovery_codes")),
        comment="A code that opens once in place of the authenticator app.",
    )
    op.create_index(op.f("ix_user_recovery_codes_user_id"), "user_recovery_codes", ["user_id"])
    op.create_table(
        "login_tries",
        sa.Column(
            "key",
            sa.Text(),
            nullable=False,
            comment="Keyed hash of what is counted; a mistyped name may be a password.",
        ),
        sa.Column("tries", postgresql.ARRAY(sa.DateTime()), nullable=False, comment="When, oldest first (UTC)."),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_login_tries")),
        comment="Recent tries at one account or from one address.",
        prefixes=["UNLOGGED"],
    )
    op.execute(ENDINGS)


def downgrade() -> None:
    op.execute(UNENDING)
    op.drop_table("login_tries")
    op.drop_table("user_recovery_codes")
    op.drop_table("user_second_factors")
    op.drop_table("user_sessions")
    op.drop_column("users", "must_change_password")
