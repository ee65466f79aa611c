"""The floor: the same pages by Flask, psycopg and Jinja alone, without rights, layout or languages.

Nobody should use them; they say what a page of this content has to cost.
`create_app` is for gunicorn and takes the database from DATABASE_URL.
"""

from __future__ import annotations

import os
import threading
import time
from typing import Any

import psycopg
from flask import Flask, Response, jsonify, render_template_string, request
from psycopg.rows import dict_row

from bench.measured import Measured, note

LIST = """SELECT c.id, c.first_name, c.last_name, c.country, c.city, c.phone, c.client_status, u.full_name, c.created_at
 FROM (SELECT id FROM customers {where} ORDER BY created_at DESC, id DESC LIMIT 26 OFFSET %(skip)s) AS k
 JOIN customers c ON c.id = k.id LEFT JOIN users u ON u.id = c.assigned_user_id ORDER BY c.created_at DESC, c.id DESC"""
COUNT = "SELECT count(*) FROM (SELECT id FROM customers {where} LIMIT 10001) AS part"
COUNTRY = "WHERE country = %(country)s"
FOUND = """WHERE id IN (SELECT id FROM customers WHERE (fold(last_name, first_name)) COLLATE "C" >= fold(%(q)s)
 AND (fold(last_name, first_name)) COLLATE "C" < fold(%(q)s) || chr(1114111) LIMIT 1000)"""
RECORD = "SELECT c.*, u.full_name FROM customers c LEFT JOIN users u ON u.id = c.assigned_user_id WHERE c.id = %(id)s"
NOTES = "SELECT count(*) FROM customer_notes WHERE customer_id = %(id)s"
DEALS = "SELECT title, value, currency, status FROM deals WHERE customer_id = %(id)s ORDER BY created_at DESC LIMIT 10"
DEAL = """SELECT d.*, c.first_name, c.last_name, s.name AS stage, p.name AS pipeline, u.full_name FROM deals d
 LEFT JOIN customers c ON c.id = d.customer_id JOIN pipeline_stages s ON s.id = d.stage_id
 JOIN pipelines p ON p.id = d.pipeline_id LEFT JOIN users u ON u.id = d.assigned_user_id WHERE d.id = %(id)s"""
CHART = "SELECT client_status AS label, count(*) AS value FROM customers GROUP BY client_status ORDER BY 2 DESC"
FILE = """SELECT c.*, u.full_name FROM customers c LEFT JOIN users u ON u.id = c.assigned_user_id
 WHERE c.created_at >= %(since)s ORDER BY c.created_at DESC, c.id DESC"""
BOARD = """SELECT s.name AS stage, k.* FROM pipeline_stages s CROSS JOIN LATERAL (
 SELECT d.id, d.title, d.value, d.currency, d.stage_entered_at, c.first_name, c.last_name, u.full_name, a.type,
 a.subject, a.due_at, e.done, b.expected_date_year, b.expected_date_month
 FROM (SELECT * FROM deals WHERE stage_id = s.id ORDER BY board_position DESC LIMIT 51) AS d
 LEFT JOIN customers c ON c.id = d.customer_id LEFT JOIN users u ON u.id = d.assigned_user_id
 LEFT JOIN LATERAL (SELECT * FROM deal_activities WHERE deal_id = d.id AND NOT is_completed ORDER BY due_at LIMIT 1)
 AS a ON true LEFT JOIN LATERAL (SELECT max(completed_at) AS done FROM deal_activities WHERE deal_id = d.id
 AND is_completed) AS e ON true LEFT JOIN LATERAL (SELECT * FROM customer_potential_cases WHERE customer_id = c.id
 ORDER BY expected_date_year, expected_date_month LIMIT 1) AS b ON true ORDER BY d.board_position DESC) AS k
 WHERE s.pipeline_id = %(pipeline)s ORDER BY s.order"""
SUMS = """SELECT stage_id, currency, count(*), sum(value) AS value, sum(value * probability) / 100 AS weighted
 FROM deals WHERE stage_id IN (SELECT id FROM pipeline_stages WHERE pipeline_id = %(pipeline)s)
 GROUP BY stage_id, currency"""
ROTTING = """SELECT s.id, (SELECT count(*) FROM (SELECT FROM deals d WHERE d.stage_id = s.id AND d.status = 'open'
 AND d.stage_entered_at < now() - make_interval(days => s.rotting_days) AND NOT EXISTS (SELECT FROM deal_activities a
 WHERE a.deal_id = d.id AND a.is_completed AND a.completed_at > now() - make_interval(days => s.rotting_days))
 LIMIT 1001) AS part) FROM pipeline_stages s WHERE s.pipeline_id = %(pipeline)s"""
CARDS = """<!doctype html><title>Board</title>{% for sum in sums %}<h2>{{ sum.stage_id }} {{ sum.count }}
{{ sum.value }} {{ sum.weighted }}</h2>{% endfor %}{% for row in rows %}<li data-stage="{{ row.stage }}">
<a href="/form/deal/{{ row.id }}">{{ row.title }}</a><p>{{ row.first_name }} {{ row.last_name }}</p>
<b>{{ row.value }} {{ row.currency }}</b><i>{{ row.full_name }}</i><span>{{ row.type }} {{ row.subject }}
{{ row.due_at }}</span><span>{{ row.done }} {{ row.stage_entered_at }} {{ row.expected_date_month }}</span></li>
{% endfor %}"""
TABLE = """<!doctype html><title>Customers</title><h1>Customers {{ total }}</h1><form><input name=q></form><table>
{% for row in rows[:25] %}<tr><td><a href="/record/{{ row.id }}">{{ row.first_name }} {{ row.last_name }}</a></td>
{% for name in ("country", "city", "phone", "client_status", "full_name", "created_at") %}<td>{{ row[name] or "" }}</td>
{% endfor %}</tr>{% endfor %}</table><a href="?page={{ page + 1 }}">Next</a>"""
SHEET = """<!doctype html><title>{{ row.first_name }}</title><h1>{{ row.first_name }} {{ row.last_name }}</h1><dl>
{% for name, value in row.items() %}<dt>{{ name }}</dt><dd>{{ value | d("", true) }}</dd>{% endfor %}</dl>
<h2>Notes {{ notes }}</h2><table>{% for deal in deals %}<tr><td>{{ deal.title }}</td><td>{{ deal.value }}
{{ deal.currency }}</td><td>{{ deal.status }}</td></tr>{% endfor %}</table>"""
FORM = """<!doctype html><title>Edit</title><form method="post">{% for name, value in row.items() %}<label>{{ name }}
<input name="{{ name }}" value="{{ value | d("", true) }}"></label>{% endfor %}<button>Save</button></form>"""


def create_app() -> Measured:
    app = Flask(__name__)
    own = threading.local()

    def ask(sql: str, values: dict[str, Any]) -> list[Any]:
        if not hasattr(own, "line"):
            own.line = psycopg.connect(os.environ["DATABASE_URL"], autocommit=True, row_factory=dict_row)
        begun = time.perf_counter()
        rows = own.line.execute(sql.encode(), values).fetchall()
        note(time.perf_counter() - begun)
        return list(rows)

    @app.get("/healthz")
    def health() -> str:
        return "ok"

    @app.get("/list")
    def listed() -> str:
        country, typed, page = request.args.get("country"), request.args.get("q"), int(request.args.get("page", 1))
        where = COUNTRY if country else FOUND if typed else ""
        values = {"country": country, "q": typed, "skip": (page - 1) * 25}
        rows = ask(LIST.format(where=where), values)
        total = ask(COUNT.format(where=where), values)[0]["count"]
        return render_template_string(TABLE, rows=rows, total=total, page=page)

    @app.get("/record/<key>")
    def record(key: str) -> str:
        row = ask(RECORD, {"id": key})[0]
        notes = ask(NOTES, {"id": key})[0]["count"]
        return render_template_string(SHEET, row=row, notes=notes, deals=ask(DEALS, {"id": key}))

    @app.get("/form/customer/<key>")
    def customer(key: str) -> str:
        return render_template_string(FORM, row=ask(RECORD, {"id": key})[0])

    @app.get("/form/deal/<key>")
    def deal(key: str) -> str:
        return render_template_string(FORM, row=ask(DEAL, {"id": key})[0])

    @app.get("/board/<key>")
    def board(key: str) -> str:
        values = {"pipeline": key}
        rows, sums, rotting = (ask(sql, values) for sql in (BOARD, SUMS, ROTTING))
        return render_template_string(CARDS, rows=rows, sums=sums, rotting=rotting)

    @app.get("/chart")
    def chart() -> Response:
        return jsonify(ask(CHART, {}))

    return Measured(app)
