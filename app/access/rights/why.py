"""Why somebody can or cannot see a record or a field: the rows that decide it, in the order in which they do."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import unquote, urlsplit

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import Session, class_mapper

from app.access.merging import Given
from app.access.models import Role, User, UserRole
from app.access.modules import Module
from app.access.rights.matrix import right_word
from app.access.rights.queries import given_of
from app.core import explaining, scope
from app.core.errors import NotFound, Unprocessable
from app.core.paths import Own, Owns, Path, People, path_of
from app.core.viewer import SYSTEM, Right, Viewer
from app.screens.query import key_of
from app.screens.resolve import Resolved

_PAGE = re.compile(r"/(?:api/v1/)?([a-z0-9_]+)/(?:(?:show|edit)/)?([^/\s]+)/?$")


@dataclass(frozen=True)
class Reason:
    """A row that has a say. `tone` is green (opens), red (closes), amber (narrows) or grey (says nothing).

    `href` leads to where it is changed, `about` to what it is about.
    """

    tone: str
    what: str
    says: str
    href: str = ""
    verb: str = ""
    about: str = ""
    decides: bool = False


@dataclass(frozen=True)
class Verdict:
    tone: str
    sentence: str
    more: str
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Question:
    """About whom and what: `screen` None where the module has no table, `key` None for the module as a whole."""

    person: User
    viewer: Viewer
    module: Module
    screens: Mapping[str, Resolved]
    screen: Resolved | None = None
    key: Any = None
    field: str = ""


def pasted(text: str, table: str) -> tuple[str, str]:
    """(table, id) from the address of a page, "table id", "table/id", or an id alone. Raises Unprocessable."""
    given = unquote(urlsplit(text.strip()).path if "//" in text else text.strip().split("?")[0].split("#")[0])
    if found := _PAGE.search(given):
        return found[1], found[2]
    parts = given.replace("/", " ").split()
    if len(parts) == 2:
        return parts[0], parts[1]
    if len(parts) == 1 and table:
        return table, parts[0]
    raise Unprocessable({"record": [_("Paste the address of a record, or choose a table and give the id.")]})


def known_record(session: Session, asker: Viewer, screen: Resolved, given: str) -> Any:
    """The key of a record that exists, for whoever asks. Raises NotFound."""
    private = path_of(class_mapper(screen.model).local_table).private  # type: ignore[arg-type]
    all_seeing = asker.everything and asker.everywhere and not private
    if not all_seeing and not asker.sees(screen.module):
        raise NotFound
    found = select(screen.model.id).where(screen.model.id == key_of(screen, given))
    key = session.scalar(found, execution_options={"viewer": SYSTEM if all_seeing else asker})
    if key is None:
        raise NotFound
    return key


def explain(session: Session, question: Question) -> Verdict:
    """The verdict in one sentence, with its reasons."""
    reasons: list[Reason] = [_account(question.person)]
    held = _held(session, question.person)
    given = given_of(session, [role.id for role, _how in held])
    reasons += [_role(role, how) for role, how in held] or [
        Reason("red", _("Roles"), _("holds none"), f"/rights/user/{question.person.id}", _("Roles of the person"))
    ]
    active = [role for role, _how in held if role.is_active]
    modules = [_module(role, given[role.id], question.module) for role in active]
    steps = _country_steps(session, question) if question.key is not None else []
    fields = [_field(role, given[role.id], question) for role in active] if question.field else []
    reasons += [*modules, *steps, *fields]
    verdict = _verdict(session, question, bool(active), steps)
    deciding = _deciding(question, verdict, bool(active), steps)
    marked = tuple(replace(reason, decides=True) if deciding(reason) else reason for reason in reasons)
    return replace(verdict, reasons=marked)


def _account(person: User) -> Reason:
    href = f"/rights/user/{person.id}"
    if person.is_active:
        return Reason("green", _("Account"), _("active"), href, _("Account"))
    return Reason("red", _("Account"), _("deactivated: nobody logs in with it"), href, _("Account"))


def _held(session: Session, person: User) -> list[tuple[Role, str]]:
    """Roles with how they are held, the primary one first."""
    whole = {"viewer": SYSTEM}
    beside = select(Role).join(UserRole, UserRole.role_id == Role.id).where(UserRole.user_id == person.id)
    rows = session.scalars(beside.order_by(Role.name), execution_options=whole).all()
    primary = session.get(Role, person.role_id) if person.role_id else None
    found = [] if primary is None else [(primary, _("primary role"))]
    return found + [(role, _("additional role")) for role in rows if role is not primary]


def _role(role: Role, how: str) -> Reason:
    href = f"/roles/show/{role.id}"
    if role.is_active:
        return Reason("green", _("Role “%(role)s”", role=role.name), _("%(how)s, active", how=how), href, _("Role"))
    return Reason(
        "grey", _("Role “%(role)s”", role=role.name), _("%(how)s, inactive: gives nothing", how=how), href, _("Role")
    )


def _module(role: Role, given: Given, module: Module) -> Reason:
    what = _("Module “%(module)s” in “%(role)s”", module=_(module.label), role=role.name)
    href = f"/rights/{role.id}#m-{module.key}"
    if given.everything:
        return Reason("green", what, _("everything, because the role is one of administrators"), href, _("Permissions"))
    right = given.modules.get(module.key)
    if right is None:
        return Reason("grey", what, _("not given: no row, or hidden"), href, _("Permissions"))
    words = [_("visible"), *([_("add")] if right.can_add else []), *([_("edit")] if right.can_edit else [])]
    return Reason("green", what, ", ".join(words), href, _("Permissions"))


def _field(role: Role, given: Given, question: Question) -> Reason:
    label = _label_of(question)
    what = _("Field “%(field)s” in “%(role)s”", field=label, role=role.name)
    href = f"/rights/{role.id}#f-{question.module.key}.{question.field}"
    if given.everything:
        return Reason("green", what, right_word(Right.editable), href, _("Permissions"))
    if question.module.key not in given.modules:
        return Reason("grey", what, _("does not count: the role does not show the module"), href, _("Permissions"))
    right = given.fields.get((question.module.key, question.field))
    if right is None:
        return Reason("green", what, _("no row: can edit"), href, _("Permissions"))
    tone = {Right.editable: "green", Right.readonly: "amber", Right.hidden: "red"}[right]
    return Reason(tone, what, right_word(right), href, _("Permissions"))


def _label_of(question: Question) -> str:
    found = next((f for f in question.module.fields if f.key == question.field), None)
    return question.field if found is None else _(found.label)


def _country_steps(session: Session, question: Question) -> list[Reason]:
    """The way from the record to its country, with the countries that stand there."""
    assert question.screen is not None
    mine = ", ".join(question.viewer.countries or ()) or _("none")
    reasons = []
    for step in explaining.explain(session, question.viewer, question.screen.model, question.key):
        screen = question.screens[step.table]
        path = path_of(class_mapper(screen.model).local_table)  # type: ignore[arg-type]
        there = _countries_there(session, screen, path, step.key)
        says = _way(path, step.path, there)
        if question.viewer.everywhere:
            says = _("%(way)s; all countries are open to this person", way=says)
        else:
            says = _("%(way)s; this person works in %(mine)s", way=says, mine=mine)
        what = _("Country of “%(one)s”", one=_(screen.one))
        reasons.append(
            Reason(
                "green" if step.open else "red",
                what,
                says,
                f"/rights/user/{question.person.id}",
                _("Countries of the person"),
                f"/{step.table}/show/{step.key}",
            )
        )
    return reasons


def _way(path: Path, described: str, there: list[str] | None) -> str:
    if there:
        return ", ".join(there)
    if there is not None:
        return _("no country: it belongs to all of them")
    if list(path.parents()):
        return _("decided by what it belongs to (%(path)s)", path=described)
    return described


def _countries_there(session: Session, screen: Resolved, path: Path, key: Any) -> list[str] | None:
    """The countries a row names itself; None when it names none."""
    columns = {Own: ["column"], Owns: ["column", "seat"], People: ["column"]}.get(type(path))
    if columns is None:
        return None
    names = [name for part in columns if (name := getattr(path, part, ""))]
    table = class_mapper(screen.model).local_table
    row = session.connection().execute(select(*(table.c[name] for name in names)).where(table.c.id == key)).one()
    found: list[str] = []
    for value in row:
        found += [str(item) for item in value] if isinstance(value, list) else [str(value)] if value else []
    return list(dict.fromkeys(found))


def _verdict(session: Session, question: Question, has_role: bool, steps: list[Reason]) -> Verdict:
    name, viewer, module = question.person.full_name, question.viewer, question.module
    label = _(module.label)
    closed = {"name": name, "module": label}

    def no(sentence: str, more: str) -> Verdict:
        return Verdict("red", sentence, more, ())

    what = _("this record") if question.key is not None else f"“{label}”"
    if question.field:
        what = _("the field “%(field)s”", field=_label_of(question))
    cannot = _("%(name)s cannot see %(what)s.", name=name, what=what)
    if not question.person.is_active:
        return no(cannot, _("The account is deactivated."))
    if not has_role:
        return no(cannot, _("This person holds no active role."))
    if not viewer.sees(module.key):
        return no(cannot, _("No active role of this person shows the module “%(module)s”.", **closed))
    if steps and steps[0].tone == "red":
        return no(cannot, _("The record belongs to a country in which this person does not work."))
    right = viewer.field(module.key, question.field) if question.field else Right.editable
    if right is Right.hidden:
        return no(cannot, _("Every role of this person that shows the module hides the field."))
    may_change = viewer.may_edit(module.key) and right is Right.editable
    if question.key is not None and question.screen is not None:
        may_change = may_change and scope.may_change(session, viewer, question.screen.model, question.key)
    if may_change and not module.reads_only:
        return Verdict("green", _("%(name)s can see and change %(what)s.", name=name, what=what), "", ())
    sees = _("%(name)s can see %(what)s.", name=name, what=what)
    if module.reads_only:
        return Verdict("green", sees, "", ())
    if right is Right.readonly:
        more = _("It is read-only: no role of this person that shows the module lets it be edited.")
    elif not viewer.may_edit(module.key):
        more = _("It cannot be changed: no role of this person may edit in “%(module)s”.", **closed)
    else:
        more = _("It cannot be changed: it belongs to all countries, or to more than this person has.")
    return Verdict("amber", sees, more, ())


def _deciding(question: Question, verdict: Verdict, has_role: bool, steps: list[Reason]) -> Any:
    """Which reasons decide: those that close where it is closed, those that open where it is open."""
    if verdict.tone == "green":
        return lambda reason: False
    if not question.person.is_active:
        return lambda reason: reason.what == _("Account")
    if not has_role:
        return lambda reason: reason.what == _("Roles") or reason.href.startswith("/roles/")
    if not question.viewer.sees(question.module.key):
        return lambda reason: "#m-" in reason.href
    if steps and steps[0].tone == "red":
        return lambda reason: reason in steps and reason.tone == "red"
    if question.field and question.viewer.field(question.module.key, question.field) is not Right.editable:
        return lambda reason: "#f-" in reason.href and reason.tone in ("red", "amber")
    return lambda reason: "#m-" in reason.href


def fields_for(screen: Resolved, module: Module) -> Mapping[str, str]:
    """Fields of one table of a module by key, with their labels."""
    prefix = "" if screen.table == module.key else f"{screen.table}."
    keys = {f"{prefix}{f.name}" for f in screen.shown()}
    return {f.key: _(f.label) for f in module.fields if f.key in keys}
