"""Controls are drawn as HTML that every parser reads alike."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.orm import Session

from tests.test_all_tables import every_generated_form


@every_generated_form
def test_attributes_of_controls_stand_apart(app: Flask, client: FlaskClient, session: Session, table: str) -> None:
    page = client.get(f"/{table}/add").text

    controls = re.findall(r"<(?:input|select|textarea)\b[^>]*>", page)
    assert controls
    for control in controls:
        bare = re.sub(r'"[^"]*"', '""', control)
        assert '""a' not in bare and "checkedaria" not in bare, control
        assert not re.search(r'""[a-z]', bare), control
