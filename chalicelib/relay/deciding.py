"""THE HEART: which stage follows which event, and what has to be done then.

`TRANSITIONS` is the whole relay: a row for each (stage, event) that means something, the function that decides, and the
stages it may lead to. What has no row is ignored with a reason; that is how duplicate, late and foreign events end.
`decide` is total and pure: it raises on no input, reads no clock and makes no ids, so every path can be tried with
plain values. The diagram in the README is drawn from the table, and a test compares the two.

A stage waits for one piece of work (`run.STEP_OF`). When that has ended, its result is read (`ReadSchema`,
`CollectTrials`, `ReadEvaluation`), which answers with an event of its own; that event moves the run on::

    preparing --StepCompleted--> [ReadSchema] --SchemaRead--> tuning --StepCompleted--> [CollectTrials] ...
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from chalicelib import failures
from chalicelib.algorithms import BUILT_IN, Registry
from chalicelib.contract.metrics import Task
from chalicelib.names import RunKeys, Step
from chalicelib.one_container import is_packed
from chalicelib.records.commands import (
    CollectTrials,
    Command,
    Mail,
    Notify,
    ReadComparison,
    ReadEvaluation,
    ReadSchema,
    Register,
    Release,
    SetAlarms,
    SetScaling,
    StampReport,
    Start,
)
from chalicelib.records.events import (
    ApprovalGiven,
    CancelAsked,
    ComparisonRead,
    EvaluationRead,
    GapBegins,
    GapEnded,
    JobStopped,
    NewerDataArrived,
    ResultUnusable,
    RollbackBegan,
    RunEvent,
    SchemaRead,
    StepCompleted,
    StepFailed,
    TrialsCollected,
)
from chalicelib.records.run import STEP_OF, Problem, Run, Stage, Verdict
from chalicelib.relay import cancelling, failing, gate_metric, giving_way, in_real_time, legs, unneeded, verdicts
from chalicelib.relay.endings import ASKING, Decision, asking_no_more, fail, reject, then, with_job
from chalicelib.serving_mode import Mode


class Transition(NamedTuple):
    """One row of the table."""

    decide: Callable[..., Decision]
    to: tuple[Stage, ...]
    """Every stage the decision may lead to, for the diagram; a test holds `decide` to it."""
    by_algorithm: bool = False
    """Whether the run's algorithm has a say in it: then the fourth argument is what there are."""


def decide(run: Run, event: RunEvent, now: datetime, offered: Registry = BUILT_IN) -> Decision:
    """What is true after this event, and what is to be done. `offered`: the algorithms of this deployment."""
    transition = TRANSITIONS.get((run.stage, type(event)))
    if transition is None:
        return Decision(run, ignored=f"{type(event).__name__} means nothing to a run that is {run.stage}")
    if isinstance(event, StepCompleted | StepFailed | RollbackBegan):
        if event.step is not STEP_OF[run.stage]:
            return Decision(run, ignored=f"{event.step} ended, but the run is {run.stage}")
        if event.attempt != run.attempt:
            return Decision(run, ignored=f"attempt {event.attempt} of {event.step} ended, but {run.attempt} counts")
    return transition.decide(run, event, now, *([offered] if transition.by_algorithm else []))


def begin(run: Run) -> Run:
    """A new run with its first command."""
    return replace(run, pending=(Start(Step.PREPARE),))


# --- the decisions, in the order of the relay


def _read_schema(run: Run, event: StepCompleted, now: datetime) -> Decision:
    return then(with_job(run, event), run.stage, now, "the data is prepared", ReadSchema())


def _tune_or_train(run: Run, event: SchemaRead, now: datetime, offered: Registry) -> Decision:
    task = Task(event.task)
    tuning = run.settings["tuning"]
    problem = Problem(task, event.classes, event.content_type, event.rows)
    try:
        gate_metric.suits(run.settings["gate"], run.max_loss, task)
        if run.legs:
            known = legs.laid_out(replace(run, problem=problem), event, offered)
            return legs.go_on(known, now, f"a {task} problem", offered)
        objective = legs.objective_of(run.settings["algorithm"], run.settings, problem, offered)
    except ValueError as mistake:
        return fail(run, now, str(mistake), "Correct relay.yaml and upload it again.")
    learned = replace(run, problem=problem, objective=objective)
    because = f"a {task} problem, to be judged by {objective.metric}"
    if tuning["enabled"]:
        return then(learned, Stage.TUNING, now, because, Start(Step.TUNE))
    return then(learned, Stage.TRAINING, now, f"{because}; tuning is off", Start(Step.TRAIN))


def _collect_trials(run: Run, event: StepCompleted, now: datetime) -> Decision:
    return then(with_job(run, event), run.stage, now, "the tuning has ended", CollectTrials(event.attempt))


def _train_with_best(run: Run, event: TrialsCollected, now: datetime) -> Decision:
    # The last one only: an attempt that failed before it was another tuning job.
    jobs = tuple(
        replace(job, billable_seconds=event.billable_seconds) if job.step is Step.TUNE and job is run.jobs[-1] else job
        for job in run.jobs
    )
    tuned = replace(run, hyperparameters=event.hyperparameters, members=event.members, jobs=jobs)
    tuned = replace(tuned, best_value=event.value, trials=event.trials, failed_trials=event.failed)
    value = "unknown" if event.value is None else f"{event.value:.5g}"
    train = Start(Step.TRAIN, tuned.first_attempt)
    return then(tuned, Stage.TRAINING, now, f"the best of {event.trials} trials reached {value}", train)


def _pack_or_deploy(run: Run, event: StepCompleted, now: datetime, offered: Registry) -> Decision:
    trained = replace(with_job(run, event), artifact=event.artifact, artifact_bytes=event.artifact_bytes)
    if f"/{RunKeys(run.id).training}/" not in (event.artifact or ""):
        # The container loads it as a program would: nothing but what this run's own training wrote may get there.
        why = f"the trained model lies in {event.artifact}, which is not this run's own"
        return legs.failed(run, now, why, offered) if run.leg else fail(run, now, why, failures.ADVICE_ON_FOREIGN_MODEL)
    if run.leg:
        return legs.trained(trained, now, offered)
    algorithm = offered.if_offered(run.settings)
    if algorithm is not None and algorithm.packed:
        return then(trained, Stage.PACKING, now, "the model is trained", Start(Step.PACK))
    return _deploy(trained, now, "the model is trained")


def _deploy_packed(run: Run, event: StepCompleted, now: datetime) -> Decision:
    if not is_packed(event.artifact, run.id):
        why = f"the packed model lies in {event.artifact}, which is not this run's own"
        return fail(run, now, why, failures.ADVICE_ON_FOREIGN_MODEL)
    packed = replace(with_job(run, event), artifact=event.artifact, artifact_bytes=event.artifact_bytes)
    return _deploy(packed, now, "model and encoder are one archive")


def _deploy(run: Run, now: datetime, because: str) -> Decision:
    return then(in_real_time.if_too_large(run), Stage.DEPLOYING, now, because, Start(Step.CANDIDATE))


def _read_comparison(run: Run, event: StepCompleted, now: datetime) -> Decision:
    return then(with_job(run, event), run.stage, now, "the models are compared", ReadComparison())


def _evaluate(run: Run, event: StepCompleted, now: datetime) -> Decision:
    is_batch = run.mode is Mode.BATCH
    because = "the candidate has answered the test rows" if is_batch else "the candidate endpoint is in service"
    todo = (*in_real_time.remembered(run), Start(Step.EVALUATE))
    return then(with_job(run, event), Stage.EVALUATING, now, because, *todo)


def _read_evaluation(run: Run, event: StepCompleted, now: datetime) -> Decision:
    return then(with_job(run, event), run.stage, now, "the candidate is evaluated", ReadEvaluation())


def _promote_or_reject(run: Run, event: EvaluationRead, now: datetime) -> Decision:
    assert run.problem is not None  # noqa: S101 (an invariant of the stage, checked in tests)
    gate = run.settings["gate"]
    verdict = verdicts.judge(event.evaluation, gate, run.problem.task, run.max_loss)
    judged = replace(run, evaluation=event.evaluation, verdict=verdict)
    if not verdict.promote:
        return reject(judged, now)
    if gate["approval"] == "manual" or verdict.ask:
        # The candidate's endpoint has shown what it can: it must not be billed while a person makes up their mind.
        ask = (StampReport(), *unneeded.of_candidate(judged), *ASKING)
        return then(judged, Stage.AWAITING_APPROVAL, now, "the gate is passed; a person decides", *ask)
    return then(judged, Stage.PROMOTING, now, "the gate is passed", StampReport(), Start(Step.LIVE))


def _follow_approval(run: Run, event: ApprovalGiven, now: datetime) -> Decision:
    if event.because is None:
        known: tuple[Command, ...] = ()
        where = " in the model registry"
    else:  # by an event: the registry has still to be told, and a model that is not in it yet is put there
        run, known, where = asking_no_more(run), (Register("Approved"),), ""
    why = f": {event.because}" if event.because else ""
    if event.approved:
        return then(run, Stage.PROMOTING, now, f"approved by hand{why}", StampReport(), *known, Start(Step.LIVE))
    declined = replace(run, verdict=Verdict(promote=False, reason=f"It was declined{where}{why or '.'}"))
    return reject(declined, now)


def _supersede(run: Run, event: NewerDataArrived, now: datetime) -> Decision:
    if not event.makes_a_model:
        return Decision(run, ignored="the settings that changed make no other model")
    because = "newer data arrived before anybody approved"
    return then(
        asking_no_more(run), Stage.SUPERSEDED, now, because, *unneeded.of_run(run), Release(), Register("Rejected")
    )


def _supersede_if_waiting(run: Run, _event: NewerDataArrived, now: datetime) -> Decision:
    # What is asked of the owner of a waiting run is another instance type in relay.yaml, which makes another run.
    if not cancelling.is_waiting(run):
        return Decision(run, ignored=f"newer data waits until the run that is {run.stage} has ended")
    because = f"newer data or settings arrived while it waited: {run.waiting_for}"
    return then(run, Stage.SUPERSEDED, now, because, *unneeded.of_run(run), Release())


def _go_live(run: Run, event: StepCompleted, now: datetime) -> Decision:
    done: tuple[Command, ...] = (Notify(Mail.PROMOTED), *unneeded.of_candidate(run), Release(), Register("Approved"))
    if run.mode is not Mode.BATCH or run.live is None or run.live.mode is not Mode.BATCH:
        done = (*done, SetAlarms())  # or takes away those of an endpoint that is gone, perhaps by a person's hand
    if run.mode is not Mode.BATCH and (run.scaling or (run.live and run.live.scaling)):
        done = (*done, SetScaling())
    done = (*done, *in_real_time.remembered(run))
    # An endpoint that is updated tells when it was first created: the promotion began when the run came to it.
    started = max(event.job.started or run.updated, run.updated)
    promoted = with_job(run, replace(event, job=replace(event.job, started=started)))
    served = "files are answered by it" if run.mode is Mode.BATCH else "the live endpoint serves it"
    return then(promoted, Stage.LIVE, now, served, *done, gap_ended=giving_way.over(run, event, now))


def _note_rollback(run: Run, event: RollbackBegan, now: datetime) -> Decision:
    if run.taken_back == event.reason:
        return Decision(run, ignored="that the model is taken back is known")
    return then(run, run.stage, now, f"the new model is taken back: {event.reason}", taken_back=event.reason)


# --- the table

Row = tuple[Stage, type[RunEvent]]
_NEXT_LEG = (Stage.TUNING, Stage.TRAINING, Stage.COMPARING)
"""Where a run over several algorithms goes when one of them has ended."""


def _next_leg(stage: Stage) -> tuple[Stage, ...]:
    return tuple(one for one in _NEXT_LEG if one is not stage) if stage in {Stage.TUNING, Stage.TRAINING} else ()


TRANSITIONS: dict[Row, Transition] = {
    (Stage.PREPARING, StepCompleted): Transition(_read_schema, to=(Stage.PREPARING,)),
    (Stage.PREPARING, SchemaRead): Transition(
        _tune_or_train, to=(Stage.TUNING, Stage.TRAINING, Stage.FAILED), by_algorithm=True
    ),
    (Stage.TUNING, StepCompleted): Transition(_collect_trials, to=(Stage.TUNING,)),
    (Stage.TUNING, TrialsCollected): Transition(_train_with_best, to=(Stage.TRAINING,)),
    (Stage.TRAINING, StepCompleted): Transition(
        _pack_or_deploy, to=(Stage.PACKING, Stage.DEPLOYING, *_NEXT_LEG, Stage.FAILED), by_algorithm=True
    ),
    (Stage.PACKING, StepCompleted): Transition(_deploy_packed, to=(Stage.DEPLOYING, Stage.FAILED)),
    (Stage.COMPARING, StepCompleted): Transition(_read_comparison, to=(Stage.COMPARING,)),
    (Stage.COMPARING, ComparisonRead): Transition(legs.chosen, to=(Stage.PACKING, Stage.DEPLOYING), by_algorithm=True),
    (Stage.DEPLOYING, StepCompleted): Transition(_evaluate, to=(Stage.EVALUATING,)),
    (Stage.EVALUATING, StepCompleted): Transition(_read_evaluation, to=(Stage.EVALUATING,)),
    (Stage.EVALUATING, EvaluationRead): Transition(
        _promote_or_reject, to=(Stage.PROMOTING, Stage.AWAITING_APPROVAL, Stage.REJECTED)
    ),
    (Stage.AWAITING_APPROVAL, ApprovalGiven): Transition(_follow_approval, to=(Stage.PROMOTING, Stage.REJECTED)),
    (Stage.AWAITING_APPROVAL, NewerDataArrived): Transition(_supersede, to=(Stage.SUPERSEDED,)),
    (Stage.PROMOTING, StepCompleted): Transition(_go_live, to=(Stage.LIVE,)),
    (Stage.PROMOTING, GapBegins): Transition(giving_way.begins, to=(Stage.PROMOTING,)),
    (Stage.PROMOTING, GapEnded): Transition(giving_way.ended, to=(Stage.PROMOTING,)),
    **{
        (stage, StepFailed): Transition(
            failing.retry_or_fail, to=(stage, *_next_leg(stage), Stage.FAILED), by_algorithm=True
        )
        for stage in STEP_OF
    },
    (Stage.TUNING, StepFailed): Transition(
        failing.ask_for_less_or_retry, to=(*_NEXT_LEG, Stage.FAILED), by_algorithm=True
    ),
    (Stage.PROMOTING, RollbackBegan): Transition(_note_rollback, to=(Stage.PROMOTING,)),
    **{
        (stage, ResultUnusable): Transition(
            failing.give_up, to=(*(_NEXT_LEG if _next_leg(stage) else ()), Stage.FAILED), by_algorithm=True
        )
        for stage in STEP_OF
    },
    (Stage.AWAITING_APPROVAL, ResultUnusable): Transition(failing.cannot_ask, to=(Stage.FAILED,)),
    **{(stage, NewerDataArrived): Transition(_supersede_if_waiting, to=(Stage.SUPERSEDED,)) for stage in STEP_OF},
    **{
        (stage, CancelAsked): Transition(cancelling.cancel, to=(Stage.CANCELLED,))
        for stage in (*STEP_OF, Stage.AWAITING_APPROVAL)
    },
    (Stage.CANCELLED, JobStopped): Transition(cancelling.note_job, to=(Stage.CANCELLED,)),
}
