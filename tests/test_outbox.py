"""What happened is told once to each who listens, whatever breaks meanwhile."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from rq.timeouts import JobTimeoutException
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from app.core import db, events, outbox
from app.core.db import transaction
from app.core.errors import Forbidden
from app.core.events import Event, GiveUp, Happened, Later, Listener, publish, publish_all
from app.core.outbox import OutboxDelivery, OutboxEvent
from app.core.types import utc_now
from app.core.viewer import SYSTEM, system_scope
from app.settings.models import Department
from tests.outbox import published, work_off


@dataclass(frozen=True)
class DoorOpened(Event):
    door: str
    times: int = 1
    rooms: tuple[str, ...] = ()


class Doorman:
    """Keeps what he was told; fails as often as he is asked to."""

    def __init__(self) -> None:
        self.told: list[Happened[DoorOpened]] = []
        self.raises: list[Exception] = []
        self.answers: list[Later] = []

    def __call__(self, session: Session, happened: Happened[Any]) -> Later | None:
        self.told.append(happened)
        session.add(Department(name=f"Told of {happened.event.door}"))
        session.flush()
        if self.raises:
            raise self.raises.pop(0)
        return self.answers.pop(0) if self.answers else None


@pytest.fixture
def doorman(session: Session) -> Iterator[Doorman]:
    doorman = Doorman()
    listener = Listener("tests.doorman", DoorOpened, doorman, seconds=30, attempts=3)
    events.listen([listener])
    yield doorman
    events.forget(listener)


@pytest.fixture
def woken(session: Session) -> Iterator[list[tuple[str, int]]]:
    """What workers are told of."""
    told: list[tuple[str, int]] = []
    former = outbox.woken_by(told.extend)
    yield told
    outbox.woken_by(former)


def opened(session: Session, door: str = "front") -> OutboxDelivery:
    publish(session, DoorOpened(door))
    session.commit()
    return of(session, door)


def of(session: Session, door: str) -> OutboxDelivery:
    session.expire_all()
    asked = select(OutboxDelivery).join(OutboxEvent, OutboxEvent.id == OutboxDelivery.event_id)
    return session.scalars(asked.where(OutboxEvent.payload["door"].astext == door)).one()


def effects(session: Session, door: str = "front") -> int:
    asked = select(func.count()).select_from(Department).where(Department.name == f"Told of {door}")
    return session.scalar(asked) or 0


def test_an_event_reaches_its_listener_with_what_it_carries(session: Session, doorman: Doorman) -> None:
    publish(session, DoorOpened("front", 2, ("hall", "attic")))

    work_off(session)

    (happened,) = doorman.told
    assert happened.event == DoorOpened("front", 2, ("hall", "attic"))
    assert happened.at.tzinfo is UTC
    assert (of(session, "front").done_at is not None, effects(session)) == (True, 1)


def test_delivering_again_changes_nothing(session: Session, doorman: Doorman) -> None:
    delivery = opened(session)

    done = [outbox.deliver(delivery.id) for _time in (1, 2)]

    assert (done, len(doorman.told), effects(session)) == ([True, False], 1, 1)


def test_what_is_undone_never_happened(session: Session, doorman: Doorman, woken: list[tuple[str, int]]) -> None:
    with pytest.raises(Forbidden), transaction(by=SYSTEM) as inner:
        publish(inner, DoorOpened("undone"))
        raise Forbidden

    work_off(session)

    assert (published(session, DoorOpened), doorman.told, woken) == ([], [], [])


def test_workers_are_told_after_the_commit_and_not_after_a_savepoint(
    session: Session, doorman: Doorman, woken: list[tuple[str, int]]
) -> None:
    with transaction(by=SYSTEM) as inner:
        with inner.begin_nested():
            publish(inner, DoorOpened("front"))
        early = list(woken)

    assert (early, woken) == ([], [(of(session, "front").id, 30)])


def test_a_failed_effect_leaves_nothing_and_is_tried_again_later(session: Session, doorman: Doorman) -> None:
    doorman.raises = [RuntimeError("Anna Nováková")]
    delivery = opened(session)
    begin = utc_now()

    outbox.deliver(delivery.id)
    after_one = (effects(session), of(session, "front").attempts, of(session, "front").done_at)
    waits = of(session, "front").next_at - begin
    outbox.deliver(delivery.id)
    at_once = len(doorman.told)
    work_off(session, now=begin + timedelta(minutes=5))

    assert after_one == (0, 1, None)
    assert timedelta(seconds=7) < waits < timedelta(seconds=15)
    assert (at_once, len(doorman.told), effects(session)) == (1, 2, 1)
    assert doorman.told[0].key == doorman.told[1].key


def test_a_reason_says_where_and_no_value(session: Session, doorman: Doorman) -> None:
    doorman.raises = [RuntimeError("Anna Nováková")]

    outbox.deliver(opened(session).id)

    error = of(session, "front").error or ""
    assert error.startswith("RuntimeError in ")
    assert "Nov" not in error


def test_after_its_last_attempt_a_delivery_is_given_up(session: Session, doorman: Doorman) -> None:
    doorman.raises = [RuntimeError()] * 5
    opened(session)

    for day in range(5):
        work_off(session, now=utc_now() + timedelta(days=day))

    kept = of(session, "front")
    assert (len(doorman.told), kept.attempts, kept.failed_at is not None) == (3, 3, True)


@pytest.mark.parametrize(
    ("raised", "reason"),
    [
        (GiveUp("The address does not exist."), "The address does not exist."),
        (Forbidden(), "You have no permission for this."),
    ],
)
def test_our_own_sentences_are_told_to_operators(
    session: Session, doorman: Doorman, raised: Exception, reason: str
) -> None:
    doorman.raises = [raised]

    outbox.deliver(opened(session).id)

    kept = of(session, "front")
    assert (kept.error, kept.failed_at is not None) == (reason, isinstance(raised, GiveUp))


def test_a_listener_over_its_time_is_stopped_and_tried_again(session: Session, doorman: Doorman) -> None:
    doorman.raises = [JobTimeoutException()]
    connection = session.connection()
    db.current_session().invalidate = lambda: None  # type: ignore[method-assign]  # the connection is the test's own

    outbox.deliver(opened(session).id)

    assert (of(session, "front").error, connection.closed) == ("It took longer than 30 s.", False)


def test_a_listener_may_ask_to_be_called_later(session: Session, doorman: Doorman) -> None:
    doorman.answers = [Later(timedelta(hours=1))] * 9
    delivery = opened(session)
    begin = utc_now()

    for hours in range(10):
        outbox.deliver(delivery.id, begin + timedelta(hours=hours * 1.5))

    kept = of(session, "front")
    assert (len(doorman.told), kept.attempts, kept.done_at is not None) == (10, 1, True)


def test_a_listener_that_is_gone_is_said_so(session: Session, doorman: Doorman) -> None:
    delivery = opened(session)
    delivery.listener = "tests.nobody"
    session.commit()

    outbox.deliver(delivery.id)

    kept = of(session, "front")
    assert (kept.error, kept.failed_at) == ("There is no listener tests.nobody.", None)  # another worker may know it


def test_an_event_of_older_code_is_given_up_and_not_lost(session: Session, doorman: Doorman) -> None:
    delivery = opened(session)
    session.get_one(OutboxEvent, delivery.event_id).payload = {"gate": "front"}
    session.commit()

    outbox.deliver(delivery.id)

    kept = session.get_one(OutboxDelivery, delivery.id, populate_existing=True)
    assert kept.error == "The event DoorOpened was written by another version of the code."
    assert kept.failed_at is not None


def test_what_may_happen_once_happens_once(session: Session, doorman: Doorman) -> None:
    for _time in (1, 2, 3):
        publish(session, DoorOpened("front"), once="the front door")

    work_off(session)

    assert len(doorman.told) == 1


def test_an_event_carries_keys_only(session: Session) -> None:
    with pytest.raises(TypeError, match=r"DoorOpened\.door is no key: datetime"):
        publish(session, DoorOpened(utc_now()))  # type: ignore[arg-type]


def test_two_events_cannot_have_one_name() -> None:
    with pytest.raises(TypeError, match="two events called DoorOpened"):

        @dataclass(frozen=True)
        class Another(Event):
            pass

        type("DoorOpened", (Event,), {"__module__": "elsewhere"})


def test_a_delivery_in_hands_is_taken_by_nobody_else_until_its_lease_is_over(
    session: Session, doorman: Doorman
) -> None:
    delivery = opened(session)
    delivery.leased_until = utc_now() + timedelta(seconds=40)
    session.commit()

    early = outbox.deliver(delivery.id)
    late = outbox.deliver(delivery.id, utc_now() + timedelta(seconds=41))

    assert (early, late, len(doorman.told)) == (False, True, 1)


def test_who_lost_his_lease_leaves_no_effect(session: Session, doorman: Doorman) -> None:
    delivery = opened(session)

    def slow(inner: Session, happened: Happened[Any]) -> None:
        doorman(inner, happened)
        inner.execute(OutboxDelivery.__table__.update().values(claim=OutboxDelivery.claim + 1))  # somebody else

    listener = Listener("tests.doorman", DoorOpened, slow)
    events.listen([listener])
    done = outbox.deliver(delivery.id)

    assert (done, effects(session), of(session, "front").done_at) == (False, 0, None)


@pytest.mark.parametrize(("count", "told"), [(20, 20), (21, 1)])
def test_of_many_events_only_those_that_somebody_could_want_are_delivered(
    session: Session, doorman: Doorman, count: int, told: int
) -> None:
    listener = Listener("tests.doorman", DoorOpened, doorman, narrow=lambda _session: lambda event: event.times == 7)
    events.listen([listener])

    publish_all(session, [DoorOpened("front", times) for times in range(count)])
    work_off(session)

    assert len(doorman.told) == told
    assert len(published(session, DoorOpened)) == count


def test_of_deliveries_together_one_that_hangs_is_stopped_and_the_others_are_done(
    session: Session, doorman: Doorman
) -> None:
    keys = [opened(session, door).id for door in ("front", "back", "side")]

    def run(inner: Session, happened: Happened[Any]) -> None:
        if happened.event.door == "back":
            time.sleep(20)
        doorman(inner, happened)

    events.listen([Listener("tests.doorman", DoorOpened, run, seconds=30)])
    outbox.deliver_all([(keys[0], 30), (keys[1], 1), (keys[2], 30)])

    assert [of(session, door).done_at is not None for door in ("front", "back", "side")] == [True, False, True]
    assert of(session, "back").error == "It took longer than 30 s."


def test_the_sweep_tells_of_what_nobody_began(session: Session, doorman: Doorman) -> None:
    session.execute(delete(OutboxDelivery))  # what other tests left behind waits as well
    delivery = opened(session)
    told: list[tuple[str, int]] = []
    now = utc_now()

    fresh = outbox.sweep(session, told.extend, now=now)
    later = outbox.sweep(session, told.extend, now=now + timedelta(seconds=25))
    again = outbox.sweep(session, told.extend, now=now + timedelta(seconds=26))

    assert (fresh, later, again, told) == (0, 1, 0, [(delivery.id, 30)])


def test_a_retry_starts_from_the_first_attempt(session: Session, doorman: Doorman, woken: list[Any]) -> None:
    doorman.raises = [GiveUp("no")]
    delivery = opened(session)
    outbox.deliver(delivery.id)
    woken.clear()

    outbox.retry(session, of(session, "front"))
    session.commit()
    told = [key for key, _seconds in woken]
    work_off(session)

    assert (told, of(session, "front").done_at is not None, of(session, "front").attempts) == ([delivery.id], True, 1)


def test_old_events_go_unless_something_of_them_is_open(session: Session, doorman: Doorman) -> None:
    doorman.raises = [GiveUp("no")]
    for door in ("failed", "done", "new"):
        opened(session, door)
    work_off(session)
    for door, days in (("failed", 40), ("done", 40), ("new", 20)):
        session.get_one(OutboxEvent, of(session, door).event_id).happened_at = utc_now() - timedelta(days=days)
        session.commit()

    gone = [outbox.forget_old(session, now=utc_now()) for _time in (1, 2)]

    assert gone == [1, 0]
    assert {event.door for event in published(session, DoorOpened)} == {"failed", "new"}


def test_ten_workers_that_are_told_at_once_have_one_effect(app: Flask, engine: Any) -> None:
    """On real connections: the claim is a lock of the database."""
    doorman = Doorman()
    listener = Listener("tests.crowd", DoorOpened, doorman)
    events.listen([listener])
    try:
        with system_scope("tests"), db.session_factory() as session:
            publish(session, DoorOpened("crowd"))
            session.commit()
            key = of(session, "crowd").id
        barrier = threading.Barrier(10)

        def worker() -> None:
            barrier.wait()
            outbox.deliver(key)

        threads = [threading.Thread(target=worker) for _n in range(10)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        with system_scope("tests"), db.session_factory() as session:
            assert (len(doorman.told), effects(session, "crowd")) == (1, 1)
    finally:
        events.forget(listener)
        with system_scope("tests"), db.session_factory() as session:
            session.execute(delete(Department).where(Department.name == "Told of crowd"))
            session.execute(delete(OutboxEvent).where(OutboxEvent.payload["door"].astext == "crowd"))
            session.commit()


def test_delays_grow_and_differ() -> None:
    waits = [outbox.delay(attempt).total_seconds() for attempt in range(1, 12)]

    assert all(
        0.8 * base <= wait <= 1.2 * base for base, wait in zip([*outbox.DELAYS, *[21600] * 4], waits, strict=True)
    )
    assert datetime.now(UTC) + outbox.delay(50) < datetime.now(UTC) + timedelta(hours=8)


def test_what_does_not_concern_a_listener_is_not_delivered_to_it(session: Session, doorman: Doorman) -> None:
    picky = Listener("tests.picky", DoorOpened, Doorman(), concerns=lambda event: event.door == "back")
    events.listen([picky])
    try:
        publish(session, DoorOpened("front"))
        events.publish_all(session, [DoorOpened("side"), DoorOpened("back")])
    finally:
        events.forget(picky)

    deliveries = select(OutboxEvent.payload["door"].astext, OutboxDelivery.listener)
    asked = deliveries.join(OutboxDelivery, OutboxDelivery.event_id == OutboxEvent.id).where(
        OutboxEvent.name == DoorOpened.__name__
    )
    assert sorted(session.execute(asked).all()) == [
        ("back", "tests.doorman"),
        ("back", "tests.picky"),
        ("front", "tests.doorman"),
        ("side", "tests.doorman"),
    ]


def test_a_listener_knows_what_an_event_followed_from(session: Session, doorman: Doorman) -> None:
    with events.caused_by("run 7"):
        publish(session, DoorOpened("front"))
        events.publish_all(session, [DoorOpened("side")])
    publish(session, DoorOpened("back"))

    work_off(session)

    causes = {one.event.door: one.cause for one in doorman.told}
    assert causes == {"front": "run 7", "side": "run 7", "back": ""}
