"""The documented tables"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Search is by folded text: lower case without accents. IMMUTABLE, so that it can be indexed.
FOLD = """
CREATE FUNCTION fold(value text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN replace(
    translate(
        lower(value),
        'áàâäãåāăąćčçďđéèêëēėęěíìîïīįĺľłńňñóòôöõōőŕřśšşșťţțúùûüūůűųýÿźžż',
        'aaaaaaaaacccddeeeeeeeeiiiiiilllnnnooooooorrsssstttuuuuuuuuyyzzz'
    ),
    'ß', 'ss'
)
"""

# A price, payment option, discount or VAT rate belongs to one of two tables; `instance_type` says to which.
TARGETS = """
CREATE FUNCTION instance_target_exists() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.instance_type = 'service' THEN
        PERFORM 1 FROM market_product_services WHERE id = NEW.instance_id FOR KEY SHARE;
    ELSE
        PERFORM 1 FROM market_product_instances WHERE id = NEW.instance_id FOR KEY SHARE;
    END IF;
    IF NOT FOUND THEN
        RAISE foreign_key_violation USING
            MESSAGE = format('no %s with id %s', NEW.instance_type, NEW.instance_id),
            TABLE = TG_TABLE_NAME, COLUMN = 'instance_id', CONSTRAINT = 'fk_' || TG_TABLE_NAME || '_instance_id';
    END IF;
    RETURN NEW;
END $$;
CREATE FUNCTION instance_target_free() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    kind text := CASE TG_TABLE_NAME WHEN 'market_product_services' THEN 'service' ELSE 'market' END;
    child text;
BEGIN
    FOREACH child IN ARRAY ARRAY['instance_prices', 'instance_payment_options', 'instance_discounts', 'instance_vat_rates']
    LOOP
        EXECUTE format('SELECT 1 FROM %I WHERE instance_id = $1 AND (instance_type = ''service'') = $2 LIMIT 1', child)
            USING OLD.id, kind = 'service' INTO kind;
        IF kind IS NOT NULL THEN
            RAISE foreign_key_violation USING
                MESSAGE = format('still used by %s', child),
                TABLE = child, COLUMN = 'instance_id', CONSTRAINT = 'fk_' || child || '_instance_id';
        END IF;
        kind := CASE TG_TABLE_NAME WHEN 'market_product_services' THEN 'service' ELSE 'market' END;
    END LOOP;
    RETURN OLD;
END $$;
"""


def upgrade() -> None:
    op.execute(FOLD)
    op.create_table(
        "billing_details",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=False,
            comment="Two-letter code of the country the company mainly invoices.",
        ),
        sa.Column(
            "country_codes",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Codes of all countries the company invoices.",
        ),
        sa.Column("code", sa.Text(), nullable=True, comment="Short internal code of the billing company."),
        sa.Column(
            "entity_code",
            sa.Text(),
            nullable=True,
            comment="Code of the legal entity, handed on exactly as entered.",
        ),
        sa.Column(
            "invoice_barcode_letter",
            sa.Text(),
            nullable=True,
            comment="One letter, A to Z, used in the invoice barcode.",
        ),
        sa.Column(
            "company_name", sa.Text(), nullable=False, comment="Name printed on invoices as the seller."
        ),
        sa.Column("address", sa.Text(), nullable=False, comment="Street and number printed on invoices."),
        sa.Column("city", sa.Text(), nullable=False, comment="Town printed on invoices with the address."),
        sa.Column("postal_code", sa.Text(), nullable=True, comment="Postal code of the invoice address."),
        sa.Column(
            "tax_id", sa.Text(), nullable=True, comment="Tax identifier copied onto invoices as the seller's."
        ),
        sa.Column(
            "bank_name",
            sa.Text(),
            nullable=True,
            comment="Bank named on invoices unless a bank account record applies.",
        ),
        sa.Column(
            "bank_iban",
            sa.Text(),
            nullable=True,
            comment="International account number printed on invoices, without spaces.",
        ),
        sa.Column(
            "bank_swift", sa.Text(), nullable=True, comment="Bank identifier code, 8 or 11 characters."
        ),
        sa.Column(
            "vat_rate",
            sa.Numeric(precision=5, scale=2),
            server_default=sa.text("20"),
            nullable=False,
            comment="Percent; for information, pricing always uses dated VAT rates.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Three-letter currency code suggested for new documents.",
        ),
        sa.Column(
            "payment_terms",
            sa.ARRAY(sa.Integer()),
            server_default=sa.text("'{7,14,30}'"),
            nullable=False,
            comment="Choices in days, e.g. 7, 14, 30.",
        ),
        sa.Column(
            "default_payment_term",
            sa.Integer(),
            server_default=sa.text("14"),
            nullable=False,
            comment="Days to pay, suggested on new invoices.",
        ),
        sa.Column(
            "postal_name", sa.Text(), nullable=True, comment="Addressee for letters sent to the company."
        ),
        sa.Column("postal_street", sa.Text(), nullable=True, comment="Street and number for letters."),
        sa.Column("postal_city", sa.Text(), nullable=True, comment="Town for letters to the company."),
        sa.Column("postal_postal_code", sa.Text(), nullable=True, comment="Postal code (PSČ) for letters."),
        sa.Column("postal_area", sa.Text(), nullable=True, comment="Region or county for letters, if used."),
        sa.Column("postal_country", sa.Text(), nullable=True, comment="Country for letters to the company."),
        sa.Column(
            "residency_name", sa.Text(), nullable=True, comment="Name under which the seat is registered."
        ),
        sa.Column(
            "residency_street", sa.Text(), nullable=True, comment="Street and number of the registered seat."
        ),
        sa.Column("residency_city", sa.Text(), nullable=True, comment="Town of the registered seat."),
        sa.Column(
            "residency_postal_code",
            sa.Text(),
            nullable=True,
            comment="Postal code (PSČ) of the registered seat.",
        ),
        sa.Column(
            "residency_area", sa.Text(), nullable=True, comment="Region or county of the registered seat."
        ),
        sa.Column(
            "residency_country", sa.Text(), nullable=True, comment="Country where the company has its seat."
        ),
        sa.Column(
            "full_name",
            sa.Text(),
            nullable=True,
            comment="Complete company name, if longer than the everyday one.",
        ),
        sa.Column("phone", sa.Text(), nullable=True, comment="Company phone number with country prefix."),
        sa.Column("email", sa.Text(), nullable=True, comment="Company address for general correspondence."),
        sa.Column("ico", sa.Text(), nullable=True, comment="Number from the business register."),
        sa.Column("dic", sa.Text(), nullable=True, comment="Number given by the tax office."),
        sa.Column(
            "vat_number",
            sa.Text(),
            nullable=True,
            comment="VAT registration number with country prefix, as used on invoices.",
        ),
        sa.Column(
            "web_from_email",
            sa.Text(),
            nullable=True,
            comment="Sender address of emails sent from the website.",
        ),
        sa.Column(
            "cover_letter_to_email",
            sa.Text(),
            nullable=True,
            comment="Email address that receives cover letters.",
        ),
        sa.Column(
            "default_language",
            sa.Text(),
            nullable=True,
            comment="Language code for the company's documents, e.g. sk.",
        ),
        sa.Column(
            "sent_collection_kit_to_client",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Kits go directly to the client's address.",
        ),
        sa.Column(
            "allow_manual_payment_insert",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Staff may record payments by hand.",
        ),
        sa.Column(
            "uid_is_mandatory",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Records cannot be completed without a UID.",
        ),
        sa.Column(
            "allow_empty_child_name_in_collection",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A collection may be saved without the child's name.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Preselected for its country; only one can be the default.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive companies cannot be chosen for new invoices.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the company (UTC).",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the company was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_billing_details_country_code"),
        ),
        sa.CheckConstraint(
            "\"country_codes\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_billing_details_country_codes"),
        ),
        sa.CheckConstraint(
            "\"postal_country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_billing_details_postal_country"),
        ),
        sa.CheckConstraint(
            "\"residency_country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_billing_details_residency_country"),
        ),
        sa.CheckConstraint(
            "default_payment_term >= 0", name=op.f("ck_billing_details_payment_term_not_negative")
        ),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 100", name=op.f("ck_billing_details_vat_rate_percent")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_details")),
        comment="A company of the group that issues invoices, with its addresses, tax numbers, bank and rules.",
        info={
            "one": "Billing company",
            "many": "Billing companies",
            "icon": "building",
            "default_within": ("country_code",),
        },
    )
    op.create_index(
        op.f("ix_billing_details_created_at_id"), "billing_details", ["created_at", "id"], unique=False
    )
    op.create_index(
        "one_default_billing_details",
        "billing_details",
        ["country_code"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "clinics",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name on the door of the practice."),
        sa.Column("doctor_name", sa.Text(), nullable=True, comment="Doctor in charge, with titles."),
        sa.Column("address", sa.Text(), nullable=True, comment="Street with house number."),
        sa.Column("city", sa.Text(), nullable=True, comment="Town where the clinic is."),
        sa.Column(
            "postal_code", sa.Text(), nullable=True, comment="In the format of the country, e.g. 040 01."
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            server_default="SK",
            nullable=False,
            comment="Decides which staff can see this clinic.",
        ),
        sa.Column("phone", sa.Text(), nullable=True, comment="With international prefix, e.g. +421."),
        sa.Column("email", sa.Text(), nullable=True, comment="Address of the reception or the doctor."),
        sa.Column("website", sa.Text(), nullable=True, comment="Full web address, starting with https://."),
        sa.Column(
            "latitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="In decimal degrees, e.g. 48.7163857; north is positive.",
        ),
        sa.Column(
            "longitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="In decimal degrees, e.g. 21.2610746; east is positive.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive clinics are left out of choices.",
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="Opening hours, habits and other remarks for colleagues.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_clinics_country_code"),
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_clinics_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_clinics_longitude")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinics")),
        comment="An outpatient practice we keep in touch with.",
        info={
            "one": "Clinic",
            "many": "Clinics",
            "icon": "first-aid-kit",
            "find": (("name",), ("doctor_name",), ("city",), ("email",)),
        },
    )
    op.create_index(
        "find_clinics_city", "clinics", [sa.literal_column('(fold("city")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_clinics_doctor_name",
        "clinics",
        [sa.literal_column('(fold("doctor_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_clinics_email", "clinics", [sa.literal_column('(fold("email")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_clinics_name", "clinics", [sa.literal_column('(fold("name")) COLLATE "C"')], unique=False
    )
    op.create_index("idx_clinics_active", "clinics", ["is_active"], unique=False)
    op.create_index("idx_clinics_city", "clinics", ["city"], unique=False)
    op.create_index("idx_clinics_country", "clinics", ["country_code"], unique=False)
    op.create_index(op.f("ix_clinics_created_at_id"), "clinics", ["created_at", "id"], unique=False)
    op.create_table(
        "complaint_types",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Kind of complaint as offered to colleagues."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Country that uses this type; empty means all countries.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive types are no longer offered for new entries.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the type was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_complaint_types_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_complaint_types")),
        comment="A kind of complaint that can be recorded with a customer.",
        info={"one": "Complaint type", "many": "Complaint types", "icon": "mood-sad"},
    )
    op.create_index(
        op.f("ix_complaint_types_created_at_id"), "complaint_types", ["created_at", "id"], unique=False
    )
    op.create_table(
        "contract_categories",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Identity of the record, a number.",
        ),
        sa.Column(
            "value",
            sa.String(length=50),
            nullable=False,
            comment="Unique short code that templates refer to, e.g. general.",
        ),
        sa.Column(
            "label",
            sa.Text(),
            nullable=False,
            comment="Used wherever no name in the local language is given.",
        ),
        sa.Column(
            "label_sk", sa.Text(), nullable=True, comment="Shown to colleagues and families in Slovakia."
        ),
        sa.Column(
            "label_cz", sa.Text(), nullable=True, comment="Shown to colleagues and families in Czechia."
        ),
        sa.Column(
            "label_hu", sa.Text(), nullable=True, comment="Shown to colleagues and families in Hungary."
        ),
        sa.Column(
            "label_ro", sa.Text(), nullable=True, comment="Shown to colleagues and families in Romania."
        ),
        sa.Column("label_it", sa.Text(), nullable=True, comment="Shown to colleagues and families in Italy."),
        sa.Column(
            "label_de", sa.Text(), nullable=True, comment="Shown to colleagues and families in Germany."
        ),
        sa.Column(
            "label_us", sa.Text(), nullable=True, comment="Shown to colleagues and families in the USA."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Which contracts belong in this category."
        ),
        sa.Column(
            "sort_order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Place in lists; the smallest number comes first.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the category was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the category was last edited, UTC.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_categories")),
        sa.UniqueConstraint("value", name=op.f("uq_contract_categories_value")),
        comment="A kind of contract, named in the language of each country.",
        info={"one": "Contract category", "many": "Contract categories", "icon": "category"},
    )
    op.create_index(
        op.f("ix_contract_categories_created_at_id"),
        "contract_categories",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "contract_templates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name colleagues choose when making a contract."
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="When this template should be used."),
        sa.Column(
            "country_code",
            sa.String(length=2),
            nullable=False,
            comment="Country whose contracts use this wording.",
        ),
        sa.Column(
            "language_code",
            sa.String(length=5),
            nullable=False,
            comment="Language of the text, e.g. sk, cs or de.",
        ),
        sa.Column(
            "category",
            sa.String(length=50),
            server_default="general",
            nullable=False,
            comment="Code of the contract category, e.g. general.",
        ),
        sa.Column(
            "status",
            sa.String(length=20),
            server_default="draft",
            nullable=False,
            comment="Only published templates can be used for new contracts.",
        ),
        sa.Column(
            "content_html",
            sa.Text(),
            nullable=True,
            comment="Wording with variables in double braces, e.g. {{customer.fullName}}.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the template was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the template was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_contract_templates_country_code"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('draft', 'published', 'archived')", name=op.f("ck_contract_templates_status")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_templates")),
        comment="The wording of a contract for one country and language, with places for data.",
        info={"one": "Contract template", "many": "Contract templates", "icon": "file-text"},
    )
    op.create_index(
        op.f("ix_contract_templates_created_at_id"), "contract_templates", ["created_at", "id"], unique=False
    )
    op.create_table(
        "cooperation_types",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Kind of cooperation as offered to colleagues."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Country that uses this type; empty means all countries.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive types are no longer offered for new entries.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the type was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_cooperation_types_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation_types")),
        comment="A way in which a customer cooperates with us.",
        info={"one": "Cooperation type", "many": "Cooperation types", "icon": "heart-handshake"},
    )
    op.create_index(
        op.f("ix_cooperation_types_created_at_id"), "cooperation_types", ["created_at", "id"], unique=False
    )
    op.create_table(
        "country_system_settings",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "country_code",
            sa.String(length=10),
            nullable=False,
            comment="Country the settings apply to; one entry per country.",
        ),
        sa.Column(
            "system_email_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="When off, no automatic emails leave for this country.",
        ),
        sa.Column(
            "system_email_address",
            sa.String(length=255),
            nullable=True,
            comment="Microsoft 365 address that automatic emails are sent from.",
        ),
        sa.Column(
            "system_email_display_name",
            sa.String(length=100),
            nullable=True,
            comment="Name recipients see on automatic emails.",
        ),
        sa.Column(
            "system_email_user_id",
            sa.String(length=255),
            nullable=True,
            comment="Microsoft 365 reference of the sending account.",
        ),
        sa.Column(
            "system_sms_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="When off, no automatic text messages leave for this country.",
        ),
        sa.Column(
            "system_sms_sender_type",
            sa.String(length=20),
            nullable=True,
            comment="Kind of sender, such as gSystem; overrides the SMS sender.",
        ),
        sa.Column(
            "system_sms_sender_value",
            sa.String(length=50),
            nullable=True,
            comment="Number, text or profile shown as the sender.",
        ),
        sa.Column(
            "alerts_enabled",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Alerts for this country are raised.",
        ),
        sa.Column(
            "notifications_enabled",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Notifications for this country are sent to colleagues.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the settings were added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to these settings, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_country_system_settings_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_country_system_settings")),
        sa.UniqueConstraint("country_code", name=op.f("uq_country_system_settings_country_code")),
        comment="How automatic emails, text messages and alerts are sent in one country.",
        info={"one": "Country setting", "many": "Country settings", "icon": "flag"},
    )
    op.create_index(
        op.f("ix_country_system_settings_created_at_id"),
        "country_system_settings",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "departments",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name of the department used inside the company."
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="What the department takes care of."),
        sa.Column(
            "parent_id",
            sa.String(),
            nullable=True,
            comment="Larger department this belongs to; empty for the top level.",
        ),
        sa.Column(
            "sort_order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Lower numbers come first in lists.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive departments are no longer offered for selection.",
        ),
        sa.Column(
            "contact_first_name", sa.Text(), nullable=True, comment="Given name of the contact person."
        ),
        sa.Column(
            "contact_last_name", sa.Text(), nullable=True, comment="Family name of the contact person."
        ),
        sa.Column(
            "contact_email", sa.Text(), nullable=True, comment="Address for questions to the department."
        ),
        sa.Column(
            "contact_phone", sa.Text(), nullable=True, comment="Phone for questions, with country prefix."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the department was added, UTC.",
        ),
        sa.CheckConstraint("parent_id <> id", name=op.f("ck_departments_not_own_parent")),
        sa.ForeignKeyConstraint(["parent_id"], ["departments.id"], name=op.f("fk_departments_parent_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_departments")),
        comment="A part of our organisation, possibly within a larger department, with its contact person.",
        info={"one": "Department", "many": "Departments", "icon": "sitemap"},
    )
    op.create_index(op.f("ix_departments_created_at_id"), "departments", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_departments_parent_id"), "departments", ["parent_id"], unique=False)
    op.create_table(
        "email_tags",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Tag text; each name can exist only once."),
        sa.Column(
            "color",
            sa.Text(),
            server_default="#6B7280",
            nullable=False,
            comment="Colour of the tag as a hex code, for example #6B7280.",
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="When colleagues should use this tag."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive tags stay on old emails but are not offered.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the tag was added, UTC.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_tags")),
        sa.UniqueConstraint("name", name=op.f("uq_email_tags_name")),
        comment="A coloured tag that colleagues and rules put on emails.",
        info={"one": "Email tag", "many": "Email tags", "icon": "tag"},
    )
    op.create_index(op.f("ix_email_tags_created_at_id"), "email_tags", ["created_at", "id"], unique=False)
    op.create_table(
        "exchange_rates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "currency_code", sa.Text(), nullable=False, comment="Three-letter code, e.g. USD, CZK, HUF."
        ),
        sa.Column("currency_name", sa.Text(), nullable=False, comment="Full name of the currency."),
        sa.Column(
            "rate",
            sa.Numeric(precision=12, scale=6),
            nullable=False,
            comment="Units of the currency for 1 EUR.",
        ),
        sa.Column(
            "rate_date",
            sa.Date(),
            nullable=False,
            comment="Day published; used until the next published rate.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the rate was last loaded (UTC).",
        ),
        sa.CheckConstraint("rate > 0", name=op.f("ck_exchange_rates_rate_positive")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_exchange_rates")),
        sa.UniqueConstraint(
            "currency_code", "rate_date", name=op.f("uq_exchange_rates_currency_code_rate_date")
        ),
        comment="A day's European Central Bank rate of one currency against the euro.",
        info={"one": "Exchange rate", "many": "Exchange rates", "icon": "currency-euro"},
    )
    op.create_table(
        "gsm_sender_configs",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "country_code",
            sa.String(length=10),
            nullable=False,
            comment="Country the sender is used in; one sender per country.",
        ),
        sa.Column(
            "sender_id_type",
            sa.String(length=20),
            nullable=False,
            comment="Kind of sender at the SMS service; gSystem is its default.",
        ),
        sa.Column(
            "sender_id_value",
            sa.String(length=50),
            nullable=True,
            comment="Number, text or profile; needed for gOwn, gText and gProfile.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, this sender is not used for text messages.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the sender was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the sender, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_gsm_sender_configs_country_code"),
        ),
        sa.CheckConstraint(
            "\"sender_id_type\" IN ('gSystem', 'gShort', 'gText', 'gMobile', 'gPush', 'gOwn', 'gProfile')",
            name=op.f("ck_gsm_sender_configs_sender_id_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_gsm_sender_configs")),
        sa.UniqueConstraint("country_code", name=op.f("uq_gsm_sender_configs_country_code")),
        comment="The sender shown on text messages in one country.",
        info={"one": "SMS sender", "many": "SMS senders", "icon": "device-mobile-message"},
    )
    op.create_index(
        op.f("ix_gsm_sender_configs_created_at_id"), "gsm_sender_configs", ["created_at", "id"], unique=False
    )
    op.create_table(
        "health_insurance_companies",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the insurer as customers know it."),
        sa.Column("code", sa.Text(), nullable=False, comment="Insurer's official code in its country."),
        sa.Column("country_code", sa.Text(), nullable=False, comment="Country in which the insurer works."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive insurers are no longer offered for customers.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the insurer was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_health_insurance_companies_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_health_insurance_companies")),
        comment="A health insurance company that customers can be insured with.",
        info={"one": "Health insurer", "many": "Health insurers", "icon": "umbrella"},
    )
    op.create_index(
        op.f("ix_health_insurance_companies_created_at_id"),
        "health_insurance_companies",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "inflation_rates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "year", sa.Integer(), nullable=False, comment="Calendar year the inflation was measured for."
        ),
        sa.Column(
            "country",
            sa.String(length=2),
            server_default="SK",
            nullable=False,
            comment="Two-letter country code; one rate per country and year.",
        ),
        sa.Column(
            "rate",
            sa.Numeric(precision=6, scale=2),
            nullable=False,
            comment="Percent per year, e.g. 2.80; may be negative.",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=True,
            comment="Where the figure comes from, e.g. the statistics office.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the rate was last changed (UTC).",
        ),
        sa.CheckConstraint(
            "\"country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_inflation_rates_country"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_inflation_rates")),
        sa.UniqueConstraint("year", "country", name=op.f("uq_inflation_rates_year_country")),
        comment="A country's yearly inflation, used to adjust yearly storage fees.",
        info={"one": "Inflation rate", "many": "Inflation rates", "icon": "trending-up"},
    )
    op.create_table(
        "instance_discounts",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "instance_id",
            sa.String(),
            nullable=False,
            comment="Market product or market service the discount applies to.",
        ),
        sa.Column(
            "instance_type",
            sa.Text(),
            server_default="market",
            nullable=False,
            comment="Says whether it belongs to a market product or a service.",
        ),
        sa.Column(
            "type",
            sa.Text(),
            nullable=True,
            comment="Kind of reduction; surcharges are marked here, never by negative values.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name shown when staff choose a discount."),
        sa.Column(
            "invoice_item_text",
            sa.Text(),
            nullable=True,
            comment="Wording of the discount line on the invoice.",
        ),
        sa.Column(
            "analytical_account",
            sa.Text(),
            nullable=True,
            comment="Analytical account the discount is booked to.",
        ),
        sa.Column(
            "accounting_code",
            sa.Text(),
            nullable=True,
            comment="Code handed to accounting exactly as entered.",
        ),
        sa.Column(
            "is_fixed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Reduces by a set sum; choose this or percentage, not both.",
        ),
        sa.Column(
            "fixed_value",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="Sum in the currency of the price, taken off before VAT.",
        ),
        sa.Column(
            "is_percentage",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Reduces by a share; choose this or fixed amount, not both.",
        ),
        sa.Column(
            "percentage_value",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Share of the net price, 0 to 100.",
        ),
        sa.Column("from_date", sa.DateTime(), nullable=True, comment="First day the discount can be given."),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the discount can be given, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive discounts cannot be given any more.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Internal remark on who may get this discount."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the discount was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"instance_type\" IN ('market', 'service')", name=op.f("ck_instance_discounts_instance_type")
        ),
        sa.CheckConstraint(
            "NOT (is_fixed AND is_percentage)", name=op.f("ck_instance_discounts_fixed_or_percentage")
        ),
        sa.CheckConstraint("fixed_value >= 0", name=op.f("ck_instance_discounts_fixed_value_not_negative")),
        sa.CheckConstraint(
            "percentage_value BETWEEN 0 AND 100", name=op.f("ck_instance_discounts_percentage_percent")
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_instance_discounts_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_discounts")),
        comment="A discount or surcharge that can be applied to a market product or service.",
        info={"one": "Discount", "many": "Discounts", "icon": "percentage"},
    )
    op.create_index(
        op.f("ix_instance_discounts_created_at_id"), "instance_discounts", ["created_at", "id"], unique=False
    )
    op.create_table(
        "instance_prices",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "instance_id",
            sa.String(),
            nullable=False,
            comment="Market product or market service this price applies to.",
        ),
        sa.Column(
            "instance_type",
            sa.Text(),
            server_default="market",
            nullable=False,
            comment="Says whether a market product or a market service is priced.",
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Two-letter code if the price applies to one country only.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name shown when staff choose a price."),
        sa.Column(
            "accounting_code",
            sa.Text(),
            nullable=True,
            comment="Code handed to accounting exactly as entered.",
        ),
        sa.Column(
            "analytical_account",
            sa.Text(),
            nullable=True,
            comment="Analytical account the revenue is booked to.",
        ),
        sa.Column(
            "price",
            sa.Numeric(precision=10, scale=2),
            nullable=False,
            comment="Amount per unit in the currency of this row, without VAT.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Three-letter currency code, e.g. EUR, CZK, HUF.",
        ),
        sa.Column(
            "amendment",
            sa.Text(),
            nullable=True,
            comment="Contract amendment text that goes with this price.",
        ),
        sa.Column(
            "from_date",
            sa.DateTime(),
            nullable=True,
            comment="First day the price applies; validity periods must not overlap.",
        ),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the price applies, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive prices are not used for new calculations.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Internal remark on when to use this price."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the price was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"instance_type\" IN ('market', 'service')", name=op.f("ck_instance_prices_instance_type")
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_instance_prices_country_code"),
        ),
        sa.CheckConstraint("price >= 0", name=op.f("ck_instance_prices_price_not_negative")),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_instance_prices_dates_in_order")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_prices")),
        comment="A dated price of a market product or a market service.",
        info={"one": "Price", "many": "Prices", "icon": "tag"},
    )
    op.create_index(
        op.f("ix_instance_prices_created_at_id"), "instance_prices", ["created_at", "id"], unique=False
    )
    op.create_table(
        "invoice_layouts",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Internal name of the layout."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=False,
            comment="Two-letter code of the country whose invoices use it.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Chosen automatically; only one per country.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive layouts cannot be chosen for new invoices.",
        ),
        sa.Column(
            "layout_config",
            sa.Text(),
            nullable=False,
            comment="JSON object describing the blocks on the page.",
        ),
        sa.Column(
            "paper_size",
            sa.Text(),
            server_default="A4",
            nullable=False,
            comment="Name of the paper format, e.g. A4.",
        ),
        sa.Column(
            "orientation",
            sa.Text(),
            server_default="portrait",
            nullable=False,
            comment="Upright or sideways page.",
        ),
        sa.Column(
            "margin_top",
            sa.Integer(),
            server_default=sa.text("20"),
            nullable=True,
            comment="Empty space at the top, in millimetres.",
        ),
        sa.Column(
            "margin_bottom",
            sa.Integer(),
            server_default=sa.text("20"),
            nullable=True,
            comment="Empty space at the bottom, in millimetres.",
        ),
        sa.Column(
            "margin_left",
            sa.Integer(),
            server_default=sa.text("15"),
            nullable=True,
            comment="Empty space on the left, in millimetres.",
        ),
        sa.Column(
            "margin_right",
            sa.Integer(),
            server_default=sa.text("15"),
            nullable=True,
            comment="Empty space on the right, in millimetres.",
        ),
        sa.Column(
            "font_size",
            sa.Integer(),
            server_default=sa.text("10"),
            nullable=True,
            comment="Size of normal text, in points.",
        ),
        sa.Column(
            "font_family",
            sa.Text(),
            server_default="Arial",
            nullable=True,
            comment="Typeface of the printed text, e.g. Arial.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the layout was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the layout (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_invoice_layouts_country_code"),
        ),
        sa.CheckConstraint(
            "\"orientation\" IN ('portrait', 'landscape')", name=op.f("ck_invoice_layouts_orientation")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_layouts")),
        comment="The page setup and arrangement of printed invoices for one country.",
        info={
            "one": "Invoice layout",
            "many": "Invoice layouts",
            "icon": "layout",
            "default_within": ("country_code",),
        },
    )
    op.create_index(
        op.f("ix_invoice_layouts_created_at_id"), "invoice_layouts", ["created_at", "id"], unique=False
    )
    op.create_index(
        "one_default_invoice_layouts",
        "invoice_layouts",
        ["country_code"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "invoice_templates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Internal name of the template."),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="When and for what this template is used."
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=False,
            comment="Two-letter code of the country whose invoices use it.",
        ),
        sa.Column(
            "language_code",
            sa.Text(),
            server_default="en",
            nullable=False,
            comment="Language code of the printed texts, e.g. sk, de.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Chosen automatically; one per country, language and document type.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive templates cannot be chosen for new documents.",
        ),
        sa.Column(
            "template_type",
            sa.Text(),
            server_default="standard",
            nullable=False,
            comment="Kind of document printed with this template.",
        ),
        sa.Column(
            "header_html",
            sa.Text(),
            nullable=True,
            comment="Formatted text (HTML) printed at the top of the page.",
        ),
        sa.Column(
            "footer_html",
            sa.Text(),
            nullable=True,
            comment="Formatted text (HTML) printed at the bottom of the page.",
        ),
        sa.Column("logo_path", sa.Text(), nullable=True, comment="Picture printed in the header."),
        sa.Column(
            "primary_color",
            sa.Text(),
            server_default="#6B2346",
            nullable=True,
            comment="Colour as a hex code, e.g. #6B2346.",
        ),
        sa.Column(
            "show_vat",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Prints the VAT rates and amounts.",
        ),
        sa.Column(
            "show_payment_qr",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Prints a code the customer can scan to pay.",
        ),
        sa.Column(
            "payment_instructions", sa.Text(), nullable=True, comment="Text telling the customer how to pay."
        ),
        sa.Column(
            "legal_text", sa.Text(), nullable=True, comment="Statutory wording printed below the items."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the template was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the template (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_invoice_templates_country_code"),
        ),
        sa.CheckConstraint(
            "\"template_type\" IN ('standard', 'proforma', 'credit_note')",
            name=op.f("ck_invoice_templates_template_type"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_templates")),
        comment="The texts and look of invoices for one country, language and kind of document.",
        info={
            "one": "Invoice template",
            "many": "Invoice templates",
            "icon": "template",
            "default_within": ("country_code", "language_code", "template_type"),
        },
    )
    op.create_index(
        op.f("ix_invoice_templates_created_at_id"), "invoice_templates", ["created_at", "id"], unique=False
    )
    op.create_index(
        "one_default_invoice_templates",
        "invoice_templates",
        ["country_code", "language_code", "template_type"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "laboratories",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the laboratory used in lists."),
        sa.Column(
            "country_code", sa.Text(), nullable=False, comment="Country in which the laboratory works."
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive laboratories are no longer offered for selection.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the laboratory was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_laboratories_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_laboratories")),
        comment="A laboratory that works for us in one country.",
        info={"one": "Laboratory", "many": "Laboratories", "icon": "flask"},
    )
    op.create_index(op.f("ix_laboratories_created_at_id"), "laboratories", ["created_at", "id"], unique=False)
    op.create_table(
        "lead_scoring_criteria",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Short title shown in the breakdown of a score."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Why the rule exists and whom it should catch."
        ),
        sa.Column(
            "category",
            sa.Text(),
            nullable=False,
            comment="Group the rule is listed under in the score breakdown.",
        ),
        sa.Column(
            "field", sa.Text(), nullable=False, comment="Customer detail the rule looks at, e.g. email."
        ),
        sa.Column(
            "condition", sa.Text(), nullable=False, comment="How the detail is compared with the value."
        ),
        sa.Column(
            "value", sa.Text(), nullable=True, comment='What to compare with; leave empty for "not empty".'
        ),
        sa.Column(
            "points",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Added when the rule matches; a negative number subtracts.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Changing this recalculates the scores of affected customers.",
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Only customers of this country; empty applies everywhere.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"category\" IN ('demographic', 'engagement', 'behavior', 'profile')",
            name=op.f("ck_lead_scoring_criteria_category"),
        ),
        sa.CheckConstraint(
            "\"condition\" IN ('equals', 'not_empty', 'greater_than', 'less_than', 'contains')",
            name=op.f("ck_lead_scoring_criteria_condition"),
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_lead_scoring_criteria_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_lead_scoring_criteria")),
        comment="A rule that adds points to, or takes points from, a customer's lead score.",
        info={"one": "Scoring rule", "many": "Scoring rules", "icon": "target-arrow"},
    )
    op.create_index(
        op.f("ix_lead_scoring_criteria_created_at_id"),
        "lead_scoring_criteria",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "pipelines",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.String(length=255), nullable=False, comment="Name shown above the board of deals."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Which kind of deals belong in this pipeline."
        ),
        sa.Column(
            "country_codes",
            sa.ARRAY(sa.Text()),
            nullable=True,
            comment="Countries that use the pipeline; leave empty for all.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="New deals land here unless another pipeline is chosen.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=True,
            comment="Inactive pipelines accept no new deals.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the pipeline was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the pipeline was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_codes\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_pipelines_country_codes"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipelines")),
        comment="A sales path with its own stages that deals move through.",
        info={"one": "Pipeline", "many": "Pipelines", "icon": "git-branch", "default_within": ()},
    )
    op.create_index(op.f("ix_pipelines_created_at_id"), "pipelines", ["created_at", "id"], unique=False)
    op.create_index(
        "one_default_pipelines",
        "pipelines",
        ["is_default"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "products",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Product name as staff and offers show it."),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="What the product covers, in a few sentences."
        ),
        sa.Column(
            "countries",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Country codes where the product may be offered, e.g. SK, CZ.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Switch off to stop offering it; existing records stay.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the product was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"countries\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_products_countries"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        comment="A basic product or service the bank offers, before it is adapted to a country.",
        info={"one": "Product", "many": "Products", "icon": "package"},
    )
    op.create_index(op.f("ix_products_created_at_id"), "products", ["created_at", "id"], unique=False)
    op.create_table(
        "service_configurations",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "service_code",
            sa.Text(),
            nullable=False,
            comment="Short code of the service used inside the company.",
        ),
        sa.Column(
            "service_name",
            sa.Text(),
            nullable=False,
            comment="Service name as colleagues and customers see it.",
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="What the service includes."),
        sa.Column(
            "country_code", sa.Text(), nullable=False, comment="Country in which the service is offered."
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive services are no longer offered.",
        ),
        sa.Column(
            "invoiceable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The service may appear on an invoice.",
        ),
        sa.Column(
            "collectable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The service includes collecting a sample.",
        ),
        sa.Column(
            "storable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The service includes long-term storage.",
        ),
        sa.Column(
            "base_price",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Basic price in `currency`; the VAT rate is kept separately.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Currency of the base price, for example EUR.",
        ),
        sa.Column(
            "vat_rate",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="VAT in percent, with two decimals.",
        ),
        sa.Column(
            "processing_days", sa.Integer(), nullable=True, comment="Number of days needed for processing."
        ),
        sa.Column(
            "storage_years", sa.Integer(), nullable=True, comment="Number of years the sample is stored."
        ),
        sa.Column(
            "additional_options",
            sa.Text(),
            nullable=True,
            comment="Further options of the service, written as JSON.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the service was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the service, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_service_configurations_country_code"),
        ),
        sa.CheckConstraint("base_price >= 0", name=op.f("ck_service_configurations_base_price_not_negative")),
        sa.CheckConstraint(
            "vat_rate BETWEEN 0 AND 100", name=op.f("ck_service_configurations_vat_rate_percent")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_configurations")),
        comment="A service offered in one country with its basic price and durations.",
        info={"one": "Service setup", "many": "Service setups", "icon": "adjustments"},
    )
    op.create_index(
        op.f("ix_service_configurations_created_at_id"),
        "service_configurations",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "system_ms365_connections",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "country_code",
            sa.String(length=10),
            nullable=False,
            comment="Country the account sends for; one account per country.",
        ),
        sa.Column(
            "access_token",
            sa.Text(),
            nullable=False,
            comment="Secret that opens the account; kept encrypted and never shown.",
        ),
        sa.Column(
            "refresh_token",
            sa.Text(),
            nullable=True,
            comment="Secret that renews access without signing in; never shown.",
        ),
        sa.Column(
            "token_expires_at",
            sa.DateTime(),
            nullable=True,
            comment="When the access key must be renewed, UTC.",
        ),
        sa.Column(
            "account_id",
            sa.Text(),
            nullable=True,
            comment="Microsoft's own reference to the signed-in account.",
        ),
        sa.Column("email", sa.Text(), nullable=False, comment="Address that automatic emails are sent from."),
        sa.Column(
            "display_name", sa.Text(), nullable=True, comment="Name recipients see next to the address."
        ),
        sa.Column(
            "is_connected",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, someone must sign in to the account again.",
        ),
        sa.Column(
            "last_sync_at",
            sa.DateTime(),
            nullable=True,
            comment="When the account last worked successfully, UTC.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the account was first connected, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the connection, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_system_ms365_connections_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_system_ms365_connections")),
        sa.UniqueConstraint("country_code", name=op.f("uq_system_ms365_connections_country_code")),
        comment="The Microsoft 365 account that sends automatic emails for one country.",
        info={"one": "Country mail connection", "many": "Country mail connections", "icon": "mail-share"},
    )
    op.create_index(
        op.f("ix_system_ms365_connections_created_at_id"),
        "system_ms365_connections",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "users",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "username", sa.Text(), nullable=False, comment="Name typed at sign-in; no two users share one."
        ),
        sa.Column(
            "email",
            sa.Text(),
            nullable=False,
            comment="Work address for notifications and Microsoft sign-in; must be unique.",
        ),
        sa.Column(
            "full_name", sa.Text(), nullable=False, comment="Name colleagues see on records and in lists."
        ),
        sa.Column(
            "password_hash",
            sa.Text(),
            nullable=False,
            comment="Kept only in scrambled form (bcrypt); can be replaced, never read.",
        ),
        sa.Column(
            "role",
            sa.Text(),
            server_default="user",
            nullable=False,
            comment="Follows from the primary role; cannot be edited here.",
        ),
        sa.Column(
            "role_id",
            sa.String(),
            nullable=True,
            comment="Main role of this user; further roles can be added separately.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Unticking blocks sign-in and ends open sessions at once.",
        ),
        sa.Column(
            "assigned_countries",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="The user sees records of these countries only.",
        ),
        sa.Column(
            "avatar_url", sa.Text(), nullable=True, comment="Web address of the photo shown next to the name."
        ),
        sa.Column(
            "sip_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Allows calling from the browser with the extension below.",
        ),
        sa.Column(
            "sip_extension",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Internal number on the phone exchange, e.g. 204.",
        ),
        sa.Column(
            "sip_password",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Secret of the phone extension; never displayed after saving.",
        ),
        sa.Column(
            "sip_display_name",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Name the called colleague or exchange sees.",
        ),
        sa.Column(
            "jira_account_id",
            sa.Text(),
            nullable=True,
            comment="Account identifier in Jira; for reference only.",
        ),
        sa.Column("jira_display_name", sa.Text(), nullable=True, comment="How this person appears in Jira."),
        sa.Column(
            "auth_method",
            sa.Text(),
            server_default="local",
            nullable=False,
            comment="With Microsoft 365, signing in by password is refused.",
        ),
        sa.Column(
            "nexus_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Lets the user work with the NEXUS AI assistant.",
        ),
        sa.Column(
            "show_notification_bell",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Puts the bell with unread alerts in the top bar.",
        ),
        sa.Column(
            "show_email_queue",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Puts the icon of waiting emails in the top bar.",
        ),
        sa.Column(
            "show_sip_phone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Puts the dialling icon in the top bar.",
        ),
        sa.Column(
            "phone_prefix",
            sa.Text(),
            nullable=True,
            comment="International dialling code with plus sign, e.g. +421.",
        ),
        sa.Column("phone", sa.Text(), nullable=True, comment="Number without the international prefix."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the account was set up (UTC).",
        ),
        sa.CheckConstraint("\"role\" IN ('admin', 'manager', 'user')", name=op.f("ck_users_role")),
        sa.CheckConstraint(
            "\"assigned_countries\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_users_assigned_countries"),
        ),
        sa.CheckConstraint("\"auth_method\" IN ('local', 'ms365')", name=op.f("ck_users_auth_method")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email", name=op.f("uq_users_email")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
        comment="A member of staff who signs in to this system.",
        info={
            "one": "User",
            "many": "Users",
            "icon": "user-circle",
            "find": (("full_name",), ("username",), ("email",)),
        },
    )
    op.create_index(
        "find_users_email", "users", [sa.literal_column('(fold("email")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_users_full_name", "users", [sa.literal_column('(fold("full_name")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_users_username", "users", [sa.literal_column('(fold("username")) COLLATE "C"')], unique=False
    )
    op.create_index(op.f("ix_users_created_at_id"), "users", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_users_role_id"), "users", ["role_id"], unique=False)
    op.create_index("uq_users_lower_email", "users", [sa.literal_column("lower(email)")], unique=True)
    op.create_index("uq_users_lower_username", "users", [sa.literal_column("lower(username)")], unique=True)
    op.create_table(
        "variable_blocks",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "code",
            sa.String(length=50),
            nullable=False,
            comment="Unique short code, the first part of its variables, e.g. customer.",
        ),
        sa.Column(
            "display_name", sa.Text(), nullable=False, comment="Heading of the group for Slovak colleagues."
        ),
        sa.Column(
            "display_name_en",
            sa.Text(),
            nullable=True,
            comment="Heading of the group in all other languages.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Which data the group's variables bring in."
        ),
        sa.Column(
            "icon",
            sa.String(length=50),
            nullable=True,
            comment="Name of a Lucide icon shown beside the group.",
        ),
        sa.Column(
            "priority",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Orders the groups when choosing a variable.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=True,
            comment="Variables of inactive groups are not offered in templates.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the block was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the block was last edited, UTC.",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variable_blocks")),
        sa.UniqueConstraint("code", name=op.f("uq_variable_blocks_code")),
        comment="A group of variables that contract texts can use, such as those about the customer.",
        info={"one": "Variable block", "many": "Variable blocks", "icon": "braces"},
    )
    op.create_index(
        op.f("ix_variable_blocks_created_at_id"), "variable_blocks", ["created_at", "id"], unique=False
    )
    op.create_table(
        "vip_statuses",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="VIP level as offered to colleagues."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Country that uses this status; empty means all countries.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive statuses are no longer offered for new entries.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the status was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_vip_statuses_country_code"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_vip_statuses")),
        comment="A level of special attention that can be given to a customer.",
        info={"one": "VIP status", "many": "VIP statuses", "icon": "crown"},
    )
    op.create_index(op.f("ix_vip_statuses_created_at_id"), "vip_statuses", ["created_at", "id"], unique=False)
    op.create_table(
        "activity_logs",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "user_id",
            sa.String(),
            nullable=False,
            comment="Who acted; automatic actions carry the system user.",
        ),
        sa.Column(
            "action", sa.Text(), nullable=False, comment="What was done, such as sign in, change or export."
        ),
        sa.Column(
            "entity_type",
            sa.Text(),
            nullable=True,
            comment="Kind of record concerned, for example customer or invoice.",
        ),
        sa.Column(
            "entity_id", sa.String(), nullable=True, comment="Internal number of the record concerned."
        ),
        sa.Column(
            "entity_name", sa.Text(), nullable=True, comment="Name of the record at the time of the action."
        ),
        sa.Column("details", sa.Text(), nullable=True, comment="What exactly changed, as a JSON object."),
        sa.Column("ip_address", sa.Text(), nullable=True, comment="Network address the action came from."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the action happened, UTC; entries cannot be changed.",
        ),
        sa.CheckConstraint(
            "\"action\" IN ('login', 'logout', 'create', 'update', 'delete', 'view', 'export', 'consent_granted', 'consent_revoked')",
            name=op.f("ck_activity_logs_action"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_activity_logs_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_activity_logs")),
        comment="A permanent record of who did what, to which record and when.",
        info={
            "one": "Activity log entry",
            "many": "Activity log",
            "icon": "history",
            "find": (("entity_name",),),
        },
    )
    op.create_index(
        "find_activity_logs_entity_name",
        "activity_logs",
        [sa.literal_column('(fold("entity_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "idx_activity_logs_created", "activity_logs", [sa.literal_column("created_at DESC")], unique=False
    )
    op.create_index("idx_activity_logs_entity", "activity_logs", ["entity_type", "entity_id"], unique=False)
    op.create_index("idx_activity_logs_user", "activity_logs", ["user_id"], unique=False)
    op.create_index(
        op.f("ix_activity_logs_created_at_id"), "activity_logs", ["created_at", "id"], unique=False
    )
    op.create_table(
        "automation_rules",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "pipeline_id", sa.String(), nullable=False, comment="Pipeline whose deals the rule watches."
        ),
        sa.Column(
            "name",
            sa.String(length=255),
            nullable=False,
            comment="Says what the rule does, for the list of rules.",
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="Why the rule exists and whom it helps."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=True,
            comment="Inactive rules never run.",
        ),
        sa.Column(
            "trigger_type", sa.String(length=50), nullable=False, comment="Event that starts the rule."
        ),
        sa.Column(
            "trigger_config",
            postgresql.JSONB(),
            nullable=True,
            comment="JSON object with conditions the event must also meet.",
        ),
        sa.Column(
            "action_type", sa.String(length=50), nullable=False, comment="What is done when the rule applies."
        ),
        sa.Column(
            "action_config",
            postgresql.JSONB(),
            nullable=True,
            comment="JSON object with what the action needs, e.g. stage or owner.",
        ),
        sa.Column(
            "execution_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="How many times the rule has run so far.",
        ),
        sa.Column("last_executed_at", sa.DateTime(), nullable=True, comment="Time of the latest run, UTC."),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who set up the rule."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the rule was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the rule was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"trigger_type\" IN ('deal_created', 'stage_changed', 'deal_won', 'deal_lost', 'deal_rotting', 'activity_completed', 'customer_updated')",
            name=op.f("ck_automation_rules_trigger_type"),
        ),
        sa.CheckConstraint(
            "\"action_type\" IN ('create_activity', 'send_email', 'assign_owner', 'update_deal', 'move_stage', 'add_note', 'create_deal')",
            name=op.f("ck_automation_rules_action_type"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_automation_rules_created_by")),
        sa.ForeignKeyConstraint(
            ["pipeline_id"],
            ["pipelines.id"],
            name=op.f("fk_automation_rules_pipeline_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_automation_rules")),
        comment="A rule that does a step by itself when something happens in a pipeline.",
        info={"one": "Automation rule", "many": "Automation rules", "icon": "bolt"},
    )
    op.create_index(
        op.f("ix_automation_rules_created_at_id"), "automation_rules", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_automation_rules_created_by"), "automation_rules", ["created_by"], unique=False)
    op.create_index(
        op.f("ix_automation_rules_pipeline_id"), "automation_rules", ["pipeline_id"], unique=False
    )
    op.create_table(
        "billing_company_accounts",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=False, comment="Company that owns the account."
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Invoices in this currency show this account.",
        ),
        sa.Column("name", sa.Text(), nullable=True, comment="Internal name that tells accounts apart."),
        sa.Column("bank_name", sa.Text(), nullable=True, comment="Bank that keeps the account."),
        sa.Column(
            "account_number", sa.Text(), nullable=True, comment="Domestic number without the bank code."
        ),
        sa.Column(
            "account_bank_code",
            sa.Text(),
            nullable=True,
            comment="Domestic bank code, e.g. four digits in SK and CZ.",
        ),
        sa.Column("iban", sa.Text(), nullable=True, comment="International account number, without spaces."),
        sa.Column("swift", sa.Text(), nullable=True, comment="Bank identifier code, 8 or 11 characters."),
        sa.Column("valid_from_day", sa.Integer(), nullable=True, comment="Day of the month, 1 to 31."),
        sa.Column("valid_from_month", sa.Integer(), nullable=True, comment="Month as a number, 1 to 12."),
        sa.Column(
            "valid_from_year", sa.Integer(), nullable=True, comment="Year with four digits, e.g. 2026."
        ),
        sa.Column("valid_to_day", sa.Integer(), nullable=True, comment="Day of the month, 1 to 31."),
        sa.Column("valid_to_month", sa.Integer(), nullable=True, comment="Month as a number, 1 to 12."),
        sa.Column("valid_to_year", sa.Integer(), nullable=True, comment="Year with four digits, e.g. 2027."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive accounts are not printed on new invoices.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Used first for its company and currency.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Internal remark on what the account is for."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the account was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the account (UTC).",
        ),
        sa.CheckConstraint(
            '"valid_from_month" BETWEEN 1 AND 12 AND "valid_from_day" BETWEEN 1 AND 31 AND "valid_from_year" BETWEEN 1900 AND 2200 AND ("valid_from_day" IS NULL OR "valid_from_month" IS NOT NULL)',
            name=op.f("ck_billing_company_accounts_valid_from_parts"),
        ),
        sa.CheckConstraint(
            '"valid_to_month" BETWEEN 1 AND 12 AND "valid_to_day" BETWEEN 1 AND 31 AND "valid_to_year" BETWEEN 1900 AND 2200 AND ("valid_to_day" IS NULL OR "valid_to_month" IS NOT NULL)',
            name=op.f("ck_billing_company_accounts_valid_to_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_billing_company_accounts_billing_details_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_company_accounts")),
        comment="A bank account of a billing company for one currency and period.",
        info={
            "one": "Bank account",
            "many": "Bank accounts",
            "icon": "building-bank",
            "default_within": ("billing_details_id", "currency"),
            "dates": {"valid_from": "Valid from", "valid_to": "Valid to"},
        },
    )
    op.create_index(
        op.f("ix_billing_company_accounts_billing_details_id"),
        "billing_company_accounts",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_accounts_created_at_id"),
        "billing_company_accounts",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "one_default_billing_company_accounts",
        "billing_company_accounts",
        ["billing_details_id", "currency"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "billing_company_audit_log",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=False, comment="Company whose details were changed."
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Staff member who made the change."),
        sa.Column("field_name", sa.Text(), nullable=False, comment="Detail of the company that was changed."),
        sa.Column(
            "old_value", sa.Text(), nullable=True, comment="Content before the change; empty for a new entry."
        ),
        sa.Column(
            "new_value", sa.Text(), nullable=True, comment="Content after the change; empty for a deletion."
        ),
        sa.Column(
            "change_type",
            sa.Text(),
            server_default="update",
            nullable=False,
            comment="What kind of change was made.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When it happened (UTC); entries cannot be edited.",
        ),
        sa.CheckConstraint(
            "\"change_type\" IN ('create', 'update', 'delete')",
            name=op.f("ck_billing_company_audit_log_change_type"),
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_billing_company_audit_log_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_billing_company_audit_log_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_company_audit_log")),
        comment="One recorded change to a billing company, kept for checking who changed what.",
        info={"one": "Billing company change", "many": "Billing company changes", "icon": "history"},
    )
    op.create_index(
        op.f("ix_billing_company_audit_log_billing_details_id"),
        "billing_company_audit_log",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_audit_log_created_at_id"),
        "billing_company_audit_log",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_audit_log_user_id"), "billing_company_audit_log", ["user_id"], unique=False
    )
    op.create_table(
        "billing_company_couriers",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=False, comment="Company the courier delivers for."
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Courier company or contact person."),
        sa.Column(
            "phone", sa.Text(), nullable=True, comment="Number with country prefix for arranging pickups."
        ),
        sa.Column("email", sa.Text(), nullable=True, comment="Address for pickup orders and questions."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive couriers cannot be chosen for new deliveries.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Remarks such as opening hours or service area."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the courier was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the courier (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_billing_company_couriers_billing_details_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_company_couriers")),
        comment="A courier who transports kits or samples for a billing company.",
        info={"one": "Courier", "many": "Couriers", "icon": "truck-delivery"},
    )
    op.create_index(
        op.f("ix_billing_company_couriers_billing_details_id"),
        "billing_company_couriers",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_couriers_created_at_id"),
        "billing_company_couriers",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "billing_company_laboratories",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=False, comment="Company that uses the laboratory."
        ),
        sa.Column(
            "laboratory_id",
            sa.String(),
            nullable=False,
            comment="Laboratory working for the company; each pair only once.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the two were linked (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_billing_company_laboratories_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratories.id"], name=op.f("fk_billing_company_laboratories_laboratory_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_company_laboratories")),
        sa.UniqueConstraint(
            "billing_details_id",
            "laboratory_id",
            name=op.f("uq_billing_company_laboratories_billing_details_id_laboratory_id"),
        ),
        comment="A laboratory that works with a billing company.",
        info={
            "one": "Billing company laboratory",
            "many": "Billing company laboratories",
            "icon": "microscope",
        },
    )
    op.create_index(
        op.f("ix_billing_company_laboratories_created_at_id"),
        "billing_company_laboratories",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_laboratories_laboratory_id"),
        "billing_company_laboratories",
        ["laboratory_id"],
        unique=False,
    )
    op.create_table(
        "campaign_templates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name shown when starting a campaign from a template."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="When colleagues should use this template."
        ),
        sa.Column(
            "type",
            sa.Text(),
            server_default="marketing",
            nullable=False,
            comment="Purpose given to campaigns started from this template.",
        ),
        sa.Column(
            "country_codes",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Countries preset in campaigns started from this template.",
        ),
        sa.Column(
            "criteria",
            sa.Text(),
            nullable=True,
            comment="JSON filter copied to new campaigns to choose their customers.",
        ),
        sa.Column(
            "settings", sa.Text(), nullable=True, comment="JSON object with options copied to new campaigns."
        ),
        sa.Column(
            "script", sa.Text(), nullable=True, comment="Operator text copied to campaigns started from here."
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Offered first when a campaign is created; only one can be.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who prepared the template."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the template was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the template was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_codes\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_campaign_templates_country_codes"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_campaign_templates_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_templates")),
        comment="A ready-made campaign setup from which new campaigns can be started.",
        info={
            "one": "Campaign template",
            "many": "Campaign templates",
            "icon": "template",
            "default_within": ("type",),
        },
    )
    op.create_index(
        op.f("ix_campaign_templates_created_at_id"), "campaign_templates", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_campaign_templates_created_by"), "campaign_templates", ["created_by"], unique=False
    )
    op.create_index(
        "one_default_campaign_templates",
        "campaign_templates",
        ["type"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "campaigns",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Short name operators recognise in their queue."
        ),
        sa.Column(
            "description",
            sa.Text(),
            nullable=True,
            comment="What the campaign is for and who should be reached.",
        ),
        sa.Column(
            "type",
            sa.Text(),
            server_default="marketing",
            nullable=False,
            comment="Purpose of the campaign; used to compare results in reports.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="draft",
            nullable=False,
            comment="Only an active campaign hands contacts to operators.",
        ),
        sa.Column(
            "country_codes",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=False,
            comment="Countries whose families are addressed by the campaign.",
        ),
        sa.Column(
            "criteria",
            sa.Text(),
            nullable=True,
            comment="JSON filter choosing customers, such as country, status or due date.",
        ),
        sa.Column(
            "settings", sa.Text(), nullable=True, comment="JSON object with further options of this campaign."
        ),
        sa.Column(
            "script", sa.Text(), nullable=True, comment="Text the operator sees and follows during the call."
        ),
        sa.Column(
            "start_date",
            sa.DateTime(),
            nullable=True,
            comment="Calling begins at this moment; stored in UTC.",
        ),
        sa.Column(
            "end_date",
            sa.DateTime(),
            nullable=True,
            comment="No contacts are offered after this moment; stored in UTC.",
        ),
        sa.Column(
            "target_contact_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Number of families the campaign aims to reach.",
        ),
        sa.Column(
            "conversion_goal",
            sa.Numeric(precision=5, scale=2),
            server_default=sa.text("0"),
            nullable=True,
            comment="Wanted share of completed among contacted, 0 to 100 percent.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who set up the campaign."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the campaign was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the campaign was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"type\" IN ('marketing', 'sales', 'follow_up', 'retention', 'upsell', 'other')",
            name=op.f("ck_campaigns_type"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('draft', 'active', 'paused', 'completed', 'cancelled')",
            name=op.f("ck_campaigns_status"),
        ),
        sa.CheckConstraint(
            "\"country_codes\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_campaigns_country_codes"),
        ),
        sa.CheckConstraint("end_date >= start_date", name=op.f("ck_campaigns_dates_in_order")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_campaigns_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        comment="A planned round of calls or messages to a chosen group of families.",
        info={"one": "Campaign", "many": "Campaigns", "icon": "speakerphone", "find": (("name",),)},
    )
    op.create_index(
        "find_campaigns_name", "campaigns", [sa.literal_column('(fold("name")) COLLATE "C"')], unique=False
    )
    op.create_index("idx_campaigns_status", "campaigns", ["status"], unique=False)
    op.create_index(op.f("ix_campaigns_created_at_id"), "campaigns", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_campaigns_created_by"), "campaigns", ["created_by"], unique=False)
    op.create_table(
        "chat_messages",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("sender_id", sa.String(), nullable=False, comment="Colleague who wrote the message."),
        sa.Column("receiver_id", sa.String(), nullable=False, comment="Colleague the message is meant for."),
        sa.Column("content", sa.Text(), nullable=False, comment="What the sender wrote to the colleague."),
        sa.Column(
            "is_read",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The receiver has seen the message.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the message was sent, UTC.",
        ),
        sa.CheckConstraint("sender_id <> receiver_id", name=op.f("ck_chat_messages_not_to_oneself")),
        sa.ForeignKeyConstraint(["receiver_id"], ["users.id"], name=op.f("fk_chat_messages_receiver_id")),
        sa.ForeignKeyConstraint(["sender_id"], ["users.id"], name=op.f("fk_chat_messages_sender_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat_messages")),
        comment="A direct message from one colleague to another.",
        info={"one": "Chat message", "many": "Chat messages", "icon": "message-circle"},
    )
    op.create_index(
        op.f("ix_chat_messages_created_at_id"), "chat_messages", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_chat_messages_receiver_id"), "chat_messages", ["receiver_id"], unique=False)
    op.create_index(op.f("ix_chat_messages_sender_id"), "chat_messages", ["sender_id"], unique=False)
    op.create_table(
        "contract_category_default_templates",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Identity of the record, a number.",
        ),
        sa.Column(
            "category_id",
            sa.Integer(),
            nullable=False,
            comment="Kind of contract this document is the default for.",
        ),
        sa.Column(
            "country_code",
            sa.String(length=2),
            nullable=False,
            comment="Country in which this default applies.",
        ),
        sa.Column(
            "template_type",
            sa.String(length=20),
            server_default="pdf_form",
            nullable=False,
            comment="Fillable PDF or Word file; decides how data are filled in.",
        ),
        sa.Column(
            "template_id",
            sa.String(),
            nullable=True,
            comment="Template that contracts made from this document refer to.",
        ),
        sa.Column(
            "source_pdf_path",
            sa.Text(),
            nullable=True,
            comment="Uploaded PDF whose form fields are filled with data.",
        ),
        sa.Column(
            "source_docx_path",
            sa.Text(),
            nullable=True,
            comment="Word document in use, with variables inserted.",
        ),
        sa.Column(
            "original_docx_path",
            sa.Text(),
            nullable=True,
            comment="Untouched copy of the upload, kept for going back.",
        ),
        sa.Column(
            "preview_pdf_path", sa.Text(), nullable=True, comment="PDF made to see how the document looks."
        ),
        sa.Column(
            "extracted_fields",
            sa.Text(),
            nullable=True,
            comment="JSON list of field names discovered in the document.",
        ),
        sa.Column(
            "placeholder_mappings",
            sa.Text(),
            nullable=True,
            comment="JSON object pairing each document field with a variable.",
        ),
        sa.Column(
            "html_content",
            sa.Text(),
            nullable=True,
            comment="The document's text after conversion to a web page.",
        ),
        sa.Column(
            "conversion_status",
            sa.String(length=20),
            server_default="pending",
            nullable=False,
            comment="Progress of reading the uploaded file; failed ones can be retried.",
        ),
        sa.Column(
            "conversion_error", sa.Text(), nullable=True, comment="What went wrong when the file was read."
        ),
        sa.Column(
            "conversion_metadata",
            sa.Text(),
            nullable=True,
            comment="JSON object with technical facts about the conversion.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive defaults are not offered for new contracts.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who uploaded the document."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the default was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the default was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_contract_category_default_templates_country_code"),
        ),
        sa.CheckConstraint(
            "\"template_type\" IN ('pdf_form', 'docx')",
            name=op.f("ck_contract_category_default_templates_template_type"),
        ),
        sa.CheckConstraint(
            "\"conversion_status\" IN ('pending', 'processing', 'completed', 'failed')",
            name=op.f("ck_contract_category_default_templates_conversion_status"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["contract_categories.id"],
            name=op.f("fk_contract_category_default_templates_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_contract_category_default_templates_created_by")
        ),
        sa.ForeignKeyConstraint(
            ["template_id"],
            ["contract_templates.id"],
            name=op.f("fk_contract_category_default_templates_template_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_category_default_templates")),
        comment="The document used for a contract category in one country, and how its conversion went.",
        info={"one": "Default contract template", "many": "Default contract templates", "icon": "file-check"},
    )
    op.create_index(
        op.f("ix_contract_category_default_templates_category_id"),
        "contract_category_default_templates",
        ["category_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_category_default_templates_created_at_id"),
        "contract_category_default_templates",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_category_default_templates_created_by"),
        "contract_category_default_templates",
        ["created_by"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_category_default_templates_template_id"),
        "contract_category_default_templates",
        ["template_id"],
        unique=False,
    )
    op.create_table(
        "contract_template_versions",
        sa.Column(
            "id",
            sa.Integer(),
            autoincrement=True,
            nullable=False,
            comment="Identity of the record, a number.",
        ),
        sa.Column(
            "category_id", sa.Integer(), nullable=False, comment="Kind of contract the version belongs to."
        ),
        sa.Column(
            "country_code", sa.String(length=2), nullable=False, comment="Country whose document was saved."
        ),
        sa.Column(
            "version_number",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Counts up from 1 within the category and country.",
        ),
        sa.Column(
            "docx_file_path", sa.Text(), nullable=False, comment="Saved Word document of this version."
        ),
        sa.Column(
            "html_content", sa.Text(), nullable=True, comment="The wording as it stood in this version."
        ),
        sa.Column(
            "change_description",
            sa.Text(),
            nullable=True,
            comment="Short note on the difference from the version before.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who saved the version."),
        sa.Column(
            "created_by_name",
            sa.Text(),
            nullable=True,
            comment="Name at the time of saving, kept if the account goes.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="New contracts use it; one per category and country.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the version was saved, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_contract_template_versions_country_code"),
        ),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["contract_categories.id"],
            name=op.f("fk_contract_template_versions_category_id"),
        ),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_contract_template_versions_created_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_template_versions")),
        sa.UniqueConstraint(
            "category_id",
            "country_code",
            "version_number",
            name=op.f("uq_contract_template_versions_category_id_country_code_version_number"),
        ),
        comment="One saved state of a country's contract document, kept so older contracts stay provable.",
        info={
            "one": "Template version",
            "many": "Template versions",
            "icon": "versions",
            "default_within": ("category_id", "country_code"),
        },
    )
    op.create_index(
        op.f("ix_contract_template_versions_created_at_id"),
        "contract_template_versions",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_template_versions_created_by"),
        "contract_template_versions",
        ["created_by"],
        unique=False,
    )
    op.create_index(
        "one_default_contract_template_versions",
        "contract_template_versions",
        ["category_id", "country_code"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "customers",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "internal_id",
            sa.Text(),
            nullable=True,
            comment="Customer number carried over from the previous system.",
        ),
        sa.Column(
            "title_before",
            sa.Text(),
            nullable=True,
            comment="Academic title written in front, e.g. Ing. or Mgr.",
        ),
        sa.Column("first_name", sa.Text(), nullable=False, comment="Given name as on the identity card."),
        sa.Column("last_name", sa.Text(), nullable=False, comment="Family name as on the identity card."),
        sa.Column(
            "maiden_name", sa.Text(), nullable=True, comment="Family name at birth, if it has changed."
        ),
        sa.Column(
            "title_after", sa.Text(), nullable=True, comment="Academic title written behind, e.g. PhD."
        ),
        sa.Column(
            "phone",
            sa.Text(),
            nullable=True,
            comment="Number called first, with international prefix, e.g. +421.",
        ),
        sa.Column(
            "mobile", sa.Text(), nullable=True, comment="Number for text messages, with international prefix."
        ),
        sa.Column(
            "mobile_2", sa.Text(), nullable=True, comment="Alternative number, with international prefix."
        ),
        sa.Column(
            "other_contact",
            sa.Text(),
            nullable=True,
            comment="Any other way to reach the family, such as a relative.",
        ),
        sa.Column(
            "email",
            sa.Text(),
            nullable=False,
            comment="Main address; phone-only leads get a placeholder that is never mailed.",
        ),
        sa.Column(
            "email_2",
            sa.Text(),
            nullable=True,
            comment="Alternative address, also used to recognise incoming mail.",
        ),
        sa.Column(
            "national_id",
            sa.Text(),
            nullable=True,
            comment="Personal number (rodné číslo in SK and CZ); checked for validity.",
        ),
        sa.Column(
            "id_card_number",
            sa.Text(),
            nullable=True,
            comment="Number of the current identity card or passport.",
        ),
        sa.Column(
            "date_of_birth",
            sa.DateTime(),
            nullable=True,
            comment="Calendar date, without time; must agree with the national ID.",
        ),
        sa.Column(
            "newsletter",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Follows the newsletter consent, which decides what is sent.",
        ),
        sa.Column(
            "complaint_type_id",
            sa.String(),
            nullable=True,
            comment="Kind of complaint the customer has raised, if any.",
        ),
        sa.Column(
            "cooperation_type_id",
            sa.String(),
            nullable=True,
            comment="How the customer works with us, if at all.",
        ),
        sa.Column(
            "vip_status_id",
            sa.String(),
            nullable=True,
            comment="Special care level; leave empty for regular customers.",
        ),
        sa.Column("country", sa.Text(), nullable=False, comment="Decides which staff can see this customer."),
        sa.Column("city", sa.Text(), nullable=True, comment="Town of permanent residence."),
        sa.Column(
            "address", sa.Text(), nullable=True, comment="Street and house number of permanent residence."
        ),
        sa.Column(
            "postal_code", sa.Text(), nullable=True, comment="In the format of the country, e.g. 811 01."
        ),
        sa.Column("region", sa.Text(), nullable=True, comment="Region, county or state of residence."),
        sa.Column(
            "use_correspondence_address",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Tick if post should go somewhere other than home.",
        ),
        sa.Column("corr_name", sa.Text(), nullable=True, comment="Recipient to print on the envelope."),
        sa.Column("corr_address", sa.Text(), nullable=True, comment="Street and house number for post."),
        sa.Column("corr_city", sa.Text(), nullable=True, comment="Town the post is sent to."),
        sa.Column(
            "corr_postal_code", sa.Text(), nullable=True, comment="In the format of the mailing country."
        ),
        sa.Column("corr_region", sa.Text(), nullable=True, comment="Region, county or state for post."),
        sa.Column("corr_country", sa.Text(), nullable=True, comment="Country the post is sent to."),
        sa.Column(
            "bank_account",
            sa.Text(),
            nullable=True,
            comment="Account in IBAN format; check digits are verified.",
        ),
        sa.Column("bank_code", sa.Text(), nullable=True, comment="National code of the bank, e.g. 0200."),
        sa.Column("bank_name", sa.Text(), nullable=True, comment="Bank that holds the account."),
        sa.Column("bank_swift", sa.Text(), nullable=True, comment="Bank identifier of 8 or 11 characters."),
        sa.Column(
            "health_insurance_id", sa.String(), nullable=True, comment="Company that insures the mother."
        ),
        sa.Column(
            "client_status",
            sa.Text(),
            server_default="potential",
            nullable=False,
            comment="Becomes acquired with a realised case or signed contract.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="active",
            nullable=False,
            comment="Whether the record is in daily use, waiting or closed.",
        ),
        sa.Column(
            "service_type", sa.Text(), nullable=True, comment="What the family stores or wishes to store."
        ),
        sa.Column(
            "notes",
            sa.Text(),
            nullable=True,
            comment="General remarks for colleagues; not shown to the customer.",
        ),
        sa.Column(
            "assigned_user_id", sa.String(), nullable=True, comment="Colleague responsible for this customer."
        ),
        sa.Column(
            "lead_score",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="From 0 to 100, calculated from the active scoring rules.",
        ),
        sa.Column(
            "lead_score_updated_at",
            sa.DateTime(),
            nullable=True,
            comment="When the score was last worked out (UTC).",
        ),
        sa.Column(
            "lead_status",
            sa.Text(),
            server_default="cold",
            nullable=False,
            comment="How ready the family is to sign, from cold to qualified.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.CheckConstraint(
            "\"country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_customers_country"),
        ),
        sa.CheckConstraint(
            "\"corr_country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_customers_corr_country"),
        ),
        sa.CheckConstraint(
            "\"client_status\" IN ('potential', 'acquired', 'terminated')",
            name=op.f("ck_customers_client_status"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('active', 'pending', 'inactive')", name=op.f("ck_customers_status")
        ),
        sa.CheckConstraint(
            "\"service_type\" IN ('cord_blood', 'cord_tissue', 'both')",
            name=op.f("ck_customers_service_type"),
        ),
        sa.CheckConstraint(
            "\"lead_status\" IN ('cold', 'warm', 'hot', 'qualified')", name=op.f("ck_customers_lead_status")
        ),
        sa.CheckConstraint("lead_score BETWEEN 0 AND 100", name=op.f("ck_customers_lead_score_percent")),
        sa.ForeignKeyConstraint(
            ["assigned_user_id"], ["users.id"], name=op.f("fk_customers_assigned_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["complaint_type_id"], ["complaint_types.id"], name=op.f("fk_customers_complaint_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["cooperation_type_id"], ["cooperation_types.id"], name=op.f("fk_customers_cooperation_type_id")
        ),
        sa.ForeignKeyConstraint(
            ["health_insurance_id"],
            ["health_insurance_companies.id"],
            name=op.f("fk_customers_health_insurance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["vip_status_id"], ["vip_statuses.id"], name=op.f("fk_customers_vip_status_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        comment="A mother or family who may store, or stores, cord blood with us.",
        info={
            "one": "Customer",
            "many": "Customers",
            "icon": "users",
            "find": (
                ("last_name", "first_name"),
                ("first_name", "last_name"),
                ("maiden_name",),
                ("email",),
                ("phone",),
                ("mobile",),
                ("national_id",),
                ("internal_id",),
            ),
        },
    )
    op.create_index(
        "find_customers_email", "customers", [sa.literal_column('(fold("email")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_customers_first_name_last_name",
        "customers",
        [sa.literal_column('(fold("first_name" || \' \' || "last_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_internal_id",
        "customers",
        [sa.literal_column('(fold("internal_id")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_last_name_first_name",
        "customers",
        [sa.literal_column('(fold("last_name" || \' \' || "first_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_maiden_name",
        "customers",
        [sa.literal_column('(fold("maiden_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_mobile",
        "customers",
        [sa.literal_column('(fold("mobile")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_national_id",
        "customers",
        [sa.literal_column('(fold("national_id")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customers_phone", "customers", [sa.literal_column('(fold("phone")) COLLATE "C"')], unique=False
    )
    op.create_index("idx_customers_assigned_user", "customers", ["assigned_user_id"], unique=False)
    op.create_index("idx_customers_country", "customers", ["country"], unique=False)
    op.create_index("idx_customers_email", "customers", ["email"], unique=False)
    op.create_index(
        "idx_customers_lead_score", "customers", [sa.literal_column("lead_score DESC")], unique=False
    )
    op.create_index("idx_customers_status", "customers", ["status"], unique=False)
    op.create_index(op.f("ix_customers_complaint_type_id"), "customers", ["complaint_type_id"], unique=False)
    op.create_index(
        op.f("ix_customers_cooperation_type_id"), "customers", ["cooperation_type_id"], unique=False
    )
    op.create_index(
        op.f("ix_customers_country_created_at_id"), "customers", ["country", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_customers_created_at_id"), "customers", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_customers_health_insurance_id"), "customers", ["health_insurance_id"], unique=False
    )
    op.create_index(op.f("ix_customers_vip_status_id"), "customers", ["vip_status_id"], unique=False)
    op.create_table(
        "email_routing_rules",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Short name that tells colleagues what the rule does."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Why the rule exists and whom to ask about it."
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Only active rules are applied to incoming email.",
        ),
        sa.Column(
            "priority",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Whole number that sets when the rule runs among the others.",
        ),
        sa.Column(
            "stop_processing",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="When this rule matches, later rules are skipped.",
        ),
        sa.Column(
            "conditions",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="What an email must look like; a JSON list of conditions.",
        ),
        sa.Column(
            "match_mode",
            sa.Text(),
            server_default="all",
            nullable=False,
            comment="Whether every condition must hold or one is enough.",
        ),
        sa.Column(
            "actions",
            postgresql.JSONB(),
            server_default=sa.text("'[]'"),
            nullable=False,
            comment="What happens to a matching email; a JSON list of actions.",
        ),
        sa.Column(
            "mailbox_filter",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=True,
            comment="Mailbox addresses the rule applies to; empty means all.",
        ),
        sa.Column(
            "auto_assign_customer",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Matching emails are linked to the customer with that address.",
        ),
        sa.Column(
            "enable_ai_analysis",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Matching emails are also read by AI.",
        ),
        sa.Column(
            "ai_pipeline_actions",
            postgresql.JSONB(),
            nullable=True,
            comment="Pipeline moves triggered by AI findings, written as JSON.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who set up the rule."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the rule was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the rule, UTC.",
        ),
        sa.CheckConstraint(
            "\"match_mode\" IN ('all', 'any')", name=op.f("ck_email_routing_rules_match_mode")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_email_routing_rules_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_routing_rules")),
        comment="A rule that sorts, tags or assigns incoming email and can call on AI.",
        info={"one": "Email rule", "many": "Email rules", "icon": "route"},
    )
    op.create_index(
        op.f("ix_email_routing_rules_created_at_id"),
        "email_routing_rules",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_email_routing_rules_created_by"), "email_routing_rules", ["created_by"], unique=False
    )
    op.create_table(
        "email_signatures",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Whose signature this is."),
        sa.Column(
            "mailbox_email",
            sa.Text(),
            nullable=False,
            comment='Shared mailbox address, or "personal" for the colleague\'s own mailbox.',
        ),
        sa.Column(
            "html_content",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Formatted text placed under each email; unsafe code is removed.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Only an active signature is added to emails.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the signature was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the signature, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_email_signatures_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_signatures")),
        comment="The closing block a colleague adds to emails sent from one mailbox.",
        info={"one": "Email signature", "many": "Email signatures", "icon": "signature"},
    )
    op.create_index(
        op.f("ix_email_signatures_created_at_id"), "email_signatures", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_email_signatures_user_id"), "email_signatures", ["user_id"], unique=False)
    op.create_table(
        "hospitals",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("legacy_id", sa.Text(), nullable=True, comment="Number carried over from the older CRM."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive hospitals cannot be chosen for new cases.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Short name staff use every day."),
        sa.Column("full_name", sa.Text(), nullable=True, comment="Registered name as printed on documents."),
        sa.Column("street_number", sa.Text(), nullable=True, comment="Street with house number."),
        sa.Column(
            "representative_id", sa.String(), nullable=True, comment="Colleague who visits this hospital."
        ),
        sa.Column("city", sa.Text(), nullable=True, comment="Town where the hospital stands."),
        sa.Column(
            "laboratory_id", sa.String(), nullable=True, comment="Laboratory assigned to this hospital."
        ),
        sa.Column(
            "postal_code", sa.Text(), nullable=True, comment="In the format of the country, e.g. 811 01."
        ),
        sa.Column(
            "auto_recruiting",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Ticked when recruiting runs automatically for this hospital.",
        ),
        sa.Column("region", sa.Text(), nullable=True, comment="Region, county or state of the hospital."),
        sa.Column(
            "responsible_person_id",
            sa.String(),
            nullable=True,
            comment="Colleague who answers for this hospital.",
        ),
        sa.Column(
            "country_code", sa.Text(), nullable=False, comment="Decides which staff can see this hospital."
        ),
        sa.Column("contact_person", sa.Text(), nullable=True, comment="Whom to ask for at the hospital."),
        sa.Column(
            "svet_zdravia",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Part of the Svet zdravia hospital network.",
        ),
        sa.Column("phone", sa.Text(), nullable=True, comment="With international prefix, e.g. +421."),
        sa.Column("email", sa.Text(), nullable=True, comment="Address for messages to the hospital."),
        sa.Column(
            "latitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="In decimal degrees, e.g. 48.1485965; used to check visits.",
        ),
        sa.Column(
            "longitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="In decimal degrees, e.g. 17.1077478; used to check visits.",
        ),
        sa.Column(
            "created_by_collaborator_id",
            sa.String(),
            nullable=True,
            comment="Person who entered the hospital in the mobile app.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_hospitals_country_code"),
        ),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_hospitals_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_hospitals_longitude")),
        sa.ForeignKeyConstraint(
            ["laboratory_id"], ["laboratories.id"], name=op.f("fk_hospitals_laboratory_id")
        ),
        sa.ForeignKeyConstraint(
            ["representative_id"], ["users.id"], name=op.f("fk_hospitals_representative_id")
        ),
        sa.ForeignKeyConstraint(
            ["responsible_person_id"], ["users.id"], name=op.f("fk_hospitals_responsible_person_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_hospitals")),
        comment="A hospital we work with, where our clients give birth.",
        info={
            "one": "Hospital",
            "many": "Hospitals",
            "icon": "building-hospital",
            "find": (("name",), ("full_name",), ("city",), ("email",), ("legacy_id",)),
        },
    )
    op.create_index(
        "find_hospitals_city", "hospitals", [sa.literal_column('(fold("city")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_hospitals_email", "hospitals", [sa.literal_column('(fold("email")) COLLATE "C"')], unique=False
    )
    op.create_index(
        "find_hospitals_full_name",
        "hospitals",
        [sa.literal_column('(fold("full_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_hospitals_legacy_id",
        "hospitals",
        [sa.literal_column('(fold("legacy_id")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_hospitals_name", "hospitals", [sa.literal_column('(fold("name")) COLLATE "C"')], unique=False
    )
    op.create_index("idx_hospitals_active", "hospitals", ["is_active"], unique=False)
    op.create_index("idx_hospitals_country", "hospitals", ["country_code"], unique=False)
    op.create_index(
        op.f("ix_hospitals_country_code_created_at_id"),
        "hospitals",
        ["country_code", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_hospitals_created_at_id"), "hospitals", ["created_at", "id"], unique=False)
    op.create_index(
        op.f("ix_hospitals_created_by_collaborator_id"),
        "hospitals",
        ["created_by_collaborator_id"],
        unique=False,
    )
    op.create_index(op.f("ix_hospitals_laboratory_id"), "hospitals", ["laboratory_id"], unique=False)
    op.create_index(op.f("ix_hospitals_representative_id"), "hospitals", ["representative_id"], unique=False)
    op.create_index(
        op.f("ix_hospitals_responsible_person_id"), "hospitals", ["responsible_person_id"], unique=False
    )
    op.create_table(
        "instance_payment_options",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "instance_id",
            sa.String(),
            nullable=False,
            comment="Market product or market service that can be paid this way.",
        ),
        sa.Column(
            "instance_type",
            sa.Text(),
            server_default="market",
            nullable=False,
            comment="Says whether the option belongs to a market product or service.",
        ),
        sa.Column("type", sa.Text(), nullable=True, comment="Kind of payment, as your company names it."),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name shown when staff choose how the family pays."
        ),
        sa.Column(
            "invoice_item_text",
            sa.Text(),
            nullable=True,
            comment="Wording of the related line on the invoice.",
        ),
        sa.Column(
            "analytical_account",
            sa.Text(),
            nullable=True,
            comment="Analytical account the payment fee is booked to.",
        ),
        sa.Column(
            "accounting_code",
            sa.Text(),
            nullable=True,
            comment="Code handed to accounting exactly as entered.",
        ),
        sa.Column(
            "payment_type_fee",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="Extra charge for this option, in the currency of the price.",
        ),
        sa.Column(
            "amendment",
            sa.Text(),
            nullable=True,
            comment="Contract amendment text that goes with this option.",
        ),
        sa.Column("from_date", sa.DateTime(), nullable=True, comment="First day the option can be chosen."),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the option can be chosen, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive options cannot be chosen for new sets.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Internal remark on when to offer this option."
        ),
        sa.Column(
            "is_multi_payment",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The total is split into several payments.",
        ),
        sa.Column("frequency", sa.Text(), nullable=True, comment="How often an instalment falls due."),
        sa.Column(
            "installment_count",
            sa.Integer(),
            nullable=True,
            comment="Must match the number of instalments listed.",
        ),
        sa.Column(
            "calculation_mode",
            sa.Text(),
            nullable=True,
            comment="Instalments as fixed amounts or as percentages of the total.",
        ),
        sa.Column(
            "base_price_id",
            sa.String(),
            nullable=True,
            comment="Price from which the instalments are calculated.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the option was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"instance_type\" IN ('market', 'service')",
            name=op.f("ck_instance_payment_options_instance_type"),
        ),
        sa.CheckConstraint(
            "\"frequency\" IN ('monthly', 'quarterly', 'semi_annually', 'annually')",
            name=op.f("ck_instance_payment_options_frequency"),
        ),
        sa.CheckConstraint(
            "\"calculation_mode\" IN ('fixed', 'percentage')",
            name=op.f("ck_instance_payment_options_calculation_mode"),
        ),
        sa.CheckConstraint(
            "installment_count > 0", name=op.f("ck_instance_payment_options_installment_count_positive")
        ),
        sa.CheckConstraint(
            "payment_type_fee >= 0", name=op.f("ck_instance_payment_options_fee_not_negative")
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_instance_payment_options_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["base_price_id"], ["instance_prices.id"], name=op.f("fk_instance_payment_options_base_price_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_payment_options")),
        comment="A way to pay for a market product or service, at once or in instalments.",
        info={"one": "Payment option", "many": "Payment options", "icon": "credit-card"},
    )
    op.create_index(
        op.f("ix_instance_payment_options_base_price_id"),
        "instance_payment_options",
        ["base_price_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_instance_payment_options_created_at_id"),
        "instance_payment_options",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "instance_vat_rates",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "instance_id",
            sa.String(),
            nullable=False,
            comment="Market product or market service taxed at this rate.",
        ),
        sa.Column(
            "instance_type",
            sa.Text(),
            server_default="market_instance",
            nullable=False,
            comment="Says whether it belongs to a market product or a service.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=True, comment="Company whose invoices use this rate."
        ),
        sa.Column(
            "category", sa.Text(), nullable=True, comment="Tax category, e.g. standard, reduced or exempt."
        ),
        sa.Column(
            "accounting_code",
            sa.Text(),
            nullable=True,
            comment="Code handed to accounting exactly as entered.",
        ),
        sa.Column(
            "vat_rate",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Percent, e.g. 23.00; without a rate nothing can be priced.",
        ),
        sa.Column(
            "from_date",
            sa.DateTime(),
            nullable=True,
            comment="First day the rate applies; validity periods must not overlap.",
        ),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the rate applies, inclusive; empty means open-ended.",
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="Reason or legal basis for the rate."),
        sa.Column(
            "create_as_new_vat",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Treats this entry as a new VAT rate.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive rates are not used for new calculations.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the rate was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"instance_type\" IN ('market_instance', 'service')",
            name=op.f("ck_instance_vat_rates_instance_type"),
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_instance_vat_rates_dates_in_order")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 100", name=op.f("ck_instance_vat_rates_vat_rate_percent")),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_instance_vat_rates_billing_details_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_instance_vat_rates")),
        comment="The VAT rate that applies to a market product or service during a period.",
        info={"one": "VAT rate", "many": "VAT rates", "icon": "receipt-tax"},
    )
    op.create_index(
        op.f("ix_instance_vat_rates_billing_details_id"),
        "instance_vat_rates",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_instance_vat_rates_created_at_id"), "instance_vat_rates", ["created_at", "id"], unique=False
    )
    op.create_table(
        "market_product_instances",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "product_id",
            sa.String(),
            nullable=False,
            comment="Basic product this country version is made from.",
        ),
        sa.Column(
            "country_code",
            sa.Text(),
            server_default="SK",
            nullable=False,
            comment="Two-letter code of the country where it is sold.",
        ),
        sa.Column(
            "billing_details_id",
            sa.String(),
            nullable=True,
            comment="Company that invoices this product in the country.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Name of the collection as staff know it."),
        sa.Column(
            "from_date",
            sa.DateTime(),
            nullable=True,
            comment="First day it can be sold, by the country's calendar.",
        ),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day it can be sold, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Switch off to hide it from new sets and sales.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            nullable=True,
            comment="Internal explanation of what this version contains.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this country version was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_market_product_instances_country_code"),
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_market_product_instances_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_market_product_instances_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_market_product_instances_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_product_instances")),
        comment="A product as offered in one country, with its billing company and validity.",
        info={"one": "Market product", "many": "Market products", "icon": "world"},
    )
    op.create_index(
        op.f("ix_market_product_instances_billing_details_id"),
        "market_product_instances",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_market_product_instances_created_at_id"),
        "market_product_instances",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_market_product_instances_product_id"),
        "market_product_instances",
        ["product_id"],
        unique=False,
    )
    op.create_table(
        "ms365_pkce_store",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "state",
            sa.Text(),
            nullable=False,
            comment="One-time value that ties Microsoft's answer to this sign-in.",
        ),
        sa.Column(
            "code_verifier",
            sa.Text(),
            nullable=False,
            comment="One-time secret that proves the sign-in; never shown.",
        ),
        sa.Column(
            "user_id",
            sa.String(),
            nullable=True,
            comment="Who started the sign-in; empty for a country account.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the sign-in was started, UTC.",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(),
            nullable=False,
            comment="After this time the sign-in must start again, UTC.",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_ms365_pkce_store_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ms365_pkce_store")),
        sa.UniqueConstraint("state", name=op.f("uq_ms365_pkce_store_state")),
        comment="A Microsoft 365 sign-in that was started but not yet finished.",
        info={"one": "Pending Microsoft sign-in", "many": "Pending Microsoft sign-ins", "icon": "key"},
    )
    op.create_index(
        op.f("ix_ms365_pkce_store_created_at_id"), "ms365_pkce_store", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_ms365_pkce_store_user_id"), "ms365_pkce_store", ["user_id"], unique=False)
    op.create_table(
        "notification_rules",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who is notified by this rule."),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Short name that says what you will hear about."
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="When and why the rule is useful."),
        sa.Column("trigger_type", sa.Text(), nullable=False, comment="Event that sets off the notification."),
        sa.Column(
            "trigger_config",
            sa.Text(),
            nullable=True,
            comment="Further conditions of the trigger, as a JSON object.",
        ),
        sa.Column(
            "notification_type", sa.Text(), nullable=False, comment="Kind of notification that is raised."
        ),
        sa.Column(
            "notification_priority",
            sa.Text(),
            server_default="normal",
            nullable=False,
            comment="Urgency given to the notifications of this rule.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, the rule raises no notifications.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the rule was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the rule, UTC.",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notification_rules_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notification_rules")),
        comment="A colleague's own rule for when to be notified and how urgently.",
        info={"one": "Notification rule", "many": "Notification rules", "icon": "bell-ringing"},
    )
    op.create_index(
        op.f("ix_notification_rules_created_at_id"), "notification_rules", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_notification_rules_user_id"), "notification_rules", ["user_id"], unique=False)
    op.create_table(
        "notifications",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who receives the notification."),
        sa.Column("type", sa.Text(), nullable=False, comment="What the notification is about."),
        sa.Column("title", sa.Text(), nullable=False, comment="One line shown in the notification list."),
        sa.Column("message", sa.Text(), nullable=False, comment="Full text of the notification."),
        sa.Column(
            "priority",
            sa.Text(),
            server_default="normal",
            nullable=False,
            comment="Urgent and high notifications stand out.",
        ),
        sa.Column(
            "entity_type",
            sa.Text(),
            nullable=True,
            comment="Kind of record the notification leads to, for example customer.",
        ),
        sa.Column(
            "entity_id",
            sa.String(),
            nullable=True,
            comment="Internal number of the record the notification leads to.",
        ),
        sa.Column(
            "is_read",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The colleague has opened the notification.",
        ),
        sa.Column(
            "dismissed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The colleague has put the notification away.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the notification was raised, UTC.",
        ),
        sa.CheckConstraint(
            "\"type\" IN ('new_email', 'new_sms', 'new_customer', 'status_change', 'sentiment_alert', 'task_assigned', 'task_due', 'task_completed', 'mention', 'system')",
            name=op.f("ck_notifications_type"),
        ),
        sa.CheckConstraint(
            "\"priority\" IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_notifications_priority")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        comment="A short notice that tells a colleague about something they should know or do.",
        info={"one": "Notification", "many": "Notifications", "icon": "bell", "find": (("title",),)},
    )
    op.create_index(
        "find_notifications_title",
        "notifications",
        [sa.literal_column('(fold("title")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        op.f("ix_notifications_created_at_id"), "notifications", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_notifications_user_id"), "notifications", ["user_id"], unique=False)
    op.create_table(
        "number_ranges",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Internal name of the series."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=False,
            comment="Two-letter code of the country the series is for.",
        ),
        sa.Column(
            "billing_details_id",
            sa.String(),
            nullable=True,
            comment="Company whose documents get these numbers.",
        ),
        sa.Column("year", sa.Integer(), nullable=False, comment="Calendar year of issue, four digits."),
        sa.Column(
            "use_service_code",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Numbers are kept separately by service code.",
        ),
        sa.Column(
            "type",
            sa.Text(),
            server_default="invoice",
            nullable=False,
            comment="Kind of document that takes its number here.",
        ),
        sa.Column("prefix", sa.Text(), nullable=True, comment="Characters printed before the digits."),
        sa.Column("suffix", sa.Text(), nullable=True, comment="Characters printed after the digits."),
        sa.Column(
            "digits_to_generate",
            sa.Integer(),
            server_default=sa.text("6"),
            nullable=False,
            comment="Length of the number, filled with leading zeros.",
        ),
        sa.Column(
            "start_number",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number given to the first document.",
        ),
        sa.Column(
            "end_number",
            sa.Integer(),
            server_default=sa.text("999999"),
            nullable=False,
            comment="Issuing stops after this number is used.",
        ),
        sa.Column(
            "last_number_used",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Raised automatically at each issue; 0 means none yet.",
        ),
        sa.Column(
            "accounting_code",
            sa.Text(),
            nullable=True,
            comment="Code handed to accounting exactly as entered.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Internal remark on the use of the series."
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive ranges give out no more numbers.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the range was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the range (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_number_ranges_country_code"),
        ),
        sa.CheckConstraint("\"type\" IN ('invoice', 'proforma')", name=op.f("ck_number_ranges_type")),
        sa.CheckConstraint("digits_to_generate BETWEEN 1 AND 12", name=op.f("ck_number_ranges_digits")),
        sa.CheckConstraint("last_number_used <= end_number", name=op.f("ck_number_ranges_within_range")),
        sa.CheckConstraint(
            "start_number >= 0 AND end_number >= start_number", name=op.f("ck_number_ranges_numbers_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"], ["billing_details.id"], name=op.f("fk_number_ranges_billing_details_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_number_ranges")),
        sa.UniqueConstraint(
            "billing_details_id",
            "country_code",
            "year",
            "type",
            "prefix",
            "suffix",
            name=op.f("uq_number_ranges_billing_details_id_country_code_year_type_prefix_suffix"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="A series from which document numbers of a billing company are taken, without gaps.",
        info={"one": "Number range", "many": "Number ranges", "icon": "list-numbers"},
    )
    op.create_index(
        op.f("ix_number_ranges_billing_details_id"), "number_ranges", ["billing_details_id"], unique=False
    )
    op.create_index(
        op.f("ix_number_ranges_created_at_id"), "number_ranges", ["created_at", "id"], unique=False
    )
    op.create_table(
        "pipeline_stages",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "pipeline_id",
            sa.String(),
            nullable=False,
            comment="Pipeline the stage is part of; removed together with it.",
        ),
        sa.Column(
            "name", sa.String(length=255), nullable=False, comment="Heading of the column on the board."
        ),
        sa.Column(
            "color",
            sa.String(length=50),
            server_default="#3b82f6",
            nullable=True,
            comment="Colour of the column as a hex code, e.g. #3b82f6.",
        ),
        sa.Column(
            "order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Place on the board from the left; the smallest number is first.",
        ),
        sa.Column(
            "probability",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Chance of winning, 0 to 100, given to deals in this stage.",
        ),
        sa.Column(
            "rotting_days",
            sa.Integer(),
            nullable=True,
            comment="Days without movement before a deal is marked; empty means never.",
        ),
        sa.Column(
            "is_won_stage",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="Deals moved here count as won.",
        ),
        sa.Column(
            "is_lost_stage",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="Deals moved here count as lost and need a reason.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the stage was entered, UTC.",
        ),
        sa.CheckConstraint(
            "NOT (is_won_stage AND is_lost_stage)", name=op.f("ck_pipeline_stages_won_or_lost")
        ),
        sa.CheckConstraint(
            "probability BETWEEN 0 AND 100", name=op.f("ck_pipeline_stages_probability_percent")
        ),
        sa.CheckConstraint("rotting_days > 0", name=op.f("ck_pipeline_stages_rotting_days_positive")),
        sa.ForeignKeyConstraint(
            ["pipeline_id"], ["pipelines.id"], name=op.f("fk_pipeline_stages_pipeline_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pipeline_stages")),
        comment="One step of a pipeline, shown as a column on the board.",
        info={"one": "Stage", "many": "Stages", "icon": "columns-3"},
    )
    op.create_index(
        op.f("ix_pipeline_stages_created_at_id"), "pipeline_stages", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_pipeline_stages_pipeline_id"), "pipeline_stages", ["pipeline_id"], unique=False)
    op.create_table(
        "product_sets",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("product_id", sa.String(), nullable=False, comment="Basic product the set is built for."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=True,
            comment="Two-letter code of the country where the set is sold.",
        ),
        sa.Column("name", sa.Text(), nullable=False, comment="Set name as staff and offers show it."),
        sa.Column(
            "from_date",
            sa.DateTime(),
            nullable=True,
            comment="First day the set can be sold, by the country's calendar.",
        ),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the set can be sold, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Currency of all lines; lines in another currency are refused.",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="Internal remarks, not shown to families."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive sets cannot be given to new customers.",
        ),
        sa.Column(
            "email_alert_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Alert emails are sent for this set.",
        ),
        sa.Column(
            "total_net_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Sum of lines without VAT; calculated, in the set's currency.",
        ),
        sa.Column(
            "total_discount_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Sum of line discounts; calculated, in the set's currency.",
        ),
        sa.Column(
            "total_vat_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Sum of VAT on all lines; calculated.",
        ),
        sa.Column(
            "total_gross_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="What the family pays, VAT included; calculated.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the set was added (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the set (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_product_sets_country_code"),
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_product_sets_dates_in_order")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_product_sets_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_sets")),
        comment="A ready-made combination of collections and storage with its prices, discounts and VAT.",
        info={"one": "Billing set", "many": "Billing sets", "icon": "packages"},
    )
    op.create_index(op.f("ix_product_sets_created_at_id"), "product_sets", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_product_sets_product_id"), "product_sets", ["product_id"], unique=False)
    op.create_table(
        "roles",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "name",
            sa.Text(),
            nullable=False,
            comment="What administrators pick when granting rights; must be unique.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Who should hold this role and what it allows."
        ),
        sa.Column(
            "department", sa.Text(), nullable=True, comment="Part of the company the role is meant for."
        ),
        sa.Column(
            "legacy_role",
            sa.Text(),
            nullable=True,
            comment="Older access level its holders receive: admin, manager or user.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="An inactive role grants nothing to its holders.",
        ),
        sa.Column(
            "is_system",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Built in; cannot be deleted.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="User who set up the role."),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"department\" IN ('management', 'sales', 'operations', 'finance', 'customer_service', 'it', 'medical')",
            name=op.f("ck_roles_department"),
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_roles_created_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_roles")),
        sa.UniqueConstraint("name", name=op.f("uq_roles_name")),
        comment="A named set of rights that decides what its holders may see and change.",
        info={"one": "Role", "many": "Roles", "icon": "shield-lock"},
    )
    op.create_index(op.f("ix_roles_created_at_id"), "roles", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_roles_created_by"), "roles", ["created_by"], unique=False)
    op.create_table(
        "saved_searches",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Who saved the search."),
        sa.Column("name", sa.Text(), nullable=False, comment="Name shown in the list of saved searches."),
        sa.Column(
            "module",
            sa.Text(),
            nullable=False,
            comment="List the search belongs to, for example customers or hospitals.",
        ),
        sa.Column("filters", sa.Text(), nullable=False, comment="Saved filter criteria, written as JSON."),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Applied at once when this colleague opens the list.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the search was saved, UTC.",
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_saved_searches_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_searches")),
        comment="A set of filters a colleague keeps to open the same list again.",
        info={
            "one": "Saved search",
            "many": "Saved searches",
            "icon": "bookmark",
            "default_within": ("user_id", "module"),
        },
    )
    op.create_index(
        op.f("ix_saved_searches_created_at_id"), "saved_searches", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_saved_searches_user_id"), "saved_searches", ["user_id"], unique=False)
    op.create_index(
        "one_default_saved_searches",
        "saved_searches",
        ["user_id", "module"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "service_instances",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("service_id", sa.String(), nullable=False, comment="Service that this version belongs to."),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Name that tells versions of the service apart."
        ),
        sa.Column("from_date", sa.Date(), nullable=True, comment="First day the version can be used."),
        sa.Column(
            "to_date",
            sa.Date(),
            nullable=True,
            comment="Last day the version can be used; empty means open-ended.",
        ),
        sa.Column(
            "invoice_identifier",
            sa.Text(),
            nullable=True,
            comment="Code printed on invoices exactly as entered.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive versions are no longer offered.",
        ),
        sa.Column(
            "certificate_template",
            sa.Text(),
            nullable=True,
            comment="Template for the certificate that goes with this service.",
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="What is special about this version."),
        sa.Column(
            "billing_details_id", sa.String(), nullable=True, comment="Our company that issues the invoices."
        ),
        sa.Column(
            "allow_proforma_invoices",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A proforma invoice may be issued before the final one.",
        ),
        sa.Column(
            "invoicing_period_years",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=True,
            comment="Number of years covered by one invoice.",
        ),
        sa.Column(
            "constant_symbol",
            sa.Text(),
            nullable=True,
            comment="Payment code (KS) printed on invoices, in SK and CZ.",
        ),
        sa.Column(
            "start_invoicing_field",
            sa.Text(),
            server_default="REALIZED",
            nullable=True,
            comment="Event that starts invoicing, for example REALIZED.",
        ),
        sa.Column(
            "end_invoicing_field",
            sa.Text(),
            nullable=True,
            comment="Event that ends invoicing; empty means no end.",
        ),
        sa.Column(
            "accounting_id_offset",
            sa.Integer(),
            nullable=True,
            comment="Whole number passed to accounting exactly as entered.",
        ),
        sa.Column(
            "ledger_account_proforma",
            sa.Text(),
            nullable=True,
            comment="Account in the books for proforma invoices.",
        ),
        sa.Column(
            "ledger_account_invoice",
            sa.Text(),
            nullable=True,
            comment="Account in the books for final invoices.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the version was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the version, UTC.",
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_service_instances_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_service_instances_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["service_configurations.id"], name=op.f("fk_service_instances_service_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_instances")),
        comment="A version of a service valid for a period, with its invoicing rules.",
        info={"one": "Service version", "many": "Service versions", "icon": "stack-2"},
    )
    op.create_index(
        op.f("ix_service_instances_billing_details_id"),
        "service_instances",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_service_instances_created_at_id"), "service_instances", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_service_instances_service_id"), "service_instances", ["service_id"], unique=False
    )
    op.create_table(
        "sip_settings",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "server",
            sa.Text(),
            server_default="",
            nullable=False,
            comment="Address of the phone server, without a port.",
        ),
        sa.Column(
            "port",
            sa.Integer(),
            server_default=sa.text("5060"),
            nullable=False,
            comment="Port of the phone server, usually 5060.",
        ),
        sa.Column(
            "ws_port",
            sa.Integer(),
            server_default=sa.text("8089"),
            nullable=False,
            comment="Port used when calling from the browser, usually 8089.",
        ),
        sa.Column(
            "ws_path",
            sa.Text(),
            server_default="/ws",
            nullable=False,
            comment="Path used when calling from the browser, usually /ws.",
        ),
        sa.Column(
            "transport",
            sa.Text(),
            server_default="wss",
            nullable=False,
            comment="How calls reach the server; WSS is encrypted.",
        ),
        sa.Column(
            "realm",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Sign-in domain of the phone server, if it asks for one.",
        ),
        sa.Column(
            "stun_server",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Helps calls through firewalls; leave empty if not needed.",
        ),
        sa.Column(
            "turn_server",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Relays calls when a direct connection is blocked.",
        ),
        sa.Column(
            "turn_username",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Name used to sign in to the TURN server.",
        ),
        sa.Column(
            "turn_password",
            sa.Text(),
            server_default="",
            nullable=True,
            comment="Secret for the TURN server; encrypted and never shown again.",
        ),
        sa.Column(
            "is_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="When off, nobody can call from the browser.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to these settings, UTC.",
        ),
        sa.Column(
            "updated_by", sa.String(), nullable=True, comment="Colleague who last changed these settings."
        ),
        sa.CheckConstraint(
            "\"transport\" IN ('ws', 'wss', 'tcp', 'udp')", name=op.f("ck_sip_settings_transport")
        ),
        sa.CheckConstraint("port BETWEEN 1 AND 65535", name=op.f("ck_sip_settings_port")),
        sa.CheckConstraint("ws_port BETWEEN 1 AND 65535", name=op.f("ck_sip_settings_ws_port")),
        sa.ForeignKeyConstraint(["updated_by"], ["users.id"], name=op.f("fk_sip_settings_updated_by")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sip_settings")),
        comment="The one set of connection settings for calling from the browser.",
        info={"one": "Phone system", "many": "Phone system", "icon": "headset"},
    )
    op.create_index(op.f("ix_sip_settings_updated_by"), "sip_settings", ["updated_by"], unique=False)
    op.create_table(
        "user_ms365_connections",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "user_id",
            sa.String(),
            nullable=False,
            comment="Whose account this is; one connection per colleague.",
        ),
        sa.Column(
            "access_token",
            sa.Text(),
            nullable=False,
            comment="Secret that opens the mailbox; kept encrypted and never shown.",
        ),
        sa.Column(
            "refresh_token",
            sa.Text(),
            nullable=True,
            comment="Secret that renews access without signing in; never shown.",
        ),
        sa.Column(
            "token_expires_at",
            sa.DateTime(),
            nullable=True,
            comment="When the access key must be renewed, UTC.",
        ),
        sa.Column(
            "account_id",
            sa.Text(),
            nullable=True,
            comment="Microsoft's own reference to the signed-in account.",
        ),
        sa.Column("email", sa.Text(), nullable=False, comment="Address of the connected mailbox."),
        sa.Column(
            "display_name", sa.Text(), nullable=True, comment="Name recipients see next to the address."
        ),
        sa.Column(
            "is_connected",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, mail stops until the colleague signs in again.",
        ),
        sa.Column(
            "last_sync_at",
            sa.DateTime(),
            nullable=True,
            comment="When mail was last fetched successfully, UTC.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the account was first connected, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the connection, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_ms365_connections_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_ms365_connections")),
        sa.UniqueConstraint("user_id", name=op.f("uq_user_ms365_connections_user_id")),
        comment="A colleague's sign-in to Microsoft 365, used to read and send their mail.",
        info={
            "one": "Microsoft 365 connection",
            "many": "Microsoft 365 connections",
            "icon": "plug-connected",
        },
    )
    op.create_index(
        op.f("ix_user_ms365_connections_created_at_id"),
        "user_ms365_connections",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "variable_keywords",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("block_id", sa.String(), nullable=False, comment="Group suggested when the word is found."),
        sa.Column(
            "keyword",
            sa.String(length=100),
            nullable=False,
            comment="Word or phrase looked for in the document.",
        ),
        sa.Column(
            "locale",
            sa.String(length=5),
            server_default="sk",
            nullable=False,
            comment="Language of the word, e.g. sk or hu.",
        ),
        sa.Column(
            "weight",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=True,
            comment="The greater the number, the stronger the suggestion.",
        ),
        sa.Column(
            "is_exact",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="Only the whole, identical word counts.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the keyword was entered, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["block_id"], ["variable_blocks.id"], name=op.f("fk_variable_keywords_block_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variable_keywords")),
        comment="A word in a document that hints which block of variables belongs there.",
        info={"one": "Variable keyword", "many": "Variable keywords", "icon": "tag"},
    )
    op.create_index(op.f("ix_variable_keywords_block_id"), "variable_keywords", ["block_id"], unique=False)
    op.create_index(
        op.f("ix_variable_keywords_created_at_id"), "variable_keywords", ["created_at", "id"], unique=False
    )
    op.create_table(
        "variables",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("block_id", sa.String(), nullable=False, comment="Group the variable is listed under."),
        sa.Column(
            "key",
            sa.String(length=100),
            nullable=False,
            comment="Written in templates between double braces, e.g. customer.fullName.",
        ),
        sa.Column("label", sa.Text(), nullable=False, comment="Name of the variable for Slovak colleagues."),
        sa.Column(
            "label_en", sa.Text(), nullable=True, comment="Name of the variable in all other languages."
        ),
        sa.Column("description", sa.Text(), nullable=True, comment="What the variable brings into the text."),
        sa.Column(
            "data_type",
            sa.String(length=20),
            server_default="text",
            nullable=False,
            comment="Decides how the value is checked and printed.",
        ),
        sa.Column(
            "source_form", sa.String(length=100), nullable=True, comment="Form in which the value is entered."
        ),
        sa.Column("example", sa.Text(), nullable=True, comment="Sample value used in previews."),
        sa.Column(
            "is_computed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="The value comes from the formula instead of a form.",
        ),
        sa.Column(
            "compute_expression",
            sa.Text(),
            nullable=True,
            comment="How the value is worked out from other variables.",
        ),
        sa.Column(
            "is_required",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="A contract cannot be made while this value is missing.",
        ),
        sa.Column(
            "is_deprecated",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="Templates using it cannot be published.",
        ),
        sa.Column(
            "default_value", sa.Text(), nullable=True, comment="Printed when no value has been entered."
        ),
        sa.Column(
            "priority",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Orders the variables within their group.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the variable was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the variable was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"data_type\" IN ('text', 'date', 'number', 'boolean', 'email', 'phone', 'address', 'iban')",
            name=op.f("ck_variables_data_type"),
        ),
        sa.ForeignKeyConstraint(["block_id"], ["variable_blocks.id"], name=op.f("fk_variables_block_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variables")),
        sa.UniqueConstraint("block_id", "key", name=op.f("uq_variables_block_id_key")),
        comment="A place in a contract text that is filled with data.",
        info={"one": "Variable", "many": "Variables", "icon": "variable"},
    )
    op.create_index(op.f("ix_variables_created_at_id"), "variables", ["created_at", "id"], unique=False)
    op.create_table(
        "campaign_contacts",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "campaign_id",
            sa.String(),
            nullable=False,
            comment="Campaign in which the family is being called.",
        ),
        sa.Column(
            "customer_id",
            sa.String(),
            nullable=False,
            comment="Family to call; appears once in each campaign.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="pending",
            nullable=False,
            comment="Where the conversation stands; follows the outcome of the calls.",
        ),
        sa.Column(
            "assigned_to",
            sa.String(),
            nullable=True,
            comment="Operator who calls this contact and owns its callback.",
        ),
        sa.Column(
            "notes", sa.Text(), nullable=True, comment="What the next caller should know about this contact."
        ),
        sa.Column(
            "attempt_count",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Number of call attempts so far; the campaign schedule limits it.",
        ),
        sa.Column(
            "last_attempt_at", sa.DateTime(), nullable=True, comment="Time of the latest call attempt, UTC."
        ),
        sa.Column(
            "priority_score",
            sa.Integer(),
            server_default=sa.text("50"),
            nullable=False,
            comment="Contacts with a higher number are called sooner; 50 is normal.",
        ),
        sa.Column(
            "callback_date", sa.DateTime(), nullable=True, comment="Agreed time to call again, stored in UTC."
        ),
        sa.Column(
            "contacted_at",
            sa.DateTime(),
            nullable=True,
            comment="When the family was reached for the first time, UTC.",
        ),
        sa.Column(
            "completed_at",
            sa.DateTime(),
            nullable=True,
            comment="When work on this contact was finished, UTC.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the customer joined the campaign list, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When this contact was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"status\" IN ('pending', 'contacted', 'completed', 'failed', 'no_answer', 'callback_scheduled', 'not_interested')",
            name=op.f("ck_campaign_contacts_status"),
        ),
        sa.ForeignKeyConstraint(["assigned_to"], ["users.id"], name=op.f("fk_campaign_contacts_assigned_to")),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_contacts_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_campaign_contacts_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_contacts")),
        sa.UniqueConstraint(
            "campaign_id", "customer_id", name=op.f("uq_campaign_contacts_campaign_id_customer_id")
        ),
        comment="A customer on the call list of one campaign, with the progress made so far.",
        info={"one": "Campaign contact", "many": "Campaign contacts", "icon": "address-book"},
    )
    op.create_index("idx_campaign_contacts_campaign", "campaign_contacts", ["campaign_id"], unique=False)
    op.create_index("idx_campaign_contacts_status", "campaign_contacts", ["status"], unique=False)
    op.create_index(
        op.f("ix_campaign_contacts_assigned_to"), "campaign_contacts", ["assigned_to"], unique=False
    )
    op.create_index(
        op.f("ix_campaign_contacts_created_at_id"), "campaign_contacts", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_campaign_contacts_customer_id"), "campaign_contacts", ["customer_id"], unique=False
    )
    op.create_table(
        "campaign_metrics_snapshots",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("campaign_id", sa.String(), nullable=False, comment="Campaign these figures belong to."),
        sa.Column("snapshot_date", sa.DateTime(), nullable=False, comment="Day the figures describe, UTC."),
        sa.Column(
            "snapshot_hour",
            sa.Integer(),
            nullable=True,
            comment="Hour of the day, 0 to 23; empty for the whole day.",
        ),
        sa.Column(
            "total_contacts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="All contacts on the campaign list at that time.",
        ),
        sa.Column(
            "pending_contacts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Contacts nobody had called yet.",
        ),
        sa.Column(
            "contacted_contacts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Contacts that had been spoken to.",
        ),
        sa.Column(
            "completed_contacts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Contacts whose work ended with success.",
        ),
        sa.Column(
            "failed_contacts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Contacts that could not be won or reached.",
        ),
        sa.Column(
            "total_calls",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="All call attempts, answered or not.",
        ),
        sa.Column(
            "successful_calls",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Calls in which somebody was spoken to.",
        ),
        sa.Column(
            "avg_call_duration_seconds",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Mean length of the calls, in seconds.",
        ),
        sa.Column(
            "conversion_rate",
            sa.Numeric(precision=5, scale=2),
            server_default=sa.text("0"),
            nullable=True,
            comment="Completed divided by contacted, in percent.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the figures were counted, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_metrics_snapshots_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_metrics_snapshots")),
        sa.UniqueConstraint(
            "campaign_id",
            "snapshot_date",
            "snapshot_hour",
            name=op.f("uq_campaign_metrics_snapshots_campaign_id_snapshot_date_snapshot_hour"),
            postgresql_nulls_not_distinct=True,
        ),
        comment="Counts of a campaign's contacts and calls, frozen for one hour or day.",
        info={"one": "Campaign result", "many": "Campaign results", "icon": "chart-bar"},
    )
    op.create_index(
        op.f("ix_campaign_metrics_snapshots_campaign_id"),
        "campaign_metrics_snapshots",
        ["campaign_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaign_metrics_snapshots_created_at_id"),
        "campaign_metrics_snapshots",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "campaign_operator_settings",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "campaign_id", sa.String(), nullable=False, comment="Campaign in which the operator makes calls."
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who calls the contacts."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive operators get no contacts from this campaign.",
        ),
        sa.Column(
            "workload_weight",
            sa.Integer(),
            server_default=sa.text("100"),
            nullable=False,
            comment="Share of contacts; 50 is half, 200 double the usual load.",
        ),
        sa.Column(
            "max_contacts_per_day",
            sa.Integer(),
            server_default=sa.text("50"),
            nullable=True,
            comment="Most contacts the operator is given in one day.",
        ),
        sa.Column(
            "assigned_countries",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=True,
            comment="Countries whose contacts this operator may call.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the operator was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When these settings were last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"assigned_countries\" <@ ARRAY['SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH']::text[]",
            name=op.f("ck_campaign_operator_settings_assigned_countries"),
        ),
        sa.CheckConstraint(
            "workload_weight >= 0", name=op.f("ck_campaign_operator_settings_weight_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_operator_settings_campaign_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_campaign_operator_settings_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_operator_settings")),
        sa.UniqueConstraint(
            "campaign_id", "user_id", name=op.f("uq_campaign_operator_settings_campaign_id_user_id")
        ),
        comment="An operator taking part in a campaign, with their share of the calls.",
        info={"one": "Campaign operator", "many": "Campaign operators", "icon": "headset"},
    )
    op.create_index(
        op.f("ix_campaign_operator_settings_created_at_id"),
        "campaign_operator_settings",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaign_operator_settings_user_id"), "campaign_operator_settings", ["user_id"], unique=False
    )
    op.create_table(
        "campaign_schedules",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "campaign_id",
            sa.String(),
            nullable=False,
            comment="Campaign the rules apply to; each has one schedule.",
        ),
        sa.Column(
            "working_days",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{monday,tuesday,wednesday,thursday,friday}'"),
            nullable=False,
            comment="Weekdays on which families may be called.",
        ),
        sa.Column(
            "working_hours_start",
            sa.Text(),
            server_default="09:00",
            nullable=False,
            comment="Earliest call, HH:MM in the called family's local time.",
        ),
        sa.Column(
            "working_hours_end",
            sa.Text(),
            server_default="17:00",
            nullable=False,
            comment="Latest call, HH:MM in the called family's local time.",
        ),
        sa.Column(
            "max_attempts_per_contact",
            sa.Integer(),
            server_default=sa.text("3"),
            nullable=False,
            comment="After this many attempts the contact is no longer offered.",
        ),
        sa.Column(
            "min_hours_between_attempts",
            sa.Integer(),
            server_default=sa.text("24"),
            nullable=False,
            comment="Shortest pause in hours before trying the same contact again.",
        ),
        sa.Column(
            "auto_assign_contacts",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Contacts are shared among active operators by their workload.",
        ),
        sa.Column(
            "prioritize_callbacks",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Due callbacks are offered before all other contacts.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the schedule was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the schedule was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "working_hours_end ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'",
            name=op.f("ck_campaign_schedules_hours_end"),
        ),
        sa.CheckConstraint(
            "working_hours_start ~ '^([01][0-9]|2[0-3]):[0-5][0-9]$'",
            name=op.f("ck_campaign_schedules_hours_start"),
        ),
        sa.CheckConstraint(
            "max_attempts_per_contact > 0", name=op.f("ck_campaign_schedules_attempts_positive")
        ),
        sa.CheckConstraint(
            "min_hours_between_attempts >= 0", name=op.f("ck_campaign_schedules_hours_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["campaign_id"], ["campaigns.id"], name=op.f("fk_campaign_schedules_campaign_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_schedules")),
        sa.UniqueConstraint("campaign_id", name=op.f("uq_campaign_schedules_campaign_id")),
        comment="The days, hours and call limits within which a campaign may reach families.",
        info={"one": "Campaign schedule", "many": "Campaign schedules", "icon": "calendar-time"},
    )
    op.create_index(
        op.f("ix_campaign_schedules_created_at_id"), "campaign_schedules", ["created_at", "id"], unique=False
    )
    op.create_table(
        "collaborators",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("legacy_id", sa.Text(), nullable=True, comment="Number carried over from the older CRM."),
        sa.Column(
            "country_code",
            sa.Text(),
            nullable=False,
            comment="Where the collaborator works; decides which staff see the record.",
        ),
        sa.Column(
            "title_before", sa.Text(), nullable=True, comment="Academic title written in front, e.g. MUDr."
        ),
        sa.Column("first_name", sa.Text(), nullable=False, comment="Given name, without titles."),
        sa.Column("last_name", sa.Text(), nullable=False, comment="Family name, without titles."),
        sa.Column(
            "maiden_name", sa.Text(), nullable=True, comment="Family name at birth, if it has changed."
        ),
        sa.Column(
            "title_after", sa.Text(), nullable=True, comment="Academic title written behind, e.g. PhD."
        ),
        sa.Column(
            "birth_number",
            sa.Text(),
            nullable=True,
            comment="National personal number (rodné číslo); visible to authorised staff only.",
        ),
        sa.Column(
            "birth_day", sa.Integer(), nullable=True, comment="Day of the month, 1 to 31; empty if unknown."
        ),
        sa.Column(
            "birth_month", sa.Integer(), nullable=True, comment="Month number, 1 to 12; empty if unknown."
        ),
        sa.Column("birth_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."),
        sa.Column("birth_place", sa.Text(), nullable=True, comment="Town where the collaborator was born."),
        sa.Column(
            "health_insurance_id",
            sa.String(),
            nullable=True,
            comment="Company that insures the collaborator.",
        ),
        sa.Column(
            "marital_status",
            sa.Text(),
            nullable=True,
            comment="As stated by the collaborator; personal data.",
        ),
        sa.Column(
            "collaborator_type", sa.Text(), nullable=True, comment="Position held at the hospital or clinic."
        ),
        sa.Column(
            "phone", sa.Text(), nullable=True, comment="Fixed line or work number, with international prefix."
        ),
        sa.Column(
            "mobile",
            sa.Text(),
            nullable=True,
            comment="Number for calls and text messages, with international prefix.",
        ),
        sa.Column(
            "mobile_2", sa.Text(), nullable=True, comment="Alternative number, with international prefix."
        ),
        sa.Column("other_contact", sa.Text(), nullable=True, comment="Any other way to reach the person."),
        sa.Column("email", sa.Text(), nullable=True, comment="Address for agreements and messages."),
        sa.Column(
            "bank_account_iban",
            sa.Text(),
            nullable=True,
            comment="The collaborator's private account in IBAN format.",
        ),
        sa.Column("swift_code", sa.Text(), nullable=True, comment="Bank identifier of 8 or 11 characters."),
        sa.Column(
            "client_contact",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Ticked when the person serves as a contact for clients.",
        ),
        sa.Column(
            "representative_id",
            sa.String(),
            nullable=True,
            comment="Colleague who visits and looks after this collaborator.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Inactive collaborators cannot be chosen or use the mobile app.",
        ),
        sa.Column(
            "svet_zdravia",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Belongs to the Svet zdravia hospital network.",
        ),
        sa.Column(
            "company_name",
            sa.Text(),
            nullable=True,
            comment="Registered name, if the collaborator invoices through a company.",
        ),
        sa.Column("ico", sa.Text(), nullable=True, comment="Registration number of the company."),
        sa.Column("dic", sa.Text(), nullable=True, comment="Tax registration number of the company."),
        sa.Column(
            "ic_dph",
            sa.Text(),
            nullable=True,
            comment="VAT number with country prefix; empty if not registered.",
        ),
        sa.Column(
            "company_iban",
            sa.Text(),
            nullable=True,
            comment="Account of the collaborator's company in IBAN format.",
        ),
        sa.Column(
            "company_swift",
            sa.Text(),
            nullable=True,
            comment="Identifier of the company's bank, 8 or 11 characters.",
        ),
        sa.Column(
            "month_rewards",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Rewards are settled every month.",
        ),
        sa.Column(
            "note", sa.Text(), nullable=True, comment="Remarks for colleagues; not shown to the collaborator."
        ),
        sa.Column("hospital_id", sa.String(), nullable=True, comment="Main place of work."),
        sa.Column(
            "mobile_app_enabled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Lets the person sign in to INDEXUS Connect.",
        ),
        sa.Column(
            "mobile_username",
            sa.Text(),
            nullable=True,
            comment="Name typed in the app; no two collaborators share one.",
        ),
        sa.Column(
            "mobile_password_hash",
            sa.Text(),
            nullable=True,
            comment="Kept only in scrambled form; can be replaced, never read.",
        ),
        sa.Column(
            "can_edit_hospitals",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="May add and correct hospitals in the mobile app.",
        ),
        sa.Column(
            "last_mobile_login",
            sa.DateTime(),
            nullable=True,
            comment="Most recent sign-in to the mobile app (UTC).",
        ),
        sa.Column(
            "mobile_last_active_at",
            sa.DateTime(),
            nullable=True,
            comment="Most recent action in the mobile app (UTC).",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_collaborators_country_code"),
        ),
        sa.CheckConstraint(
            "\"marital_status\" IN ('single', 'married', 'divorced', 'widowed')",
            name=op.f("ck_collaborators_marital_status"),
        ),
        sa.CheckConstraint(
            "\"collaborator_type\" IN ('doctor', 'nurse', 'assistant_doctor', 'head_nurse', 'call_center', 'other')",
            name=op.f("ck_collaborators_collaborator_type"),
        ),
        sa.CheckConstraint(
            '"birth_month" BETWEEN 1 AND 12 AND "birth_day" BETWEEN 1 AND 31 AND "birth_year" BETWEEN 1900 AND 2200 AND ("birth_day" IS NULL OR "birth_month" IS NOT NULL)',
            name=op.f("ck_collaborators_birth_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["health_insurance_id"],
            ["health_insurance_companies.id"],
            name=op.f("fk_collaborators_health_insurance_id"),
        ),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_collaborators_hospital_id")),
        sa.ForeignKeyConstraint(
            ["representative_id"], ["users.id"], name=op.f("fk_collaborators_representative_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborators")),
        sa.UniqueConstraint("mobile_username", name=op.f("uq_collaborators_mobile_username")),
        comment="A doctor, nurse or other medical partner who works with us.",
        info={
            "one": "Collaborator",
            "many": "Collaborators",
            "icon": "stethoscope",
            "find": (
                ("last_name", "first_name"),
                ("first_name", "last_name"),
                ("email",),
                ("phone",),
                ("mobile",),
                ("company_name",),
                ("legacy_id",),
            ),
            "dates": {"birth": "Date of birth"},
        },
    )
    op.create_index(
        "find_collaborators_company_name",
        "collaborators",
        [sa.literal_column('(fold("company_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_email",
        "collaborators",
        [sa.literal_column('(fold("email")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_first_name_last_name",
        "collaborators",
        [sa.literal_column('(fold("first_name" || \' \' || "last_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_last_name_first_name",
        "collaborators",
        [sa.literal_column('(fold("last_name" || \' \' || "first_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_legacy_id",
        "collaborators",
        [sa.literal_column('(fold("legacy_id")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_mobile",
        "collaborators",
        [sa.literal_column('(fold("mobile")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_collaborators_phone",
        "collaborators",
        [sa.literal_column('(fold("phone")) COLLATE "C"')],
        unique=False,
    )
    op.create_index("idx_collaborators_country", "collaborators", ["country_code"], unique=False)
    op.create_index("idx_collaborators_hospital", "collaborators", ["hospital_id"], unique=False)
    op.create_index("idx_collaborators_mobile_enabled", "collaborators", ["mobile_app_enabled"], unique=False)
    op.create_index(
        op.f("ix_collaborators_country_code_created_at_id"),
        "collaborators",
        ["country_code", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborators_created_at_id"), "collaborators", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_collaborators_health_insurance_id"), "collaborators", ["health_insurance_id"], unique=False
    )
    op.create_index(
        op.f("ix_collaborators_representative_id"), "collaborators", ["representative_id"], unique=False
    )
    op.create_table(
        "communication_messages",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "customer_id",
            sa.String(),
            nullable=True,
            comment="Customer the message was sent to or came from.",
        ),
        sa.Column(
            "user_id",
            sa.String(),
            nullable=True,
            comment="Colleague who sent or handled it; empty when automatic.",
        ),
        sa.Column("type", sa.Text(), nullable=False, comment="Whether this is an email or a text message."),
        sa.Column(
            "direction",
            sa.Text(),
            server_default="outbound",
            nullable=False,
            comment="Outbound leaves us; inbound arrives from the customer.",
        ),
        sa.Column("subject", sa.Text(), nullable=True, comment="Subject line; text messages have none."),
        sa.Column("content", sa.Text(), nullable=False, comment="Full wording of the message."),
        sa.Column("recipient_email", sa.Text(), nullable=True, comment="Address the email goes to."),
        sa.Column(
            "recipient_phone",
            sa.Text(),
            nullable=True,
            comment="Number the text message goes to, with country prefix.",
        ),
        sa.Column("sender_phone", sa.Text(), nullable=True, comment="Number the text message came from."),
        sa.Column(
            "status",
            sa.Text(),
            server_default="pending",
            nullable=False,
            comment="How far sending has got; failed messages need attention.",
        ),
        sa.Column(
            "external_id",
            sa.Text(),
            nullable=True,
            comment="Number given to the message by the sending service.",
        ),
        sa.Column(
            "provider",
            sa.Text(),
            nullable=True,
            comment="Service that carries the message, for example bulkgate or sendgrid.",
        ),
        sa.Column(
            "delivery_status",
            sa.Text(),
            nullable=True,
            comment="Latest delivery report exactly as the sending service worded it.",
        ),
        sa.Column("error_message", sa.Text(), nullable=True, comment="Why sending or delivery failed."),
        sa.Column("sent_at", sa.DateTime(), nullable=True, comment="When the message left us, UTC."),
        sa.Column("delivered_at", sa.DateTime(), nullable=True, comment="When delivery was confirmed, UTC."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the message was put together, UTC.",
        ),
        sa.Column(
            "ai_analyzed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="AI has already read this message.",
        ),
        sa.Column(
            "ai_sentiment", sa.Text(), nullable=True, comment="Overall mood of the message as judged by AI."
        ),
        sa.Column(
            "ai_alert_level",
            sa.Text(),
            nullable=True,
            comment="How urgently a colleague should look at this message.",
        ),
        sa.Column("ai_has_angry_tone", sa.Boolean(), nullable=True, comment="AI noticed an angry tone."),
        sa.Column(
            "ai_has_rude_expressions",
            sa.Boolean(),
            nullable=True,
            comment="AI noticed rude or insulting words.",
        ),
        sa.Column(
            "ai_wants_to_cancel",
            sa.Boolean(),
            nullable=True,
            comment="AI believes the customer wants to end the contract.",
        ),
        sa.Column(
            "ai_wants_consent",
            sa.Boolean(),
            nullable=True,
            comment="AI noticed an intent about consent; confirm with the customer.",
        ),
        sa.Column(
            "ai_does_not_accept_contract",
            sa.Boolean(),
            nullable=True,
            comment="AI believes the customer does not accept the contract.",
        ),
        sa.Column(
            "ai_analysis_note",
            sa.Text(),
            nullable=True,
            comment="Short explanation of the AI result; advice only.",
        ),
        sa.Column("ai_analyzed_at", sa.DateTime(), nullable=True, comment="When AI read the message, UTC."),
        sa.CheckConstraint("\"type\" IN ('email', 'sms')", name=op.f("ck_communication_messages_type")),
        sa.CheckConstraint(
            "\"direction\" IN ('outbound', 'inbound')", name=op.f("ck_communication_messages_direction")
        ),
        sa.CheckConstraint(
            "\"status\" IN ('pending', 'sent', 'delivered', 'failed')",
            name=op.f("ck_communication_messages_status"),
        ),
        sa.CheckConstraint(
            "\"ai_sentiment\" IN ('positive', 'neutral', 'negative', 'angry')",
            name=op.f("ck_communication_messages_ai_sentiment"),
        ),
        sa.CheckConstraint(
            "\"ai_alert_level\" IN ('none', 'warning', 'critical')",
            name=op.f("ck_communication_messages_ai_alert_level"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_communication_messages_customer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_communication_messages_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_communication_messages")),
        comment="An email or text message exchanged with a customer, with its delivery and AI reading.",
        info={
            "one": "Message",
            "many": "Messages",
            "icon": "messages",
            "find": (("subject",), ("recipient_email",), ("recipient_phone",), ("sender_phone",)),
        },
    )
    op.create_index(
        "find_communication_messages_recipient_email",
        "communication_messages",
        [sa.literal_column('(fold("recipient_email")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_communication_messages_recipient_phone",
        "communication_messages",
        [sa.literal_column('(fold("recipient_phone")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_communication_messages_sender_phone",
        "communication_messages",
        [sa.literal_column('(fold("sender_phone")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_communication_messages_subject",
        "communication_messages",
        [sa.literal_column('(fold("subject")) COLLATE "C"')],
        unique=False,
    )
    op.create_index("idx_communication_customer", "communication_messages", ["customer_id"], unique=False)
    op.create_index("idx_communication_type", "communication_messages", ["type"], unique=False)
    op.create_index(
        op.f("ix_communication_messages_created_at_id"),
        "communication_messages",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_communication_messages_user_id"), "communication_messages", ["user_id"], unique=False
    )
    op.create_table(
        "customer_consents",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "customer_id", sa.String(), nullable=False, comment="Person whose data the consent concerns."
        ),
        sa.Column(
            "consent_type",
            sa.Text(),
            nullable=False,
            comment="What the customer agrees to, one record for each.",
        ),
        sa.Column(
            "legal_basis",
            sa.Text(),
            nullable=False,
            comment="Ground under GDPR; contract and legal obligation cannot be revoked.",
        ),
        sa.Column(
            "purpose",
            sa.Text(),
            nullable=False,
            comment="What the data will be used for, as told to the customer.",
        ),
        sa.Column(
            "granted",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Without it nothing is sent for this purpose.",
        ),
        sa.Column("granted_at", sa.DateTime(), nullable=True, comment="When the customer agreed (UTC)."),
        sa.Column(
            "granted_by_user_id", sa.String(), nullable=True, comment="Colleague who recorded the agreement."
        ),
        sa.Column(
            "revoked_at",
            sa.DateTime(),
            nullable=True,
            comment="When the customer withdrew (UTC); stops every channel at once.",
        ),
        sa.Column(
            "revoked_by_user_id", sa.String(), nullable=True, comment="Colleague who recorded the withdrawal."
        ),
        sa.Column("revoke_reason", sa.Text(), nullable=True, comment="Required when a consent is withdrawn."),
        sa.Column(
            "expires_at",
            sa.DateTime(),
            nullable=True,
            comment="Moment the consent lapses (UTC); empty means no limit.",
        ),
        sa.Column(
            "source",
            sa.Text(),
            nullable=True,
            comment="How the consent was obtained; required when granting.",
        ),
        sa.Column(
            "document_reference",
            sa.Text(),
            nullable=True,
            comment="Number or place of the signed paper that proves it.",
        ),
        sa.Column(
            "notes", sa.Text(), nullable=True, comment="Circumstances worth remembering at an inspection."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"consent_type\" IN ('marketing_email', 'marketing_sms', 'data_processing', 'newsletter', 'third_party_sharing', 'profiling', 'automated_decisions')",
            name=op.f("ck_customer_consents_consent_type"),
        ),
        sa.CheckConstraint(
            "\"legal_basis\" IN ('consent', 'contract', 'legal_obligation', 'vital_interests', 'public_task', 'legitimate_interests')",
            name=op.f("ck_customer_consents_legal_basis"),
        ),
        sa.CheckConstraint(
            "\"source\" IN ('web_form', 'phone', 'email', 'in_person', 'signed_document')",
            name=op.f("ck_customer_consents_source"),
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_consents_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by_user_id"], ["users.id"], name=op.f("fk_customer_consents_granted_by_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["revoked_by_user_id"], ["users.id"], name=op.f("fk_customer_consents_revoked_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_consents")),
        comment="A customer's permission, given or withdrawn, to use personal data for one purpose.",
        info={"one": "Consent", "many": "Consents", "icon": "shield-check"},
    )
    op.create_index(
        op.f("ix_customer_consents_created_at_id"), "customer_consents", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_consents_customer_id"), "customer_consents", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_consents_granted_by_user_id"),
        "customer_consents",
        ["granted_by_user_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_consents_revoked_by_user_id"),
        "customer_consents",
        ["revoked_by_user_id"],
        unique=False,
    )
    op.create_table(
        "customer_email_notifications",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "customer_id", sa.String(), nullable=False, comment="Customer on whose page the email appears."
        ),
        sa.Column(
            "message_id", sa.Text(), nullable=False, comment="Microsoft's lasting reference to this email."
        ),
        sa.Column(
            "mailbox_email", sa.Text(), nullable=False, comment="Our mailbox that received or sent the email."
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="Subject line of the email."),
        sa.Column("sender_email", sa.Text(), nullable=False, comment="Address the email was sent from."),
        sa.Column("sender_name", sa.Text(), nullable=True, comment="Sender's name as shown in the email."),
        sa.Column(
            "recipient_email",
            sa.Text(),
            nullable=True,
            comment="Address the email went to; used for outbound emails.",
        ),
        sa.Column(
            "direction",
            sa.Text(),
            server_default="inbound",
            nullable=False,
            comment="Inbound comes from the customer; outbound is our email.",
        ),
        sa.Column("body_preview", sa.Text(), nullable=True, comment="First lines of the email text."),
        sa.Column(
            "received_at", sa.DateTime(), nullable=False, comment="When the mailbox received the email, UTC."
        ),
        sa.Column(
            "priority",
            sa.Text(),
            server_default="normal",
            nullable=True,
            comment="How urgently the email should be handled.",
        ),
        sa.Column(
            "is_read",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A colleague has already opened the email.",
        ),
        sa.Column("read_at", sa.DateTime(), nullable=True, comment="When it was first opened, UTC."),
        sa.Column("read_by", sa.String(), nullable=True, comment="Colleague who opened the email."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the email was added to the customer, UTC.",
        ),
        sa.CheckConstraint(
            "\"direction\" IN ('inbound', 'outbound')", name=op.f("ck_customer_email_notifications_direction")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"],
            ["customers.id"],
            name=op.f("fk_customer_email_notifications_customer_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["read_by"], ["users.id"], name=op.f("fk_customer_email_notifications_read_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_email_notifications")),
        comment="An email shown on the customer's page, with who has read it.",
        info={
            "one": "Customer email",
            "many": "Customer emails",
            "icon": "mail",
            "find": (("subject",), ("sender_email",)),
        },
    )
    op.create_index(
        "find_customer_email_notifications_sender_email",
        "customer_email_notifications",
        [sa.literal_column('(fold("sender_email")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_customer_email_notifications_subject",
        "customer_email_notifications",
        [sa.literal_column('(fold("subject")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_email_notifications_created_at_id"),
        "customer_email_notifications",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_email_notifications_customer_id"),
        "customer_email_notifications",
        ["customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_email_notifications_read_by"),
        "customer_email_notifications",
        ["read_by"],
        unique=False,
    )
    op.create_table(
        "customer_notes",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("customer_id", sa.String(), nullable=False, comment="Customer the note is about."),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who wrote the note."),
        sa.Column(
            "content", sa.Text(), nullable=False, comment="Text for colleagues; not shown to the customer."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the note was written (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_notes_customer_id")
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_customer_notes_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_notes")),
        comment="A remark a colleague left on a customer.",
        info={"one": "Customer note", "many": "Customer notes", "icon": "notes"},
    )
    op.create_index(
        op.f("ix_customer_notes_created_at_id"), "customer_notes", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_customer_notes_customer_id"), "customer_notes", ["customer_id"], unique=False)
    op.create_index(op.f("ix_customer_notes_user_id"), "customer_notes", ["user_id"], unique=False)
    op.create_table(
        "customer_products",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("customer_id", sa.String(), nullable=False, comment="Family that ordered the product."),
        sa.Column("product_id", sa.String(), nullable=False, comment="Basic product the customer chose."),
        sa.Column(
            "instance_id",
            sa.String(),
            nullable=True,
            comment="Country version; must belong to the chosen product.",
        ),
        sa.Column(
            "billset_id", sa.String(), nullable=True, comment="Set that determines prices, discounts and VAT."
        ),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of units, 1 or more.",
        ),
        sa.Column(
            "price_override",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="Agreed unit price used instead of the listed one.",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="Internal remarks about this order."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the product was assigned (UTC).",
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_customer_products_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["billset_id"], ["product_sets.id"], name=op.f("fk_customer_products_billset_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_products_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"], ["market_product_instances.id"], name=op.f("fk_customer_products_instance_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_customer_products_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_products")),
        comment="A product a customer has chosen, with the market version and billing set used for it.",
        info={"one": "Customer product", "many": "Customer products", "icon": "shopping-cart"},
    )
    op.create_index(
        op.f("ix_customer_products_billset_id"), "customer_products", ["billset_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_products_created_at_id"), "customer_products", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_products_customer_id"), "customer_products", ["customer_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_products_instance_id"), "customer_products", ["instance_id"], unique=False
    )
    op.create_index(
        op.f("ix_customer_products_product_id"), "customer_products", ["product_id"], unique=False
    )
    op.create_table(
        "email_metadata",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "message_id", sa.Text(), nullable=False, comment="Microsoft's lasting reference to this email."
        ),
        sa.Column(
            "mailbox_email", sa.Text(), nullable=False, comment="Address of the mailbox that holds the email."
        ),
        sa.Column(
            "priority",
            sa.Text(),
            server_default="normal",
            nullable=True,
            comment="How urgently we should handle the email.",
        ),
        sa.Column(
            "importance",
            sa.Text(),
            server_default="normal",
            nullable=True,
            comment="Importance chosen by the sender or set by a rule.",
        ),
        sa.Column(
            "tags",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=True,
            comment="Names of the tags put on this email.",
        ),
        sa.Column(
            "matched_rules",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=True,
            comment="References of the email rules that applied to this email.",
        ),
        sa.Column(
            "customer_id", sa.String(), nullable=True, comment="Customer the email belongs to, if recognised."
        ),
        sa.Column(
            "is_processed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="All rules have been applied to this email.",
        ),
        sa.Column("processed_at", sa.DateTime(), nullable=True, comment="When the rules were applied, UTC."),
        sa.Column(
            "ai_analyzed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI has already read this email.",
        ),
        sa.Column(
            "ai_sentiment", sa.Text(), nullable=True, comment="Overall mood of the email as judged by AI."
        ),
        sa.Column(
            "ai_has_inappropriate_content",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI found content that is not acceptable.",
        ),
        sa.Column(
            "ai_alert_level",
            sa.Text(),
            nullable=True,
            comment="How urgently a colleague should look at this email.",
        ),
        sa.Column(
            "ai_analysis_note",
            sa.Text(),
            nullable=True,
            comment="Short explanation of the AI result; advice only.",
        ),
        sa.Column("ai_analyzed_at", sa.DateTime(), nullable=True, comment="When AI read the email, UTC."),
        sa.Column(
            "ai_has_angry_tone",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI noticed an angry tone.",
        ),
        sa.Column(
            "ai_has_rude_expressions",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI noticed rude or insulting words.",
        ),
        sa.Column(
            "ai_wants_to_cancel",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI believes the sender wants to end the contract.",
        ),
        sa.Column(
            "ai_wants_consent",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI noticed an intent about consent; confirm with the customer.",
        ),
        sa.Column(
            "ai_does_not_accept_contract",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="AI believes the sender does not accept the contract.",
        ),
        sa.Column(
            "ai_pipeline_action_taken",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A rule acted in the sales pipeline because of this email.",
        ),
        sa.Column(
            "ai_pipeline_stage_id",
            sa.String(),
            nullable=True,
            comment="Stage the rule moved the customer's deal to.",
        ),
        sa.Column(
            "ai_pipeline_stage_name",
            sa.String(),
            nullable=True,
            comment="Name of the stage at the time of the action.",
        ),
        sa.Column(
            "ai_pipeline_action_reason",
            sa.Text(),
            nullable=True,
            comment="Why the pipeline action was taken.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the email was first seen, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to these findings, UTC.",
        ),
        sa.CheckConstraint(
            "\"priority\" IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_email_metadata_priority")
        ),
        sa.CheckConstraint(
            "\"importance\" IN ('low', 'normal', 'high')", name=op.f("ck_email_metadata_importance")
        ),
        sa.ForeignKeyConstraint(
            ["ai_pipeline_stage_id"],
            ["pipeline_stages.id"],
            name=op.f("fk_email_metadata_ai_pipeline_stage_id"),
            ondelete="SET NULL",
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_email_metadata_customer_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_email_metadata")),
        sa.UniqueConstraint(
            "mailbox_email", "message_id", name=op.f("uq_email_metadata_mailbox_email_message_id")
        ),
        comment="What our rules and AI found out about one email in one mailbox.",
        info={
            "one": "Email processing",
            "many": "Email processing",
            "icon": "mail-cog",
            "find": (("message_id",), ("mailbox_email",)),
        },
    )
    op.create_index(
        "find_email_metadata_mailbox_email",
        "email_metadata",
        [sa.literal_column('(fold("mailbox_email")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_email_metadata_message_id",
        "email_metadata",
        [sa.literal_column('(fold("message_id")) COLLATE "C"')],
        unique=False,
    )
    op.create_index("idx_email_metadata_customer", "email_metadata", ["customer_id"], unique=False)
    op.create_index("idx_email_metadata_message", "email_metadata", ["message_id"], unique=False)
    op.create_index(
        op.f("ix_email_metadata_ai_pipeline_stage_id"),
        "email_metadata",
        ["ai_pipeline_stage_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_email_metadata_created_at_id"), "email_metadata", ["created_at", "id"], unique=False
    )
    op.create_table(
        "invoices",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "invoice_number",
            sa.Text(),
            nullable=False,
            comment="Unique; taken from the number range at issue.",
        ),
        sa.Column("customer_id", sa.String(), nullable=False, comment="Family the invoice is addressed to."),
        sa.Column(
            "subtotal",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="Sum of items without VAT, in the invoice currency.",
        ),
        sa.Column(
            "vat_rate",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Percent; empty when items have different rates.",
        ),
        sa.Column(
            "vat_amount",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="VAT charged, in the invoice currency.",
        ),
        sa.Column(
            "total_amount",
            sa.Numeric(precision=10, scale=2),
            nullable=False,
            comment="Amount to pay including VAT, in the invoice currency.",
        ),
        sa.Column(
            "currency",
            sa.Text(),
            server_default="EUR",
            nullable=False,
            comment="Three-letter currency code of all amounts here.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="generated",
            nullable=False,
            comment="Becomes paid with the payment, overdue after the due date.",
        ),
        sa.Column(
            "payment_term_days",
            sa.Integer(),
            server_default=sa.text("14"),
            nullable=False,
            comment="Days from issue until payment is due.",
        ),
        sa.Column(
            "due_date", sa.DateTime(), nullable=True, comment="Last day to pay, by the country's calendar."
        ),
        sa.Column(
            "generated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the invoice was issued (UTC).",
        ),
        sa.Column(
            "pdf_path",
            sa.Text(),
            nullable=True,
            comment="Stored document as it was sent; can be downloaded again.",
        ),
        sa.Column(
            "billing_company_name",
            sa.Text(),
            nullable=True,
            comment="Billing company's name as it was at issue.",
        ),
        sa.Column(
            "billing_address", sa.Text(), nullable=True, comment="Street and number of the seller at issue."
        ),
        sa.Column("billing_city", sa.Text(), nullable=True, comment="Town of the seller at issue."),
        sa.Column(
            "billing_tax_id", sa.Text(), nullable=True, comment="Tax identifier of the seller at issue."
        ),
        sa.Column("billing_bank_name", sa.Text(), nullable=True, comment="Bank to which the customer pays."),
        sa.Column(
            "billing_bank_iban",
            sa.Text(),
            nullable=True,
            comment="Account to which the customer pays, as at issue.",
        ),
        sa.Column(
            "billing_bank_swift", sa.Text(), nullable=True, comment="Bank identifier code, as at issue."
        ),
        sa.CheckConstraint(
            "\"status\" IN ('generated', 'sent', 'paid', 'overdue')", name=op.f("ck_invoices_status")
        ),
        sa.CheckConstraint("payment_term_days >= 0", name=op.f("ck_invoices_payment_term_not_negative")),
        sa.CheckConstraint("vat_rate BETWEEN 0 AND 100", name=op.f("ck_invoices_vat_rate_percent")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_invoices_customer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("invoice_number", name=op.f("uq_invoices_invoice_number")),
        comment="An issued invoice, which can only be corrected by a credit note.",
        info={
            "one": "Invoice",
            "many": "Invoices",
            "icon": "file-invoice",
            "find": (("invoice_number",), ("billing_company_name",)),
        },
    )
    op.create_index(
        "find_invoices_billing_company_name",
        "invoices",
        [sa.literal_column('(fold("billing_company_name")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_invoices_invoice_number",
        "invoices",
        [sa.literal_column('(fold("invoice_number")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(op.f("ix_invoices_customer_id"), "invoices", ["customer_id"], unique=False)
    op.create_table(
        "market_product_services",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "instance_id", sa.String(), nullable=False, comment="Market product the service belongs to."
        ),
        sa.Column(
            "name", sa.Text(), nullable=False, comment="Service name, also used when choosing it for a set."
        ),
        sa.Column(
            "from_date",
            sa.DateTime(),
            nullable=True,
            comment="First day the service can be sold, by the country's calendar.",
        ),
        sa.Column(
            "to_date",
            sa.DateTime(),
            nullable=True,
            comment="Last day the service can be sold, inclusive; empty means open-ended.",
        ),
        sa.Column(
            "invoice_identifier",
            sa.Text(),
            nullable=True,
            comment="Code printed or exported with invoices exactly as entered.",
        ),
        sa.Column(
            "invoiceable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Only services marked here may appear on invoices.",
        ),
        sa.Column(
            "collectable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The service includes collecting biological material.",
        ),
        sa.Column(
            "storable",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The service includes storing the collected material.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Switch off to withhold the service from new sets.",
        ),
        sa.Column(
            "block_automation",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Automatic processing skips this service; staff handle it by hand.",
        ),
        sa.Column(
            "certificate_template",
            sa.Text(),
            nullable=True,
            comment="Template used for the certificate of this service.",
        ),
        sa.Column(
            "description",
            sa.Text(),
            nullable=True,
            comment="Internal explanation of what the service covers.",
        ),
        sa.Column(
            "allow_proforma_invoices",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="A proforma may be issued before the tax invoice.",
        ),
        sa.Column(
            "invoicing_period_years",
            sa.Integer(),
            nullable=True,
            comment="Number of years covered by one invoice.",
        ),
        sa.Column(
            "first_invoice_aliquote",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The first invoice covers only the remaining part of the period.",
        ),
        sa.Column(
            "constant_symbol",
            sa.Text(),
            nullable=True,
            comment="Payment symbol used for bank transfers in SK and CZ.",
        ),
        sa.Column(
            "start_invoicing",
            sa.Text(),
            nullable=True,
            comment="Date field or event from which invoicing begins.",
        ),
        sa.Column(
            "end_invoicing", sa.Text(), nullable=True, comment="Date field or event at which invoicing stops."
        ),
        sa.Column(
            "accounting_id_offset",
            sa.Integer(),
            nullable=True,
            comment="Whole number handed to accounting exactly as entered.",
        ),
        sa.Column(
            "ledger_account_proforma",
            sa.Text(),
            nullable=True,
            comment="Account number used when exporting proformas to accounting.",
        ),
        sa.Column(
            "ledger_account_invoice",
            sa.Text(),
            nullable=True,
            comment="Account number used when exporting invoices to accounting.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the service was added (UTC).",
        ),
        sa.CheckConstraint("to_date >= from_date", name=op.f("ck_market_product_services_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["market_product_instances.id"],
            name=op.f("fk_market_product_services_instance_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_market_product_services")),
        comment="A service sold with a market product, typically storage, with its own invoicing rules.",
        info={"one": "Market service", "many": "Market services", "icon": "building-warehouse"},
    )
    op.create_index(
        op.f("ix_market_product_services_created_at_id"),
        "market_product_services",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_market_product_services_instance_id"),
        "market_product_services",
        ["instance_id"],
        unique=False,
    )
    op.create_table(
        "payment_installments",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "payment_option_id",
            sa.String(),
            nullable=False,
            comment="Instalment plan this payment belongs to.",
        ),
        sa.Column(
            "installment_number",
            sa.Integer(),
            nullable=False,
            comment="Position in the plan, starting with 1.",
        ),
        sa.Column(
            "label", sa.Text(), nullable=False, comment='Text shown to the family, e.g. "First instalment".'
        ),
        sa.Column(
            "calculation_type",
            sa.Text(),
            server_default="fixed",
            nullable=False,
            comment="Decides whether the amount or the percentage is used.",
        ),
        sa.Column(
            "amount",
            sa.Numeric(precision=10, scale=2),
            nullable=True,
            comment="Fixed sum in the currency of the price; leave empty for percentages.",
        ),
        sa.Column(
            "percentage",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Share of the total, 0 to 100.",
        ),
        sa.Column(
            "due_offset_months",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Whole months from the start; short months use their last day.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the instalment was added (UTC).",
        ),
        sa.CheckConstraint(
            "\"calculation_type\" IN ('fixed', 'percentage')",
            name=op.f("ck_payment_installments_calculation_type"),
        ),
        sa.CheckConstraint("amount >= 0", name=op.f("ck_payment_installments_amount_not_negative")),
        sa.CheckConstraint("installment_number > 0", name=op.f("ck_payment_installments_number_positive")),
        sa.CheckConstraint(
            "percentage BETWEEN 0 AND 100", name=op.f("ck_payment_installments_percentage_percent")
        ),
        sa.ForeignKeyConstraint(
            ["payment_option_id"],
            ["instance_payment_options.id"],
            name=op.f("fk_payment_installments_payment_option_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_installments")),
        sa.UniqueConstraint(
            "payment_option_id",
            "installment_number",
            name=op.f("uq_payment_installments_payment_option_id_installment_number"),
        ),
        comment="One payment in the instalment plan of a payment option.",
        info={"one": "Instalment", "many": "Instalments", "icon": "calendar-dollar"},
    )
    op.create_index(
        op.f("ix_payment_installments_created_at_id"),
        "payment_installments",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "product_set_collections",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("product_set_id", sa.String(), nullable=False, comment="Set this line is part of."),
        sa.Column("instance_id", sa.String(), nullable=False, comment="Collection included in the set."),
        sa.Column(
            "price_id",
            sa.String(),
            nullable=True,
            comment="Price used; must belong to the chosen market product.",
        ),
        sa.Column(
            "payment_option_id",
            sa.String(),
            nullable=True,
            comment="How this line is paid, at once or in instalments.",
        ),
        sa.Column(
            "discount_id", sa.String(), nullable=True, comment="Reduction applied to this line before VAT."
        ),
        sa.Column(
            "vat_rate_id", sa.String(), nullable=True, comment="Rate charged on the amount after discount."
        ),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of units, 1 or more.",
        ),
        sa.Column(
            "price_override",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Unit price without VAT used instead of the listed price.",
        ),
        sa.Column(
            "sort_order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Position in the set; lower numbers come first.",
        ),
        sa.Column(
            "line_net_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line without VAT, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_discount_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Reduction on this line, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_vat_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="VAT on this line, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_gross_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line total including VAT, in the set's currency; calculated.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the line was added (UTC).",
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_product_set_collections_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["instance_discounts.id"], name=op.f("fk_product_set_collections_discount_id")
        ),
        sa.ForeignKeyConstraint(
            ["instance_id"],
            ["market_product_instances.id"],
            name=op.f("fk_product_set_collections_instance_id"),
        ),
        sa.ForeignKeyConstraint(
            ["payment_option_id"],
            ["instance_payment_options.id"],
            name=op.f("fk_product_set_collections_payment_option_id"),
        ),
        sa.ForeignKeyConstraint(
            ["price_id"], ["instance_prices.id"], name=op.f("fk_product_set_collections_price_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_set_id"], ["product_sets.id"], name=op.f("fk_product_set_collections_product_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["vat_rate_id"], ["instance_vat_rates.id"], name=op.f("fk_product_set_collections_vat_rate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_set_collections")),
        comment="A collection included in a billing set, with its price, discount and VAT.",
        info={"one": "Set collection", "many": "Set collections", "icon": "droplet"},
    )
    op.create_index(
        op.f("ix_product_set_collections_created_at_id"),
        "product_set_collections",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_collections_discount_id"),
        "product_set_collections",
        ["discount_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_collections_instance_id"),
        "product_set_collections",
        ["instance_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_collections_payment_option_id"),
        "product_set_collections",
        ["payment_option_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_collections_price_id"), "product_set_collections", ["price_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_set_collections_product_set_id"),
        "product_set_collections",
        ["product_set_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_collections_vat_rate_id"),
        "product_set_collections",
        ["vat_rate_id"],
        unique=False,
    )
    op.create_table(
        "role_field_permissions",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("role_id", sa.String(), nullable=False, comment="Role the restriction applies to."),
        sa.Column(
            "module_key",
            sa.Text(),
            nullable=False,
            comment="Part of the system the field belongs to, e.g. customers.",
        ),
        sa.Column(
            "field_key", sa.Text(), nullable=False, comment="Field being opened or restricted, e.g. email."
        ),
        sa.Column(
            "permission",
            sa.Text(),
            server_default="editable",
            nullable=False,
            comment="Hidden also removes the field from search, exports and history.",
        ),
        sa.CheckConstraint(
            "\"permission\" IN ('editable', 'readonly', 'hidden')",
            name=op.f("ck_role_field_permissions_permission"),
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_role_field_permissions_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_field_permissions")),
        sa.UniqueConstraint(
            "role_id",
            "module_key",
            "field_key",
            name=op.f("uq_role_field_permissions_role_id_module_key_field_key"),
        ),
        comment="Whether holders of a role may see or change a single field of a module.",
        info={"one": "Field permission", "many": "Field permissions", "icon": "forms"},
    )
    op.create_table(
        "role_module_permissions",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("role_id", sa.String(), nullable=False, comment="Role that receives this permission."),
        sa.Column(
            "module_key",
            sa.Text(),
            nullable=False,
            comment="Part of the system the permission covers, e.g. customers.",
        ),
        sa.Column(
            "access",
            sa.Text(),
            server_default="visible",
            nullable=False,
            comment="Hidden removes the module from menus, links and exports.",
        ),
        sa.Column(
            "can_add",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Holders may enter new records in the module.",
        ),
        sa.Column(
            "can_edit",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Holders may change and deactivate records in the module.",
        ),
        sa.CheckConstraint(
            "\"access\" IN ('visible', 'hidden')", name=op.f("ck_role_module_permissions_access")
        ),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_role_module_permissions_role_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_role_module_permissions")),
        sa.UniqueConstraint(
            "role_id", "module_key", name=op.f("uq_role_module_permissions_role_id_module_key")
        ),
        comment="What holders of a role may do in one module.",
        info={"one": "Module permission", "many": "Module permissions", "icon": "layout-grid"},
    )
    op.create_table(
        "tasks",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("title", sa.Text(), nullable=False, comment="What has to be done, in one line."),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Details the owner needs to finish the task."
        ),
        sa.Column(
            "due_date",
            sa.DateTime(),
            nullable=True,
            comment="When the task should be done at the latest, UTC.",
        ),
        sa.Column(
            "priority", sa.Text(), server_default="medium", nullable=False, comment="How urgent the task is."
        ),
        sa.Column(
            "status", sa.Text(), server_default="pending", nullable=False, comment="How far the task has got."
        ),
        sa.Column(
            "assigned_user_id",
            sa.String(),
            nullable=False,
            comment="Colleague responsible for the task; notified when assigned.",
        ),
        sa.Column(
            "created_by_user_id", sa.String(), nullable=False, comment="Colleague who asked for the task."
        ),
        sa.Column("customer_id", sa.String(), nullable=True, comment="Customer the task concerns, if any."),
        sa.Column(
            "country",
            sa.Text(),
            nullable=True,
            comment="Country the task belongs to; decides who can see it.",
        ),
        sa.Column(
            "resolution",
            sa.Text(),
            nullable=True,
            comment="What was done or agreed; write it when completing.",
        ),
        sa.Column(
            "resolved_by_user_id", sa.String(), nullable=True, comment="Colleague who completed the task."
        ),
        sa.Column("resolved_at", sa.DateTime(), nullable=True, comment="When the task was completed, UTC."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the task was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the task, UTC.",
        ),
        sa.CheckConstraint(
            "\"priority\" IN ('low', 'medium', 'high', 'urgent')", name=op.f("ck_tasks_priority")
        ),
        sa.CheckConstraint(
            "\"status\" IN ('pending', 'in_progress', 'completed', 'cancelled')", name=op.f("ck_tasks_status")
        ),
        sa.CheckConstraint(
            "\"country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')", name=op.f("ck_tasks_country")
        ),
        sa.ForeignKeyConstraint(["assigned_user_id"], ["users.id"], name=op.f("fk_tasks_assigned_user_id")),
        sa.ForeignKeyConstraint(
            ["created_by_user_id"], ["users.id"], name=op.f("fk_tasks_created_by_user_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_tasks_customer_id")),
        sa.ForeignKeyConstraint(
            ["resolved_by_user_id"], ["users.id"], name=op.f("fk_tasks_resolved_by_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tasks")),
        comment="Something a colleague has to do, often for a customer, by a certain time.",
        info={"one": "Task", "many": "Tasks", "icon": "checkbox", "find": (("title",),)},
    )
    op.create_index(
        "find_tasks_title", "tasks", [sa.literal_column('(fold("title")) COLLATE "C"')], unique=False
    )
    op.create_index(op.f("ix_tasks_assigned_user_id"), "tasks", ["assigned_user_id"], unique=False)
    op.create_index(
        op.f("ix_tasks_country_created_at_id"), "tasks", ["country", "created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_tasks_created_at_id"), "tasks", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_tasks_created_by_user_id"), "tasks", ["created_by_user_id"], unique=False)
    op.create_index(op.f("ix_tasks_customer_id"), "tasks", ["customer_id"], unique=False)
    op.create_index(op.f("ix_tasks_resolved_by_user_id"), "tasks", ["resolved_by_user_id"], unique=False)
    op.create_table(
        "user_ms365_shared_mailboxes",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "connection_id",
            sa.String(),
            nullable=False,
            comment="Connection used to reach the mailbox; removing it removes this entry.",
        ),
        sa.Column(
            "user_id", sa.String(), nullable=False, comment="Colleague who has access to this mailbox."
        ),
        sa.Column("email", sa.Text(), nullable=False, comment="Address of the shared mailbox."),
        sa.Column(
            "display_name",
            sa.Text(),
            nullable=False,
            comment="Name of the mailbox as colleagues and recipients see it.",
        ),
        sa.Column(
            "is_default",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Preselected when this colleague writes a new email.",
        ),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, the mailbox is neither read nor offered for sending.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When access was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to this access, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["connection_id"],
            ["user_ms365_connections.id"],
            name=op.f("fk_user_ms365_shared_mailboxes_connection_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_user_ms365_shared_mailboxes_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_ms365_shared_mailboxes")),
        sa.UniqueConstraint(
            "connection_id", "email", name=op.f("uq_user_ms365_shared_mailboxes_connection_id_email")
        ),
        comment="A shared mailbox that a colleague may open through their Microsoft 365 connection.",
        info={
            "one": "Shared mailbox",
            "many": "Shared mailboxes",
            "icon": "mailbox",
            "default_within": ("user_id",),
        },
    )
    op.create_index(
        op.f("ix_user_ms365_shared_mailboxes_created_at_id"),
        "user_ms365_shared_mailboxes",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_user_ms365_shared_mailboxes_user_id"),
        "user_ms365_shared_mailboxes",
        ["user_id"],
        unique=False,
    )
    op.create_index(
        "one_default_user_ms365_shared_mailboxes",
        "user_ms365_shared_mailboxes",
        ["user_id"],
        unique=True,
        postgresql_where=sa.text("is_default"),
    )
    op.create_table(
        "user_roles",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Person who receives the role."),
        sa.Column(
            "role_id",
            sa.String(),
            nullable=False,
            comment="With several roles, the most generous right counts.",
        ),
        sa.Column(
            "assigned_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the role was granted (UTC).",
        ),
        sa.Column("assigned_by", sa.String(), nullable=True, comment="User who granted the role."),
        sa.ForeignKeyConstraint(["assigned_by"], ["users.id"], name=op.f("fk_user_roles_assigned_by")),
        sa.ForeignKeyConstraint(["role_id"], ["roles.id"], name=op.f("fk_user_roles_role_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_user_roles_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_roles")),
        sa.UniqueConstraint("user_id", "role_id", name=op.f("uq_user_roles_user_id_role_id")),
        comment="The grant of a role to a user.",
        info={"one": "Role assignment", "many": "Role assignments", "icon": "user-shield"},
    )
    op.create_index(op.f("ix_user_roles_assigned_by"), "user_roles", ["assigned_by"], unique=False)
    op.create_index(op.f("ix_user_roles_role_id"), "user_roles", ["role_id"], unique=False)
    op.create_table(
        "billing_company_collaborators",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "billing_details_id", sa.String(), nullable=False, comment="Company the collaborator works with."
        ),
        sa.Column(
            "collaborator_id",
            sa.String(),
            nullable=False,
            comment="Doctor, nurse or other partner; each pair only once.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the two were linked (UTC).",
        ),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_billing_company_collaborators_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"],
            ["collaborators.id"],
            name=op.f("fk_billing_company_collaborators_collaborator_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_billing_company_collaborators")),
        sa.UniqueConstraint(
            "billing_details_id",
            "collaborator_id",
            name=op.f("uq_billing_company_collaborators_billing_details_id_collaborator_id"),
        ),
        comment="A collaborator who works with a billing company.",
        info={
            "one": "Billing company collaborator",
            "many": "Billing company collaborators",
            "icon": "heart-handshake",
        },
    )
    op.create_index(
        op.f("ix_billing_company_collaborators_collaborator_id"),
        "billing_company_collaborators",
        ["collaborator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_billing_company_collaborators_created_at_id"),
        "billing_company_collaborators",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "call_logs",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "user_id",
            sa.String(),
            nullable=False,
            comment="Colleague on the call; missed calls carry the system user.",
        ),
        sa.Column(
            "customer_id", sa.String(), nullable=True, comment="Customer on the line, if the number is known."
        ),
        sa.Column("campaign_id", sa.String(), nullable=True, comment="Campaign the call was made for."),
        sa.Column(
            "campaign_contact_id",
            sa.String(),
            nullable=True,
            comment="Contact of the campaign who was called.",
        ),
        sa.Column(
            "phone_number",
            sa.Text(),
            nullable=False,
            comment="Number called or calling, with country prefix.",
        ),
        sa.Column(
            "direction",
            sa.Text(),
            server_default="outbound",
            nullable=False,
            comment="Inbound calls reach us; outbound calls are ours.",
        ),
        sa.Column(
            "status",
            sa.Text(),
            server_default="initiated",
            nullable=False,
            comment="How the call went or how it stands.",
        ),
        sa.Column(
            "started_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When dialling or ringing began, UTC.",
        ),
        sa.Column("answered_at", sa.DateTime(), nullable=True, comment="When the call was picked up, UTC."),
        sa.Column("ended_at", sa.DateTime(), nullable=True, comment="When the call was hung up, UTC."),
        sa.Column(
            "duration_seconds",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Talking time in seconds, counted from the answer.",
        ),
        sa.Column(
            "sip_call_id", sa.Text(), nullable=True, comment="Number given to the call by the phone system."
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="What was said or agreed on the call."),
        sa.Column(
            "metadata",
            sa.Text(),
            nullable=True,
            comment="Further facts from the phone system, as a JSON object.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the call was recorded, UTC.",
        ),
        sa.CheckConstraint("\"direction\" IN ('inbound', 'outbound')", name=op.f("ck_call_logs_direction")),
        sa.CheckConstraint(
            "\"status\" IN ('initiated', 'ringing', 'answered', 'completed', 'failed', 'no_answer', 'busy', 'cancelled')",
            name=op.f("ck_call_logs_status"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_contact_id"], ["campaign_contacts.id"], name=op.f("fk_call_logs_campaign_contact_id")
        ),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_call_logs_campaign_id")),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_call_logs_customer_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_call_logs_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_call_logs")),
        comment="A phone call made or received, with its course and result.",
        info={"one": "Call", "many": "Calls", "icon": "phone-call", "find": (("phone_number",),)},
    )
    op.create_index(
        "find_call_logs_phone_number",
        "call_logs",
        [sa.literal_column('(fold("phone_number")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        op.f("ix_call_logs_campaign_contact_id"), "call_logs", ["campaign_contact_id"], unique=False
    )
    op.create_index(op.f("ix_call_logs_campaign_id"), "call_logs", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_call_logs_created_at_id"), "call_logs", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_call_logs_customer_id"), "call_logs", ["customer_id"], unique=False)
    op.create_index(op.f("ix_call_logs_user_id"), "call_logs", ["user_id"], unique=False)
    op.create_table(
        "campaign_contact_history",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "campaign_contact_id", sa.String(), nullable=False, comment="Contact whose progress changed."
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who made the change."),
        sa.Column("action", sa.Text(), nullable=False, comment="What kind of change was made."),
        sa.Column("previous_status", sa.Text(), nullable=True, comment="Contact status before this change."),
        sa.Column("new_status", sa.Text(), nullable=True, comment="Contact status after this change."),
        sa.Column("notes", sa.Text(), nullable=True, comment="Remark written along with the change."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the change happened, UTC.",
        ),
        sa.CheckConstraint(
            "\"action\" IN ('status_change', 'note_added', 'callback_set')",
            name=op.f("ck_campaign_contact_history_action"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_contact_id"],
            ["campaign_contacts.id"],
            name=op.f("fk_campaign_contact_history_campaign_contact_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_campaign_contact_history_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_contact_history")),
        comment="A note of one change made to a campaign contact and who made it.",
        info={"one": "Contact history entry", "many": "Contact history", "icon": "history"},
    )
    op.create_index(
        op.f("ix_campaign_contact_history_campaign_contact_id"),
        "campaign_contact_history",
        ["campaign_contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaign_contact_history_created_at_id"),
        "campaign_contact_history",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaign_contact_history_user_id"), "campaign_contact_history", ["user_id"], unique=False
    )
    op.create_table(
        "campaign_contact_sessions",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "campaign_contact_id", sa.String(), nullable=False, comment="Contact the operator tried to reach."
        ),
        sa.Column("user_id", sa.String(), nullable=False, comment="Operator who made the attempt."),
        sa.Column(
            "started_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Start of the attempt, UTC.",
        ),
        sa.Column(
            "ended_at", sa.DateTime(), nullable=True, comment="End of the attempt, UTC; empty while it runs."
        ),
        sa.Column(
            "duration_seconds", sa.Integer(), nullable=True, comment="Length of the attempt in seconds."
        ),
        sa.Column(
            "outcome",
            sa.Text(),
            server_default="pending",
            nullable=False,
            comment="How the attempt ended; also moves the contact's status.",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="What was said or agreed during the call."),
        sa.Column(
            "callback_scheduled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="The family asked to be called again.",
        ),
        sa.Column(
            "callback_date",
            sa.DateTime(),
            nullable=True,
            comment="Agreed time of the next call, stored in UTC.",
        ),
        sa.CheckConstraint(
            "\"outcome\" IN ('pending', 'answered', 'no_answer', 'busy', 'voicemail', 'failed')",
            name=op.f("ck_campaign_contact_sessions_outcome"),
        ),
        sa.ForeignKeyConstraint(
            ["campaign_contact_id"],
            ["campaign_contacts.id"],
            name=op.f("fk_campaign_contact_sessions_campaign_contact_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_campaign_contact_sessions_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaign_contact_sessions")),
        comment="One attempt to reach a campaign contact, from dialling to its outcome.",
        info={"one": "Call attempt", "many": "Call attempts", "icon": "phone-call"},
    )
    op.create_index(
        op.f("ix_campaign_contact_sessions_campaign_contact_id"),
        "campaign_contact_sessions",
        ["campaign_contact_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_campaign_contact_sessions_user_id"), "campaign_contact_sessions", ["user_id"], unique=False
    )
    op.create_table(
        "collaborator_addresses",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("collaborator_id", sa.String(), nullable=False, comment="Person the address belongs to."),
        sa.Column("address_type", sa.Text(), nullable=False, comment="What the address is used for."),
        sa.Column(
            "name", sa.Text(), nullable=True, comment="Addressee or workplace to put on the first line."
        ),
        sa.Column("street_number", sa.Text(), nullable=True, comment="Street with house number."),
        sa.Column(
            "postal_code", sa.Text(), nullable=True, comment="In the format of the country, e.g. 110 00."
        ),
        sa.Column("region", sa.Text(), nullable=True, comment="Region, county or state of the address."),
        sa.Column("country_code", sa.Text(), nullable=True, comment="Country the address is in."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.CheckConstraint(
            "\"address_type\" IN ('permanent', 'correspondence', 'work', 'company')",
            name=op.f("ck_collaborator_addresses_address_type"),
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_collaborator_addresses_country_code"),
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_collaborator_addresses_collaborator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborator_addresses")),
        comment="A postal address of a collaborator, for home, post, work or company.",
        info={"one": "Collaborator address", "many": "Collaborator addresses", "icon": "map-pin"},
    )
    op.create_index(
        op.f("ix_collaborator_addresses_collaborator_id"),
        "collaborator_addresses",
        ["collaborator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborator_addresses_created_at_id"),
        "collaborator_addresses",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "collaborator_agreements",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("collaborator_id", sa.String(), nullable=False, comment="Person who signs the agreement."),
        sa.Column("file_name", sa.Text(), nullable=True, comment="Name of the scan as it was uploaded."),
        sa.Column("file_path", sa.Text(), nullable=True, comment="Where the scan is stored; set on upload."),
        sa.Column(
            "file_size", sa.Integer(), nullable=True, comment="Size of the scan in bytes; set on upload."
        ),
        sa.Column(
            "file_content_type", sa.Text(), nullable=True, comment="Format of the scan, e.g. application/pdf."
        ),
        sa.Column(
            "extracted_text",
            sa.Text(),
            nullable=True,
            comment="Words read from the scan, so it can be searched.",
        ),
        sa.Column(
            "billing_company_id", sa.String(), nullable=True, comment="Our company that pays the rewards."
        ),
        sa.Column("contract_number", sa.Text(), nullable=True, comment="Number printed on the agreement."),
        sa.Column(
            "valid_from_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "valid_from_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "valid_from_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column(
            "valid_to_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "valid_to_month", sa.Integer(), nullable=True, comment="Month number, 1 to 12; empty if unknown."
        ),
        sa.Column("valid_to_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."),
        sa.Column(
            "is_valid",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="Dates decide; untick to end validity early and stop rewards.",
        ),
        sa.Column(
            "agreement_sent_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "agreement_sent_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "agreement_sent_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column(
            "agreement_returned_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "agreement_returned_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "agreement_returned_year",
            sa.Integer(),
            nullable=True,
            comment="Four-digit year; empty if unknown.",
        ),
        sa.Column(
            "agreement_form", sa.Text(), nullable=True, comment="Legal form of the agreement, in free words."
        ),
        sa.Column(
            "reward_types",
            sa.ARRAY(sa.Text()),
            server_default=sa.text("'{}'"),
            nullable=True,
            comment="Codes of rewards that may be paid under this agreement.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.CheckConstraint(
            '"agreement_returned_month" BETWEEN 1 AND 12 AND "agreement_returned_day" BETWEEN 1 AND 31 AND "agreement_returned_year" BETWEEN 1900 AND 2200 AND ("agreement_returned_day" IS NULL OR "agreement_returned_month" IS NOT NULL)',
            name=op.f("ck_collaborator_agreements_agreement_returned_parts"),
        ),
        sa.CheckConstraint(
            '"agreement_sent_month" BETWEEN 1 AND 12 AND "agreement_sent_day" BETWEEN 1 AND 31 AND "agreement_sent_year" BETWEEN 1900 AND 2200 AND ("agreement_sent_day" IS NULL OR "agreement_sent_month" IS NOT NULL)',
            name=op.f("ck_collaborator_agreements_agreement_sent_parts"),
        ),
        sa.CheckConstraint(
            '"valid_from_month" BETWEEN 1 AND 12 AND "valid_from_day" BETWEEN 1 AND 31 AND "valid_from_year" BETWEEN 1900 AND 2200 AND ("valid_from_day" IS NULL OR "valid_from_month" IS NOT NULL)',
            name=op.f("ck_collaborator_agreements_valid_from_parts"),
        ),
        sa.CheckConstraint(
            '"valid_to_month" BETWEEN 1 AND 12 AND "valid_to_day" BETWEEN 1 AND 31 AND "valid_to_year" BETWEEN 1900 AND 2200 AND ("valid_to_day" IS NULL OR "valid_to_month" IS NOT NULL)',
            name=op.f("ck_collaborator_agreements_valid_to_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["billing_company_id"],
            ["billing_details.id"],
            name=op.f("fk_collaborator_agreements_billing_company_id"),
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_collaborator_agreements_collaborator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborator_agreements")),
        comment="An agreement of a collaborator with one of our billing companies; it makes rewards payable.",
        info={
            "one": "Collaborator agreement",
            "many": "Collaborator agreements",
            "icon": "file-description",
            "dates": {
                "valid_from": "Valid from",
                "valid_to": "Valid to",
                "agreement_sent": "Agreement sent",
                "agreement_returned": "Agreement returned",
            },
        },
    )
    op.create_index(
        op.f("ix_collaborator_agreements_billing_company_id"),
        "collaborator_agreements",
        ["billing_company_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborator_agreements_collaborator_id"),
        "collaborator_agreements",
        ["collaborator_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_collaborator_agreements_created_at_id"),
        "collaborator_agreements",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "collaborator_other_data",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "collaborator_id",
            sa.String(),
            nullable=False,
            comment="Person the dates belong to; one record each.",
        ),
        sa.Column(
            "ztp_day", sa.Integer(), nullable=True, comment="Day of the month, 1 to 31; empty if unknown."
        ),
        sa.Column(
            "ztp_month", sa.Integer(), nullable=True, comment="Month number, 1 to 12; empty if unknown."
        ),
        sa.Column("ztp_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."),
        sa.Column(
            "old_age_pension_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "old_age_pension_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "old_age_pension_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column(
            "disability_pension_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "disability_pension_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "disability_pension_year",
            sa.Integer(),
            nullable=True,
            comment="Four-digit year; empty if unknown.",
        ),
        sa.Column(
            "widow_pension_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "widow_pension_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "widow_pension_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.CheckConstraint(
            '"disability_pension_month" BETWEEN 1 AND 12 AND "disability_pension_day" BETWEEN 1 AND 31 AND "disability_pension_year" BETWEEN 1900 AND 2200 AND ("disability_pension_day" IS NULL OR "disability_pension_month" IS NOT NULL)',
            name=op.f("ck_collaborator_other_data_disability_pension_parts"),
        ),
        sa.CheckConstraint(
            '"old_age_pension_month" BETWEEN 1 AND 12 AND "old_age_pension_day" BETWEEN 1 AND 31 AND "old_age_pension_year" BETWEEN 1900 AND 2200 AND ("old_age_pension_day" IS NULL OR "old_age_pension_month" IS NOT NULL)',
            name=op.f("ck_collaborator_other_data_old_age_pension_parts"),
        ),
        sa.CheckConstraint(
            '"widow_pension_month" BETWEEN 1 AND 12 AND "widow_pension_day" BETWEEN 1 AND 31 AND "widow_pension_year" BETWEEN 1900 AND 2200 AND ("widow_pension_day" IS NULL OR "widow_pension_month" IS NOT NULL)',
            name=op.f("ck_collaborator_other_data_widow_pension_parts"),
        ),
        sa.CheckConstraint(
            '"ztp_month" BETWEEN 1 AND 12 AND "ztp_day" BETWEEN 1 AND 31 AND "ztp_year" BETWEEN 1900 AND 2200 AND ("ztp_day" IS NULL OR "ztp_month" IS NOT NULL)',
            name=op.f("ck_collaborator_other_data_ztp_parts"),
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_collaborator_other_data_collaborator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_collaborator_other_data")),
        sa.UniqueConstraint("collaborator_id", name=op.f("uq_collaborator_other_data_collaborator_id")),
        comment="Dates of a collaborator's severe disability status and pensions.",
        info={
            "one": "Disability and pension record",
            "many": "Disability and pension records",
            "icon": "calendar-event",
            "dates": {
                "ztp": "Severe disability (ZŤP)",
                "old_age_pension": "Old-age pension",
                "disability_pension": "Disability pension",
                "widow_pension": "Widow's pension",
            },
        },
    )
    op.create_index(
        op.f("ix_collaborator_other_data_created_at_id"),
        "collaborator_other_data",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "customer_potential_cases",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("customer_id", sa.String(), nullable=False, comment="Mother this pregnancy belongs to."),
        sa.Column(
            "case_status",
            sa.Text(),
            nullable=True,
            comment="Realized turns the customer into an acquired client.",
        ),
        sa.Column(
            "expected_date_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "expected_date_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "expected_date_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column("hospital_id", sa.String(), nullable=True, comment="Where the birth is planned."),
        sa.Column(
            "obstetrician_id",
            sa.String(),
            nullable=True,
            comment="Doctor who looks after the pregnancy; credited with the case.",
        ),
        sa.Column(
            "is_multiple_pregnancy",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Tick for twins or more; needs at least two children.",
        ),
        sa.Column(
            "child_count",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=True,
            comment="Babies expected; more than one means a multiple pregnancy.",
        ),
        sa.Column(
            "father_title_before",
            sa.Text(),
            nullable=True,
            comment="Academic title written in front of the name.",
        ),
        sa.Column("father_first_name", sa.Text(), nullable=True, comment="Given name of the child's father."),
        sa.Column("father_last_name", sa.Text(), nullable=True, comment="Family name of the child's father."),
        sa.Column(
            "father_title_after", sa.Text(), nullable=True, comment="Academic title written behind the name."
        ),
        sa.Column("father_phone", sa.Text(), nullable=True, comment="With international prefix, e.g. +420."),
        sa.Column(
            "father_mobile",
            sa.Text(),
            nullable=True,
            comment="Number for text messages, with international prefix.",
        ),
        sa.Column("father_email", sa.Text(), nullable=True, comment="Address of the child's father."),
        sa.Column("father_street", sa.Text(), nullable=True, comment="Street and house number."),
        sa.Column("father_city", sa.Text(), nullable=True, comment="Town where the father lives."),
        sa.Column("father_postal_code", sa.Text(), nullable=True, comment="In the format of his country."),
        sa.Column(
            "father_region", sa.Text(), nullable=True, comment="Region, county or state where he lives."
        ),
        sa.Column("father_country", sa.Text(), nullable=True, comment="Country where the father lives."),
        sa.Column("product_id", sa.String(), nullable=True, comment="Product the family is interested in."),
        sa.Column("product_type", sa.Text(), nullable=True, comment="Variant of the product, in free words."),
        sa.Column(
            "payment_type", sa.Text(), nullable=True, comment="How the family wants to pay, e.g. instalments."
        ),
        sa.Column(
            "gift_voucher", sa.Text(), nullable=True, comment="Code printed on the voucher the family holds."
        ),
        sa.Column(
            "contact_date_day",
            sa.Integer(),
            nullable=True,
            comment="Day of the month, 1 to 31; empty if unknown.",
        ),
        sa.Column(
            "contact_date_month",
            sa.Integer(),
            nullable=True,
            comment="Month number, 1 to 12; empty if unknown.",
        ),
        sa.Column(
            "contact_date_year", sa.Integer(), nullable=True, comment="Four-digit year; empty if unknown."
        ),
        sa.Column(
            "existing_contracts",
            sa.Text(),
            nullable=True,
            comment="Earlier contracts of the family, in free words.",
        ),
        sa.Column(
            "recruiting", sa.Text(), nullable=True, comment="How the family was recruited, in free words."
        ),
        sa.Column(
            "sales_channel", sa.Text(), nullable=True, comment="Channel code under which the case is counted."
        ),
        sa.Column("info_source", sa.Text(), nullable=True, comment="Where the family first heard about us."),
        sa.Column(
            "marketing_action", sa.Text(), nullable=True, comment="Promotion or event the case came from."
        ),
        sa.Column(
            "marketing_code", sa.Text(), nullable=True, comment="Promotional code given by the family."
        ),
        sa.Column(
            "newsletter_opt_in",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Follows the customer's newsletter consent, which decides what is sent.",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="Remarks about this pregnancy only."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was entered (UTC).",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the record was last saved (UTC).",
        ),
        sa.CheckConstraint(
            "\"case_status\" IN ('realized', 'duplicate', 'in_progress', 'postponed', 'no_interest', 'cancelled')",
            name=op.f("ck_customer_potential_cases_case_status"),
        ),
        sa.CheckConstraint(
            "\"father_country\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_customer_potential_cases_father_country"),
        ),
        sa.CheckConstraint(
            "\"sales_channel\" IN ('CCP', 'CCP+D', 'CCAI', 'CCAI+D', 'CCAE', 'CCAE+D', 'I')",
            name=op.f("ck_customer_potential_cases_sales_channel"),
        ),
        sa.CheckConstraint(
            '"contact_date_month" BETWEEN 1 AND 12 AND "contact_date_day" BETWEEN 1 AND 31 AND "contact_date_year" BETWEEN 1900 AND 2200 AND ("contact_date_day" IS NULL OR "contact_date_month" IS NOT NULL)',
            name=op.f("ck_customer_potential_cases_contact_date_parts"),
        ),
        sa.CheckConstraint(
            '"expected_date_month" BETWEEN 1 AND 12 AND "expected_date_day" BETWEEN 1 AND 31 AND "expected_date_year" BETWEEN 1900 AND 2200 AND ("expected_date_day" IS NULL OR "expected_date_month" IS NOT NULL)',
            name=op.f("ck_customer_potential_cases_expected_date_parts"),
        ),
        sa.CheckConstraint("child_count >= 1", name=op.f("ck_customer_potential_cases_child_count_positive")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_customer_potential_cases_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["hospital_id"], ["hospitals.id"], name=op.f("fk_customer_potential_cases_hospital_id")
        ),
        sa.ForeignKeyConstraint(
            ["obstetrician_id"],
            ["collaborators.id"],
            name=op.f("fk_customer_potential_cases_obstetrician_id"),
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_customer_potential_cases_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customer_potential_cases")),
        comment="One pregnancy of a prospective client, with the father and the product in question.",
        info={
            "one": "Potential case",
            "many": "Potential cases",
            "icon": "baby-carriage",
            "dates": {"expected_date": "Due date", "contact_date": "Contact date"},
        },
    )
    op.create_index(
        op.f("ix_customer_potential_cases_created_at_id"),
        "customer_potential_cases",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_potential_cases_customer_id"),
        "customer_potential_cases",
        ["customer_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_potential_cases_hospital_id"),
        "customer_potential_cases",
        ["hospital_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_potential_cases_obstetrician_id"),
        "customer_potential_cases",
        ["obstetrician_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_customer_potential_cases_product_id"),
        "customer_potential_cases",
        ["product_id"],
        unique=False,
    )
    op.create_table(
        "invoice_items",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("invoice_id", sa.String(), nullable=False, comment="Invoice on which the line is printed."),
        sa.Column(
            "product_id",
            sa.String(),
            nullable=True,
            comment="Product charged; may be empty for free-text lines.",
        ),
        sa.Column(
            "description", sa.Text(), nullable=False, comment="Text of the line as printed on the invoice."
        ),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of units charged.",
        ),
        sa.Column(
            "unit_price",
            sa.Numeric(precision=10, scale=2),
            nullable=False,
            comment="Price of one unit in the invoice currency, without VAT.",
        ),
        sa.Column(
            "line_total",
            sa.Numeric(precision=10, scale=2),
            nullable=False,
            comment="Quantity times unit price, in the invoice currency, without VAT.",
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_invoice_items_quantity_positive")),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_items_invoice_id")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_invoice_items_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_items")),
        comment="One line of an invoice.",
        info={"one": "Invoice item", "many": "Invoice items", "icon": "list-details"},
    )
    op.create_index(op.f("ix_invoice_items_invoice_id"), "invoice_items", ["invoice_id"], unique=False)
    op.create_index(op.f("ix_invoice_items_product_id"), "invoice_items", ["product_id"], unique=False)
    op.create_table(
        "mobile_push_tokens",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "collaborator_id", sa.String(), nullable=False, comment="Collaborator who uses the device."
        ),
        sa.Column(
            "token",
            sa.Text(),
            nullable=False,
            comment="Secret address for sending notifications to the device; never shown.",
        ),
        sa.Column("platform", sa.Text(), nullable=False, comment="System the mobile app runs on."),
        sa.Column("device_id", sa.Text(), nullable=True, comment="Identifier reported by the device itself."),
        sa.Column("device_name", sa.Text(), nullable=True, comment="Name or model of the phone."),
        sa.Column(
            "is_active",
            sa.Boolean(),
            server_default=sa.text("true"),
            nullable=False,
            comment="When off, no notifications go to this device.",
        ),
        sa.Column(
            "last_used_at", sa.DateTime(), nullable=True, comment="When the device last reported in, UTC."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the device was registered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the device entry, UTC.",
        ),
        sa.Column(
            "token_fingerprint",
            sa.Text(),
            nullable=True,
            comment="SHA-256 of the token in hexadecimal, so that one device token is kept once.",
        ),
        sa.CheckConstraint(
            "\"platform\" IN ('ios', 'android', 'expo')", name=op.f("ck_mobile_push_tokens_platform")
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_mobile_push_tokens_collaborator_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mobile_push_tokens")),
        sa.UniqueConstraint("token_fingerprint", name=op.f("uq_mobile_push_tokens_token_fingerprint")),
        comment="A collaborator's phone that receives notifications from the mobile app.",
        info={"one": "Mobile device", "many": "Mobile devices", "icon": "device-mobile"},
    )
    op.create_index(
        op.f("ix_mobile_push_tokens_collaborator_id"), "mobile_push_tokens", ["collaborator_id"], unique=False
    )
    op.create_index(
        op.f("ix_mobile_push_tokens_created_at_id"), "mobile_push_tokens", ["created_at", "id"], unique=False
    )
    op.create_table(
        "product_set_storage",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("product_set_id", sa.String(), nullable=False, comment="Set this line is part of."),
        sa.Column("service_id", sa.String(), nullable=False, comment="Storage service included in the set."),
        sa.Column(
            "price_id", sa.String(), nullable=True, comment="Price used; must belong to the chosen service."
        ),
        sa.Column(
            "discount_id", sa.String(), nullable=True, comment="Reduction applied to this line before VAT."
        ),
        sa.Column(
            "vat_rate_id", sa.String(), nullable=True, comment="Rate charged on the amount after discount."
        ),
        sa.Column(
            "payment_option_id",
            sa.String(),
            nullable=True,
            comment="How this line is paid, at once or in instalments.",
        ),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of units, 1 or more.",
        ),
        sa.Column(
            "price_override",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Unit price without VAT used instead of the listed price.",
        ),
        sa.Column(
            "sort_order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Position in the set; lower numbers come first.",
        ),
        sa.Column(
            "line_net_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line without VAT, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_discount_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Reduction on this line, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_vat_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="VAT on this line, in the set's currency; calculated.",
        ),
        sa.Column(
            "line_gross_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line total including VAT, in the set's currency; calculated.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the line was added (UTC).",
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_product_set_storage_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["discount_id"], ["instance_discounts.id"], name=op.f("fk_product_set_storage_discount_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_option_id"],
            ["instance_payment_options.id"],
            name=op.f("fk_product_set_storage_payment_option_id"),
        ),
        sa.ForeignKeyConstraint(
            ["price_id"], ["instance_prices.id"], name=op.f("fk_product_set_storage_price_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_set_id"], ["product_sets.id"], name=op.f("fk_product_set_storage_product_set_id")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["market_product_services.id"], name=op.f("fk_product_set_storage_service_id")
        ),
        sa.ForeignKeyConstraint(
            ["vat_rate_id"], ["instance_vat_rates.id"], name=op.f("fk_product_set_storage_vat_rate_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_set_storage")),
        comment="A storage service included in a billing set, with its price, discount and VAT.",
        info={"one": "Set storage service", "many": "Set storage services", "icon": "snowflake"},
    )
    op.create_index(
        op.f("ix_product_set_storage_created_at_id"),
        "product_set_storage",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_storage_discount_id"), "product_set_storage", ["discount_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_set_storage_payment_option_id"),
        "product_set_storage",
        ["payment_option_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_product_set_storage_price_id"), "product_set_storage", ["price_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_set_storage_product_set_id"), "product_set_storage", ["product_set_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_set_storage_service_id"), "product_set_storage", ["service_id"], unique=False
    )
    op.create_index(
        op.f("ix_product_set_storage_vat_rate_id"), "product_set_storage", ["vat_rate_id"], unique=False
    )
    op.create_table(
        "task_comments",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("task_id", sa.String(), nullable=False, comment="Task the comment belongs to."),
        sa.Column("user_id", sa.String(), nullable=False, comment="Colleague who wrote the comment."),
        sa.Column(
            "content",
            sa.Text(),
            nullable=False,
            comment="Text of the comment, visible to everyone on the task.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the comment was written, UTC.",
        ),
        sa.ForeignKeyConstraint(["task_id"], ["tasks.id"], name=op.f("fk_task_comments_task_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_task_comments_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task_comments")),
        comment="A remark that a colleague left on a task.",
        info={"one": "Task comment", "many": "Task comments", "icon": "message"},
    )
    op.create_index(
        op.f("ix_task_comments_created_at_id"), "task_comments", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_task_comments_task_id"), "task_comments", ["task_id"], unique=False)
    op.create_index(op.f("ix_task_comments_user_id"), "task_comments", ["user_id"], unique=False)
    op.create_table(
        "visit_events",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "collaborator_id", sa.String(), nullable=False, comment="Collaborator who makes the visit."
        ),
        sa.Column(
            "country_code", sa.Text(), nullable=False, comment="Country in which the visit takes place."
        ),
        sa.Column("subject", sa.Text(), nullable=False, comment="Code 1 to 12 of what the visit is about."),
        sa.Column("start_time", sa.DateTime(), nullable=False, comment="When the visit should begin, UTC."),
        sa.Column("end_time", sa.DateTime(), nullable=False, comment="When the visit should finish, UTC."),
        sa.Column(
            "is_all_day",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The visit takes the whole day; times are ignored.",
        ),
        sa.Column(
            "latitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="Position of the visit in degrees, seven decimals.",
        ),
        sa.Column(
            "longitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="East-west position of the visit in degrees, seven decimals.",
        ),
        sa.Column(
            "location_address", sa.Text(), nullable=True, comment="Street address found from the position."
        ),
        sa.Column("hospital_id", sa.String(), nullable=True, comment="Hospital that is visited, if any."),
        sa.Column("remark", sa.Text(), nullable=True, comment="What was discussed or should be remembered."),
        sa.Column("remark_voice_url", sa.Text(), nullable=True, comment="Link to the spoken remark."),
        sa.Column(
            "remark_detail", sa.Text(), nullable=True, comment="Code 1 to 7 of the kind of person visited."
        ),
        sa.Column(
            "visit_type", sa.Text(), nullable=True, comment="Code 1 to 12; the same as the visit subject."
        ),
        sa.Column("place", sa.Text(), nullable=True, comment="Code 1 to 6 of where the visit takes place."),
        sa.Column(
            "status",
            sa.Text(),
            server_default="scheduled",
            nullable=False,
            comment="How far the visit has got; decides the two marks below.",
        ),
        sa.Column(
            "actual_start", sa.DateTime(), nullable=True, comment="When the collaborator really began, UTC."
        ),
        sa.Column(
            "actual_end", sa.DateTime(), nullable=True, comment="When the collaborator really finished, UTC."
        ),
        sa.Column(
            "start_latitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="Latitude recorded when the visit began, in degrees.",
        ),
        sa.Column(
            "start_longitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="Longitude recorded when the visit began, in degrees.",
        ),
        sa.Column(
            "end_latitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="Latitude recorded when the visit finished, in degrees.",
        ),
        sa.Column(
            "end_longitude",
            sa.Numeric(precision=10, scale=7),
            nullable=True,
            comment="Longitude recorded when the visit finished, in degrees.",
        ),
        sa.Column(
            "is_cancelled",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Set from the status when the visit was called off.",
        ),
        sa.Column(
            "is_not_realized",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="Set from the status when the visit did not happen.",
        ),
        sa.Column(
            "synced_from_mobile",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The visit was sent by the mobile app.",
        ),
        sa.Column(
            "mobile_device_info",
            sa.Text(),
            nullable=True,
            comment="Phone and app version that sent the visit.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the visit was added, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="Last change to the visit, UTC.",
        ),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_visit_events_country_code"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('scheduled', 'in_progress', 'completed', 'cancelled', 'not_realized')",
            name=op.f("ck_visit_events_status"),
        ),
        sa.CheckConstraint("end_time >= start_time", name=op.f("ck_visit_events_times_in_order")),
        sa.CheckConstraint("latitude BETWEEN -90 AND 90", name=op.f("ck_visit_events_latitude")),
        sa.CheckConstraint("longitude BETWEEN -180 AND 180", name=op.f("ck_visit_events_longitude")),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_visit_events_collaborator_id")
        ),
        sa.ForeignKeyConstraint(["hospital_id"], ["hospitals.id"], name=op.f("fk_visit_events_hospital_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_visit_events")),
        comment="A field visit by a collaborator, planned and reported in the mobile app.",
        info={
            "one": "Visit",
            "many": "Visits",
            "icon": "map-pin",
            "find": (("subject",), ("location_address",)),
        },
    )
    op.create_index(
        "find_visit_events_location_address",
        "visit_events",
        [sa.literal_column('(fold("location_address")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        "find_visit_events_subject",
        "visit_events",
        [sa.literal_column('(fold("subject")) COLLATE "C"')],
        unique=False,
    )
    op.create_index("idx_visit_events_collaborator", "visit_events", ["collaborator_id"], unique=False)
    op.create_index("idx_visit_events_hospital", "visit_events", ["hospital_id"], unique=False)
    op.create_index("idx_visit_events_start", "visit_events", ["start_time"], unique=False)
    op.create_index("idx_visit_events_status", "visit_events", ["status"], unique=False)
    op.create_index(
        op.f("ix_visit_events_country_code_created_at_id"),
        "visit_events",
        ["country_code", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_visit_events_created_at_id"), "visit_events", ["created_at", "id"], unique=False)
    op.create_table(
        "contract_instances",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "contract_number",
            sa.String(length=50),
            nullable=False,
            comment="Unique number without gaps within a year, e.g. ZML-2025-00001.",
        ),
        sa.Column("template_id", sa.String(), nullable=False, comment="Wording the contract was made from."),
        sa.Column(
            "template_version_id",
            sa.Integer(),
            nullable=True,
            comment="Exact version of the wording, fixed when the contract is made.",
        ),
        sa.Column("customer_id", sa.String(), nullable=False, comment="Family that concludes the contract."),
        sa.Column(
            "billing_details_id",
            sa.String(),
            nullable=False,
            comment="Our company that is party to the contract and invoices it.",
        ),
        sa.Column(
            "initiated_from",
            sa.String(length=20),
            nullable=True,
            comment="Where in the system the contract was begun.",
        ),
        sa.Column(
            "potential_case_id",
            sa.String(),
            nullable=True,
            comment="Case the contract was begun from, if any.",
        ),
        sa.Column(
            "quick_contact_id",
            sa.String(),
            nullable=True,
            comment="Mark of the quick contact it came from; text only.",
        ),
        sa.Column(
            "status",
            sa.String(length=20),
            server_default="draft",
            nullable=False,
            comment="Stage of the contract's life; signed contracts can no longer be edited.",
        ),
        sa.Column("valid_from", sa.Date(), nullable=True, comment="First day on which the contract applies."),
        sa.Column(
            "valid_to",
            sa.Date(),
            nullable=True,
            comment="Last day on which the contract applies; empty if unlimited.",
        ),
        sa.Column(
            "total_net_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Sum of all lines in the contract's currency, without VAT.",
        ),
        sa.Column(
            "total_vat_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="VAT on all lines, in the contract's currency.",
        ),
        sa.Column(
            "total_gross_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="What the family pays, in the contract's currency, VAT included.",
        ),
        sa.Column(
            "currency",
            sa.String(length=3),
            server_default="EUR",
            nullable=False,
            comment="Three-letter code for all amounts, e.g. EUR.",
        ),
        sa.Column(
            "rendered_html",
            sa.Text(),
            nullable=True,
            comment="Wording with data filled in; does not change with later edits.",
        ),
        sa.Column("pdf_path", sa.Text(), nullable=True, comment="Document sent to the family for signing."),
        sa.Column(
            "signature_mode",
            sa.String(length=20),
            server_default="simple",
            nullable=False,
            comment="Legal strength; advanced and qualified need a trust provider.",
        ),
        sa.Column(
            "customer_snapshot",
            sa.Text(),
            nullable=True,
            comment="JSON object with the family's data as the contract was made.",
        ),
        sa.Column(
            "billing_snapshot",
            sa.Text(),
            nullable=True,
            comment="JSON object with our company's data as the contract was made.",
        ),
        sa.Column(
            "selected_product_id",
            sa.String(length=50),
            nullable=True,
            comment="Code of the product the family chose.",
        ),
        sa.Column(
            "internal_notes",
            sa.Text(),
            nullable=True,
            comment="For colleagues only; never printed in the contract.",
        ),
        sa.Column("created_by", sa.String(), nullable=True, comment="Colleague who prepared the contract."),
        sa.Column("sent_at", sa.DateTime(), nullable=True, comment="When it went out for signing, UTC."),
        sa.Column("sent_by", sa.String(), nullable=True, comment="Colleague who sent it for signing."),
        sa.Column(
            "signed_at", sa.DateTime(), nullable=True, comment="When the family's signature was given, UTC."
        ),
        sa.Column(
            "completed_at", sa.DateTime(), nullable=True, comment="When all required signatures were in, UTC."
        ),
        sa.Column(
            "cancelled_at", sa.DateTime(), nullable=True, comment="When the contract was called off, UTC."
        ),
        sa.Column(
            "cancelled_by", sa.String(), nullable=True, comment="Colleague who called the contract off."
        ),
        sa.Column(
            "cancellation_reason", sa.Text(), nullable=True, comment="Why the contract was called off."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the contract was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the contract was last edited, UTC.",
        ),
        sa.CheckConstraint(
            "\"initiated_from\" IN ('potential_case', 'quick_contact', 'direct')",
            name=op.f("ck_contract_instances_initiated_from"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('draft', 'sent', 'pending_signature', 'signed', 'completed', 'cancelled', 'expired')",
            name=op.f("ck_contract_instances_status"),
        ),
        sa.CheckConstraint(
            "\"signature_mode\" IN ('simple', 'advanced', 'qualified')",
            name=op.f("ck_contract_instances_signature_mode"),
        ),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_contract_instances_dates_in_order")),
        sa.ForeignKeyConstraint(
            ["billing_details_id"],
            ["billing_details.id"],
            name=op.f("fk_contract_instances_billing_details_id"),
        ),
        sa.ForeignKeyConstraint(
            ["cancelled_by"], ["users.id"], name=op.f("fk_contract_instances_cancelled_by")
        ),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_contract_instances_created_by")),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_contract_instances_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["potential_case_id"],
            ["customer_potential_cases.id"],
            name=op.f("fk_contract_instances_potential_case_id"),
        ),
        sa.ForeignKeyConstraint(["sent_by"], ["users.id"], name=op.f("fk_contract_instances_sent_by")),
        sa.ForeignKeyConstraint(
            ["template_id"], ["contract_templates.id"], name=op.f("fk_contract_instances_template_id")
        ),
        sa.ForeignKeyConstraint(
            ["template_version_id"],
            ["contract_template_versions.id"],
            name=op.f("fk_contract_instances_template_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_instances")),
        sa.UniqueConstraint("contract_number", name=op.f("uq_contract_instances_contract_number")),
        comment="A contract made for one family, from draft to signature or cancellation.",
        info={"one": "Contract", "many": "Contracts", "icon": "contract", "find": (("contract_number",),)},
    )
    op.create_index(
        "find_contract_instances_contract_number",
        "contract_instances",
        [sa.literal_column('(fold("contract_number")) COLLATE "C"')],
        unique=False,
    )
    op.create_index("idx_contract_instances_customer", "contract_instances", ["customer_id"], unique=False)
    op.create_index("idx_contract_instances_status", "contract_instances", ["status"], unique=False)
    op.create_index(
        op.f("ix_contract_instances_billing_details_id"),
        "contract_instances",
        ["billing_details_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_instances_cancelled_by"), "contract_instances", ["cancelled_by"], unique=False
    )
    op.create_index(
        op.f("ix_contract_instances_created_at_id"), "contract_instances", ["created_at", "id"], unique=False
    )
    op.create_index(
        op.f("ix_contract_instances_created_by"), "contract_instances", ["created_by"], unique=False
    )
    op.create_index(
        op.f("ix_contract_instances_potential_case_id"),
        "contract_instances",
        ["potential_case_id"],
        unique=False,
    )
    op.create_index(op.f("ix_contract_instances_sent_by"), "contract_instances", ["sent_by"], unique=False)
    op.create_index(
        op.f("ix_contract_instances_template_id"), "contract_instances", ["template_id"], unique=False
    )
    op.create_index(
        op.f("ix_contract_instances_template_version_id"),
        "contract_instances",
        ["template_version_id"],
        unique=False,
    )
    op.create_table(
        "voice_notes",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "visit_event_id", sa.String(), nullable=False, comment="Visit during which the note was recorded."
        ),
        sa.Column(
            "collaborator_id", sa.String(), nullable=False, comment="Collaborator who recorded the note."
        ),
        sa.Column("file_path", sa.Text(), nullable=False, comment="Where the sound file is stored."),
        sa.Column("file_name", sa.Text(), nullable=True, comment="Name of the sound file on the phone."),
        sa.Column(
            "duration_seconds", sa.Integer(), nullable=True, comment="Length of the recording in seconds."
        ),
        sa.Column("file_size", sa.Integer(), nullable=True, comment="Size of the sound file in bytes."),
        sa.Column(
            "transcription",
            sa.Text(),
            nullable=True,
            comment="Automatic transcript of the recording; may contain mistakes.",
        ),
        sa.Column(
            "is_transcribed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The recording has been turned into text.",
        ),
        sa.Column(
            "transcription_language", sa.Text(), nullable=True, comment="Language spoken in the recording."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the note was received, UTC.",
        ),
        sa.ForeignKeyConstraint(
            ["collaborator_id"], ["collaborators.id"], name=op.f("fk_voice_notes_collaborator_id")
        ),
        sa.ForeignKeyConstraint(
            ["visit_event_id"], ["visit_events.id"], name=op.f("fk_voice_notes_visit_event_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_voice_notes")),
        comment="A spoken note recorded by a collaborator during a visit.",
        info={"one": "Voice note", "many": "Voice notes", "icon": "microphone"},
    )
    op.create_index(op.f("ix_voice_notes_collaborator_id"), "voice_notes", ["collaborator_id"], unique=False)
    op.create_index(op.f("ix_voice_notes_created_at_id"), "voice_notes", ["created_at", "id"], unique=False)
    op.create_index(op.f("ix_voice_notes_visit_event_id"), "voice_notes", ["visit_event_id"], unique=False)
    op.create_table(
        "contract_audit_log",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("contract_id", sa.String(), nullable=False, comment="Contract the event concerns."),
        sa.Column("action", sa.String(length=50), nullable=False, comment="What happened to the contract."),
        sa.Column(
            "actor_id",
            sa.String(),
            nullable=True,
            comment="Colleague who did it; empty for families and the system.",
        ),
        sa.Column(
            "actor_type",
            sa.String(length=20),
            server_default="user",
            nullable=False,
            comment="Whether a colleague, a family or the system acted.",
        ),
        sa.Column("actor_name", sa.Text(), nullable=True, comment="Name of whoever acted, as it was then."),
        sa.Column(
            "actor_email", sa.Text(), nullable=True, comment="Address of whoever acted, as it was then."
        ),
        sa.Column("ip_address", sa.Text(), nullable=True, comment="Internet address the action came from."),
        sa.Column("user_agent", sa.Text(), nullable=True, comment="Browser and device the action came from."),
        sa.Column(
            "details", sa.Text(), nullable=True, comment="JSON object with further facts about the event."
        ),
        sa.Column("previous_value", sa.Text(), nullable=True, comment="State before the event."),
        sa.Column("new_value", sa.Text(), nullable=True, comment="State after the event."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the event happened, UTC; entries are never changed.",
        ),
        sa.CheckConstraint(
            "\"action\" IN ('created', 'updated', 'sent', 'viewed', 'otp_sent', 'otp_verified', 'signed', 'completed', 'cancelled')",
            name=op.f("ck_contract_audit_log_action"),
        ),
        sa.CheckConstraint(
            "\"actor_type\" IN ('user', 'system', 'customer')", name=op.f("ck_contract_audit_log_actor_type")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_contract_audit_log_actor_id")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract_instances.id"], name=op.f("fk_contract_audit_log_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_audit_log")),
        comment="A permanent record of one event in the life of a contract.",
        info={"one": "Contract audit entry", "many": "Contract audit log", "icon": "shield-check"},
    )
    op.create_index(op.f("ix_contract_audit_log_actor_id"), "contract_audit_log", ["actor_id"], unique=False)
    op.create_index(
        op.f("ix_contract_audit_log_contract_id"), "contract_audit_log", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_contract_audit_log_created_at_id"), "contract_audit_log", ["created_at", "id"], unique=False
    )
    op.create_table(
        "contract_instance_products",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("contract_id", sa.String(), nullable=False, comment="Contract the line is part of."),
        sa.Column(
            "product_set_id", sa.String(), nullable=True, comment="Bundle that was agreed, if sold as a set."
        ),
        sa.Column("product_id", sa.String(), nullable=True, comment="Product that was agreed."),
        sa.Column(
            "product_snapshot",
            sa.Text(),
            nullable=True,
            comment="JSON object with the product as it was when agreed.",
        ),
        sa.Column(
            "price_snapshot",
            sa.Text(),
            nullable=True,
            comment="JSON object with the prices used for this line.",
        ),
        sa.Column(
            "installment_snapshot",
            sa.Text(),
            nullable=True,
            comment="JSON value with the agreed instalments; later changes do not affect it.",
        ),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of pieces agreed on this line.",
        ),
        sa.Column(
            "unit_price",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Price of one piece in the contract's currency, without VAT.",
        ),
        sa.Column(
            "discount_percent",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Reduction in percent of the line, 0 to 100.",
        ),
        sa.Column(
            "discount_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Reduction of the line in the contract's currency.",
        ),
        sa.Column(
            "vat_rate",
            sa.Numeric(precision=5, scale=2),
            nullable=True,
            comment="Percent of VAT charged on this line.",
        ),
        sa.Column(
            "line_net_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line total after discount, in the contract's currency, without VAT.",
        ),
        sa.Column(
            "line_vat_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="VAT on this line, in the contract's currency.",
        ),
        sa.Column(
            "line_gross_amount",
            sa.Numeric(precision=12, scale=2),
            nullable=True,
            comment="Line total the family pays, VAT included.",
        ),
        sa.Column(
            "sort_order",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Place in the contract; the smallest number comes first.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the line was entered, UTC.",
        ),
        sa.CheckConstraint(
            "discount_percent BETWEEN 0 AND 100", name=op.f("ck_contract_instance_products_discount_percent")
        ),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_contract_instance_products_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract_instances.id"], name=op.f("fk_contract_instance_products_contract_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_contract_instance_products_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_set_id"], ["product_sets.id"], name=op.f("fk_contract_instance_products_product_set_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_instance_products")),
        comment="A priced line of a contract: what the family buys and on which terms.",
        info={"one": "Contract product", "many": "Contract products", "icon": "package"},
    )
    op.create_index(
        op.f("ix_contract_instance_products_contract_id"),
        "contract_instance_products",
        ["contract_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_instance_products_created_at_id"),
        "contract_instance_products",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_instance_products_product_id"),
        "contract_instance_products",
        ["product_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_instance_products_product_set_id"),
        "contract_instance_products",
        ["product_set_id"],
        unique=False,
    )
    op.create_table(
        "contract_participants",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("contract_id", sa.String(), nullable=False, comment="Contract in which they take part."),
        sa.Column(
            "participant_type",
            sa.String(length=20),
            nullable=False,
            comment="On whose side they stand in the contract.",
        ),
        sa.Column(
            "full_name", sa.Text(), nullable=False, comment="Name as it should be printed in the contract."
        ),
        sa.Column(
            "email", sa.Text(), nullable=True, comment="Where the signing link and e-mail code are sent."
        ),
        sa.Column(
            "phone", sa.Text(), nullable=True, comment="With country code, e.g. +421; used for SMS codes."
        ),
        sa.Column(
            "address", sa.Text(), nullable=True, comment="Full postal address printed in the contract."
        ),
        sa.Column(
            "personal_id",
            sa.Text(),
            nullable=True,
            comment="National personal number; sensitive, only if the contract needs it.",
        ),
        sa.Column(
            "company_id",
            sa.Text(),
            nullable=True,
            comment="Registration number of the company, if one takes part.",
        ),
        sa.Column("tax_id", sa.Text(), nullable=True, comment="Tax number of the participant."),
        sa.Column(
            "vat_number",
            sa.Text(),
            nullable=True,
            comment="With country prefix, e.g. SK; only for VAT payers.",
        ),
        sa.Column(
            "role",
            sa.String(length=50),
            nullable=True,
            comment="Whether they sign, witness or act for somebody.",
        ),
        sa.Column(
            "signature_required",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=False,
            comment="The contract is complete only once they have signed.",
        ),
        sa.Column("signed_at", sa.DateTime(), nullable=True, comment="When they signed, UTC."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the participant was added, UTC.",
        ),
        sa.CheckConstraint(
            "\"participant_type\" IN ('customer', 'billing_company', 'internal_witness', 'guarantor')",
            name=op.f("ck_contract_participants_participant_type"),
        ),
        sa.CheckConstraint(
            "\"role\" IN ('signer', 'witness', 'authorized_representative')",
            name=op.f("ck_contract_participants_role"),
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"], ["contract_instances.id"], name=op.f("fk_contract_participants_contract_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_participants")),
        comment="A person or company taking part in a contract, whether signing or not.",
        info={"one": "Contract participant", "many": "Contract participants", "icon": "users-group"},
    )
    op.create_index(
        op.f("ix_contract_participants_contract_id"), "contract_participants", ["contract_id"], unique=False
    )
    op.create_index(
        op.f("ix_contract_participants_created_at_id"),
        "contract_participants",
        ["created_at", "id"],
        unique=False,
    )
    op.create_table(
        "deals",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "title",
            sa.String(length=500),
            nullable=False,
            comment="Short name of the deal as seen on its card.",
        ),
        sa.Column("pipeline_id", sa.String(), nullable=False, comment="Sales path the deal follows."),
        sa.Column(
            "stage_id",
            sa.String(),
            nullable=False,
            comment="Current step; it must belong to the chosen pipeline.",
        ),
        sa.Column("customer_id", sa.String(), nullable=True, comment="Family the deal is made with."),
        sa.Column(
            "campaign_id", sa.String(), nullable=True, comment="Campaign that brought the deal, if any."
        ),
        sa.Column(
            "contract_instance_id",
            sa.String(),
            nullable=True,
            comment="Contract that came out of the deal; signing it wins the deal.",
        ),
        sa.Column(
            "assigned_user_id", sa.String(), nullable=True, comment="Colleague responsible for the deal."
        ),
        sa.Column(
            "value",
            sa.Numeric(precision=15, scale=2),
            server_default=sa.text("0"),
            nullable=True,
            comment="Amount in the deal's currency; the products' sum once there are any.",
        ),
        sa.Column(
            "currency",
            sa.String(length=10),
            server_default="EUR",
            nullable=True,
            comment="Three-letter code such as EUR, CZK or HUF.",
        ),
        sa.Column(
            "probability",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=True,
            comment="Chance of winning, 0 to 100; follows the stage.",
        ),
        sa.Column(
            "expected_close_date",
            sa.Date(),
            nullable=True,
            comment="Day on which the family is likely to decide.",
        ),
        sa.Column(
            "actual_close_date",
            sa.Date(),
            nullable=True,
            comment="Day the deal was won or lost; cleared on reopening.",
        ),
        sa.Column(
            "status",
            sa.String(length=50),
            server_default="open",
            nullable=True,
            comment="Open, won or lost; follows the stage.",
        ),
        sa.Column(
            "lost_reason",
            sa.Text(),
            nullable=True,
            comment="Why the family declined; required for a lost deal.",
        ),
        sa.Column(
            "source",
            sa.String(length=255),
            nullable=True,
            comment="Where the lead came from, e.g. web form or hospital.",
        ),
        sa.Column(
            "country_code",
            sa.String(length=10),
            nullable=True,
            comment="Country whose team handles the deal.",
        ),
        sa.Column(
            "notes", sa.Text(), nullable=True, comment="Anything colleagues should know about the deal."
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the deal was entered, UTC.",
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the deal was last edited, UTC.",
        ),
        sa.CheckConstraint("\"status\" IN ('open', 'won', 'lost')", name=op.f("ck_deals_status")),
        sa.CheckConstraint(
            "\"country_code\" IN ('SK', 'CZ', 'HU', 'RO', 'IT', 'DE', 'US', 'CH')",
            name=op.f("ck_deals_country_code"),
        ),
        sa.CheckConstraint("probability BETWEEN 0 AND 100", name=op.f("ck_deals_probability_percent")),
        sa.CheckConstraint("value >= 0", name=op.f("ck_deals_value_not_negative")),
        sa.ForeignKeyConstraint(["assigned_user_id"], ["users.id"], name=op.f("fk_deals_assigned_user_id")),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_deals_campaign_id")),
        sa.ForeignKeyConstraint(
            ["contract_instance_id"], ["contract_instances.id"], name=op.f("fk_deals_contract_instance_id")
        ),
        sa.ForeignKeyConstraint(["customer_id"], ["customers.id"], name=op.f("fk_deals_customer_id")),
        sa.ForeignKeyConstraint(["pipeline_id"], ["pipelines.id"], name=op.f("fk_deals_pipeline_id")),
        sa.ForeignKeyConstraint(["stage_id"], ["pipeline_stages.id"], name=op.f("fk_deals_stage_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deals")),
        comment="A chance to sell storage or another service to a family.",
        info={"one": "Deal", "many": "Deals", "icon": "briefcase", "find": (("title",),)},
    )
    op.create_index(
        "find_deals_title", "deals", [sa.literal_column('(fold("title")) COLLATE "C"')], unique=False
    )
    op.create_index("idx_deals_customer", "deals", ["customer_id"], unique=False)
    op.create_index("idx_deals_pipeline", "deals", ["pipeline_id"], unique=False)
    op.create_index("idx_deals_stage", "deals", ["stage_id"], unique=False)
    op.create_index("idx_deals_status", "deals", ["status"], unique=False)
    op.create_index(op.f("ix_deals_assigned_user_id"), "deals", ["assigned_user_id"], unique=False)
    op.create_index(op.f("ix_deals_campaign_id"), "deals", ["campaign_id"], unique=False)
    op.create_index(op.f("ix_deals_contract_instance_id"), "deals", ["contract_instance_id"], unique=False)
    op.create_index(
        op.f("ix_deals_country_code_created_at_id"),
        "deals",
        ["country_code", "created_at", "id"],
        unique=False,
    )
    op.create_index(op.f("ix_deals_created_at_id"), "deals", ["created_at", "id"], unique=False)
    op.create_table(
        "contract_signature_requests",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column("contract_id", sa.String(), nullable=False, comment="Contract to be signed."),
        sa.Column(
            "participant_id",
            sa.String(),
            nullable=False,
            comment="Party of the contract who is asked to sign.",
        ),
        sa.Column("signer_name", sa.Text(), nullable=False, comment="Name of the person who signs."),
        sa.Column(
            "signer_email", sa.Text(), nullable=True, comment="Receives the link and, if chosen, the code."
        ),
        sa.Column(
            "signer_phone",
            sa.Text(),
            nullable=True,
            comment="Receives SMS codes; with country code, e.g. +421.",
        ),
        sa.Column(
            "verification_method",
            sa.String(length=20),
            server_default="email_otp",
            nullable=False,
            comment="How the signer proves who they are.",
        ),
        sa.Column(
            "otp_code",
            sa.String(length=10),
            nullable=True,
            comment="Stays empty; the code itself is never kept readable.",
        ),
        sa.Column(
            "otp_expires_at", sa.DateTime(), nullable=True, comment="Afterwards a new code must be sent; UTC."
        ),
        sa.Column(
            "otp_verified_at", sa.DateTime(), nullable=True, comment="When the right code was entered, UTC."
        ),
        sa.Column(
            "otp_attempts",
            sa.Integer(),
            server_default=sa.text("0"),
            nullable=False,
            comment="Codes entered so far; too many wrong ones lock the request.",
        ),
        sa.Column(
            "signature_type",
            sa.String(length=20),
            server_default="drawn",
            nullable=False,
            comment="How the signature was made on screen.",
        ),
        sa.Column(
            "signature_data",
            sa.Text(),
            nullable=True,
            comment="Picture of the signature, encoded as base64 text.",
        ),
        sa.Column(
            "signature_hash",
            sa.Text(),
            nullable=True,
            comment="SHA-256 value that shows any later change to the document.",
        ),
        sa.Column(
            "request_sent_at", sa.DateTime(), nullable=True, comment="When the invitation went out, UTC."
        ),
        sa.Column("signed_at", sa.DateTime(), nullable=True, comment="When the signature was given, UTC."),
        sa.Column(
            "signer_ip_address",
            sa.Text(),
            nullable=True,
            comment="Internet address used when signing, kept as proof.",
        ),
        sa.Column(
            "signer_user_agent",
            sa.Text(),
            nullable=True,
            comment="Browser and device used when signing, kept as proof.",
        ),
        sa.Column(
            "status",
            sa.String(length=20),
            server_default="pending",
            nullable=False,
            comment="How far the signer has come.",
        ),
        sa.Column(
            "expires_at",
            sa.DateTime(),
            nullable=True,
            comment="The signing link stops working at this time; UTC.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=False,
            comment="When the request was prepared, UTC.",
        ),
        sa.Column(
            "otp_hash",
            sa.Text(),
            nullable=True,
            comment="Hash of the one-time code; the code itself is never stored.",
        ),
        sa.CheckConstraint(
            "\"verification_method\" IN ('email_otp', 'sms_otp', 'both')",
            name=op.f("ck_contract_signature_requests_verification_method"),
        ),
        sa.CheckConstraint(
            "\"signature_type\" IN ('drawn', 'uploaded', 'typed')",
            name=op.f("ck_contract_signature_requests_signature_type"),
        ),
        sa.CheckConstraint(
            "\"status\" IN ('pending', 'sent', 'otp_verified', 'signed', 'expired', 'cancelled')",
            name=op.f("ck_contract_signature_requests_status"),
        ),
        sa.CheckConstraint(
            "otp_attempts >= 0", name=op.f("ck_contract_signature_requests_attempts_not_negative")
        ),
        sa.ForeignKeyConstraint(
            ["contract_id"],
            ["contract_instances.id"],
            name=op.f("fk_contract_signature_requests_contract_id"),
        ),
        sa.ForeignKeyConstraint(
            ["participant_id"],
            ["contract_participants.id"],
            name=op.f("fk_contract_signature_requests_participant_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contract_signature_requests")),
        comment="An invitation for one participant to sign a contract, with proof of how it was done.",
        info={"one": "Signature request", "many": "Signature requests", "icon": "signature"},
    )
    op.create_index(
        op.f("ix_contract_signature_requests_contract_id"),
        "contract_signature_requests",
        ["contract_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_signature_requests_created_at_id"),
        "contract_signature_requests",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_contract_signature_requests_participant_id"),
        "contract_signature_requests",
        ["participant_id"],
        unique=False,
    )
    op.create_table(
        "deal_activities",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "deal_id",
            sa.String(),
            nullable=False,
            comment="Deal the activity belongs to; removed together with it.",
        ),
        sa.Column("user_id", sa.String(), nullable=True, comment="Colleague who carries out the activity."),
        sa.Column("type", sa.String(length=50), nullable=False, comment="What is to be done or was done."),
        sa.Column(
            "subject", sa.String(length=500), nullable=False, comment="What it is about, in a few words."
        ),
        sa.Column(
            "description", sa.Text(), nullable=True, comment="Details, agenda or notes from the conversation."
        ),
        sa.Column("due_at", sa.DateTime(), nullable=True, comment="When it should be done, stored in UTC."),
        sa.Column("completed_at", sa.DateTime(), nullable=True, comment="When it was marked as done, UTC."),
        sa.Column(
            "outcome",
            sa.String(length=255),
            nullable=True,
            comment="What came of it, e.g. the result of a call.",
        ),
        sa.Column("duration", sa.Integer(), nullable=True, comment="Planned or real length in minutes."),
        sa.Column(
            "is_completed",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="The activity needs no further attention.",
        ),
        sa.Column(
            "reminder_at",
            sa.DateTime(),
            nullable=True,
            comment="When to remind the responsible colleague, stored in UTC.",
        ),
        sa.Column(
            "reminder_sent",
            sa.Boolean(),
            server_default=sa.text("false"),
            nullable=True,
            comment="The reminder has already gone out.",
        ),
        sa.Column(
            "priority",
            sa.String(length=20),
            server_default="normal",
            nullable=True,
            comment="Urgent and high activities are shown first.",
        ),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the activity was entered, UTC.",
        ),
        sa.CheckConstraint(
            "\"type\" IN ('call', 'email', 'meeting', 'task', 'note')", name=op.f("ck_deal_activities_type")
        ),
        sa.CheckConstraint(
            "\"priority\" IN ('low', 'normal', 'high', 'urgent')", name=op.f("ck_deal_activities_priority")
        ),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_activities_deal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_deal_activities_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_activities")),
        comment="A call, e-mail, meeting, task or note that moves a deal forward.",
        info={"one": "Activity", "many": "Activities", "icon": "calendar-event", "find": (("subject",),)},
    )
    op.create_index(
        "find_deal_activities_subject",
        "deal_activities",
        [sa.literal_column('(fold("subject")) COLLATE "C"')],
        unique=False,
    )
    op.create_index(
        op.f("ix_deal_activities_created_at_id"), "deal_activities", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_deal_activities_deal_id"), "deal_activities", ["deal_id"], unique=False)
    op.create_index(op.f("ix_deal_activities_user_id"), "deal_activities", ["user_id"], unique=False)
    op.create_table(
        "deal_products",
        sa.Column(
            "id",
            sa.String(),
            server_default=sa.text("gen_random_uuid()"),
            nullable=False,
            comment="Identity of the record, a UUID.",
        ),
        sa.Column(
            "deal_id",
            sa.String(),
            nullable=False,
            comment="Deal in which the product is offered; removed together with it.",
        ),
        sa.Column("product_id", sa.String(), nullable=False, comment="Product the family is interested in."),
        sa.Column(
            "quantity",
            sa.Integer(),
            server_default=sa.text("1"),
            nullable=False,
            comment="Number of pieces; counts towards the deal's value.",
        ),
        sa.Column(
            "price",
            sa.Numeric(precision=15, scale=2),
            nullable=True,
            comment="Price of one piece, in the deal's currency.",
        ),
        sa.Column(
            "discount",
            sa.Numeric(precision=15, scale=2),
            nullable=True,
            comment="Amount taken off, in the deal's currency, not a percentage.",
        ),
        sa.Column("notes", sa.Text(), nullable=True, comment="Agreements or wishes about this product."),
        sa.Column(
            "created_at",
            sa.DateTime(),
            server_default=sa.text("now()"),
            nullable=True,
            comment="When the product was added to the deal, UTC.",
        ),
        sa.CheckConstraint("discount >= 0", name=op.f("ck_deal_products_discount_not_negative")),
        sa.CheckConstraint("price >= 0", name=op.f("ck_deal_products_price_not_negative")),
        sa.CheckConstraint("quantity > 0", name=op.f("ck_deal_products_quantity_positive")),
        sa.ForeignKeyConstraint(
            ["deal_id"], ["deals.id"], name=op.f("fk_deal_products_deal_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_deal_products_product_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deal_products")),
        comment="A product offered within a deal, with its quantity and price.",
        info={"one": "Deal product", "many": "Deal products", "icon": "package"},
    )
    op.create_index(
        op.f("ix_deal_products_created_at_id"), "deal_products", ["created_at", "id"], unique=False
    )
    op.create_index(op.f("ix_deal_products_deal_id"), "deal_products", ["deal_id"], unique=False)
    op.create_index(op.f("ix_deal_products_product_id"), "deal_products", ["product_id"], unique=False)
    op.create_foreign_key("fk_users_role_id", "users", "roles", ["role_id"], ["id"])
    op.create_foreign_key(
        "fk_hospitals_created_by_collaborator_id",
        "hospitals",
        "collaborators",
        ["created_by_collaborator_id"],
        ["id"],
    )
    op.execute(TARGETS)
    for child in ("instance_prices", "instance_payment_options", "instance_discounts", "instance_vat_rates"):
        op.execute(
            f"CREATE TRIGGER instance_target BEFORE INSERT OR UPDATE OF instance_id, instance_type ON {child} "
            "FOR EACH ROW EXECUTE FUNCTION instance_target_exists()"
        )
    for parent in ("market_product_instances", "market_product_services"):
        op.execute(
            f"CREATE TRIGGER instance_target BEFORE DELETE OR UPDATE OF id ON {parent} "
            "FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION instance_target_free()"
        )


def downgrade() -> None:
    op.drop_constraint("fk_users_role_id", "users", type_="foreignkey")
    op.drop_constraint("fk_hospitals_created_by_collaborator_id", "hospitals", type_="foreignkey")
    op.drop_index(op.f("ix_deal_products_product_id"), table_name="deal_products")
    op.drop_index(op.f("ix_deal_products_deal_id"), table_name="deal_products")
    op.drop_index(op.f("ix_deal_products_created_at_id"), table_name="deal_products")
    op.drop_table("deal_products")
    op.drop_index(op.f("ix_deal_activities_user_id"), table_name="deal_activities")
    op.drop_index(op.f("ix_deal_activities_deal_id"), table_name="deal_activities")
    op.drop_index(op.f("ix_deal_activities_created_at_id"), table_name="deal_activities")
    op.drop_index("find_deal_activities_subject", table_name="deal_activities")
    op.drop_table("deal_activities")
    op.drop_index(
        op.f("ix_contract_signature_requests_participant_id"), table_name="contract_signature_requests"
    )
    op.drop_index(
        op.f("ix_contract_signature_requests_created_at_id"), table_name="contract_signature_requests"
    )
    op.drop_index(
        op.f("ix_contract_signature_requests_contract_id"), table_name="contract_signature_requests"
    )
    op.drop_table("contract_signature_requests")
    op.drop_index(op.f("ix_deals_created_at_id"), table_name="deals")
    op.drop_index(op.f("ix_deals_country_code_created_at_id"), table_name="deals")
    op.drop_index(op.f("ix_deals_contract_instance_id"), table_name="deals")
    op.drop_index(op.f("ix_deals_campaign_id"), table_name="deals")
    op.drop_index(op.f("ix_deals_assigned_user_id"), table_name="deals")
    op.drop_index("idx_deals_status", table_name="deals")
    op.drop_index("idx_deals_stage", table_name="deals")
    op.drop_index("idx_deals_pipeline", table_name="deals")
    op.drop_index("idx_deals_customer", table_name="deals")
    op.drop_index("find_deals_title", table_name="deals")
    op.drop_table("deals")
    op.drop_index(op.f("ix_contract_participants_created_at_id"), table_name="contract_participants")
    op.drop_index(op.f("ix_contract_participants_contract_id"), table_name="contract_participants")
    op.drop_table("contract_participants")
    op.drop_index(
        op.f("ix_contract_instance_products_product_set_id"), table_name="contract_instance_products"
    )
    op.drop_index(op.f("ix_contract_instance_products_product_id"), table_name="contract_instance_products")
    op.drop_index(
        op.f("ix_contract_instance_products_created_at_id"), table_name="contract_instance_products"
    )
    op.drop_index(op.f("ix_contract_instance_products_contract_id"), table_name="contract_instance_products")
    op.drop_table("contract_instance_products")
    op.drop_index(op.f("ix_contract_audit_log_created_at_id"), table_name="contract_audit_log")
    op.drop_index(op.f("ix_contract_audit_log_contract_id"), table_name="contract_audit_log")
    op.drop_index(op.f("ix_contract_audit_log_actor_id"), table_name="contract_audit_log")
    op.drop_table("contract_audit_log")
    op.drop_index(op.f("ix_voice_notes_visit_event_id"), table_name="voice_notes")
    op.drop_index(op.f("ix_voice_notes_created_at_id"), table_name="voice_notes")
    op.drop_index(op.f("ix_voice_notes_collaborator_id"), table_name="voice_notes")
    op.drop_table("voice_notes")
    op.drop_index(op.f("ix_contract_instances_template_version_id"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_template_id"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_sent_by"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_potential_case_id"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_created_by"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_created_at_id"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_cancelled_by"), table_name="contract_instances")
    op.drop_index(op.f("ix_contract_instances_billing_details_id"), table_name="contract_instances")
    op.drop_index("idx_contract_instances_status", table_name="contract_instances")
    op.drop_index("idx_contract_instances_customer", table_name="contract_instances")
    op.drop_index("find_contract_instances_contract_number", table_name="contract_instances")
    op.drop_table("contract_instances")
    op.drop_index(op.f("ix_visit_events_created_at_id"), table_name="visit_events")
    op.drop_index(op.f("ix_visit_events_country_code_created_at_id"), table_name="visit_events")
    op.drop_index("idx_visit_events_status", table_name="visit_events")
    op.drop_index("idx_visit_events_start", table_name="visit_events")
    op.drop_index("idx_visit_events_hospital", table_name="visit_events")
    op.drop_index("idx_visit_events_collaborator", table_name="visit_events")
    op.drop_index("find_visit_events_subject", table_name="visit_events")
    op.drop_index("find_visit_events_location_address", table_name="visit_events")
    op.drop_table("visit_events")
    op.drop_index(op.f("ix_task_comments_user_id"), table_name="task_comments")
    op.drop_index(op.f("ix_task_comments_task_id"), table_name="task_comments")
    op.drop_index(op.f("ix_task_comments_created_at_id"), table_name="task_comments")
    op.drop_table("task_comments")
    op.drop_index(op.f("ix_product_set_storage_vat_rate_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_service_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_product_set_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_price_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_payment_option_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_discount_id"), table_name="product_set_storage")
    op.drop_index(op.f("ix_product_set_storage_created_at_id"), table_name="product_set_storage")
    op.drop_table("product_set_storage")
    op.drop_index(op.f("ix_mobile_push_tokens_created_at_id"), table_name="mobile_push_tokens")
    op.drop_index(op.f("ix_mobile_push_tokens_collaborator_id"), table_name="mobile_push_tokens")
    op.drop_table("mobile_push_tokens")
    op.drop_index(op.f("ix_invoice_items_product_id"), table_name="invoice_items")
    op.drop_index(op.f("ix_invoice_items_invoice_id"), table_name="invoice_items")
    op.drop_table("invoice_items")
    op.drop_index(op.f("ix_customer_potential_cases_product_id"), table_name="customer_potential_cases")
    op.drop_index(op.f("ix_customer_potential_cases_obstetrician_id"), table_name="customer_potential_cases")
    op.drop_index(op.f("ix_customer_potential_cases_hospital_id"), table_name="customer_potential_cases")
    op.drop_index(op.f("ix_customer_potential_cases_customer_id"), table_name="customer_potential_cases")
    op.drop_index(op.f("ix_customer_potential_cases_created_at_id"), table_name="customer_potential_cases")
    op.drop_table("customer_potential_cases")
    op.drop_index(op.f("ix_collaborator_other_data_created_at_id"), table_name="collaborator_other_data")
    op.drop_table("collaborator_other_data")
    op.drop_index(op.f("ix_collaborator_agreements_created_at_id"), table_name="collaborator_agreements")
    op.drop_index(op.f("ix_collaborator_agreements_collaborator_id"), table_name="collaborator_agreements")
    op.drop_index(op.f("ix_collaborator_agreements_billing_company_id"), table_name="collaborator_agreements")
    op.drop_table("collaborator_agreements")
    op.drop_index(op.f("ix_collaborator_addresses_created_at_id"), table_name="collaborator_addresses")
    op.drop_index(op.f("ix_collaborator_addresses_collaborator_id"), table_name="collaborator_addresses")
    op.drop_table("collaborator_addresses")
    op.drop_index(op.f("ix_campaign_contact_sessions_user_id"), table_name="campaign_contact_sessions")
    op.drop_index(
        op.f("ix_campaign_contact_sessions_campaign_contact_id"), table_name="campaign_contact_sessions"
    )
    op.drop_table("campaign_contact_sessions")
    op.drop_index(op.f("ix_campaign_contact_history_user_id"), table_name="campaign_contact_history")
    op.drop_index(op.f("ix_campaign_contact_history_created_at_id"), table_name="campaign_contact_history")
    op.drop_index(
        op.f("ix_campaign_contact_history_campaign_contact_id"), table_name="campaign_contact_history"
    )
    op.drop_table("campaign_contact_history")
    op.drop_index(op.f("ix_call_logs_user_id"), table_name="call_logs")
    op.drop_index(op.f("ix_call_logs_customer_id"), table_name="call_logs")
    op.drop_index(op.f("ix_call_logs_created_at_id"), table_name="call_logs")
    op.drop_index(op.f("ix_call_logs_campaign_id"), table_name="call_logs")
    op.drop_index(op.f("ix_call_logs_campaign_contact_id"), table_name="call_logs")
    op.drop_index("find_call_logs_phone_number", table_name="call_logs")
    op.drop_table("call_logs")
    op.drop_index(
        op.f("ix_billing_company_collaborators_created_at_id"), table_name="billing_company_collaborators"
    )
    op.drop_index(
        op.f("ix_billing_company_collaborators_collaborator_id"), table_name="billing_company_collaborators"
    )
    op.drop_table("billing_company_collaborators")
    op.drop_index(op.f("ix_user_roles_role_id"), table_name="user_roles")
    op.drop_index(op.f("ix_user_roles_assigned_by"), table_name="user_roles")
    op.drop_table("user_roles")
    op.drop_index(
        "one_default_user_ms365_shared_mailboxes",
        table_name="user_ms365_shared_mailboxes",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index(op.f("ix_user_ms365_shared_mailboxes_user_id"), table_name="user_ms365_shared_mailboxes")
    op.drop_index(
        op.f("ix_user_ms365_shared_mailboxes_created_at_id"), table_name="user_ms365_shared_mailboxes"
    )
    op.drop_table("user_ms365_shared_mailboxes")
    op.drop_index(op.f("ix_tasks_resolved_by_user_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_customer_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_created_by_user_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_created_at_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_country_created_at_id"), table_name="tasks")
    op.drop_index(op.f("ix_tasks_assigned_user_id"), table_name="tasks")
    op.drop_index("find_tasks_title", table_name="tasks")
    op.drop_table("tasks")
    op.drop_table("role_module_permissions")
    op.drop_table("role_field_permissions")
    op.drop_index(op.f("ix_product_set_collections_vat_rate_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_product_set_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_price_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_payment_option_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_instance_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_discount_id"), table_name="product_set_collections")
    op.drop_index(op.f("ix_product_set_collections_created_at_id"), table_name="product_set_collections")
    op.drop_table("product_set_collections")
    op.drop_index(op.f("ix_payment_installments_created_at_id"), table_name="payment_installments")
    op.drop_table("payment_installments")
    op.drop_index(op.f("ix_market_product_services_instance_id"), table_name="market_product_services")
    op.drop_index(op.f("ix_market_product_services_created_at_id"), table_name="market_product_services")
    op.drop_table("market_product_services")
    op.drop_index(op.f("ix_invoices_customer_id"), table_name="invoices")
    op.drop_index("find_invoices_invoice_number", table_name="invoices")
    op.drop_index("find_invoices_billing_company_name", table_name="invoices")
    op.drop_table("invoices")
    op.drop_index(op.f("ix_email_metadata_created_at_id"), table_name="email_metadata")
    op.drop_index(op.f("ix_email_metadata_ai_pipeline_stage_id"), table_name="email_metadata")
    op.drop_index("idx_email_metadata_message", table_name="email_metadata")
    op.drop_index("idx_email_metadata_customer", table_name="email_metadata")
    op.drop_index("find_email_metadata_message_id", table_name="email_metadata")
    op.drop_index("find_email_metadata_mailbox_email", table_name="email_metadata")
    op.drop_table("email_metadata")
    op.drop_index(op.f("ix_customer_products_product_id"), table_name="customer_products")
    op.drop_index(op.f("ix_customer_products_instance_id"), table_name="customer_products")
    op.drop_index(op.f("ix_customer_products_customer_id"), table_name="customer_products")
    op.drop_index(op.f("ix_customer_products_created_at_id"), table_name="customer_products")
    op.drop_index(op.f("ix_customer_products_billset_id"), table_name="customer_products")
    op.drop_table("customer_products")
    op.drop_index(op.f("ix_customer_notes_user_id"), table_name="customer_notes")
    op.drop_index(op.f("ix_customer_notes_customer_id"), table_name="customer_notes")
    op.drop_index(op.f("ix_customer_notes_created_at_id"), table_name="customer_notes")
    op.drop_table("customer_notes")
    op.drop_index(op.f("ix_customer_email_notifications_read_by"), table_name="customer_email_notifications")
    op.drop_index(
        op.f("ix_customer_email_notifications_customer_id"), table_name="customer_email_notifications"
    )
    op.drop_index(
        op.f("ix_customer_email_notifications_created_at_id"), table_name="customer_email_notifications"
    )
    op.drop_index("find_customer_email_notifications_subject", table_name="customer_email_notifications")
    op.drop_index("find_customer_email_notifications_sender_email", table_name="customer_email_notifications")
    op.drop_table("customer_email_notifications")
    op.drop_index(op.f("ix_customer_consents_revoked_by_user_id"), table_name="customer_consents")
    op.drop_index(op.f("ix_customer_consents_granted_by_user_id"), table_name="customer_consents")
    op.drop_index(op.f("ix_customer_consents_customer_id"), table_name="customer_consents")
    op.drop_index(op.f("ix_customer_consents_created_at_id"), table_name="customer_consents")
    op.drop_table("customer_consents")
    op.drop_index(op.f("ix_communication_messages_user_id"), table_name="communication_messages")
    op.drop_index(op.f("ix_communication_messages_created_at_id"), table_name="communication_messages")
    op.drop_index("idx_communication_type", table_name="communication_messages")
    op.drop_index("idx_communication_customer", table_name="communication_messages")
    op.drop_index("find_communication_messages_subject", table_name="communication_messages")
    op.drop_index("find_communication_messages_sender_phone", table_name="communication_messages")
    op.drop_index("find_communication_messages_recipient_phone", table_name="communication_messages")
    op.drop_index("find_communication_messages_recipient_email", table_name="communication_messages")
    op.drop_table("communication_messages")
    op.drop_index(op.f("ix_collaborators_representative_id"), table_name="collaborators")
    op.drop_index(op.f("ix_collaborators_health_insurance_id"), table_name="collaborators")
    op.drop_index(op.f("ix_collaborators_created_at_id"), table_name="collaborators")
    op.drop_index(op.f("ix_collaborators_country_code_created_at_id"), table_name="collaborators")
    op.drop_index("idx_collaborators_mobile_enabled", table_name="collaborators")
    op.drop_index("idx_collaborators_hospital", table_name="collaborators")
    op.drop_index("idx_collaborators_country", table_name="collaborators")
    op.drop_index("find_collaborators_phone", table_name="collaborators")
    op.drop_index("find_collaborators_mobile", table_name="collaborators")
    op.drop_index("find_collaborators_legacy_id", table_name="collaborators")
    op.drop_index("find_collaborators_last_name_first_name", table_name="collaborators")
    op.drop_index("find_collaborators_first_name_last_name", table_name="collaborators")
    op.drop_index("find_collaborators_email", table_name="collaborators")
    op.drop_index("find_collaborators_company_name", table_name="collaborators")
    op.drop_table("collaborators")
    op.drop_index(op.f("ix_campaign_schedules_created_at_id"), table_name="campaign_schedules")
    op.drop_table("campaign_schedules")
    op.drop_index(op.f("ix_campaign_operator_settings_user_id"), table_name="campaign_operator_settings")
    op.drop_index(
        op.f("ix_campaign_operator_settings_created_at_id"), table_name="campaign_operator_settings"
    )
    op.drop_table("campaign_operator_settings")
    op.drop_index(
        op.f("ix_campaign_metrics_snapshots_created_at_id"), table_name="campaign_metrics_snapshots"
    )
    op.drop_index(op.f("ix_campaign_metrics_snapshots_campaign_id"), table_name="campaign_metrics_snapshots")
    op.drop_table("campaign_metrics_snapshots")
    op.drop_index(op.f("ix_campaign_contacts_customer_id"), table_name="campaign_contacts")
    op.drop_index(op.f("ix_campaign_contacts_created_at_id"), table_name="campaign_contacts")
    op.drop_index(op.f("ix_campaign_contacts_assigned_to"), table_name="campaign_contacts")
    op.drop_index("idx_campaign_contacts_status", table_name="campaign_contacts")
    op.drop_index("idx_campaign_contacts_campaign", table_name="campaign_contacts")
    op.drop_table("campaign_contacts")
    op.drop_index(op.f("ix_variables_created_at_id"), table_name="variables")
    op.drop_table("variables")
    op.drop_index(op.f("ix_variable_keywords_created_at_id"), table_name="variable_keywords")
    op.drop_index(op.f("ix_variable_keywords_block_id"), table_name="variable_keywords")
    op.drop_table("variable_keywords")
    op.drop_index(op.f("ix_user_ms365_connections_created_at_id"), table_name="user_ms365_connections")
    op.drop_table("user_ms365_connections")
    op.drop_index(op.f("ix_sip_settings_updated_by"), table_name="sip_settings")
    op.drop_table("sip_settings")
    op.drop_index(op.f("ix_service_instances_service_id"), table_name="service_instances")
    op.drop_index(op.f("ix_service_instances_created_at_id"), table_name="service_instances")
    op.drop_index(op.f("ix_service_instances_billing_details_id"), table_name="service_instances")
    op.drop_table("service_instances")
    op.drop_index(
        "one_default_saved_searches", table_name="saved_searches", postgresql_where=sa.text("is_default")
    )
    op.drop_index(op.f("ix_saved_searches_user_id"), table_name="saved_searches")
    op.drop_index(op.f("ix_saved_searches_created_at_id"), table_name="saved_searches")
    op.drop_table("saved_searches")
    op.drop_index(op.f("ix_roles_created_by"), table_name="roles")
    op.drop_index(op.f("ix_roles_created_at_id"), table_name="roles")
    op.drop_table("roles")
    op.drop_index(op.f("ix_product_sets_product_id"), table_name="product_sets")
    op.drop_index(op.f("ix_product_sets_created_at_id"), table_name="product_sets")
    op.drop_table("product_sets")
    op.drop_index(op.f("ix_pipeline_stages_pipeline_id"), table_name="pipeline_stages")
    op.drop_index(op.f("ix_pipeline_stages_created_at_id"), table_name="pipeline_stages")
    op.drop_table("pipeline_stages")
    op.drop_index(op.f("ix_number_ranges_created_at_id"), table_name="number_ranges")
    op.drop_index(op.f("ix_number_ranges_billing_details_id"), table_name="number_ranges")
    op.drop_table("number_ranges")
    op.drop_index(op.f("ix_notifications_user_id"), table_name="notifications")
    op.drop_index(op.f("ix_notifications_created_at_id"), table_name="notifications")
    op.drop_index("find_notifications_title", table_name="notifications")
    op.drop_table("notifications")
    op.drop_index(op.f("ix_notification_rules_user_id"), table_name="notification_rules")
    op.drop_index(op.f("ix_notification_rules_created_at_id"), table_name="notification_rules")
    op.drop_table("notification_rules")
    op.drop_index(op.f("ix_ms365_pkce_store_user_id"), table_name="ms365_pkce_store")
    op.drop_index(op.f("ix_ms365_pkce_store_created_at_id"), table_name="ms365_pkce_store")
    op.drop_table("ms365_pkce_store")
    op.drop_index(op.f("ix_market_product_instances_product_id"), table_name="market_product_instances")
    op.drop_index(op.f("ix_market_product_instances_created_at_id"), table_name="market_product_instances")
    op.drop_index(
        op.f("ix_market_product_instances_billing_details_id"), table_name="market_product_instances"
    )
    op.drop_table("market_product_instances")
    op.drop_index(op.f("ix_instance_vat_rates_created_at_id"), table_name="instance_vat_rates")
    op.drop_index(op.f("ix_instance_vat_rates_billing_details_id"), table_name="instance_vat_rates")
    op.drop_table("instance_vat_rates")
    op.drop_index(op.f("ix_instance_payment_options_created_at_id"), table_name="instance_payment_options")
    op.drop_index(op.f("ix_instance_payment_options_base_price_id"), table_name="instance_payment_options")
    op.drop_table("instance_payment_options")
    op.drop_index(op.f("ix_hospitals_responsible_person_id"), table_name="hospitals")
    op.drop_index(op.f("ix_hospitals_representative_id"), table_name="hospitals")
    op.drop_index(op.f("ix_hospitals_laboratory_id"), table_name="hospitals")
    op.drop_index(op.f("ix_hospitals_created_by_collaborator_id"), table_name="hospitals")
    op.drop_index(op.f("ix_hospitals_created_at_id"), table_name="hospitals")
    op.drop_index(op.f("ix_hospitals_country_code_created_at_id"), table_name="hospitals")
    op.drop_index("idx_hospitals_country", table_name="hospitals")
    op.drop_index("idx_hospitals_active", table_name="hospitals")
    op.drop_index("find_hospitals_name", table_name="hospitals")
    op.drop_index("find_hospitals_legacy_id", table_name="hospitals")
    op.drop_index("find_hospitals_full_name", table_name="hospitals")
    op.drop_index("find_hospitals_email", table_name="hospitals")
    op.drop_index("find_hospitals_city", table_name="hospitals")
    op.drop_table("hospitals")
    op.drop_index(op.f("ix_email_signatures_user_id"), table_name="email_signatures")
    op.drop_index(op.f("ix_email_signatures_created_at_id"), table_name="email_signatures")
    op.drop_table("email_signatures")
    op.drop_index(op.f("ix_email_routing_rules_created_by"), table_name="email_routing_rules")
    op.drop_index(op.f("ix_email_routing_rules_created_at_id"), table_name="email_routing_rules")
    op.drop_table("email_routing_rules")
    op.drop_index(op.f("ix_customers_vip_status_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_health_insurance_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_created_at_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_country_created_at_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_cooperation_type_id"), table_name="customers")
    op.drop_index(op.f("ix_customers_complaint_type_id"), table_name="customers")
    op.drop_index("idx_customers_status", table_name="customers")
    op.drop_index("idx_customers_lead_score", table_name="customers")
    op.drop_index("idx_customers_email", table_name="customers")
    op.drop_index("idx_customers_country", table_name="customers")
    op.drop_index("idx_customers_assigned_user", table_name="customers")
    op.drop_index("find_customers_phone", table_name="customers")
    op.drop_index("find_customers_national_id", table_name="customers")
    op.drop_index("find_customers_mobile", table_name="customers")
    op.drop_index("find_customers_maiden_name", table_name="customers")
    op.drop_index("find_customers_last_name_first_name", table_name="customers")
    op.drop_index("find_customers_internal_id", table_name="customers")
    op.drop_index("find_customers_first_name_last_name", table_name="customers")
    op.drop_index("find_customers_email", table_name="customers")
    op.drop_table("customers")
    op.drop_index(
        "one_default_contract_template_versions",
        table_name="contract_template_versions",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index(op.f("ix_contract_template_versions_created_by"), table_name="contract_template_versions")
    op.drop_index(
        op.f("ix_contract_template_versions_created_at_id"), table_name="contract_template_versions"
    )
    op.drop_table("contract_template_versions")
    op.drop_index(
        op.f("ix_contract_category_default_templates_template_id"),
        table_name="contract_category_default_templates",
    )
    op.drop_index(
        op.f("ix_contract_category_default_templates_created_by"),
        table_name="contract_category_default_templates",
    )
    op.drop_index(
        op.f("ix_contract_category_default_templates_created_at_id"),
        table_name="contract_category_default_templates",
    )
    op.drop_index(
        op.f("ix_contract_category_default_templates_category_id"),
        table_name="contract_category_default_templates",
    )
    op.drop_table("contract_category_default_templates")
    op.drop_index(op.f("ix_chat_messages_sender_id"), table_name="chat_messages")
    op.drop_index(op.f("ix_chat_messages_receiver_id"), table_name="chat_messages")
    op.drop_index(op.f("ix_chat_messages_created_at_id"), table_name="chat_messages")
    op.drop_table("chat_messages")
    op.drop_index(op.f("ix_campaigns_created_by"), table_name="campaigns")
    op.drop_index(op.f("ix_campaigns_created_at_id"), table_name="campaigns")
    op.drop_index("idx_campaigns_status", table_name="campaigns")
    op.drop_index("find_campaigns_name", table_name="campaigns")
    op.drop_table("campaigns")
    op.drop_index(
        "one_default_campaign_templates",
        table_name="campaign_templates",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index(op.f("ix_campaign_templates_created_by"), table_name="campaign_templates")
    op.drop_index(op.f("ix_campaign_templates_created_at_id"), table_name="campaign_templates")
    op.drop_table("campaign_templates")
    op.drop_index(
        op.f("ix_billing_company_laboratories_laboratory_id"), table_name="billing_company_laboratories"
    )
    op.drop_index(
        op.f("ix_billing_company_laboratories_created_at_id"), table_name="billing_company_laboratories"
    )
    op.drop_table("billing_company_laboratories")
    op.drop_index(op.f("ix_billing_company_couriers_created_at_id"), table_name="billing_company_couriers")
    op.drop_index(
        op.f("ix_billing_company_couriers_billing_details_id"), table_name="billing_company_couriers"
    )
    op.drop_table("billing_company_couriers")
    op.drop_index(op.f("ix_billing_company_audit_log_user_id"), table_name="billing_company_audit_log")
    op.drop_index(op.f("ix_billing_company_audit_log_created_at_id"), table_name="billing_company_audit_log")
    op.drop_index(
        op.f("ix_billing_company_audit_log_billing_details_id"), table_name="billing_company_audit_log"
    )
    op.drop_table("billing_company_audit_log")
    op.drop_index(
        "one_default_billing_company_accounts",
        table_name="billing_company_accounts",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index(op.f("ix_billing_company_accounts_created_at_id"), table_name="billing_company_accounts")
    op.drop_index(
        op.f("ix_billing_company_accounts_billing_details_id"), table_name="billing_company_accounts"
    )
    op.drop_table("billing_company_accounts")
    op.drop_index(op.f("ix_automation_rules_pipeline_id"), table_name="automation_rules")
    op.drop_index(op.f("ix_automation_rules_created_by"), table_name="automation_rules")
    op.drop_index(op.f("ix_automation_rules_created_at_id"), table_name="automation_rules")
    op.drop_table("automation_rules")
    op.drop_index(op.f("ix_activity_logs_created_at_id"), table_name="activity_logs")
    op.drop_index("idx_activity_logs_user", table_name="activity_logs")
    op.drop_index("idx_activity_logs_entity", table_name="activity_logs")
    op.drop_index("idx_activity_logs_created", table_name="activity_logs")
    op.drop_index("find_activity_logs_entity_name", table_name="activity_logs")
    op.drop_table("activity_logs")
    op.drop_index(op.f("ix_vip_statuses_created_at_id"), table_name="vip_statuses")
    op.drop_table("vip_statuses")
    op.drop_index(op.f("ix_variable_blocks_created_at_id"), table_name="variable_blocks")
    op.drop_table("variable_blocks")
    op.drop_index("uq_users_lower_username", table_name="users")
    op.drop_index("uq_users_lower_email", table_name="users")
    op.drop_index(op.f("ix_users_role_id"), table_name="users")
    op.drop_index(op.f("ix_users_created_at_id"), table_name="users")
    op.drop_index("find_users_username", table_name="users")
    op.drop_index("find_users_full_name", table_name="users")
    op.drop_index("find_users_email", table_name="users")
    op.drop_table("users")
    op.drop_index(op.f("ix_system_ms365_connections_created_at_id"), table_name="system_ms365_connections")
    op.drop_table("system_ms365_connections")
    op.drop_index(op.f("ix_service_configurations_created_at_id"), table_name="service_configurations")
    op.drop_table("service_configurations")
    op.drop_index(op.f("ix_products_created_at_id"), table_name="products")
    op.drop_table("products")
    op.drop_index("one_default_pipelines", table_name="pipelines", postgresql_where=sa.text("is_default"))
    op.drop_index(op.f("ix_pipelines_created_at_id"), table_name="pipelines")
    op.drop_table("pipelines")
    op.drop_index(op.f("ix_lead_scoring_criteria_created_at_id"), table_name="lead_scoring_criteria")
    op.drop_table("lead_scoring_criteria")
    op.drop_index(op.f("ix_laboratories_created_at_id"), table_name="laboratories")
    op.drop_table("laboratories")
    op.drop_index(
        "one_default_invoice_templates",
        table_name="invoice_templates",
        postgresql_where=sa.text("is_default"),
    )
    op.drop_index(op.f("ix_invoice_templates_created_at_id"), table_name="invoice_templates")
    op.drop_table("invoice_templates")
    op.drop_index(
        "one_default_invoice_layouts", table_name="invoice_layouts", postgresql_where=sa.text("is_default")
    )
    op.drop_index(op.f("ix_invoice_layouts_created_at_id"), table_name="invoice_layouts")
    op.drop_table("invoice_layouts")
    op.drop_index(op.f("ix_instance_prices_created_at_id"), table_name="instance_prices")
    op.drop_table("instance_prices")
    op.drop_index(op.f("ix_instance_discounts_created_at_id"), table_name="instance_discounts")
    op.drop_table("instance_discounts")
    op.drop_table("inflation_rates")
    op.drop_index(
        op.f("ix_health_insurance_companies_created_at_id"), table_name="health_insurance_companies"
    )
    op.drop_table("health_insurance_companies")
    op.drop_index(op.f("ix_gsm_sender_configs_created_at_id"), table_name="gsm_sender_configs")
    op.drop_table("gsm_sender_configs")
    op.drop_table("exchange_rates")
    op.drop_index(op.f("ix_email_tags_created_at_id"), table_name="email_tags")
    op.drop_table("email_tags")
    op.drop_index(op.f("ix_departments_parent_id"), table_name="departments")
    op.drop_index(op.f("ix_departments_created_at_id"), table_name="departments")
    op.drop_table("departments")
    op.drop_index(op.f("ix_country_system_settings_created_at_id"), table_name="country_system_settings")
    op.drop_table("country_system_settings")
    op.drop_index(op.f("ix_cooperation_types_created_at_id"), table_name="cooperation_types")
    op.drop_table("cooperation_types")
    op.drop_index(op.f("ix_contract_templates_created_at_id"), table_name="contract_templates")
    op.drop_table("contract_templates")
    op.drop_index(op.f("ix_contract_categories_created_at_id"), table_name="contract_categories")
    op.drop_table("contract_categories")
    op.drop_index(op.f("ix_complaint_types_created_at_id"), table_name="complaint_types")
    op.drop_table("complaint_types")
    op.drop_index(op.f("ix_clinics_created_at_id"), table_name="clinics")
    op.drop_index("idx_clinics_country", table_name="clinics")
    op.drop_index("idx_clinics_city", table_name="clinics")
    op.drop_index("idx_clinics_active", table_name="clinics")
    op.drop_index("find_clinics_name", table_name="clinics")
    op.drop_index("find_clinics_email", table_name="clinics")
    op.drop_index("find_clinics_doctor_name", table_name="clinics")
    op.drop_index("find_clinics_city", table_name="clinics")
    op.drop_table("clinics")
    op.drop_index(
        "one_default_billing_details", table_name="billing_details", postgresql_where=sa.text("is_default")
    )
    op.drop_index(op.f("ix_billing_details_created_at_id"), table_name="billing_details")
    op.drop_table("billing_details")
    op.execute("DROP FUNCTION instance_target_exists, instance_target_free, fold")
