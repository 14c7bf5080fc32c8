"""Results as mail: a subject and a text that a person understands in ten seconds, and the same for machines.

Subjects are printable ASCII and under 100 characters, because SNS refuses others. Nothing of the user's data is in a
mail but names and numbers. A presigned link is never mailed: it dies with the Lambda's credentials. What is mailed
is the S3 address and, where the deployment has a console, the link to its page there.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from chalicelib import failures, names
from chalicelib.contract.evaluation import Evaluation
from chalicelib.contract.metrics import deciding, told
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import algorithms, console, gap, gate, money, parts, promotion, worth
from chalicelib.names import RunKeys
from chalicelib.records.commands import Mail
from chalicelib.records.run import Run, Stage
from chalicelib.records.traffic import Traffic
from chalicelib.serving_mode import Mode

SUBJECT_LIMIT = 99
TEXT_LIMIT = 30_000
"""Characters, of up to 4 bytes. SNS takes 256 KiB with attributes and the machine's variant."""
PART_BYTES = 100_000
"""What either variant may take as it is sent; both and the attributes stay below SNS's 256 KiB, and, since a mail is
kept in the table until it is sent, below DynamoDB's 400 KB."""
PROBLEMS_SHOWN = 20
PROBLEM_LIMIT = 600

_INFO = (
    *(Mail.PROMOTED, Mail.DRIFT_OVER, Mail.QUALITY, Mail.QUALITY_RECOVERED, Mail.TESTED),
    *(Mail.SCORED, Mail.SCORED_BEFORE, Mail.ROLLED_BACK, Mail.CHEAPER, Mail.AWAKE, Mail.COSTS, Mail.CANCELLED),
)
_WARNING = (
    *(Mail.REJECTED, Mail.APPROVAL_NEEDED, Mail.WAITING, Mail.DRIFT_FOUND, Mail.NO_TRAFFIC, Mail.ENDPOINT_GONE),
    *(Mail.UNREADABLE, Mail.RELATION_CHANGED, Mail.SCORE_WAITS, Mail.ROLLBACK_FAILED, Mail.GAP, Mail.IDLE),
    Mail.NOT_AWAKE,
)
_ERROR = (Mail.FAILED, Mail.REFUSED, Mail.CHECK_FAILED, Mail.QUALITY_FELL, Mail.RETRAINING_STOPPED)
_SEVERITY = {
    **dict.fromkeys(_INFO, "info"),
    **dict.fromkeys(_WARNING, "warning"),
    **dict.fromkeys(_ERROR, "error"),
}


@dataclass(frozen=True, slots=True)
class Message:
    """A mail before it is published."""

    subject: str
    text: str
    machine: Mapping[str, Any]
    """The same, for subscribers that are programs."""
    attributes: Mapping[str, str] = field(default_factory=dict)
    """`kind`, `dataset`, `severity`, `run`: what a subscription can filter by."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """An upload that cannot be used: the object's key, and a sentence for each mistake."""

    key: str
    problems: tuple[str, ...]


def to_document(message: Message) -> str:
    """A mail as JSON text, for the record that keeps it until it is sent."""
    return json.dumps(asdict(message), default=str, ensure_ascii=False, separators=(",", ":"))


def from_document(document: str) -> Message:
    """The mail that `to_document` wrote; raises ValueError for whatever is none.

    >>> from_document(to_document(Message("s", "t", {"n": 1}, {"kind": "failed"})))
    Message(subject='s', text='t', machine={'n': 1}, attributes={'kind': 'failed'})
    """
    try:
        message = Message(**json.loads(document))
        words = (message.subject, message.text, *message.attributes.keys(), *message.attributes.values())
    except (AttributeError, RecursionError, TypeError):
        words = ()
    if not words or not all(word and isinstance(word, str) for word in words) or not isinstance(message.machine, dict):
        raise ValueError("what is stored is no mail")
    return message


def about_run(mail: Mail, run: Run, deployment: DeploymentSettings, traffic: Traffic | None = None) -> Message:
    """The mail of this kind about a run. `traffic`: how often the dataset's model was asked, where that was counted."""
    subject, paragraphs = _WRITERS[mail](run, deployment)
    if mail is Mail.PROMOTED:
        paragraphs = [*paragraphs[:-1], money.at_traffic(run, deployment, traffic), *paragraphs[-1:]]
    paragraphs = [parts.told_first(run.evaluation) if run.evaluation else "", *paragraphs]
    return compose(mail, run.dataset, subject, paragraphs, _machine(mail, run, deployment), run=run.id)


def about_refusal(dataset: str, refusal: Refusal) -> Message:
    """The mail about an upload that starts nothing."""
    problems = [parts.cut(parts.one_line(problem), PROBLEM_LIMIT) for problem in refusal.problems[:PROBLEMS_SHOWN]]
    if len(refusal.problems) > PROBLEMS_SHOWN:
        problems.append(f"and {len(refusal.problems) - PROBLEMS_SHOWN:,} more")
    paragraphs = [
        f"{parts.one_line(refusal.key)} cannot be used, so nothing was started. Your file was not changed.",
        "\n".join(f"* {problem}" for problem in problems),
        "Correct it and upload it again.",
    ]
    machine = {"kind": Mail.REFUSED, "dataset": dataset, "object": refusal.key, "problems": problems}
    return compose(Mail.REFUSED, dataset, f"{refusal.key.rpartition('/')[2]} cannot be used", paragraphs, machine)


def compose(
    mail: Mail, dataset: str, subject: str, paragraphs: Sequence[str], machine: Mapping[str, Any], **attributes: str
) -> Message:
    """A mail from its parts, of a size that is taken. Attributes beside those every mail has are given by name; empty
    ones are left out."""
    text = "\n\n".join(paragraph for paragraph in paragraphs if paragraph)
    attributes = {"kind": str(mail), "dataset": dataset, "severity": _SEVERITY[mail], **attributes}
    return Message(
        subject=printable(f"{dataset}: {subject}" if dataset else subject),
        text=parts.cut_to_bytes(text[:TEXT_LIMIT], PART_BYTES) + "\n",
        machine=parts.within(machine, PART_BYTES),
        attributes={name: value for name, value in attributes.items() if value},
    )


def printable(subject: str) -> str:
    """The subject as SNS takes it: printable ASCII, one line, under 100 characters.

    >>> printable("caf\u00e9: new\\nmodel")
    'caf?: new model'
    """
    flat = " ".join(subject.split())
    plain = "".join(character if " " <= character <= "~" else "?" for character in flat)
    return plain if len(plain) <= SUBJECT_LIMIT else f"{plain[: SUBJECT_LIMIT - 3]}..."


def _promoted(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    return f"new model live, {_headline(run)}", [*promotion.of(run, deployment), *_results(run, deployment)]


def _rejected(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    stays = f"The live model of run {run.live.run} goes on serving." if run.live else "No model is live."
    rejected = f'The new model for "{run.dataset}" was REJECTED. {stays}'
    return f"model rejected, {_headline(run)}", [rejected, *_results(run, deployment)]


def _approval_needed(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    return (
        f"approval needed, {_headline(run)}",
        [
            f'The new model for "{run.dataset}" passed its gate and WAITS FOR YOUR APPROVAL.',
            gate.approval(run, deployment),
            gap.ahead(run),
            *_results(run, deployment),
        ],
    )


def _failed(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    failure = run.failure
    if failure is None:
        return "run failed", []
    stays = gap.measured(run) or (f"The live model of run {run.live.run} goes on serving." if run.live else "")
    where = f"{failure.stage} (job {failure.job})" if failure.job else str(failure.stage)
    files = console.folder_link(deployment, RunKeys(run.id).root)
    subject = f"{failure.stage} failed: {parts.without_code(failure.reason).rstrip('.')}"
    what = f'The run for "{run.dataset}" FAILED while {where}.'
    if failures.is_rollback(failure.reason):
        subject = f"new model taken back: {failure.reason.partition(': ')[2].rstrip('.')}"
        what = f'The new model for "{run.dataset}" was TAKEN BACK while it took over.'
    return (
        subject,
        [
            f"{what} {stays}".rstrip(),
            f"Why: {parts.one_line(failure.reason)}",
            algorithms.compared(run, deployment),
            f"What to do: {failure.advice}",
            parts.given_up(run, deployment),
            parts.changed_default(run, deployment),
            money.spent(run, deployment),
            parts.link("Its log", console.failure_log_link(deployment, run, failure)),
            parts.place("Files of this run", f"{deployment.uri(RunKeys(run.id).root)}/", files),
            parts.footer(run),
        ],
    )


def _waiting(run: Run, _deployment: DeploymentSettings) -> tuple[str, list[str]]:
    until = f" It tries again after {run.not_before:%Y-%m-%d %H:%M} UTC." if run.not_before else ""
    doing, todo = (
        str(run.stage),
        (
            "What to do: nothing, or ask for a higher service quota, or choose another instance type in relay.yaml and "
            "upload it: this run then makes room for a new one."
        ),
    )
    if failures.is_over_budget(run.waiting_for or ""):
        return money.asking(run)
    if run.stage is Stage.AWAITING_APPROVAL:
        doing = "registering the model, which you are then asked to approve"
        todo = "What to do: nothing, or ask for a higher quota of SageMaker's model registry."
    return (
        f"waiting while {doing}",
        [
            f'The run for "{run.dataset}" WAITS while {doing}; it has not failed.{until}',
            f"Why: {parts.one_line(run.waiting_for or '')}",
            todo,
            parts.footer(run),
        ],
    )


def _cancelled(run: Run, deployment: DeploymentSettings) -> tuple[str, list[str]]:
    from chalicelib.mails import cancelled  # hardly any run ends so

    return cancelled.of(run, deployment)


_WRITERS = {
    Mail.PROMOTED: _promoted,
    Mail.REJECTED: _rejected,
    Mail.APPROVAL_NEEDED: _approval_needed,
    Mail.FAILED: _failed,
    Mail.WAITING: _waiting,
    Mail.GAP: gap.begins,
    Mail.CANCELLED: _cancelled,
}


def _headline(run: Run) -> str:
    if run.problem is None or run.evaluation is None:
        return ""
    metric = deciding(run.settings["gate"]["metric"], run.problem.task)
    value = run.evaluation["metrics"].get(metric, {}).get("value")
    shown = told(run.evaluation, run.problem.task)[metric]
    return f"{shown.title} {shown.number(value)}"


def _of_an_evaluation(of: Evaluation, *, tuned: bool) -> tuple[str, ...]:
    board = worth.leaderboard(of, tuned=tuned)
    return worth.threshold(of), parts.confusion_table(of), board, worth.columns(of)


def _results(run: Run, deployment: DeploymentSettings) -> list[str]:
    evaluation = run.evaluation
    return [
        gate.reason(run),
        parts.changed_default(run, deployment),
        parts.given_up(run, deployment),
        algorithms.compared(run, deployment),
        parts.metrics_table(run),
        worth.on_traffic(evaluation) if evaluation else "",
        *(_of_an_evaluation(evaluation, tuned=bool(run.hyperparameters)) if evaluation else ()),
        parts.hyperparameters(run),
        parts.failed_trials(run),
        parts.warnings(evaluation) if evaluation else "",
        parts.place(
            "Report", deployment.uri(RunKeys(run.id).report), console.object_link(deployment, RunKeys(run.id).report)
        ),
        parts.durations(run),
        money.spent(run, deployment),
        gate.way_back(run, deployment),
        money.bill(run, deployment),
        parts.footer(run),
    ]


_IN_MACHINE = ("best_earlier", "decision", "leaderboard", "on_traffic", "permutation_importance")


def _machine(mail: Mail, run: Run, deployment: DeploymentSettings) -> dict[str, Any]:
    evaluation: Mapping[str, object] = run.evaluation or {}
    return {
        "version": 1,
        "kind": str(mail),
        "dataset": run.dataset,
        "run": run.id,
        "stage": str(run.stage),
        "verdict": run.verdict and {"promote": run.verdict.promote, "reason": run.verdict.reason},
        "failure": run.failure
        and {"stage": str(run.failure.stage), "reason": run.failure.reason, "advice": run.failure.advice},
        **{name: evaluation.get(name) for name in ("metrics", "comparison", "confusion_matrix", *_IN_MACHINE)},
        "classes": evaluation.get("classes") if evaluation.get("confusion_matrix") else None,
        "hyperparameters": dict(run.hyperparameters),
        **algorithms.as_document(run),
        "objective": run.objective and run.objective.metric,
        "seconds": run.seconds,
        "gap_seconds": run.gap_seconds,
        "billable_seconds": run.billable_seconds,
        "cost": money.spent_document(run, deployment),
        "endpoint": None if run.mode is Mode.BATCH else names.live_endpoint(deployment.prefix, run.dataset),
        "mode": str(run.mode),
        "report": deployment.uri(RunKeys(run.id).report) if run.evaluation else None,
    }
