"""Row-level security by country, under an application role that does not own the tables.

Web and workers act as `indexus_app`, which sees a row when the setting
`indexus.countries` names its country, and none without the setting. For people
of all countries and for the system they act as `indexus_everywhere`: a policy
that is always true costs nothing, so their plans are as without policies.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

APPLICATION, EVERYWHERE = "indexus_app", "indexus_everywhere"
MINE = "(SELECT string_to_array(current_setting('indexus.countries', true), ','))::text[]"

# Table, what may be read, what may be written; {MINE} stands for the countries as an array.
POLICIES = (
    (
        "billing_details",
        '"country_codes" && {MINE} OR "country_code"::text = ANY ({MINE})',
        '"country_codes" <@ {MINE} AND "country_code"::text = ANY ({MINE})',
    ),
    (
        "invoices",
        'EXISTS (SELECT FROM customers c WHERE c.id = invoices."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = invoices."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    ("invoice_templates", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("invoice_layouts", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("number_ranges", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("inflation_rates", '"country"::text = ANY ({MINE})', '"country"::text = ANY ({MINE})'),
    (
        "campaigns",
        '"country_codes" && {MINE} OR coalesce(cardinality("country_codes"), 0) = 0',
        '"country_codes" <@ {MINE} AND cardinality("country_codes") > 0',
    ),
    (
        "campaign_templates",
        '"country_codes" && {MINE} OR coalesce(cardinality("country_codes"), 0) = 0',
        '"country_codes" <@ {MINE} AND cardinality("country_codes") > 0',
    ),
    (
        "campaign_contacts",
        'EXISTS (SELECT FROM customers c WHERE c.id = campaign_contacts."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = campaign_contacts."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    ("collaborators", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("gsm_sender_configs", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "communication_messages",
        'EXISTS (SELECT FROM customers c WHERE c.id = communication_messages."customer_id") OR "customer_id" IS NULL',
        'EXISTS (SELECT FROM customers c WHERE c.id = communication_messages."customer_id" AND c.country::text = ANY ({MINE})) OR "customer_id" IS NULL',
    ),
    (
        "email_metadata",
        'EXISTS (SELECT FROM customers c WHERE c.id = email_metadata."customer_id") OR "customer_id" IS NULL',
        'EXISTS (SELECT FROM customers c WHERE c.id = email_metadata."customer_id" AND c.country::text = ANY ({MINE})) OR "customer_id" IS NULL',
    ),
    (
        "customer_email_notifications",
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_email_notifications."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_email_notifications."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    (
        "contract_instances",
        'EXISTS (SELECT FROM customers c WHERE c.id = contract_instances."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = contract_instances."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    ("contract_templates", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "contract_category_default_templates",
        '"country_code"::text = ANY ({MINE})',
        '"country_code"::text = ANY ({MINE})',
    ),
    ("contract_template_versions", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "customer_potential_cases",
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_potential_cases."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_potential_cases."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    (
        "customer_consents",
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_consents."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_consents."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    ("customers", '"country"::text = ANY ({MINE})', '"country"::text = ANY ({MINE})'),
    (
        "customer_notes",
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_notes."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_notes."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    (
        "lead_scoring_criteria",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE})',
    ),
    ("hospitals", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("clinics", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("visit_events", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "deals",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
    ),
    (
        "pipelines",
        '"country_codes" && {MINE} OR coalesce(cardinality("country_codes"), 0) = 0',
        '"country_codes" <@ {MINE} AND cardinality("country_codes") > 0',
    ),
    (
        "products",
        '"countries" && {MINE} OR coalesce(cardinality("countries"), 0) = 0',
        '"countries" <@ {MINE} AND cardinality("countries") > 0',
    ),
    ("market_product_instances", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "instance_prices",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
    ),
    (
        "product_sets",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
    ),
    (
        "customer_products",
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_products."customer_id")',
        'EXISTS (SELECT FROM customers c WHERE c.id = customer_products."customer_id" AND c.country::text = ANY ({MINE}))',
    ),
    (
        "complaint_types",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE})',
    ),
    (
        "cooperation_types",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE})',
    ),
    (
        "vip_statuses",
        '"country_code"::text = ANY ({MINE}) OR "country_code" IS NULL',
        '"country_code"::text = ANY ({MINE})',
    ),
    ("health_insurance_companies", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("laboratories", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("country_system_settings", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    ("service_configurations", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "call_logs",
        'EXISTS (SELECT FROM customers c WHERE c.id = call_logs."customer_id") OR "customer_id" IS NULL',
        'EXISTS (SELECT FROM customers c WHERE c.id = call_logs."customer_id" AND c.country::text = ANY ({MINE})) OR "customer_id" IS NULL',
    ),
    ("system_ms365_connections", '"country_code"::text = ANY ({MINE})', '"country_code"::text = ANY ({MINE})'),
    (
        "tasks",
        '"country"::text = ANY ({MINE}) OR "country" IS NULL',
        '"country"::text = ANY ({MINE}) OR "country" IS NULL',
    ),
)

# As before, but never inlined into a query: what is inlined (`lower`, `translate`) counts as able to tell of a row.
FOLD = """
CREATE OR REPLACE FUNCTION fold(value text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$
BEGIN
    RETURN replace(
        translate(
            lower(value),
            'áàâäãåāăąćčçďđéèêëēėęěíìîïīįĺľłńňñóòôöõōőŕřśšşșťţțúùûüūůűųýÿźžż',
            'aaaaaaaaacccddeeeeeeeeiiiiiilllnnnooooooorrsssstttuuuuuuuuyyzzz'
        ),
        'ß', 'ss'
    );
END $$
"""

FOLD_TWO = """
CREATE FUNCTION fold(first text, second text) RETURNS text
LANGUAGE plpgsql IMMUTABLE STRICT PARALLEL SAFE AS $$ BEGIN RETURN public.fold(first || ' ' || second); END $$
"""
# Whose messages must be hidden is decided by mailboxes that are hidden themselves, so the owner of the tables looks.
MAILBOXES = """
CREATE FUNCTION mailboxes_abroad(countries text[]) RETURNS text[]
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
    SELECT coalesce(array_agg(lower(email)), '{}') FROM system_ms365_connections
    WHERE country_code::text <> ALL (countries)
$$
"""
# Names are found from either end. `||` could tell of a row as well, so the blank is put in by the function.
PAIRS = (
    ("customers", "last_name", "first_name"),
    ("customers", "first_name", "last_name"),
    ("collaborators", "last_name", "first_name"),
    ("collaborators", "first_name", "last_name"),
)


def upgrade() -> None:
    op.execute(FOLD)
    op.execute(FOLD_TWO)
    op.execute(MAILBOXES)
    for table, first, second in PAIRS:
        op.execute(f"DROP INDEX find_{table}_{first}_{second}")
        op.execute(f'CREATE INDEX find_{table}_{first}_{second} ON {table} ((fold({first}, {second})) COLLATE "C")')
    for role in (APPLICATION, EVERYWHERE):
        _make_role(role)
        op.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        op.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        op.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        op.execute(f"REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role}")
        # What a later migration makes is the application's as well.
        later = "ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT"
        op.execute(f"{later} SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role}")
        op.execute(f"{later} USAGE, SELECT ON SEQUENCES TO {role}")
    for table, reads, writes in POLICIES:
        may_read, may_write = reads.replace("{MINE}", MINE), writes.replace("{MINE}", MINE)
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY everywhere ON {table} TO {EVERYWHERE} USING (true) WITH CHECK (true)")
        op.execute(f"CREATE POLICY countries_read ON {table} FOR SELECT TO {APPLICATION} USING ({may_read})")
        op.execute(f"CREATE POLICY countries_add ON {table} FOR INSERT TO {APPLICATION} WITH CHECK ({may_write})")
        op.execute(f"CREATE POLICY countries_change ON {table} FOR UPDATE TO {APPLICATION} USING ({may_write})")
        op.execute(f"CREATE POLICY countries_remove ON {table} FOR DELETE TO {APPLICATION} USING ({may_write})")
    _trust_fold()


def downgrade() -> None:
    op.execute("DROP FUNCTION mailboxes_abroad(text[])")
    for table, first, second in PAIRS:
        op.execute(f"DROP INDEX find_{table}_{first}_{second}")
        text = f"{first} || ' ' || {second}"
        op.execute(f'CREATE INDEX find_{table}_{first}_{second} ON {table} ((fold({text})) COLLATE "C")')
    op.execute("DROP FUNCTION fold(text, text)")
    for table, _reads, _writes in POLICIES:
        for name in ("everywhere", "countries_read", "countries_add", "countries_change", "countries_remove"):
            op.execute(f"DROP POLICY {name} ON {table}")
        op.execute(f"ALTER TABLE {table} DISABLE ROW LEVEL SECURITY")
    # The roles themselves may serve other databases of the server.
    for role in (APPLICATION, EVERYWHERE):
        op.execute(f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM {role}")
        op.execute(f"REVOKE ALL ON SCHEMA public FROM {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON TABLES FROM {role}")
        op.execute(f"ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE ALL ON SEQUENCES FROM {role}")


def _make_role(role: str) -> None:
    """The role, once per server; whoever migrates may act as it."""
    bind = op.get_bind()
    if not bind.scalar(sa.text("SELECT count(*) FROM pg_roles WHERE rolname = :role"), {"role": role}):
        able = sa.text("SELECT rolsuper OR rolcreaterole FROM pg_roles WHERE rolname = current_user")
        if not bind.scalar(able):
            raise RuntimeError(
                f"The role {role} is missing and this login may not create it. As a superuser run: "
                f"CREATE ROLE {role} NOLOGIN; GRANT {role} TO <the login of DATABASE_URL>;"
            )
        op.execute(f"CREATE ROLE {role} NOLOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE")
    if not bind.scalar(sa.text("SELECT pg_has_role(current_user, :role, 'SET')"), {"role": role}):
        op.execute(f"GRANT {role} TO CURRENT_USER")


def _trust_fold() -> None:
    """Under row-level security an index serves only functions that tell nothing in their errors.

    `fold` never fails on text. Only a superuser may say so: the embedded server left `trust_fold` for it; on another
    server without it search by name works, but reads all rows of the viewer's countries.
    """
    bind = op.get_bind()
    if bind.scalar(sa.text("SELECT rolsuper FROM pg_roles WHERE rolname = current_user")):
        op.execute("ALTER FUNCTION fold(text) LEAKPROOF")
        op.execute("ALTER FUNCTION fold(text, text) LEAKPROOF")
    elif bind.scalar(sa.text("SELECT to_regprocedure('trust_fold()') IS NOT NULL")):
        op.execute("SELECT trust_fold()")
