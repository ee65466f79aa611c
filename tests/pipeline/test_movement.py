"""What holds for deals through every door: stage, status, dates, reasons, values, and where they stood before."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import date
from decimal import Decimal
from threading import Barrier
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from app.core import db
from app.core.errors import Conflict, Unprocessable
from app.core.records import RecordChanged
from app.core.viewer import system_scope
from app.pipeline.errors import MovedMeanwhile, NeedsFields, NeedsReason, StageOfOtherPipeline, WrongPlace
from app.pipeline.models import Deal, DealStatus, DealStay, Pipeline, PipelineStage
from app.pipeline.services.moving import move_deal
from tests.smallest import smallest
from tests.test_records import published, told


@pytest.fixture
def stages(session: Session) -> dict[str, Any]:
    """New, offer, won and lost of one pipeline."""
    pipeline = smallest(session, "pipelines", name="Families")
    return {
        name: smallest(session, "pipeline_stages", pipeline_id=pipeline.id, name=name, order=order, **more)
        for order, (name, more) in enumerate(
            {
                "new": {"probability": 10},
                "offer": {"probability": 50},
                "won": {"probability": 100, "is_won_stage": True},
                "lost": {"is_lost_stage": True},
            }.items()
        )
    }


def in_stage(session: Session, stage: Any, **given: Any) -> Any:
    return smallest(session, "deals", stage_id=stage.id, **given)


def stays(session: Session, deal: Any) -> list[Any]:
    return list(session.scalars(select(DealStay).where(DealStay.deal_id == deal.id).order_by(DealStay.entered_at)))


def test_a_won_stage_wins_and_closes_the_deal(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    assert (deal.status, deal.probability, deal.actual_close_date) == (DealStatus.open, 10, None)

    move_deal(session, deal, stages["won"])

    session.expire_all()
    assert (deal.status, deal.probability) == (DealStatus.won, 100)
    assert isinstance(deal.actual_close_date, date)


def test_a_deal_is_lost_with_a_reason_only(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["offer"])
    session.commit()

    with pytest.raises(NeedsReason):
        move_deal(session, deal, stages["lost"])
    session.rollback()
    assert deal.stage_id == stages["offer"].id
    move_deal(session, deal, stages["lost"], values={"lost_reason": "Chose another bank"})

    session.expire_all()
    assert (deal.status, deal.probability, deal.lost_reason) == (DealStatus.lost, 0, "Chose another bank")


def test_reopening_clears_what_closing_wrote(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["lost"], lost_reason="Too expensive")
    assert deal.actual_close_date is not None

    move_deal(session, deal, stages["offer"])

    session.expire_all()
    assert (deal.status, deal.probability) == (DealStatus.open, 50)
    assert (deal.actual_close_date, deal.lost_reason) == (None, None)


def test_the_status_is_what_the_stage_says(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])

    deal.status = DealStatus.won
    session.flush()

    assert deal.status is DealStatus.open


@pytest.mark.parametrize("by", ["service", "attribute", "sql"])
def test_a_stage_of_another_pipeline_is_refused(session: Session, stages: dict[str, Any], by: str) -> None:
    deal, foreign = in_stage(session, stages["new"]), smallest(session, "pipeline_stages")
    session.commit()

    with pytest.raises((StageOfOtherPipeline, IntegrityError)):
        if by == "service":
            move_deal(session, deal, foreign)
        elif by == "attribute":
            deal.stage_id = foreign.id
            session.flush()
        else:
            session.execute(text("UPDATE deals SET stage_id = :stage"), {"stage": foreign.id})
    session.rollback()

    assert session.get(Deal, deal.id).stage_id == stages["new"].id


def test_a_deal_changes_its_pipeline_together_with_its_stage(session: Session, stages: dict[str, Any]) -> None:
    deal, there = in_stage(session, stages["new"]), smallest(session, "pipeline_stages", probability=70)

    deal.pipeline_id, deal.stage_id = there.pipeline_id, there.id
    session.flush()

    session.expire_all()
    assert (deal.pipeline.id, deal.stage.id, deal.probability) == (there.pipeline_id, there.id, 70)


def test_a_stage_asks_for_what_it_needs(session: Session, stages: dict[str, Any]) -> None:
    stages["offer"].required_fields = ["customer_id", "value", "expected_close_date"]
    deal = in_stage(session, stages["new"], value=Decimal(0))
    customer = smallest(session, "customers")
    session.commit()

    with pytest.raises(NeedsFields) as refused:
        move_deal(session, deal, stages["offer"], values={"value": Decimal(900)})
    session.rollback()
    assert refused.value.names == ["customer_id", "expected_close_date"]
    assert (deal.stage_id, deal.value) == (stages["new"].id, 0)

    values = {"customer_id": customer.id, "value": Decimal(900), "expected_close_date": date(2027, 1, 1)}
    move_deal(session, deal, stages["offer"], values=values)

    assert deal.stage_id == stages["offer"].id


def test_an_inactive_pipeline_and_one_of_other_countries_take_no_deal(session: Session, stages: dict[str, Any]) -> None:
    pipeline = session.get(Pipeline, stages["new"].pipeline_id)
    assert pipeline is not None
    pipeline.country_codes = ["SK", "CZ"]
    in_stage(session, stages["new"], country_code="CZ")
    session.commit()

    with pytest.raises(Unprocessable, match="SK, CZ"):
        in_stage(session, stages["new"], country_code="HU")
    session.rollback()
    pipeline.is_active = False
    session.commit()
    with pytest.raises(Unprocessable, match="no new deals"):
        in_stage(session, stages["new"], country_code="CZ")


def test_a_move_is_told_once_with_what_follows_from_it(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    session.commit()

    with told(session):
        move_deal(session, deal, stages["won"])

    [found] = published(session, RecordChanged)
    assert found == RecordChanged(
        "deals", deal.id, ("stage_id", "status"), (stages["new"].id, "open"), (stages["won"].id, "won"), "system"
    )


def test_each_stay_is_written_down_by_the_database(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    move_deal(session, deal, stages["offer"])
    session.execute(text("UPDATE deals SET stage_id = :s WHERE id = :d"), {"s": stages["new"].id, "d": deal.id})
    session.expire_all()

    found = stays(session, deal)

    assert [stay.stage_name for stay in found] == ["new", "offer", "new"]
    assert [stay.left_at for stay in found] == [found[1].entered_at, found[2].entered_at, None]
    assert deal.stage_entered_at == found[2].entered_at
    assert [stay.by_user_id for stay in found] == ["system", "system", "system"]


def test_a_removed_stage_leaves_its_name_behind(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    move_deal(session, deal, stages["offer"])

    session.execute(text("DELETE FROM pipeline_stages WHERE id = :s"), {"s": stages["new"].id})
    session.expire_all()

    assert [(stay.stage_name, stay.stage_id) for stay in stays(session, deal)] == [
        ("new", None),
        ("offer", stages["offer"].id),
    ]


def test_cards_keep_the_order_that_people_give_them(session: Session, stages: dict[str, Any]) -> None:
    first, second, third = (in_stage(session, stages["new"], title=name) for name in "abc")  # the last one is on top
    arriving = in_stage(session, stages["offer"], title="d")

    move_deal(session, arriving, stages["new"], above=third.id, below=second.id)
    move_deal(session, first, stages["new"], below=third.id)
    move_deal(session, third, stages["new"], above=second.id)

    asked = select(Deal.title).where(Deal.stage_id == stages["new"].id).order_by(Deal.board_position.desc())
    assert "".join(session.scalars(asked)) == "adbc"
    assert len(stays(session, first)) == 1  # another place in the same stage is no new stay
    with pytest.raises(WrongPlace):
        move_deal(session, third, stages["new"], above=second.id, below=first.id)


def test_there_is_always_room_between_two_cards(session: Session, stages: dict[str, Any]) -> None:
    under, over, *others = (in_stage(session, stages["new"]) for _ in range(4))
    for turn in range(200):
        move_deal(session, others[turn % 2], stages["new"], above=over.id)

    asked = select(Deal.board_position).where(Deal.stage_id == stages["new"].id)
    assert len(set(session.scalars(asked))) == 4
    assert under.board_position < min(row.board_position for row in others)


def test_who_looked_at_an_older_board_is_told_who_was_faster(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    seen = deal.stage_entered_at
    move_deal(session, deal, stages["offer"], seen=seen)
    session.commit()

    with pytest.raises(MovedMeanwhile, match="System moved this deal to “offer”"):
        move_deal(session, deal, stages["won"], seen=seen)

    assert deal.stage_id == stages["offer"].id


def test_the_value_is_the_sum_of_the_products(session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"], value=Decimal(5))
    line = smallest(session, "deal_products", deal_id=deal.id, price=Decimal(100), quantity=3, discount=Decimal(50))
    other = smallest(session, "deal_products", deal_id=deal.id, price=Decimal("20.50"))
    assert deal.value == Decimal("270.50")

    line.quantity = 1
    session.flush()
    assert deal.value == Decimal("70.50")
    deal.title = "still to be changed"
    session.flush()
    session.delete(other)
    session.commit()
    with pytest.raises(Unprocessable, match="sum of the deal's products"):
        deal.value = Decimal(9)
        session.flush()
    session.rollback()
    session.delete(line)
    session.flush()

    session.expire_all()
    assert deal.value == Decimal(50)


def test_a_stage_with_deals_keeps_its_pipeline(session: Session, stages: dict[str, Any]) -> None:
    in_stage(session, stages["new"])
    other = smallest(session, "pipelines")
    session.commit()

    with pytest.raises(Unprocessable, match="holds deals"):
        stages["new"].pipeline_id = other.id
        session.flush()
    session.rollback()
    stages["offer"].pipeline_id = other.id
    session.flush()

    assert session.get(PipelineStage, stages["offer"].id).pipeline_id == other.id


def test_the_form_says_what_a_lost_stage_needs(client: FlaskClient, session: Session, stages: dict[str, Any]) -> None:
    deal = in_stage(session, stages["new"])
    session.commit()

    answer = client.post(
        f"/deals/edit/{deal.id}",
        data={
            "title": deal.title,
            "pipeline_id": deal.pipeline_id,
            "stage_id": stages["lost"].id,
            "version": deal.row_version,
        },
    )

    assert "Say why the deal was lost." in answer.text
    session.expire_all()
    assert deal.stage_id == stages["new"].id


def test_an_open_deal_has_no_closing_date(session: Session, stages: dict[str, Any]) -> None:
    deal, won = in_stage(session, stages["new"]), in_stage(session, stages["won"], actual_close_date=date(2026, 1, 5))
    session.commit()
    assert won.actual_close_date == date(2026, 1, 5)

    with pytest.raises(Unprocessable):
        deal.actual_close_date = date(2026, 1, 5)
        session.flush()
    session.rollback()
    with pytest.raises(Unprocessable):
        won.actual_close_date = None
        session.flush()


def test_fifty_at_once_leave_one_stage_and_a_whole_history(engine: Engine, session: Session) -> None:
    """Real transactions: the one of the test is left aside, and nothing is written that cannot be removed."""
    session.rollback()
    db.current_session.remove()
    db.session_factory.configure(bind=engine, join_transaction_mode="conditional_savepoint")
    with db.session_factory() as own, system_scope("tests"):
        own.info["unaudited"] = True
        pipeline = smallest(own, "pipelines", name="Raced")
        columns = [smallest(own, "pipeline_stages", pipeline_id=pipeline.id, name=str(n)) for n in range(5)]
        deal = in_stage(own, columns[0])
        own.commit()
        key, seen, stage_keys = deal.id, deal.stage_entered_at, [column.id for column in columns[1:]]
    barrier, at_once = Barrier(10), 50

    def drag(turn: int) -> str:
        with db.session_factory() as mine, system_scope("tests"):
            mine.info["unaudited"] = True
            if turn < 10:
                barrier.wait(20)
            try:
                row, stage = mine.get(Deal, key), mine.get(PipelineStage, stage_keys[turn % 4])
                assert row is not None and stage is not None
                move_deal(mine, row, stage, seen=seen)
                mine.commit()
            except Conflict:
                mine.rollback()
                return ""
            return stage.name

    try:
        with ThreadPoolExecutor(10) as pool:
            won = [name for name in pool.map(drag, range(at_once)) if name]
        with db.session_factory() as own, system_scope("tests"):
            assert len(won) == 1
            assert [stay.stage_name for stay in stays(own, own.get(Deal, key))] == ["0", won[0]]
    finally:
        with db.session_factory() as own, system_scope("tests"):
            for table in ("deals", "pipelines"):
                where = "id = :deal" if table == "deals" else "name = 'Raced'"
                own.execute(text(f"DELETE FROM {table} WHERE {where}"), {"deal": key} if table == "deals" else {})
            own.commit()
