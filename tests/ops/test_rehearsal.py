"""A whole drill against a deployment in memory whose monitor tells the truth, or errs in one way."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

import pytest

from ops.checks import LAPTOP
from ops.drill import results
from ops.drill.mails import Mail
from ops.drill.rehearsal import Clock, Drill, Order, drill_id, hold
from ops.drill.scenarios import NEW_WORD, Plan, Scenario, plan
from ops.drill.verdict import Evidence, Outcome, Result, judge
from ops.target import OpsError
from tests.ops.world import NOW, World, held_out

ALL = tuple(Scenario)
SHOWN = tuple(one for one in ALL if one is not Scenario.SEASONAL)
"""What the world's rows, which have no time, can show."""
STABLE = drill_id(NOW, 0)


def truth(_drill: str, rows: list[list[str]]) -> dict[str, Any]:
    """What a faultless monitor sees in the rows of tests/ops/world.py: id, age, income, plan."""
    incomes = [float(row[2]) for row in rows if row[2]]
    mean = sum(incomes) / len(incomes)
    named = []
    if any(row[3] == NEW_WORD for row in rows):
        named.append("plan")
    if mean > 1150 or len(incomes) < 0.9 * len(rows):
        named.append("income")
    moved = mean > 1100
    return says(named, moved=moved)


def says(named: list[str], *, moved: bool = False) -> dict[str, Any]:
    return {
        "state": "drifted" if named or moved else "stable",
        "drifted": named,
        "features": [{"name": name, "verdict": "drifted", "score": 0.3} for name in named],
        "predictions": [{"name": "prediction", "verdict": "drifted" if moved else "stable", "score": 0.1}],
    }


@dataclass
class FakeTime:
    now: float = 0.0
    lines: list[str] = field(default_factory=list)

    def clock(self) -> Clock:
        return Clock(seconds=lambda: self.now, pause=self.pause)

    def pause(self, seconds: float) -> None:
        self.now += seconds


def held(world: World, *, scenarios: tuple[Scenario, ...] = ALL, rows: int = 200) -> Drill:
    time = FakeTime()
    order = Order("churn", scenarios, rows, seed=7)
    return hold(world.target(), order, LAPTOP, now=NOW, say=time.lines.append, clock=time.clock())


def of(drill: Drill, scenario: Scenario) -> Result:
    return next(result for result in drill.results if result.scenario is scenario)


def test_a_monitor_that_works_passes_and_nothing_is_left_behind() -> None:
    world = World(truth)
    drill = held(world)

    assert [(result.scenario, result.outcome, result.problems) for result in drill.results] == [
        (scenario, Outcome.PASSED if scenario in SHOWN else Outcome.SKIPPED, ()) for scenario in ALL
    ]
    assert drill.passed
    assert "what drifted was named and mailed, and what was stable stayed silent" in results.conclusion(drill)
    assert (world.queues, world.subscriptions) == ({}, {})
    assert [len(result.mails) for result in drill.results if result.drill] == [0, 0, 1, 1, 1, 1]
    assert {one["kind"] for one in world.asked} == {"drill"}
    assert len({one["drill"] for one in world.asked}) == len(SHOWN)


def test_requests_carry_the_drills_mark_and_an_id_each() -> None:
    world = World(truth)
    held(world, scenarios=(Scenario.STABLE,), rows=100)
    assert {request["CustomAttributes"] for request in world.sent} == {f"sagerelay=drill-{STABLE}"}
    assert sorted(request["InferenceId"] for request in world.sent) == [f"drill-{STABLE}-{n}" for n in range(1, 6)]
    assert {request["Body"].splitlines()[0] for request in world.sent} == {b"id,age,income,plan"}


@pytest.mark.parametrize(
    ("erring", "scenario", "problem"),
    [
        (lambda _drill, _rows: says([]), Scenario.SHIFTED, "not named: income"),
        (lambda _drill, _rows: says([]), Scenario.LABEL_SHIFT, "the answers were not found to have moved"),
        (lambda _drill, _rows: says(["age", "plan"]), Scenario.NEW_CATEGORY, "named without reason: age"),
        (lambda _drill, _rows: says(["age"]), Scenario.REPEATED, "the check says drifted, and the traffic is stable"),
        (lambda _drill, _rows: says(["age"]), Scenario.STABLE, "the check says drifted, and the traffic is stable"),
        (lambda drill, rows: truth(drill, rows) | {"run": "churn-00000000"}, Scenario.STABLE, "another model became"),
        (
            lambda drill, rows: truth(drill, rows) | {"state": "not-enough-traffic"},
            Scenario.SHIFTED,
            "not enough traffic: 200 rows, and a check needs 100",
        ),
        (
            lambda drill, rows: truth(drill, rows) | {"window": {"rows": 199, "files": 1}},
            Scenario.STABLE,
            "200 rows were sent and captured, and the check counted 199",
        ),
    ],
)
def test_a_monitor_that_errs_fails_and_the_sentence_says_how(erring: Any, scenario: Scenario, problem: str) -> None:
    drill = held(World(erring), scenarios=(scenario,))
    assert not drill.passed
    assert problem in "; ".join(of(drill, scenario).problems)
    assert f"FAILED: {scenario}." in results.conclusion(drill)


def test_a_mail_about_stable_traffic_fails_the_drill() -> None:
    drill = held(World(truth, mails_about_stable=True), scenarios=(Scenario.STABLE,))
    assert of(drill, Scenario.STABLE).problems == ('an alarm was mailed: "[drill] churn: drift"',)


def test_a_mail_that_does_not_come_fails_the_drill() -> None:
    world = World(truth)
    world.publish = lambda *_: None
    assert (
        "0 mails of the drift came, and one is right"
        in of(held(world, scenarios=(Scenario.SHIFTED,)), Scenario.SHIFTED).problems
    )


def test_a_check_that_failed_ends_the_waiting_and_the_mail_says_why() -> None:
    world, time = World(truth), FakeTime()

    def fails(*, Entries: list[dict[str, str]]) -> dict[str, Any]:  # noqa: N803 (boto3's spelling)
        world.publish(json.loads(Entries[0]["Detail"])["drill"], [], kind="check-failed")
        return {"FailedEntryCount": 0, "Entries": [{"EventId": "e"}]}

    world.put_events = fails
    order = Order("churn", (Scenario.SHIFTED,), 200, seed=7)
    drill = hold(world.target(), order, LAPTOP, now=NOW, say=time.lines.append, clock=time.clock())
    assert of(drill, Scenario.SHIFTED).problems == (
        "the check left no drift.json",
        'mailed: "[drill] churn: drift" (check-failed)',
    )
    assert time.now < 10


def test_a_sample_is_enough_where_only_a_share_is_captured() -> None:
    world = World(truth, percentage=50)
    drill = held(world)
    assert drill.passed
    assert {result.rows for result in drill.results if result.drill} < set(range(100, 200))


def test_no_capture_no_model_and_no_rows_are_said() -> None:
    with pytest.raises(OpsError, match="captures no traffic"):
        held(World(truth, percentage=0))
    with pytest.raises(OpsError, match='"wine" has no live model: there is no endpoint sagerelay-wine'):
        hold(World(truth).target(), Order("wine", ALL, 10, 7), LAPTOP, now=NOW, say=print)
    world = World(truth)
    del world.objects["runs/churn-1a2b3c4d/prepared/test/test.csv"]
    with pytest.raises(OpsError, match=r"test\.csv is missing"):
        held(world)


def test_capture_files_that_do_not_come_end_the_drill_and_nothing_is_left_behind() -> None:
    world = World(truth)
    answered = world.invoke_endpoint

    def forgets(**request: Any) -> dict[str, Any]:
        answer = answered(**request)
        if len(world.sent) == 4:
            del world.objects["capture/sagerelay-churn/AllTraffic/2026/11/22/10/0003.jsonl"]
        return answer

    world.invoke_endpoint = forgets
    with pytest.raises(OpsError, match=r"Data capture holds 9 of the 10 requests sent, 60 s after"):
        held(world, scenarios=(Scenario.STABLE,))
    assert (world.queues, world.subscriptions) == ({}, {})


def test_an_interrupted_drill_leaves_nothing_behind() -> None:
    def interrupt(_drill: str, _rows: list[list[str]]) -> dict[str, Any]:
        raise KeyboardInterrupt

    world = World(interrupt)
    with pytest.raises(KeyboardInterrupt):
        held(world)
    assert (world.queues, world.subscriptions) == ({}, {})


def test_skipped_scenarios_are_told_and_alone_prove_nothing() -> None:
    world = World(truth)
    key = "runs/churn-1a2b3c4d/prepared/schema.json"
    schema = json.loads(world.objects[key])
    world.objects[key] = json.dumps(schema | {"split": {"how": "time"}}).encode()
    alone = held(world, scenarios=(Scenario.STABLE,))
    assert [result.outcome for result in alone.results] == [Outcome.SKIPPED]
    assert not alone.passed
    assert world.asked == []
    assert results.conclusion(alone) == "Nothing could be shown with this dataset."
    both = held(world, scenarios=(Scenario.STABLE, Scenario.SHIFTED))
    assert both.passed
    assert results.as_document(both)["scenarios"][0]["done"].startswith("the held-out rows are the newest ones")


def test_what_a_check_needs_is_what_the_settings_say_now() -> None:
    world = World(truth)
    for settings, outcome in ((b"monitoring: {min_rows: 201}", Outcome.SKIPPED), (b"monitoring: [", Outcome.PASSED)):
        world.objects["datasets/churn/relay.yaml"] = settings
        assert of(held(world, scenarios=(Scenario.STABLE,)), Scenario.STABLE).outcome is outcome


def test_a_model_that_hardly_follows_the_labels_is_not_asked_to() -> None:
    world = World(truth)
    metrics = {"metrics": {"auc": {"value": 0.61}}}
    world.objects["runs/churn-1a2b3c4d/evaluation/evaluation.json"] = json.dumps({"sagerelay": metrics}).encode()
    assert "(ROC AUC 0.6100)" in of(held(world, scenarios=(Scenario.LABEL_SHIFT,)), Scenario.LABEL_SHIFT).done


def test_the_outcome_as_json_survives_json() -> None:
    document = results.as_document(held(World(truth)))
    read = json.loads(json.dumps(document))
    assert read["passed"] is True
    assert [one["scenario"] for one in read["scenarios"]] == list(ALL)
    assert [one["drifted"] for one in read["scenarios"] if one["scenario"] == "shifted-numeric"] == [["income"]]


def verdict(state: dict[str, Any], **changes: Any) -> Result:
    planned = plan(Scenario.LABEL_SHIFT, held_out(separation=0.2), rows=100, fewest=1, seed=7)
    assert isinstance(planned, Plan)
    assert planned.doubt
    check = {"run": "r", "check": "c", "window": {"rows": len(planned.rows)}} | state
    given: dict[str, Any] = {"drill": "d", "run": "r", "captured_all": True, "check": check, "mails": ()}
    return judge(planned, Evidence(**(given | changes)))


def test_what_the_model_can_hardly_show_is_skipped_when_it_is_not_seen_and_passes_when_it_is() -> None:
    unseen = verdict(says([]))
    assert (unseen.outcome, unseen.problems) == (Outcome.SKIPPED, ())
    assert "and not seen: the model separates too little for 100 rows" in unseen.done
    seen = verdict(says(["income"]), mails=(Mail("d", "drift-found", "[drill] x", {}),))
    assert (seen.outcome, seen.problems) == (Outcome.PASSED, ())


def test_a_doubt_excuses_nothing_else() -> None:
    assert verdict(says([]), check=None).outcome is Outcome.FAILED
    assert verdict(says([]) | {"state": "not-enough-traffic"}).outcome is Outcome.FAILED
    assert verdict(says([]) | {"run": "another"}).outcome is Outcome.FAILED
    assert verdict(says([]), mails=(Mail("d", "drift-found", "[drill] x", {}),)).outcome is Outcome.FAILED
