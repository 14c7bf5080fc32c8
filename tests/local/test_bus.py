"""The bus with functions that are plain callables; faults as pure values."""

import itertools
import json
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.events.bus import LARGEST_EVENT, Bus
from local.events.delivery import DeadLetter, InvocationFailed, Pace, Rule
from local.events.envelopes import Envelope, envelope
from local.events.faults import Faults, Misfortune

QUICK = Pace(retry_delays=(0.02, 0.02))


def event(number: int = 0, source: str = "aws.sagemaker", **detail: Any) -> Envelope:
    made = envelope(
        source=source,
        detail_type="SageMaker Training Job State Change",
        detail={"number": number, **detail},
        account="123456789012",
        region="us-east-1",
        resources=(f"arn:job/{number}",),
    )
    return {**made, "id": f"id-{number}"}


class Functions:
    """Records what was called; fails as often as told."""

    def __init__(self, failures: int = 0) -> None:
        self.calls: list[tuple[str, Envelope]] = []
        self.failures = failures
        self.threads: set[int] = set()

    def invoke(self, function: str, given: Envelope) -> None:
        self.calls.append((function, given))
        self.threads.add(threading.get_ident())
        if self.failures:
            self.failures -= 1
            raise InvocationFailed("ValueError", "no")

    @property
    def numbers(self) -> list[int]:
        return [given["detail"]["number"] for _, given in self.calls]


def ignore(_letter: DeadLetter) -> None:
    """For tests that bury nothing, or look at `Bus.dead_letters`."""


Started = Callable[..., Bus]


@pytest.fixture
def started() -> Iterator[Started]:
    buses: list[Bus] = []

    def start(functions: Functions | Callable[[str, Envelope], None], rules: list[Rule], **options: Any) -> Bus:
        options = {"pace": QUICK, "bury": ignore, **options}
        bus = Bus(region="us-east-1", account="123456789012", **options)
        bus.start(rules, functions.invoke if isinstance(functions, Functions) else functions)
        buses.append(bus)
        return bus

    yield start
    for bus in buses:
        bus.stop()


ALL = Rule("all", "ended", pattern={"source": ["aws.sagemaker"]})


def test_an_event_reaches_the_functions_whose_pattern_it_matches(started: Started) -> None:
    functions = Functions()
    rules = [
        Rule("ended", "ended", pattern={"detail": {"status": ["Completed", "Failed"], "tuning": [{"exists": False}]}}),
        Rule("child", "child", pattern={"detail": {"tuning": [{"exists": True}]}}),
        Rule("every", "every", pattern={"source": [{"prefix": "aws."}]}),
    ]
    bus = started(functions, rules)
    bus.put(event(1, status="Completed"))
    bus.put(event(2, status="Completed", tuning="t"))
    bus.put(event(3, status="InProgress"))
    bus.wait_idle(120)
    assert sorted((name, given["detail"]["number"]) for name, given in functions.calls) == [
        ("child", 2),
        ("ended", 1),
        ("every", 1),
        ("every", 2),
        ("every", 3),
    ]


def test_recorded_events_match_as_on_aws(started: Started) -> None:
    functions = Functions()
    pattern = {
        "source": ["aws.s3"],
        "detail-type": ["Object Created"],
        "detail": {"object": {"key": [{"prefix": "datasets/"}]}},
    }
    bus = started(functions, [Rule("uploads", "uploaded", pattern=pattern)])
    for key in ("datasets/a/train/b.csv", "runs/x"):
        bus.put({**event(source="aws.s3"), "detail-type": "Object Created", "detail": {"object": {"key": key}}})
    bus.wait_idle(120)
    assert [given["detail"]["object"]["key"] for _, given in functions.calls] == ["datasets/a/train/b.csv"]


def test_put_does_not_wait_and_never_runs_a_function_in_the_putters_thread(started: Started) -> None:
    release = threading.Event()
    bus = started(lambda _name, _event: release.wait(5), [ALL])
    bus.put(event())
    assert not bus.idle()
    with pytest.raises(TimeoutError, match="1 in flight"):
        bus.wait_idle(0.1)
    release.set()
    bus.wait_idle(120)


def test_no_more_than_so_many_functions_run_at_once(started: Started) -> None:
    running, most, lock = 0, 0, threading.Lock()

    def invoke(_name: str, _event: Envelope) -> None:
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.01)
        with lock:
            running -= 1

    bus = started(invoke, [ALL])
    for number in range(12):
        bus.put(event(number))
    bus.wait_idle(120)
    assert most == 2


def test_a_failing_function_is_tried_three_times_then_buried(started: Started) -> None:
    functions, letters = Functions(failures=3), list[DeadLetter]()
    bus = started(functions, [ALL], bury=letters.append)
    bus.put(event(7))
    bus.wait_idle(120)
    assert functions.numbers == [7, 7, 7]
    assert len({json.dumps(given) for _, given in functions.calls}) == 1
    [letter] = letters
    assert (letter.queue, letter.function, letter.attempts, letter.error) == ("function", "ended", 3, "ValueError: no")
    assert bus.dead_letters == letters


def test_a_function_that_recovers_is_not_buried(started: Started) -> None:
    functions = Functions(failures=2)
    bus = started(functions, [ALL])
    bus.put(event(7))
    bus.wait_idle(120)
    assert functions.numbers == [7, 7, 7]
    assert bus.dead_letters == []


def test_what_lambda_cannot_take_goes_to_the_rules_own_queue_untried(started: Started) -> None:
    functions = Functions()
    bus = started(functions, [ALL])
    bus.put(event(1, blob="x" * LARGEST_EVENT))
    bus.wait_idle(120)
    assert functions.calls == []
    assert [letter.queue for letter in bus.dead_letters] == ["target"]


def test_events_put_before_the_start_are_delivered_after_it() -> None:
    functions = Functions()
    bus = Bus(region="r", account="a", bury=ignore)
    bus.put(event(1))
    assert not bus.idle()
    bus.start([ALL], functions.invoke)
    bus.wait_idle(120)
    bus.stop()
    assert functions.numbers == [1]


def test_what_a_stop_interrupts_stays_pending() -> None:
    begun = threading.Event()

    def invoke(_name: str, _event: Envelope) -> None:
        begun.set()
        time.sleep(0.1)
        raise InvocationFailed("Runtime.ExitError", "killed")

    bus = Bus(region="r", account="a", bury=ignore, pace=Pace(functions_at_once=1))
    bus.start([ALL], invoke)
    bus.put(event(1))
    bus.put(event(2))
    assert begun.wait(5)
    bus.stop()
    assert [pending["detail"]["number"] for pending in bus.pending()] == [1, 2]
    assert bus.dead_letters == []


def test_pending_holds_what_came_after_the_mark_even_if_it_was_delivered(started: Started) -> None:
    bus = started(Functions(), [ALL])
    bus.put(event(1))
    mark = bus.mark
    bus.put(event(2))
    bus.wait_idle(120)
    assert [pending["detail"]["number"] for pending in bus.pending(since=mark)] == [2]


def test_losing_doubling_and_delaying_are_repeatable_and_per_event() -> None:
    def fates(seed: int, order: list[int]) -> dict[int, Any]:
        misfortune = Misfortune(Faults(seed, duplicate=0.3, reorder=0.2, delay=0.3, lose=0.3))
        return {number: misfortune.copies(event(number)) for number in order}

    numbers = list(range(200))
    assert fates(1, numbers) == fates(1, numbers[::-1])
    assert fates(1, numbers) != fates(2, numbers)
    copies = [len(fate) for fate in fates(1, numbers).values()]
    assert {0, 1, 2} == set(copies)
    assert 30 < copies.count(0) < 90


def test_durable_sources_are_not_lost() -> None:
    misfortune = Misfortune(Faults(lose=1.0))
    assert misfortune.copies(event(source="aws.sagemaker")) == ()
    assert len(misfortune.copies(event(source="aws.s3"))) == 1


def test_doubled_events_arrive_twice_and_lost_ones_never(started: Started) -> None:
    functions = Functions()
    bus = started(functions, [ALL], faults=Faults(duplicate=1.0))
    bus.put(event(1))
    bus.wait_idle(120)
    assert functions.numbers == [1, 1]
    lossy = started(functions, [ALL], faults=Faults(lose=1.0))
    lossy.put(event(2))
    lossy.wait_idle(120)
    assert functions.numbers == [1, 1]


def test_an_overtaken_event_comes_after_the_next_one(started: Started) -> None:
    seed = next(
        seed
        for seed in itertools.count()
        if [
            copy.fate.name
            for number in (1, 2)
            for copy in Misfortune(Faults(seed, reorder=0.5)).copies(event(number))
        ] == ["OVERTAKEN", "ON_TIME"]
    )  # fmt: skip
    functions = Functions()
    faults = Faults(seed, reorder=0.5, longest_delay=30)
    bus = started(functions, [ALL], faults=faults, pace=Pace(functions_at_once=1))
    bus.put(event(1))
    bus.put(event(2))
    bus.wait_idle(120)
    assert functions.numbers == [2, 1]


def test_a_schedule_fires_faster_than_on_aws_and_on_demand(started: Started) -> None:
    functions = Functions()
    rules = [Rule("sagerelay-local-sweep-event", "sweep", schedule="rate(5 minutes)")]
    bus = started(functions, rules, pace=Pace(schedule_speed=1500))
    time.sleep(0.7)
    bus.wait_idle(120)
    fired = len(functions.calls)
    assert 2 <= fired <= 4
    name, given = functions.calls[0]
    assert (name, given["source"], given["detail-type"], given["detail"]) == (
        "sweep",
        "aws.events",
        "Scheduled Event",
        {},
    )
    assert given["resources"] == ["arn:aws:events:us-east-1:123456789012:rule/sagerelay-local-sweep-event"]
    with pytest.raises(KeyError, match="no schedule"):
        bus.fire("ended")
    bus.fire("sweep")
    bus.wait_idle(120)
    assert len(functions.calls) > fired


def test_the_recorded_envelopes_are_delivered_unchanged(started: Started, tmp_path: Path) -> None:
    functions = Functions()
    bus = started(functions, [ALL])
    original = event(1, nested={"null": None, "milliseconds": 1696427470120})
    bus.put(original)
    bus.wait_idle(120)
    assert functions.calls[0][1] == original
    assert functions.calls[0][1] is not original
