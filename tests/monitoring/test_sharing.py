"""Checks that share a job: which do, what each is told of its end, and what it pays."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chalicelib.monitoring import attempts, sharing
from chalicelib.monitoring.commands import BeginCheck
from chalicelib.monitoring.deciding import decide
from chalicelib.monitoring.facts import CheckBegun, CheckCompleted, CheckFailed, CheckShared
from chalicelib.monitoring.record import Check, Monitor, Shared
from chalicelib.monitoring.sharing import Due
from chalicelib.names import CheckKeys, CheckName, Kind
from chalicelib.records.used import Billed
from tests.relay.world import World

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
JOB = "churn-drift-2-0a1b2c-1"


def due(dataset: str, *, size: int = 1000, instance: str = "ml.m5.large") -> Due:
    return Due(CheckKeys(dataset, Kind.DRIFT, 2, NOW), f"{dataset}-1a2b3c4d", None, instance, 30, size)


def names(groups: list[tuple[Due, ...]]) -> list[list[str]]:
    return [[one.keys.dataset for one in group] for group in groups]


def test_checks_on_the_same_machine_share_a_job() -> None:
    others = [due("e", instance="ml.t3.medium"), due("d", instance="ml.t3.medium"), due("f", instance="ml.m5.xlarge")]
    assert names(sharing.grouped([due("b"), *others, due("a")])) == [["a", "b"], ["d", "e"]]


def test_a_job_has_so_much_traffic_at_most_and_who_has_more_goes_alone() -> None:
    half = sharing.BYTES // 2
    many = [due("a", size=sharing.BYTES + 1), *(due(name, size=half) for name in "bcdef")]
    assert names(sharing.grouped(many)) == [["b", "c"], ["d", "e"]]


def test_a_job_has_so_many_checks_at_most() -> None:
    groups = sharing.grouped([due(f"d{number:03}") for number in range(2 * sharing.AT_MOST + 1)])
    assert [len(group) for group in groups] == [sharing.AT_MOST, sharing.AT_MOST]


def test_the_name_is_made_of_the_checks_and_is_nobodys_own() -> None:
    group = (due("a"), due("b"))
    job = sharing.job_of(group)
    assert job == sharing.job_of((due("a"), due("b"))) != sharing.job_of((due("a"), due("c")))
    assert CheckName.parse(str(job)) == job != group[0].keys.job(1)


def test_its_document_names_who_is_in_it() -> None:
    text = sharing.document((due("a"), due("b")), "bucket")
    assert sharing.members(text) == {"a-drift-2": "a", "b-drift-2": "b"}
    assert json.loads(text)["checks"][0]["schema"] == "runs/a-1a2b3c4d/prepared/schema.json"
    assert [sharing.members(other) for other in (None, b"{}", b"[1", sharing.document((), "bucket"))] == [{}] * 4


def test_one_that_failed_is_told_why_and_the_others_nothing() -> None:
    outcomes = [{"check": "a-drift-2", "code": 2, "message": "[baseline] No."}, {"check": "b-drift-2", "code": 0}]
    text = json.dumps({"version": 1, "checks": outcomes}).encode()
    assert [sharing.failure(text, due(name).keys) for name in "abc"] == ["[baseline] No.", None, None]
    assert sharing.failure(None, due("a").keys) is None


def in_flight(shared: Shared | None = None) -> Monitor:
    check = Check(Kind.DRIFT, 2, NOW, "churn-1a2b3c4d", shared=shared)
    return Monitor("churn", checks=(check,), pending=(BeginCheck(Kind.DRIFT, 2),))


def test_the_bill_is_divided_by_how_many_they_are() -> None:
    (check,) = in_flight(Shared(JOB, 4)).checks
    told = sharing.of_member(CheckCompleted(Kind.DRIFT, 7, 1, Billed("processing ml.m5.large", 120.0)), check)
    assert told == CheckCompleted(Kind.DRIFT, 2, 1, Billed("processing ml.m5.large", 30.0))
    alone = sharing.of_member(CheckCompleted(Kind.DRIFT, 2, 1, Billed("p", None)), replace(check, shared=None))
    assert alone == CheckCompleted(Kind.DRIFT, 2, 1, Billed("p", None))


def test_a_place_is_settled_once_and_the_begun_job_leaves_nothing_to_do() -> None:
    settled = decide(in_flight(), CheckShared(Kind.DRIFT, 2, 1, JOB, 3), NOW).monitor
    assert settled.checks[0].shared == Shared(JOB, 3)
    assert str(settled.job(settled.checks[0])) == JOB
    assert decide(settled, CheckShared(Kind.DRIFT, 2, 1, "b-drift-2-0a1b2c-1", 2), NOW).monitor == settled
    begun = decide(settled, CheckBegun(Kind.DRIFT, 2, 1, 2), NOW).monitor
    assert (begun.pending, begun.checks[0].shared) == ((), Shared(JOB, 2))
    assert decide(begun, CheckShared(Kind.DRIFT, 2, 1, "b-drift-2-0a1b2c-1", 2), NOW).monitor == begun


@pytest.mark.parametrize(
    ("shared", "reason", "again"),
    [
        (Shared(JOB, 3), "AlgorithmError: , exit code: 1", True),
        (Shared(JOB, 3), "[unexpected] the check took longer than it had.", True),
        (Shared(JOB, 3), "[baseline] The live model has no baseline.json.", False),
        (Shared("churn-drift-2-111111-1", 0), "AlgorithmError: , exit code: 1", False),
    ],
)
def test_what_failed_beside_others_is_tried_alone(shared: Shared, reason: str, *, again: bool) -> None:
    monitor = in_flight(shared)
    found = attempts.again(monitor, monitor.checks[0], reason, NOW)
    assert (found is not None) is again
    if found is not None:
        assert (found.checks[0].attempt, found.checks[0].shared) == (2, None)
        assert found.job(found.checks[0]) == found.keys(found.checks[0]).job(2)
        late = CheckFailed(Kind.DRIFT, 2, 1, reason)
        assert decide(found, late, NOW).monitor == found, "the shared job's end is no other attempt's"


@pytest.mark.parametrize("failure", [None, "AlgorithmError: no, exit code: 1"])
def test_sagemaker_is_asked_once_for_all_whose_job_it_is(here: World, failure: str | None) -> None:
    datasets, job = ("churn", "fraud", "sales"), CheckName.parse(JOB)
    assert job
    here.s3.put(sharing.checks_key(JOB), sharing.document(tuple(map(due, datasets)), "bucket"))
    store, looks = here.runtime.executor.store, []
    for dataset in datasets:
        store.save_monitor(replace(in_flight(Shared(JOB, 3)), dataset=dataset, pending=()))

    def look(name: CheckName, *, by_transform: bool) -> CheckFailed | None:
        looks.append((name, by_transform))
        return CheckFailed(Kind.DRIFT, 2, 1, failure) if failure else None

    here.sagemaker.check = look
    here.runtime.monitors.observe(job)
    assert looks == [(job, False)]
    assert [store.monitor(name).checks[0].attempt for name in datasets] == [2 if failure else 1] * 3
