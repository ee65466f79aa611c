"""Lists of tasks: a page by key, counts, the calendar, the open tasks of a record, the comments of a task.

Columns that the viewer may not read are neither fetched nor filtered or
ordered by: a hit or a place in a list would tell them.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import (
    ColumnElement,
    Date,
    Row,
    Select,
    String,
    and_,
    bindparam,
    func,
    literal,
    literal_column,
    null,
    or_,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from app.access.models import User
from app.core.db import Base
from app.core.statements import prepared
from app.core.types import Timestamp
from app.core.viewer import AUDIT, SYSTEM, Viewer, visible
from app.screens import trail
from app.screens.query import FIND_CAP, Screens, name_of, whose
from app.work.models import OPEN, ReminderKind, Task, TaskComment, TaskPriority, TaskReminder, TaskStatus
from app.work.rights import May

PAGE = 30
OF_A_RECORD = 5
MOST_COLLEAGUES = 40
MOST_COMMENTS = 200
_NEVER: ColumnElement[Any] = literal_column("'infinity'::timestamp")
_BY_DUE: ColumnElement[Any] = func.coalesce(Task.due_date, _NEVER)
"""The very expression of the indexes (`models.tasks.BY_DUE`)."""


@dataclass(frozen=True)
class Wanted:
    """What an address asks of a list of tasks. `status` is "open", "all" or one of them, `due` a span of days."""

    owner: str = ""
    status: str = "open"
    priority: str = ""
    customer: str = ""
    due: str = ""

    @property
    def by_due(self) -> bool:
        """Open tasks are ordered by their due time; where closed ones are among them the newest come first."""
        return self.status in ("open", *OPEN)


@dataclass(frozen=True)
class Line:
    """One task in a list; what may not be known is None or ""."""

    id: str
    title: str
    status: TaskStatus | None
    priority: TaskPriority | None
    due: datetime | None
    owner_id: str
    owner: str
    customer_id: str
    customer: str
    country: str
    repeats: bool
    comments: int

    @property
    def is_open(self) -> bool:
        return self.status is None or self.status in OPEN


@dataclass(frozen=True)
class Page:
    """Lines and, when there are more, the key after which they go on."""

    lines: tuple[Line, ...]
    following: str = ""


def page_of(
    session: Session, screens: Screens, may: May, wanted: Wanted, *, now: datetime, zone: str, after: str = ""
) -> Page:
    """One page, beginning `after` the key of another. One statement. Raises ValueError for what is no key."""
    rows = _selected(screens, may).where(*conditions(may, wanted, now=now, zone=zone))
    by_due = wanted.by_due and may.reads("due_date")
    key: Any = _BY_DUE if by_due else Task.created_at
    if after:
        moment, _, last = after.partition("~")
        at = literal(datetime.fromisoformat(moment), Timestamp) if moment else _NEVER
        here, there = tuple_(key, Task.id), tuple_(at, literal(last))
        rows = rows.where(here > there if by_due else here < there)
    rows = rows.order_by(key, Task.id) if by_due else rows.order_by(Task.created_at.desc(), Task.id.desc())
    found = session.execute(rows.limit(PAGE + 1)).all()
    lines = tuple(_line(row, may) for row in found[:PAGE])
    if len(found) <= PAGE:
        return Page(lines)
    at_last = found[PAGE - 1].due_date if by_due else found[PAGE - 1].created_at
    return Page(lines, f"{'' if at_last is None else at_last.astimezone(UTC).isoformat()}~{found[PAGE - 1].id}")


def conditions(may: May, wanted: Wanted, *, now: datetime, zone: str) -> list[ColumnElement[bool]]:
    """What an address asks for, as far as the viewer may ask for it."""
    rules: list[ColumnElement[bool]] = []
    if may.reads("status"):
        if wanted.status == "open":
            rules.append(Task.status.in_(OPEN))
        elif wanted.status != "all":
            rules.append(Task.status == TaskStatus(wanted.status))
    if wanted.owner and may.reads("assigned_user_id"):
        rules.append(Task.assigned_user_id == wanted.owner)
    if wanted.priority and may.reads("priority"):
        rules.append(Task.priority == TaskPriority(wanted.priority))
    if wanted.customer and may.reads("customer_id"):
        rules.append(Task.customer_id == wanted.customer)
    if wanted.due and may.reads("due_date"):
        rules.append(_due(wanted.due, now, zone))
    return rules


def _due(span: str, now: datetime, zone: str) -> ColumnElement[bool]:
    today = now.astimezone(ZoneInfo(zone)).date()
    if span == "overdue":
        return literal(now, Timestamp) > _BY_DUE
    if span == "none":
        return Task.due_date.is_(None)
    days = {"today": (0, 1), "tomorrow": (1, 2), "week": (0, 7)}[span]
    begin, end = (midnight(today + timedelta(days=count), zone) for count in days)
    return and_(literal(begin, Timestamp) <= _BY_DUE, literal(end, Timestamp) > _BY_DUE)


def midnight(day: date, zone: str) -> datetime:
    """The beginning of that day in that zone, in UTC."""
    return datetime.combine(day, time(), ZoneInfo(zone)).astimezone(UTC)


def _selected(screens: Screens, may: May) -> Select[Any]:
    """The columns of a line that the viewer may read, names included; NULL for the others."""
    viewer = may.viewer

    def told(name: str, column: Any) -> Any:
        return column.label(name) if may.reads(name) else null().label(name)

    def called(name: str, target: str, column: Any) -> Any:
        found = name_of(screens, target, column, viewer) if may.reads(name) else null()
        return found.cast(String).label(f"{name}__name")

    written = (
        visible(TaskComment, viewer)
        .with_only_columns(func.count())
        .where(TaskComment.task_id == Task.id)
        .correlate(Task)
        .scalar_subquery()
    )
    return visible(Task, viewer).with_only_columns(
        Task.id,
        Task.created_at,
        told("title", Task.title),
        told("status", Task.status),
        told("priority", Task.priority),
        told("due_date", Task.due_date),
        told("assigned_user_id", Task.assigned_user_id),
        called("assigned_user_id", "users", Task.assigned_user_id),
        told("customer_id", Task.customer_id),
        called("customer_id", "customers", Task.customer_id),
        told("country", Task.country),
        Task.repeats.is_not(None).label("repeated"),
        (written if may.reads_comments else literal(0)).label("comments"),
    )


def _line(row: Row[Any], may: May) -> Line:
    return Line(
        id=row.id,
        title=row.title or "",
        status=row.status,
        priority=row.priority,
        due=row.due_date,
        owner_id=row.assigned_user_id or "",
        owner=row.assigned_user_id__name or "",
        customer_id=row.customer_id if row.customer_id and row.customer_id__name else "",
        customer=row.customer_id__name or "",
        country=row.country.value if row.country is not None else "",
        repeats=row.repeated and may.reads("due_date"),
        comments=row.comments,
    )


# Numbers ---------------------------------------------------------------------------


@dataclass(frozen=True)
class Counts:
    """Open tasks: one's own, all, and those of them that are overdue; FIND_CAP + 1 stands for "more than that"."""

    mine: int
    team: int
    overdue: int


def counts_of(session: Session, may: May, *, now: datetime) -> Counts:
    """The numbers beside the ways between the pages. One statement."""
    viewer = may.viewer
    mine = Wanted(owner=viewer.user_id)
    late = {"due": "overdue"} if may.reads("due_date") else {}
    asked = [mine, Wanted(), Wanted(**late)]
    numbers = [_counted(may, wanted, now) for wanted in asked]
    found = session.execute(select(*(number.label(f"n{i}") for i, number in enumerate(numbers)))).one()
    return Counts(found[0], found[1], found[2] if late else 0)


def _counted(may: May, wanted: Wanted, now: datetime) -> Any:
    some = visible(Task, may.viewer).with_only_columns(Task.id).where(*conditions(may, wanted, now=now, zone="UTC"))
    return select(func.count()).select_from(some.limit(FIND_CAP + 1).subquery()).scalar_subquery()


@dataclass(frozen=True)
class Load:
    """How much a colleague has to do."""

    user_id: str
    name: str
    open: int
    overdue: int


def loads_of(session: Session, screens: Screens, may: May, *, now: datetime) -> list[Load]:
    """Colleagues with open tasks, who has most first. One statement."""
    late = func.count().filter(literal(now, Timestamp) > _BY_DUE) if may.reads("due_date") else literal(0)
    per_person = (
        visible(Task, may.viewer)
        .with_only_columns(Task.assigned_user_id, func.count().label("open"), late.label("late"))
        .where(*conditions(may, Wanted(), now=now, zone="UTC"))
        .group_by(Task.assigned_user_id)
        .order_by(func.count().desc(), Task.assigned_user_id)
        .limit(MOST_COLLEAGUES)
        .subquery()
    )
    name = name_of(screens, "users", per_person.c.assigned_user_id, may.viewer).label("name")
    rows = session.execute(select(per_person, name).order_by(per_person.c.open.desc(), name))
    return [Load(row.assigned_user_id, row.name or "", row.open, row.late) for row in rows]


# The calendar ----------------------------------------------------------------------


@dataclass(frozen=True)
class Day:
    """A day of the calendar; `total` are all its tasks, of which the first are in `lines`."""

    day: date
    lines: tuple[Line, ...] = ()
    total: int = 0


def calendar_of(
    session: Session, screens: Screens, may: May, wanted: Wanted, first: date, last: date, *, now: datetime,
    zone: str, most: int,
) -> list[Day]:  # fmt: skip
    """Every day from `first` to `last` with at most `most` of its tasks, by their due time. One statement."""
    day = func.timezone(zone, func.timezone("UTC", Task.due_date)).cast(Date)
    begin, end = midnight(first, zone), midnight(last + timedelta(days=1), zone)
    placed = (
        visible(Task, may.viewer)
        .with_only_columns(
            Task.id.label("id"),
            day.label("day"),
            func.row_number().over(partition_by=day, order_by=(Task.due_date, Task.id)).label("place"),
            func.count().over(partition_by=day).label("total"),
        )
        .where(Task.due_date >= begin, Task.due_date < end, *conditions(may, wanted, now=now, zone=zone))
        .subquery()
    )
    rows = (
        _selected(screens, may)
        .join(placed, placed.c.id == Task.id)
        .add_columns(placed.c.day, placed.c.total)
        .where(placed.c.place <= most)
        .order_by(Task.due_date, Task.id)
    )
    found: dict[date, list[Line]] = {}
    totals: dict[date, int] = {}
    for row in session.execute(rows):
        found.setdefault(row.day, []).append(_line(row, may))
        totals[row.day] = row.total
    days = [first + timedelta(days=count) for count in range((last - first).days + 1)]
    return [Day(one, tuple(found.get(one, ())), totals.get(one, 0)) for one in days]


# One record, one task ----------------------------------------------------------------


def open_of_record(session: Session, screens: Screens, may: May, table: str, key: str) -> tuple[list[Line], int]:
    """The first open tasks about a record, of a customer all that concern him; and how many. One statement."""
    about: list[ColumnElement[bool]] = []
    if may.reads("entity_type", "entity_id"):
        about.append(and_(Task.entity_type == bindparam("table"), Task.entity_id == bindparam("key")))
    if table == "customers" and may.reads("customer_id"):
        about.append(Task.customer_id == bindparam("key"))
    if not about or not may.reads("status"):
        return [], 0

    def made() -> Any:
        rows = _selected(screens, may).where(or_(*about), Task.status.in_(OPEN))
        order = (_BY_DUE, Task.id) if may.reads("due_date") else (Task.created_at.desc(), Task.id)
        return rows.add_columns(func.count().over().label("all")).order_by(*order).limit(OF_A_RECORD)

    asked = prepared(screens, (open_of_record, table == "customers", whose(may.viewer)), made)
    told = {"table": table, "key": key}
    found = session.execute(asked, told, execution_options={"viewer": may.viewer}).all()
    return [_line(row, may) for row in found], found[0].all if found else 0


@dataclass(frozen=True)
class Remark:
    """A comment; `author` is "" for somebody whose name may not be known."""

    id: str
    content: str
    author: str
    at: datetime


def comments_of(session: Session, screens: Screens, viewer: Viewer, task: Task) -> list[Remark]:
    """The newest comments of a task, the oldest of them first. One statement."""
    rows = (
        visible(TaskComment, viewer)
        .with_only_columns(
            TaskComment.id,
            TaskComment.content,
            TaskComment.created_at,
            name_of(screens, "users", TaskComment.user_id, viewer).label("author"),
        )
        .where(TaskComment.task_id == task.id)
        .order_by(TaskComment.created_at.desc(), TaskComment.id.desc())
        .limit(MOST_COMMENTS)
    )
    found = session.execute(rows).all()
    return [Remark(row.id, row.content, row.author or "", row.created_at) for row in reversed(found)]


def last_changed_by(session: Session, viewer: Viewer, task: Task) -> str:
    """The name of who changed a task last, for who may look into the trail; else ""."""
    if not viewer.sees(AUDIT):
        return ""
    logs, users = Base.metadata.tables[trail.LOG], Base.metadata.tables["users"]
    asked = (
        select(users.c.full_name)
        .join(logs, users.c.id == logs.c.user_id)
        .where(logs.c.entity_type == Task.__tablename__, logs.c.entity_id == task.id, logs.c.action == "update")
        .order_by(logs.c.created_at.desc(), logs.c.id.desc())
        .limit(1)
    )
    return session.scalar(asked, execution_options={"viewer": SYSTEM}) or ""


def people_called(session: Session, viewer: Viewer, usernames: set[str]) -> dict[str, str]:
    """Full names by user name, of colleagues whom the viewer may know of."""
    if not usernames:
        return {}
    known = visible(User, viewer).with_only_columns(User.username, User.full_name).where(User.username.in_(usernames))
    return {row.username: row.full_name for row in session.execute(known)}


def reminders_of(session: Session, viewer: Viewer, task: Task) -> list[TaskReminder]:
    """What this viewer asked to be reminded of and still waits for."""
    mine = visible(TaskReminder, viewer).where(
        TaskReminder.task_id == task.id,
        TaskReminder.user_id == viewer.user_id,
        TaskReminder.kind == ReminderKind.own,
        TaskReminder.sent_at.is_(None),
    )
    return list(session.scalars(mine.order_by(TaskReminder.remind_at)))
