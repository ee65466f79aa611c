"""Where deals stood before they came into the stage in which they are."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from app.demo.world import World, dice, row_id
from app.pipeline.models import Deal, DealStay

LEAST = timedelta(hours=4)


def pass_through(
    world: World, key: str, stages: Sequence[dict[str, Any]], stage: dict[str, Any], created: datetime, moved: datetime,
    by: str,
) -> None:  # fmt: skip
    """The stays of one deal before its present one, one after another; the present one the database writes itself."""
    rng = dice(f"stays of {key}")
    way = [one for one in stages if one["kind"] == "open"]
    if stage["kind"] == "open":
        way = way[: way.index(stage)]
    elif stage["kind"] == "lost":
        way = way[: rng.randint(1, len(way))]
    if not way or moved - created < LEAST * len(way):
        return
    spans = [rng.uniform(0.4, 1.6) for _one in way]
    begins = created
    for place, one in enumerate(way):
        part = sum(spans[: place + 1]) / sum(spans)
        ends = moved if place + 1 == len(way) else created + (moved - created) * part
        world.add(
            DealStay,
            f"{key}-{one['key']}",
            deal_id=row_id(Deal, key),
            stage_id=one["id"],
            stage_name=one["name"],
            entered_at=begins,
            left_at=ends,
            by_user_id=by,
        )
        begins = ends
