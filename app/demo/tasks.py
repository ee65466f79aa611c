"""Tasks of the colleagues, most of them about a customer, and the comments on them."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

from app.demo.cast import Family
from app.demo.world import World, dice
from app.work.models import Task, TaskComment

COUNT = 190
OPEN_DAYS = 16  # tasks entered within these days may still be open
PRIORITIES = ("low", "medium", "medium", "medium", "high", "urgent")


def load(world: World) -> None:
    rng = dice("tasks")
    for turn in range(COUNT):
        family = rng.choice(world.families)
        recent = turn % 3 == 0
        created = world.ago(rng, 0.1, OPEN_DAYS) if recent else world.growing(rng)
        _task(world, rng, family, max(created, world.after(rng, family.since, 0, 1)), turn)
    world.flush()


def _task(world: World, rng: Random, family: Family, created: datetime, turn: int) -> None:
    words = rng.choice(family.person.words["tasks"])
    owner = world.colleague(family.country, turn, "clerk", "sales", "operator")
    asked = rng.choice((owner, world.colleagues[1], family.owner))
    age = (world.now - created).days
    status = rng.choice(("completed", "completed", "completed", "completed", "cancelled"))
    if age <= OPEN_DAYS:
        status = rng.choice(("pending", "pending", "in_progress", "completed"))
    due = (created + timedelta(days=rng.randrange(1, 9))).replace(hour=14, minute=0, second=0)
    if status in ("pending", "in_progress") and rng.random() < 0.6:
        due = world.ahead(rng, 0, 10)
    done = world.after(rng, created, 0.1, 7) if status == "completed" else None
    stopped = world.after(rng, created, 0.5, 5) if status == "cancelled" else None
    task = world.add(
        Task,
        f"{turn}",
        title=words["title"].format(name=family.person.full),
        description=words["description"],
        due_date=due if rng.random() < 0.93 else None,
        priority=rng.choice(PRIORITIES),
        status=status,
        assigned_user_id=owner.id,
        created_by_user_id=asked.id,
        customer_id=family.id,
        country=family.country,
        resolution=words["resolution"] if done else None,
        resolved_by_user_id=owner.id if done else None,
        resolved_at=done,
        created_at=created,
        updated_at=done or stopped or created,
    )
    world.tasks.append(
        {"id": task, "owner": owner, "asked": asked, "at": created, "open": done is None and stopped is None}
    )
    written = created
    for number in range(rng.choice((0, 1, 1, 2))):
        written = world.after(rng, written, 0.1, 3)
        if done:
            written = min(written, done)
        world.add(
            TaskComment,
            f"{turn}-{number}",
            task_id=task,
            user_id=(owner if number % 2 == 0 else asked).id,
            content=rng.choice(family.person.words["comments"]),
            created_at=written,
        )
