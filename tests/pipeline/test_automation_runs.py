"""Rules act once for each event, in order, each by itself, and say what they did; a circle of rules stops."""

from __future__ import annotations

import json
from itertools import pairwise

from sqlalchemy import select

from app.core import outbox
from app.core.outbox import OutboxDelivery
from app.pipeline.automation import jobs, running
from app.pipeline.services.moving import move_deal
from app.work.models import ActivityLog
from tests.outbox import work_off
from tests.pipeline.automated import Sales
from tests.smallest import smallest

# Once, in order, each by itself ------------------------------------------------------


def test_delivering_an_event_again_does_nothing(sales: Sales) -> None:
    rule = sales.rule("stage_changed")
    sales.move("offer")
    session = sales.session
    mine = select(OutboxDelivery).where(OutboxDelivery.listener == jobs.answer_changed.name)
    deliveries = session.scalars(mine.order_by(OutboxDelivery.done_at.desc())).all()

    for delivery in deliveries:
        delivery.done_at = None
    session.commit()
    for delivery in deliveries:
        outbox.deliver(delivery.id)

    session.refresh(rule)
    assert (len(sales.runs(rule)), rule.execution_count, sales.notes()) == (1, 1, ["A rule was here"])


def test_rules_of_one_event_act_in_their_order(sales: Sales) -> None:
    for position, name in ((3, "last"), (1, "first"), (2, "middle")):
        then = {"values": {"add_to_notes": name}}
        sales.rule("stage_changed", None, "update_deal", then, name=name, position=position)

    sales.move("offer")

    assert sales.deal.notes == "first\n\nmiddle\n\nlast"


def test_a_rule_that_fails_undoes_nothing_of_another(sales: Sales) -> None:
    session = sales.session
    sales.stages["contract"].required_fields = ["source"]
    session.commit()
    before = sales.rule("stage_changed", {"stage_id": "offer"}, position=1)
    fails = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"}, position=2)
    after = sales.rule("stage_changed", {"stage_id": "offer"}, "update_deal", {"values": {"source": "x"}}, position=3)

    sales.move("offer")

    assert [sales.outcomes(rule) for rule in (before, fails, after)] == [["done"], ["failed"], ["done"]]
    [run] = sales.runs(fails)
    assert run.reason == "“contract” needs more about the deal first."
    assert (sales.deal.stage_id, sales.deal.source) == (sales.stages["offer"].id, "x")
    assert sales.notes() == ["A rule was here"]
    for rule in (before, fails, after):
        session.refresh(rule)
    assert [rule.execution_count for rule in (before, fails, after)] == [1, 0, 1]


def test_the_audit_trail_names_the_rule(sales: Sales) -> None:
    sales.rule("stage_changed", None, "update_deal", {"values": {"source": "x"}}, name="Mark the source")

    sales.move("offer")

    asked = select(ActivityLog.details).where(
        ActivityLog.entity_id == sales.deal.id, ActivityLog.entity_type == "deals", ActivityLog.user_id == "system"
    )
    [details] = [row for row in sales.session.scalars(asked) if "source" in row]
    assert json.loads(details)["reason"] == "automation: Mark the source"


def test_a_rule_does_not_pull_back_a_deal_that_has_moved_on(sales: Sales) -> None:
    session = sales.session
    rule = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})
    note = sales.rule("stage_changed", {"stage_id": "offer"})
    session.info.pop("unaudited", None)
    for stage in ("offer", "won"):
        move_deal(session, sales.deal, sales.stages[stage])
        session.commit()
    session.info["unaudited"] = True

    work_off(session)

    assert (sales.outcomes(rule), sales.outcomes(note)) == (["skipped"], ["done"])
    assert sales.deal.stage_id == sales.stages["won"].id


# Circles -----------------------------------------------------------------------------


def test_two_rules_that_set_each_other_off_stop_after_one_round(sales: Sales) -> None:
    there = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})
    back = sales.rule("stage_changed", {"stage_id": "contract"}, "move_stage", {"stage_id": "offer"})

    sales.move("offer")

    assert (sales.outcomes(there), sales.outcomes(back)) == (["done", "stopped"], ["done"])
    first, last = sales.runs(there)
    [between] = sales.runs(back)
    assert (first.depth, between.depth, last.depth) == (1, 2, 3)
    assert (between.caused_by, last.caused_by, last.chain) == (first.id, between.id, first.chain)
    assert "circle" in last.reason
    assert sales.deal.stage_id == sales.stages["offer"].id


def test_the_next_move_of_a_person_begins_a_new_chain(sales: Sales) -> None:
    rule = sales.rule("stage_changed", {"stage_id": "offer"}, "move_stage", {"stage_id": "contract"})

    sales.move("offer")
    sales.move("offer")

    assert sales.outcomes(rule) == ["done", "done"]
    assert len({run.chain for run in sales.runs(rule)}) == 2


def test_a_chain_of_different_rules_is_at_most_five_deep(sales: Sales) -> None:
    extra = [
        smallest(sales.session, "pipeline_stages", pipeline_id=sales.pipeline.id, name=f"s{n}", order=10 + n)
        for n in range(8)
    ]
    for here, there in pairwise(extra):
        sales.rule("stage_changed", {"stage_id": here.id}, "move_stage", {"stage_id": there.id})
    sales.stages["s0"] = extra[0]

    sales.move("s0")

    assert sales.outcomes() == ["done"] * running.DEEPEST + ["stopped"]
    assert sales.deal.stage_id == extra[running.DEEPEST].id


def test_a_rule_that_makes_deals_is_not_set_off_by_them(sales: Sales) -> None:
    then = {"pipeline_id": sales.pipeline.id, "title": "Again"}
    rule = sales.rule("deal_created", None, "create_deal", then)

    sales.add_deal()

    assert sales.outcomes(rule) == ["done", "stopped"]


def test_a_note_of_a_rule_sets_off_rules_about_notes_once(sales: Sales) -> None:
    rule = sales.rule("activity_completed")

    sales.complete("call")

    assert sales.outcomes(rule) == ["done", "stopped"]
