"""Pipelines keep a default whichever way they are written, and a stage can be on its way out."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

# Doors refuse to take the default away and say why; what comes past them is mended when it is committed, so a statement
# in between may do as it likes. The heir has an open stage, rather for all countries, and is the oldest of those.
# It looks at pipelines of all countries, whoever writes, and again when somebody else has just taken the heir away.
HEIR = """
SELECT p.id FROM pipelines p WHERE p.is_active IS NOT FALSE
ORDER BY
    EXISTS (
        SELECT FROM pipeline_stages s
        WHERE s.pipeline_id = p.id AND s.is_won_stage IS NOT TRUE AND s.is_lost_stage IS NOT TRUE
    ) DESC,
    coalesce(cardinality(p.country_codes), 0) = 0 DESC, p.created_at NULLS LAST, p.id
LIMIT 1
"""
KEPT = f"""
CREATE FUNCTION pipelines_keep_default() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE heir text;
BEGIN
    LOOP
        IF EXISTS (SELECT FROM pipelines WHERE is_default AND is_active IS NOT FALSE) THEN
            RETURN NULL;
        END IF;
        heir := ({HEIR});
        IF heir IS NULL THEN
            RETURN NULL;
        END IF;
        UPDATE pipelines SET is_default = false WHERE is_default;
        UPDATE pipelines SET is_default = true WHERE id = heir AND is_active IS NOT FALSE;
    END LOOP;
END $$;
CREATE CONSTRAINT TRIGGER pipelines_keep_default
    AFTER INSERT OR DELETE OR UPDATE OF is_default, is_active ON pipelines DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION pipelines_keep_default();
"""


def upgrade() -> None:
    op.execute("UPDATE pipelines SET is_default = false WHERE is_default AND is_active IS FALSE")
    op.execute(
        f"UPDATE pipelines SET is_default = true WHERE id = ({HEIR})"
        " AND NOT EXISTS (SELECT FROM pipelines WHERE is_default)"
    )
    op.execute(KEPT)
    op.add_column(
        "pipeline_stages",
        sa.Column(
            "going",
            postgresql.JSONB(),
            comment="JSON object that says how a worker removes the stage; meanwhile it takes no deals.",
        ),
    )


def downgrade() -> None:
    op.drop_column("pipeline_stages", "going")
    op.execute("DROP TRIGGER pipelines_keep_default ON pipelines; DROP FUNCTION pipelines_keep_default()")
