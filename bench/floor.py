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

    @app.get("/chart")
    def chart() -> Response:
        return jsonify(ask(CHART, {}))

    return Measured(app)
