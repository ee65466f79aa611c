"""Deals on their board: stays in stages, places in columns, and stages of the deal's own pipeline only."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

FIELDS = (
    "customer_id", "assigned_user_id", "value", "expected_close_date", "source", "campaign_id",
    "contract_instance_id", "country_code", "notes",
)  # fmt: skip

# A foreign key over both columns would say the same, but the documented schema has one per column.
PLACED = """
CREATE SEQUENCE deals_board_position;
CREATE FUNCTION deal_placed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF (TG_OP = 'INSERT' OR NEW.stage_id <> OLD.stage_id OR NEW.pipeline_id <> OLD.pipeline_id)
        AND EXISTS (SELECT FROM public.pipeline_stages s WHERE s.id = NEW.stage_id AND s.pipeline_id <> NEW.pipeline_id)
    THEN
        RAISE check_violation USING
            MESSAGE = 'the stage belongs to another pipeline', TABLE = 'deals', COLUMN = 'stage_id',
            CONSTRAINT = 'ck_deals_stage_of_pipeline';
    END IF;
    IF TG_OP = 'INSERT' THEN
        NEW.stage_entered_at := coalesce(
            NEW.stage_entered_at, NEW.updated_at, clock_timestamp() AT TIME ZONE 'UTC');
        NEW.board_position := coalesce(NEW.board_position, nextval('public.deals_board_position'));
    ELSIF NEW.stage_id <> OLD.stage_id THEN
        NEW.stage_entered_at := greatest(
            clock_timestamp() AT TIME ZONE 'UTC', OLD.stage_entered_at + interval '1 microsecond');
        IF NEW.board_position IS NOT DISTINCT FROM OLD.board_position THEN
            NEW.board_position := nextval('public.deals_board_position');
        END IF;
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER deal_placed BEFORE INSERT OR UPDATE OF stage_id, pipeline_id ON deals
    FOR EACH ROW EXECUTE FUNCTION deal_placed();
"""

# Many rows at once are the rule when deals come in, the exception when they move.
STAYED = """
CREATE FUNCTION deals_came() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO public.deal_stage_history (deal_id, stage_id, stage_name, entered_at, by_user_id)
        SELECT d.id, d.stage_id, s.name, d.stage_entered_at, u.id
        FROM came d JOIN public.pipeline_stages s ON s.id = d.stage_id
        LEFT JOIN public.users u ON u.id = current_setting('indexus.user_id', true);
    RETURN NULL;
END $$;
CREATE TRIGGER deals_came AFTER INSERT ON deals REFERENCING NEW TABLE AS came
    FOR EACH STATEMENT EXECUTE FUNCTION deals_came();

CREATE FUNCTION deal_moved() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE public.deal_stage_history SET left_at = NEW.stage_entered_at WHERE deal_id = NEW.id AND left_at IS NULL;
    INSERT INTO public.deal_stage_history (deal_id, stage_id, stage_name, entered_at, by_user_id)
        SELECT NEW.id, s.id, s.name, NEW.stage_entered_at,
            (SELECT u.id FROM public.users u WHERE u.id = current_setting('indexus.user_id', true))
        FROM public.pipeline_stages s WHERE s.id = NEW.stage_id;
    RETURN NULL;
END $$;
CREATE TRIGGER deal_moved AFTER UPDATE OF stage_id ON deals
    FOR EACH ROW WHEN (OLD.stage_id <> NEW.stage_id) EXECUTE FUNCTION deal_moved();
"""

# A stage that changed its pipeline would take its deals into another board.
STAGES = """
CREATE FUNCTION stage_keeps_pipeline() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM public.deals d WHERE d.stage_id = OLD.id) THEN
        RAISE check_violation USING
            MESSAGE = 'the stage holds deals', TABLE = 'pipeline_stages', COLUMN = 'pipeline_id',
            CONSTRAINT = 'ck_pipeline_stages_keeps_pipeline';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER stage_keeps_pipeline BEFORE UPDATE OF pipeline_id ON pipeline_stages
    FOR EACH ROW WHEN (OLD.pipeline_id <> NEW.pipeline_id) EXECUTE FUNCTION stage_keeps_pipeline();
"""

INDEXES = (
    ("ix_deal_activities_next", ["deal_id", "due_at"], "NOT is_completed"),
    ("ix_deal_activities_due", ["due_at", "user_id"], "NOT is_completed"),
    ("ix_deal_activities_remind", ["reminder_at"], "NOT is_completed AND NOT reminder_sent"),
    ("ix_deal_activities_done", ["deal_id", "completed_at"], "is_completed"),
)


def upgrade() -> None:
    op.add_column("deals", sa.Column("stage_entered_at", sa.DateTime(), comment="When the deal came into its stage, UTC."))
    op.add_column(
        "deals",
        sa.Column("board_position", sa.Numeric(), comment="Place in the column of the board; the largest number is on top."),
    )
    op.add_column(
        "pipeline_stages",
        sa.Column(
            "required_fields",
            sa.ARRAY(sa.Text()),
            comment="What must be filled in before a deal comes into the stage.",
        ),
    )
    op.create_check_constraint(
        op.f("ck_pipeline_stages_required_fields"),
        "pipeline_stages",
        f'"required_fields" <@ ARRAY[{", ".join(repr(name) for name in FIELDS)}]::text[]',
    )
    op.create_table(
        "deal_stage_history",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "deal_id", sa.String(), nullable=False, comment="Deal that stood there; removed together with it."
        ),
        sa.Column("stage_id", sa.String(), nullable=True, comment="Stage it stood in, while that exists."),
        sa.Column(
            "stage_name",
            sa.String(255),
            nullable=False,
            comment="Name of the stage when the deal came, also when the stage is gone.",
        ),
        sa.Column("entered_at", sa.DateTime(), nullable=False, comment="When the deal came into the stage, UTC."),
        sa.Column("left_at", sa.DateTime(), nullable=True, comment="When it left the stage, UTC; empty: not yet."),
        sa.Column("by_user_id", sa.String(), nullable=True, comment="Who put it there."),
        sa.CheckConstraint("left_at >= entered_at", name=op.f("ck_deal_stage_history_ends_after_it_began")),
        sa.ForeignKeyConstraint(["deal_id"], ["deals.id"], name=op.f("fk_deal_stage_history_deal_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["stage_id"], ["pipeline_stages.id"], name=op.f("fk_deal_stage_history_stage_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(
            ["by_user_id"], ["users.id"], name=op.f("fk_deal_stage_history_by_user_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_stage_history")),
        comment="One stay of a deal in a stage.",
    )
    op.execute(PLACED)
    # A deal in a stage of another pipeline stands where its stage stands.
    op.execute(
        "UPDATE deals d SET pipeline_id = s.pipeline_id FROM pipeline_stages s"
        " WHERE s.id = d.stage_id AND s.pipeline_id <> d.pipeline_id"
    )
    op.execute(
        "UPDATE deals d SET stage_entered_at = coalesce(d.updated_at, d.created_at, now() AT TIME ZONE 'UTC'),"
        " board_position = o.place FROM (SELECT id, row_number() OVER (ORDER BY updated_at NULLS FIRST, id) AS place"
        " FROM deals) o WHERE o.id = d.id"
    )
    op.execute("SELECT setval('deals_board_position', (SELECT count(*) + 1 FROM deals))")
    op.execute(
        "INSERT INTO deal_stage_history (deal_id, stage_id, stage_name, entered_at)"
        " SELECT d.id, s.id, s.name, d.stage_entered_at FROM deals d JOIN pipeline_stages s ON s.id = d.stage_id"
    )
    op.execute(STAYED)
    op.execute(STAGES)
    op.create_index(op.f("ix_deal_stage_history_deal_id_entered_at"), "deal_stage_history", ["deal_id", "entered_at"])
    op.create_index(op.f("ix_deal_stage_history_stage_id_entered_at"), "deal_stage_history", ["stage_id", "entered_at"])
    op.create_index(op.f("ix_deal_stage_history_by_user_id"), "deal_stage_history", ["by_user_id"])
    op.create_index(
        "one_running_stay", "deal_stage_history", ["deal_id"], unique=True, postgresql_where=sa.text("left_at IS NULL")
    )
    op.create_index("ix_deals_board", "deals", ["stage_id", "board_position"], unique=True)
    op.create_index(
        "ix_deals_rotting", "deals", ["stage_id", "stage_entered_at"], postgresql_where=sa.text("status = 'open'")
    )
    for name, columns, condition in INDEXES:
        op.create_index(name, "deal_activities", columns, postgresql_where=sa.text(condition))


def downgrade() -> None:
    for name, _columns, _condition in reversed(INDEXES):
        op.drop_index(name, table_name="deal_activities")
    op.drop_index("ix_deals_rotting", table_name="deals")
    op.drop_index("ix_deals_board", table_name="deals")
    op.execute("DROP TRIGGER stage_keeps_pipeline ON pipeline_stages; DROP FUNCTION stage_keeps_pipeline()")
    op.execute("DROP TRIGGER deal_moved ON deals; DROP FUNCTION deal_moved()")
    op.execute("DROP TRIGGER deals_came ON deals; DROP FUNCTION deals_came()")
    op.execute("DROP TRIGGER deal_placed ON deals; DROP FUNCTION deal_placed()")
    op.execute("DROP SEQUENCE deals_board_position")
    op.drop_table("deal_stage_history")
    op.drop_column("pipeline_stages", "required_fields")
    op.drop_column("deals", "board_position")
    op.drop_column("deals", "stage_entered_at")
