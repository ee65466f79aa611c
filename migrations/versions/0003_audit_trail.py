"""The audit trail cannot be changed, and the system has an account to act under."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

LOGS = ("activity_logs", "billing_company_audit_log", "contract_audit_log")

# Who acts where no person does: jobs, commands, a login under an unknown name. Databases with demo data had such a
# row under another id; it steps aside and keeps what it did.
SYSTEM = """
UPDATE users SET username = 'system.' || left(id, 8), email = 'system.' || left(id, 8) || '@indexus.invalid'
    WHERE id <> 'system' AND (lower(username) = 'system' OR lower(email) = 'system@indexus.invalid');
INSERT INTO users (id, username, email, full_name, password_hash, is_active, assigned_countries, show_notification_bell)
    VALUES ('system', 'system', 'system@indexus.invalid', 'System', '!', false,
            ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH'], false)
    ON CONFLICT DO NOTHING
"""

# Whichever door it comes through: this account opens nothing and does not go away.
KEPT = """
CREATE FUNCTION system_user_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF TG_OP = 'DELETE' THEN
        RAISE foreign_key_violation USING
            MESSAGE = 'the system user cannot be deleted', TABLE = 'activity_logs',
            CONSTRAINT = 'fk_activity_logs_user_id';
    END IF;
    IF NEW.id <> 'system' OR NEW.username <> 'system' OR NEW.is_active OR NEW.password_hash <> '!' THEN
        RAISE check_violation USING
            MESSAGE = 'the system user can neither be renamed nor log in', TABLE = 'users',
            COLUMN = CASE WHEN NEW.username <> 'system' THEN 'username' ELSE 'is_active' END;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER system_user_stays BEFORE UPDATE OR DELETE ON users
    FOR EACH ROW WHEN (OLD.id = 'system') EXECUTE FUNCTION system_user_stays();
"""

# Not even by the owner of the tables; a superuser may leave triggers out with session_replication_role.
APPEND_ONLY = """
CREATE FUNCTION append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE insufficient_privilege USING
        MESSAGE = format('%s is append-only: %s is refused', TG_TABLE_NAME, TG_OP), TABLE = TG_TABLE_NAME;
END $$
"""


def upgrade() -> None:
    op.execute(SYSTEM)
    op.execute(KEPT)
    op.drop_constraint(op.f("ck_activity_logs_action"), "activity_logs", type_="check")
    op.create_check_constraint(
        op.f("ck_activity_logs_action"),
        "activity_logs",
        "\"action\" IN ('login', 'logout', 'create', 'update', 'delete', 'view', 'export', 'consent_granted',"
        " 'consent_revoked', 'login_failed', 'denied')",
    )
    op.create_index(
        op.f("ix_activity_logs_entity_type_entity_id_created_at"),
        "activity_logs",
        ["entity_type", "entity_id", "created_at"],
    )
    op.execute(APPEND_ONLY)
    for table in LOGS:
        op.execute(
            f"CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION append_only()"
        )
        op.execute(
            f"CREATE TRIGGER append_only_whole BEFORE TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION append_only()"
        )


def downgrade() -> None:
    for table in LOGS:
        op.execute(f"DROP TRIGGER append_only_whole ON {table}")
        op.execute(f"DROP TRIGGER append_only ON {table}")
    op.execute("DROP FUNCTION append_only()")
    op.drop_index(op.f("ix_activity_logs_entity_type_entity_id_created_at"), table_name="activity_logs")
    # What the documented schema has no word for: refused attempts, told by their details.
    op.execute("UPDATE activity_logs SET action = 'view' WHERE action = 'denied'")
    op.execute("UPDATE activity_logs SET action = 'login' WHERE action = 'login_failed'")
    op.drop_constraint(op.f("ck_activity_logs_action"), "activity_logs", type_="check")
    op.create_check_constraint(
        op.f("ck_activity_logs_action"),
        "activity_logs",
        "\"action\" IN ('login', 'logout', 'create', 'update', 'delete', 'view', 'export', 'consent_granted',"
        " 'consent_revoked')",
    )
    op.execute("DROP TRIGGER system_user_stays ON users")
    op.execute("DROP FUNCTION system_user_stays()")
    op.execute(
        sa.text(
            "DELETE FROM users WHERE id = 'system' AND NOT EXISTS (SELECT FROM activity_logs WHERE user_id = 'system')"
        )
    )
