"""The demo data: complete, the same every time, and true to the rules of the house."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

import pytest
from sqlalchemy import Engine, Table, func, select, text
from sqlalchemy.orm import Session
from stdnum import iban as iban_number
from stdnum.cz import rc
from stdnum.it import codicefiscale
from stdnum.ro import cnp

from app import demo
from app.access import passwords
from app.access.models import User
from app.core import vault
from app.core.types import JsonText, Secret, Timestamp
from app.core.viewer import SYSTEM_USER, system_scope
from app.demo.markets import MARKETS
from app.demo.rights import MODULES
from app.demo.words import LANGUAGES, words
from app.pipeline.automation import config, references
from app.pipeline.models import AutomationRule, AutomationRun
from app.tables import ALL, MODELS

PASSWORD = "a demo password of the tests"
NOW = datetime(2026, 6, 17, 10, 20, tzinfo=UTC)
CENT = Decimal("0.01")
COUNTED = {("deals", "board_position")}  # from a sequence, which does not go back with its transaction


@dataclass
class Loaded:
    session: Session
    counts: dict[str, int]
    steps: list[tuple[str, int, int]]
    first: dict[str, str]
    second: dict[str, str]
    was_empty: bool
    is_empty: bool


@pytest.fixture(scope="module")
def loaded(engine: Engine) -> Iterator[Loaded]:
    """Loaded twice in one transaction that is undone, so that both loads can be compared and looked at."""
    kept = vault.current()
    vault.configure({"demo": bytes(32)})
    with engine.connect() as connection:
        outer = connection.begin()
        with Session(connection, join_transaction_mode="create_savepoint") as session, system_scope("demo data"):
            session.info["unaudited"] = True  # as the command says
            was_empty = demo.is_empty(session)
            demo.load(session, password=PASSWORD, now=NOW, report=lambda *step: None)
            first = fingerprints(session)
            session.rollback()
            steps: list[tuple[str, int, int]] = []
            counts = demo.load(session, password=PASSWORD, now=NOW, report=lambda *step: steps.append(step))
            session.expire_all()
            yield Loaded(session, counts, steps, first, fingerprints(session), was_empty, demo.is_empty(session))
        outer.rollback()
    vault._current = kept


def fingerprints(session: Session) -> dict[str, str]:
    """A hash over all rows of each table; secrets by what they say, password hashes by whether there is one."""
    return {table.name: _fingerprint(session, table) for table in (ALL[name] for name in MODELS)}


def _fingerprint(session: Session, table: Table) -> str:
    columns = [c for c in table.columns if not c.system and (table.name, c.name) not in COUNTED]
    found = hashlib.sha256()
    for row in session.execute(select(*columns).order_by(table.c.id)):
        for column, value in zip(columns, row, strict=True):
            found.update(repr(_told(column.type, value)).encode())
    return found.hexdigest()


def _told(kind: Any, value: Any) -> Any:
    if isinstance(kind, Secret) and value is not None:
        return bool(value) if kind.store == "hashed" else value.reveal()
    return value


def rows(loaded: Loaded, query: str) -> list[Any]:
    return list(loaded.session.execute(text(query)))


@pytest.mark.parametrize("table", sorted(MODELS))
def test_every_table_has_at_least_three_rows(loaded: Loaded, table: str) -> None:
    there = 1 if table == "users" else 0  # the migrations made the system user

    assert loaded.session.scalar(select(func.count()).select_from(ALL[table])) - there == loaded.counts[table] >= 3


def test_the_same_moment_gives_the_same_rows(loaded: Loaded) -> None:
    assert loaded.first == loaded.second


def test_only_an_empty_database_counts_as_empty(loaded: Loaded) -> None:
    assert loaded.was_empty
    assert not loaded.is_empty


def test_progress_runs_from_nothing_to_everything(loaded: Loaded) -> None:
    done = [step[1] for step in loaded.steps]

    assert done == list(range(len(demo.STEPS) + 1))
    assert {step[2] for step in loaded.steps} == {len(demo.STEPS)}


def test_the_demo_users_get_in_and_nobody_else(loaded: Loaded) -> None:
    users = loaded.session.scalars(select(User)).all()
    able = {user.username for user in users if passwords.matches(PASSWORD, user.password_hash.reveal())}

    assert able == {"admin", "manager", "clerk.sk", "operator.cz"}
    countries = {user.username: set(user.assigned_countries) for user in users}
    assert countries["clerk.sk"] == {"SK"} and countries["operator.cz"] == {"CZ"}
    assert countries["admin"] == countries["manager"] == set(MARKETS)
    system = next(user for user in users if user.username == "system")
    assert not system.is_active and system.full_name == "System"


def test_every_role_says_something_about_every_module(loaded: Loaded) -> None:
    found = rows(loaded, "SELECT role_id, count(DISTINCT module_key) FROM role_module_permissions GROUP BY 1")

    assert [count for _, count in found] == [len(MODULES)] * 5
    assert not rows(
        loaded,
        "SELECT 1 FROM users u JOIN roles r ON r.id = u.role_id WHERE u.role <> r.legacy_role OR NOT EXISTS"
        " (SELECT 1 FROM user_roles g WHERE g.user_id = u.id AND g.role_id = r.id)",
    )


def test_invoices_add_up(loaded: Loaded) -> None:
    query = (
        "SELECT i.subtotal, i.vat_rate, i.vat_amount, i.total_amount, i.currency, i.generated_at, c.country,"
        " (SELECT sum(line_total) FROM invoice_items t WHERE t.invoice_id = i.id) AS items"
        " FROM invoices i JOIN customers c ON c.id = i.customer_id"
    )
    for invoice in rows(loaded, query):
        market = MARKETS[invoice.country]
        assert invoice.items == invoice.subtotal
        assert invoice.vat_rate == market.vat_on(invoice.generated_at.date())
        assert invoice.vat_amount == (invoice.subtotal * invoice.vat_rate / 100).quantize(CENT, ROUND_HALF_UP)
        assert invoice.total_amount == invoice.subtotal + invoice.vat_amount
        assert invoice.currency == market.currency
    assert not rows(loaded, "SELECT 1 FROM invoice_items WHERE line_total <> quantity * unit_price")


@pytest.mark.parametrize(
    ("country", "percent"),
    [("SK", 23), ("CZ", 21), ("HU", 27), ("RO", 21), ("IT", 22), ("DE", 19), ("US", 0), ("CH", Decimal("8.1"))],
)
def test_vat_is_that_of_the_country_in_2026(country: str, percent: Decimal) -> None:
    assert MARKETS[country].vat_on(date(2026, 1, 1)) == percent


def test_invoice_numbers_are_dense_and_in_the_order_of_issue(loaded: Loaded) -> None:
    ranges = rows(
        loaded, "SELECT prefix, digits_to_generate, last_number_used FROM number_ranges WHERE type = 'invoice'"
    )
    total = 0
    for prefix, digits, last in ranges:
        issued = rows(
            loaded,
            f"SELECT invoice_number FROM invoices WHERE invoice_number LIKE '{prefix}%' ORDER BY generated_at, invoice_number",
        )
        assert [number for (number,) in issued] == [f"{prefix}{turn:0{digits}}" for turn in range(1, last + 1)]
        total += last
    assert total == loaded.counts["invoices"]


def test_the_status_of_an_invoice_fits_its_due_date(loaded: Loaded) -> None:
    for status, due in rows(loaded, "SELECT status, due_date FROM invoices"):
        if status == "overdue":
            assert due.date() < NOW.date()
        if status in ("generated", "sent"):
            assert due.date() >= NOW.date()
    assert {row.status for row in rows(loaded, "SELECT DISTINCT status FROM invoices")} == {
        "generated",
        "sent",
        "paid",
        "overdue",
    }


def test_contract_numbers_are_dense_in_each_year(loaded: Loaded) -> None:
    found = rows(
        loaded, "SELECT contract_number, created_at FROM contract_instances ORDER BY created_at, contract_number"
    )
    numbers: dict[int, int] = {}
    for number, created in found:
        numbers[created.year] = numbers.get(created.year, 0) + 1
        assert number == f"ZML-{created.year}-{numbers[created.year]:05}"


def test_contracts_come_in_every_status_and_add_up(loaded: Loaded) -> None:
    statuses = {row.status for row in rows(loaded, "SELECT DISTINCT status FROM contract_instances")}

    assert statuses == {"draft", "sent", "pending_signature", "signed", "completed", "cancelled", "expired"}
    assert not rows(
        loaded,
        "SELECT 1 FROM contract_instances c JOIN (SELECT contract_id, sum(line_net_amount) net, sum(line_vat_amount) vat,"
        " sum(line_gross_amount) gross FROM contract_instance_products GROUP BY 1) p ON p.contract_id = c.id"
        " WHERE (total_net_amount, total_vat_amount, total_gross_amount) IS DISTINCT FROM (net, vat, gross)",
    )
    assert not rows(loaded, "SELECT 1 FROM contract_instances WHERE rendered_html LIKE '%{{%'")
    assert not rows(loaded, "SELECT 1 FROM contract_signature_requests WHERE otp_code IS NOT NULL")
    assert not rows(
        loaded,
        "SELECT 1 FROM contract_instances WHERE (status IN ('signed', 'completed')) <> (signed_at IS NOT NULL)"
        " OR (status = 'completed') <> (completed_at IS NOT NULL)",
    )


def test_an_instalment_plan_adds_up_to_its_line(loaded: Loaded) -> None:
    query = "SELECT line_gross_amount, installment_snapshot FROM contract_instance_products WHERE sort_order = 1"
    for gross, plan in rows(loaded, query):
        assert sum(Decimal(part["amount"]) for part in json.loads(plan)) == gross


def test_what_was_told_lately_is_not_put_away(loaded: Loaded) -> None:
    """So whoever is told anything in these days finds it."""
    late = f"created_at > '{NOW - timedelta(days=4):%Y-%m-%d %H:%M}'"
    told, gone = rows(loaded, f"SELECT count(*), count(*) FILTER (WHERE dismissed) FROM notifications WHERE {late}")[0]
    assert told > 10 and gone == 0


def test_billing_sets_are_the_sum_of_their_lines(loaded: Loaded) -> None:
    lines = (
        "SELECT product_set_id, line_net_amount n, line_discount_amount d, line_vat_amount v, line_gross_amount g FROM "
    )
    assert not rows(
        loaded,
        "SELECT 1 FROM product_sets s JOIN (SELECT product_set_id, sum(n) n, sum(d) d, sum(v) v, sum(g) g FROM"
        f" ({lines} product_set_collections UNION ALL {lines} product_set_storage) x GROUP BY 1) t"
        " ON t.product_set_id = s.id WHERE (total_net_amount, total_discount_amount, total_vat_amount, total_gross_amount)"
        " IS DISTINCT FROM (n, d, v, g)",
    )


def test_deals_stand_in_a_stage_of_their_pipeline(loaded: Loaded) -> None:
    assert not rows(
        loaded,
        "SELECT 1 FROM deals d JOIN pipeline_stages s ON s.id = d.stage_id WHERE s.pipeline_id <> d.pipeline_id"
        " OR d.probability <> s.probability OR (d.status = 'won') <> s.is_won_stage"
        " OR (d.status = 'lost') <> s.is_lost_stage OR (d.status = 'lost') <> (d.lost_reason IS NOT NULL)"
        " OR (d.status = 'open') <> (d.actual_close_date IS NULL)",
    )
    empty = rows(
        loaded,
        "SELECT 1 FROM pipeline_stages s JOIN pipelines p ON p.id = s.pipeline_id"
        " WHERE is_default AND NOT EXISTS (SELECT 1 FROM deals d WHERE d.stage_id = s.id)",
    )
    assert not empty
    assert not rows(
        loaded,
        "SELECT 1 FROM deals d JOIN (SELECT deal_id, sum(quantity * price - coalesce(discount, 0)) value"
        " FROM deal_products GROUP BY 1) p ON p.deal_id = d.id WHERE p.value <> d.value",
    )


def test_the_rules_of_automation_can_act(loaded: Loaded) -> None:
    rules = loaded.session.scalars(select(AutomationRule)).all()

    problems = [
        problem for rule in map(config.draft_of, rules)
        for problem in (*rule.config.problems, *references.problems(loaded.session, rule))
    ]  # fmt: skip

    assert len(rules) > 5
    assert problems == []
    runs = loaded.session.scalars(select(AutomationRun)).all()
    assert {run.outcome for run in runs} == {"done", "skipped"}
    assert all(run.at <= NOW + timedelta(seconds=5) for run in runs)
    assert {run.rule_id for run in runs} <= {rule.id for rule in rules}


def test_deals_came_through_other_stages_without_a_gap(loaded: Loaded) -> None:
    stays = "SELECT deal_id, entered_at, left_at, lead(entered_at) OVER w AS then FROM deal_stage_history"
    before = f"SELECT 1 FROM ({stays} WINDOW w AS (PARTITION BY deal_id ORDER BY entered_at, left_at)) s"

    assert not rows(loaded, f"{before} WHERE s.left_at IS DISTINCT FROM s.then")
    assert len(rows(loaded, f"{before} WHERE s.left_at IS NOT NULL")) > 300
    assert not rows(
        loaded,
        "SELECT 1 FROM deals d JOIN deal_stage_history h ON h.deal_id = d.id WHERE h.entered_at < d.created_at",
    )


def test_activities_are_done_due_and_overdue(loaded: Loaded) -> None:
    query = f"SELECT DISTINCT is_completed, due_at < '{NOW:%Y-%m-%d %H:%M}' FROM deal_activities"

    assert {tuple(row) for row in rows(loaded, query)} == {(True, True), (False, True), (False, False)}


def test_clients_are_those_with_a_signed_contract(loaded: Loaded) -> None:
    assert not rows(
        loaded,
        "SELECT 1 FROM customers c WHERE (client_status = 'potential') = EXISTS (SELECT 1 FROM contract_instances i"
        " WHERE i.customer_id = c.id AND i.status IN ('signed', 'completed'))",
    )
    assert not rows(
        loaded,
        "SELECT 1 FROM customers c JOIN customer_potential_cases p ON p.customer_id = c.id"
        " WHERE p.case_status = 'realized' AND c.client_status = 'potential'",
    )
    assert not rows(
        loaded,
        "SELECT customer_id FROM customer_potential_cases WHERE case_status = 'in_progress' GROUP BY 1 HAVING count(*) > 1",
    )


def test_flags_follow_the_newsletter_consent(loaded: Loaded) -> None:
    assert not rows(
        loaded,
        "SELECT 1 FROM customers c WHERE newsletter <> EXISTS (SELECT 1 FROM customer_consents n WHERE n.granted"
        " AND n.customer_id = c.id AND n.consent_type = 'newsletter')",
    )


def test_campaign_attempts_are_counted(loaded: Loaded) -> None:
    assert not rows(
        loaded,
        "SELECT 1 FROM campaign_contacts c WHERE attempt_count <> (SELECT count(*) FROM campaign_contact_sessions s"
        " WHERE s.campaign_contact_id = c.id) OR (status = 'pending') <> (attempt_count = 0)"
        " OR (status = 'callback_scheduled') <> (callback_date IS NOT NULL)",
    )
    assert not rows(
        loaded,
        "SELECT 1 FROM call_logs l JOIN campaign_contacts c ON c.id = l.campaign_contact_id"
        " WHERE c.campaign_id <> l.campaign_id",
    )


MAY_BE_AHEAD = {
    "invoices.due_date",
    "campaigns.start_date",
    "campaigns.end_date",
    "campaign_contacts.callback_date",
    "campaign_contact_sessions.callback_date",
    "contract_instances.valid_to",
    "customer_consents.expires_at",
    "contract_signature_requests.expires_at",
    "contract_signature_requests.otp_expires_at",
    "visit_events.start_time",
    "visit_events.end_time",
    "deals.expected_close_date",
    "deal_activities.due_at",
    "deal_activities.reminder_at",
    "tasks.due_date",
    "ms365_pkce_store.expires_at",
    "user_ms365_connections.token_expires_at",
    "system_ms365_connections.token_expires_at",
}


@pytest.mark.parametrize("table", sorted(MODELS))
def test_nothing_has_happened_in_the_future_or_before_it_was_made(loaded: Loaded, table: str) -> None:
    moments = [column for column in ALL[table].columns if isinstance(column.type, Timestamp)]
    for column in moments:
        if f"{table}.{column.name}" not in MAY_BE_AHEAD:
            of_ours = [ALL[table].c.id != SYSTEM_USER] if table == "users" else []
            latest = loaded.session.scalar(select(func.max(column)).where(*of_ours))
            assert latest is None or latest <= NOW, column.name
    if {"created_at", "updated_at"} <= set(ALL[table].columns.keys()):
        assert not rows(loaded, f"SELECT 1 FROM {table} WHERE updated_at < created_at")


def test_new_customers_are_spread_over_two_years_and_grow(loaded: Loaded) -> None:
    months = dict(
        tuple(row) for row in rows(loaded, "SELECT to_char(created_at, 'YYYY-MM'), count(*) FROM customers GROUP BY 1")
    )
    middle = f"{NOW - timedelta(days=365):%Y-%m}"

    assert len(months) >= 24
    assert sum(n for month, n in months.items() if month > middle) > sum(
        n for month, n in months.items() if month <= middle
    )


@pytest.mark.parametrize("table", sorted(MODELS))
def test_json_in_text_is_json(loaded: Loaded, table: str) -> None:
    for column in ALL[table].columns:
        if isinstance(column.type, JsonText):
            for value in loaded.session.scalars(select(column).where(column.is_not(None))):
                json.loads(value)


CHECKED = {"SK": rc, "CZ": rc, "RO": cnp, "IT": codicefiscale}


def test_personal_numbers_and_accounts_have_right_check_digits(loaded: Loaded) -> None:
    for country, number, account, born in rows(
        loaded, "SELECT country, national_id, bank_account, date_of_birth FROM customers"
    ):
        if number and country in CHECKED:
            assert CHECKED[country].is_valid(number), number
        if number and born and country in ("SK", "CZ", "RO"):
            assert CHECKED[country].get_birth_date(number) == born.date()
        assert account is None or iban_number.is_valid(account), account


def test_nobody_can_be_reached_by_mistake(loaded: Loaded) -> None:
    """Addresses end in reserved names only."""
    allowed = (".invalid", ".example", "@example.com", "@example.org", "@example.net")
    for table, column in (
        ("customers", "email"),
        ("customers", "email_2"),
        ("customer_potential_cases", "father_email"),
        ("collaborators", "email"),
        ("hospitals", "email"),
        ("clinics", "email"),
        ("users", "email"),
        ("billing_details", "email"),
        ("contract_participants", "email"),
    ):
        for (address,) in rows(loaded, f"SELECT {column} FROM {table} WHERE {column} IS NOT NULL"):
            assert address.endswith(allowed), address


def test_serial_ids_go_on_behind_ours(loaded: Loaded) -> None:
    for name in ("contract_categories", "contract_category_default_templates", "contract_template_versions"):
        following = loaded.session.scalar(text(f"SELECT nextval(pg_get_serial_sequence('{name}', 'id'))"))
        assert following > loaded.session.scalar(select(func.max(MODELS[name].id)))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_texts(language: str) -> None:
    assert _shape(words(language)) == _shape(words("en"))


def _shape(texts: dict[str, Any], prefix: str = "") -> set[str]:
    found: set[str] = set()
    for key, value in texts.items():
        found |= _shape(value, f"{prefix}{key}.") if isinstance(value, dict) else {f"{prefix}{key}"}
    return found
