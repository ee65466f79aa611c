"""Ordinary requests and event streams have places of their own."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from app.core.servers.gate import Gate

PATIENCE = 10.0


def started(status: str, headers: list[tuple[str, str]]) -> None:
    started.status = status  # type: ignore[attr-defined]


def test_an_answer_holds_its_place_until_it_is_sent() -> None:
    gate = Gate(lambda environ, start: iter([b"a", b"b"]), ordinary=1, streams=1)
    first = gate({"PATH_INFO": "/x"}, started)
    second: list[Any] = []
    waiting = threading.Thread(target=lambda: second.append(gate({"PATH_INFO": "/y"}, started)))
    waiting.start()
    waiting.join(0.2)
    assert waiting.is_alive()

    first.close()  # type: ignore[attr-defined]
    first.close()  # type: ignore[attr-defined]
    waiting.join(5)

    assert list(second[0]) == [b"a", b"b"]


@pytest.mark.parametrize("path", ["/x", "/live/"])
def test_a_failure_gives_the_place_back(path: str) -> None:
    def fail(environ: Any, start: Any) -> Any:
        raise RuntimeError("ours")

    gate = Gate(fail, ordinary=1, streams=1)

    for _time in range(3):
        with pytest.raises(RuntimeError, match="ours"):
            gate({"PATH_INFO": path}, started)


def test_streams_wait_beside_ordinary_requests_and_refuse_one_too_many() -> None:
    gate = Gate(lambda environ, start: iter([b"x"]), ordinary=1, streams=2)
    waiting = [gate({"PATH_INFO": "/live/"}, started) for _stream in range(2)]

    refused = list(gate({"PATH_INFO": "/live/"}, started))
    turn = gate({"PATH_INFO": "/x"}, started)
    ordinary = list(turn)
    turn.close()  # type: ignore[attr-defined]
    waiting[0].close()  # type: ignore[attr-defined]
    again = list(gate({"PATH_INFO": "/live/"}, started))

    assert b"Too many" in refused[0]
    assert ordinary == again == [b"x"]


def test_a_file_that_the_server_sends_by_itself_stays_one() -> None:
    class Wrapper:
        closed = 0

        def close(self) -> None:
            self.closed += 1

    file = Wrapper()
    gate = Gate(lambda environ, start: file, ordinary=1, streams=1)  # type: ignore[arg-type,return-value]

    for times in (1, 2):
        answer = gate({"PATH_INFO": "/x", "wsgi.file_wrapper": Wrapper}, started)
        assert answer is file
        answer.close()
        assert file.closed >= times
