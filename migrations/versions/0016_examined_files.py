"""Files are examined before they are imported: a state of its batch, and rows that cannot be taken."""

from __future__ import annotations

from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

STATES = ("prepared", "waiting", "running", "done", "failed", "cancelled", "undoing", "undone")
ACTIONS = ("created", "changed", "deactivated", "deleted", "same", "refused")


def _only(table: str, column: str, words: tuple[str, ...]) -> None:
    name = op.f(f"ck_{table}_{column}")
    op.drop_constraint(name, table, type_="check")
    op.create_check_constraint(name, table, f'"{column}" IN ({", ".join(repr(word) for word in words)})')


def upgrade() -> None:
    _only("batches", "state", ("examining", *STATES))
    _only("batch_rows", "action", (*ACTIONS, "wrong"))


def downgrade() -> None:
    op.execute("DELETE FROM batches WHERE state = 'examining'")
    op.execute("UPDATE batch_rows SET action = 'refused' WHERE action = 'wrong'")
    _only("batches", "state", STATES)
    _only("batch_rows", "action", ACTIONS)
