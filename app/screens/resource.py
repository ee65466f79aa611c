"""The REST resource of one table as a Flask-AppBuilder API; who asks and may he as in `build`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from flask import Response, jsonify, request
from flask_appbuilder import AppBuilder, ModelRestApi
from flask_appbuilder.api import expose
from flask_appbuilder.security.decorators import permission_name, protect

from app.core.db import current_session, transaction
from app.core.idempotency import Answer, once
from app.core.types import utc_now
from app.core.viewer import current_viewer
from app.screens import once as doors
from app.screens import query, rest, sent, trail, write
from app.screens.judge import judge
from app.screens.look import Look
from app.screens.resolve import Resolved


class ScreenApi(ModelRestApi):
    """The REST resource of one table at `/api/v1/<table>/`; JWT only, so there is nothing to forge from a page."""

    screen: ClassVar[Resolved]
    screens: ClassVar[Mapping[str, Resolved]]
    allow_browser_login = False

    def __init__(self) -> None:
        super(ModelRestApi, self).__init__()  # FAB's own schemas are not needed: `rest` reads and writes

    def create_blueprint(self, appbuilder: AppBuilder, *args: Any, **kwargs: Any) -> Any:
        return super(ModelRestApi, self).create_blueprint(appbuilder, *args, **kwargs)

    def add_api_spec(self, api_spec: Any) -> None:
        """`openapi` writes the description of all resources."""

    def look(self) -> Look:
        return Look(self.screens, current_session(), current_viewer(), self.screen)

    @expose("/", methods=["GET"])
    @protect()
    @permission_name("get")
    def get_list(self) -> Response:
        return jsonify(rest.list_answer(self.look(), rest.read_query(request.args.get("q"))))

    @expose("/_info", methods=["GET"])
    @protect()
    @permission_name("info")
    def info(self) -> Response:
        return jsonify(rest.info_answer(self.look()))

    @expose("/<pk>", methods=["GET"])
    @protect()
    @permission_name("get")
    def get(self, pk: str) -> Response:
        look, answer = self.look(), self._record(pk, 200)
        key = query.key_of(self.screen, pk)
        trail.note_view(look, key, query.own_name(look.session, self.screens, self.screen, look.viewer, key))
        return answer

    @expose("/", methods=["POST"])
    @protect()
    @permission_name("post")
    def post(self) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        body = sent.body()
        trail.note_forged(look, None, body)
        asked = doors.by_program(look.viewer, body)
        values = rest.loaded(look, body, new=True)
        odd = judge(look.session, self.screens, self.screen, look.viewer, values).warnings

        def act() -> Answer:
            key = write.add(look.session, self.screens, self.screen, look.viewer, values).id
            return Answer(201, f"{self.route_base}/{key}", {"id": key})

        with transaction(by=look.viewer) as session:
            done = once(session, asked, act, now=utc_now())
        return self._kept(look, done, odd)

    @expose("/<pk>", methods=["PUT"])
    @protect()
    @permission_name("put")
    def put(self, pk: str) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        row = query.fetch(look.session, self.screen, look.viewer, pk)
        version = sent.if_match(required=True)
        body = sent.body()
        trail.note_forged(look, row.id, body)
        asked = doors.by_program(look.viewer, body)
        values = rest.loaded(look, body, new=False)
        odd = judge(look.session, self.screens, self.screen, look.viewer, values, row).warnings

        def act() -> Answer:
            write.change(look.session, self.screens, self.screen, look.viewer, row, values, version)
            return Answer(200, body={"id": row.id})

        with transaction(by=look.viewer) as session:
            done = once(session, asked, act, now=utc_now())
        return self._kept(look, done, odd)

    @expose("/<pk>", methods=["DELETE"])
    @protect()
    @permission_name("delete")
    def delete(self, pk: str) -> Response:
        look = self.look()
        write.demand_changeable(self.screen)
        version = sent.if_match(required=False)

        def act() -> Answer:
            row = query.fetch(look.session, self.screen, look.viewer, pk)  # gone when this comes again
            how = write.remove(look.session, self.screens, self.screen, look.viewer, row, version)
            return Answer(200, body={"done": how})

        with transaction(by=look.viewer) as session:
            done = once(session, doors.by_program(look.viewer), act, now=utc_now())
        return doors.told(jsonify(message="OK", done=done.body["done"]), done)

    def _kept(self, look: Look, done: Answer, odd: Mapping[str, list[str]]) -> Response:
        """The record that was made or changed; read anew, with today's rights, when the request comes again."""
        key = done.body["id"]
        answer = self._record(str(key), done.status, odd)
        if done.repeated:
            trail.note_view(look, key, query.own_name(look.session, self.screens, self.screen, look.viewer, key))
        return doors.told(answer, done)

    def _record(self, key: str, status: int, odd: Mapping[str, list[str]] | None = None) -> Response:
        asked = rest.read_query(request.args.get("q")) if request.method == "GET" else {}
        answer, version = rest.record_answer(self.look(), key, asked)
        response = jsonify(answer | ({"warnings": odd} if odd else {}))
        response.status_code = status
        response.headers["ETag"] = f'"{version}"'
        return response
