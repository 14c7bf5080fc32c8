"""What the monitor found, as mail: what changed, how much, since when, whether it hurts, and what happens next.

Names and numbers only: of the rows themselves nothing is mailed. Written from the check's own files, leniently: a mail
must come even where a figure is missing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from chalicelib import console
from chalicelib import message_parts as parts
from chalicelib.commands import Mail
from chalicelib.deployment import DeploymentSettings
from chalicelib.messages import Message, compose, printable
from chalicelib.monitoring import story as told
from chalicelib.monitoring import troubles
from chalicelib.monitoring.story import Story


def about(mail: Mail, story: Story, deployment: DeploymentSettings) -> Message:
    """The mail of this kind about a check."""
    subject, paragraphs = _WRITERS[mail](story)
    if story.drill:
        paragraphs = ["This is a DRILL with made-up traffic; nothing is wrong with the live model.", *paragraphs]
    page = console.object_link(deployment, story.check.report)
    report = parts.place("Report", deployment.uri(story.check.report), page) if story.result else ""
    log = parts.link("Its log", console.check_log_link(deployment, story.check)) if mail is Mail.CHECK_FAILED else ""
    live = story.monitor.live
    machine = {
        "version": 1,
        "kind": str(mail),
        "dataset": story.dataset,
        "check": story.check.name,
        "model": live.run if live else None,
        "endpoint": live.endpoint if live else None,
        "drill": story.drill or None,
        "note": story.note or None,
        "report": deployment.uri(story.check.report) if story.result else None,
        "result": _summary(story),
    }
    attributes = {"check": story.check.name, "run": live.run if live else "", "drill": story.drill}
    severe = mail is Mail.DRIFT_FOUND and story.part("estimate").get("loss") == "certain"
    if severe:
        attributes["severity"] = "error"
    footer = f"Check {story.check.name}, dataset {story.dataset}, model {live.run if live else '-'}."
    message = compose(mail, story.dataset, subject, [*paragraphs, log, report, footer], machine, **attributes)
    return replace(message, subject=printable(f"[drill] {message.subject}")) if story.drill else message


def _summary(story: Story) -> dict[str, Any] | None:
    """The result for machines, without what is long: no distributions, no history, no examples."""
    if story.result is None:
        return None
    kept = ("state", "window", "thresholds", "share_drifted", "drifted", "estimate", "coverage", "metrics", "metric")
    summary = {name: story.result[name] for name in kept if name in story.result}
    for name in ("features", "predictions"):
        judged = [one for one in story.rows(name) if one.get("verdict") == "drifted"]
        fields = ("name", "aspect", "score", "threshold", "p_value", "direction", "sentence")
        summary[name] = [{field: one.get(field) for field in fields} for one in judged[: told.FEATURES_SHOWN]]
    return summary


# --- drift


def _drift_found(story: Story) -> tuple[str, list[str]]:
    features, answers = story.drifted, story.drifted_answers
    total = len(story.rows("features"))
    names = [str(one["name"]) for one in features]
    what = f"drift in {told.listed(names, 3)}" if names else "the model's answers have drifted"
    hurts = story.part("estimate").get("loss") == "certain"
    count = "no single feature, but the model's answers" if answers else "no column alone, but the model is less sure"
    count = f"{len(features)} of {total} features" if features else count
    lead = (
        f'The live traffic of "{story.dataset}" has DRIFTED from what the model learned: {count}, '
        f"over {told.rows(story)} on the endpoint {story.endpoint}{told.since(story)}."
    )
    return (
        f"{what}{', and it hurts' if hurts else ''}",
        [
            lead,
            told.table(features, "Worst first (score: Jensen-Shannon distance, 0 the same, 1 nothing in common):"),
            told.answers(story, answers),
            told.hurts(story),
            told.next_step(story),
            told.problems(story),
        ],
    )


def _drift_over(story: Story) -> tuple[str, list[str]]:
    return (
        "drift over",
        [
            (
                f'The live traffic of "{story.dataset}" looks again like what the model learned: '
                f"{told.rows(story)} were checked, no feature has drifted{told.before(story.note)}."
            ),
            told.estimate(story),
            told.problems(story),
        ],
    )


# --- quality


def _measured(story: Story) -> str:
    return told.measured(story.part("metrics"), str((story.result or {}).get("metric") or ""))


def _metrics(story: Story) -> str:
    return told.metrics(story.part("metrics"), str((story.result or {}).get("task")), "real traffic")


def _quality(story: Story) -> tuple[str, list[str]]:
    few = (story.result or {}).get("state") == "not-enough-labels"
    least = story.monitor.monitoring.get("min_labels")
    lead = (
        f'There are not enough labels yet to say how good the model of "{story.dataset}" is on real traffic: at least '
        f"{least} of its rows must have one."
        if few
        else f'The model of "{story.dataset}" was measured on real traffic with your labels: it keeps its quality.'
    )
    subject = "not enough labels yet" if few else f"quality on real traffic, {_measured(story)}"
    return subject, [
        lead,
        told.sentence(story),
        _metrics(story),
        told.coverage(story),
        told.problems(story),
    ]


def _quality_fell(story: Story) -> tuple[str, list[str]]:
    return (
        f"quality fell, {_measured(story)}",
        [
            f'The model of "{story.dataset}" has become WORSE on real traffic than it was at its promotion.',
            told.sentence(story),
            _metrics(story),
            told.coverage(story),
            told.next_step(story),
            told.problems(story),
        ],
    )


def _quality_recovered(story: Story) -> tuple[str, list[str]]:
    return (
        f"quality is back, {_measured(story)}",
        [
            f'The model of "{story.dataset}" is again about as good on real traffic as at its promotion.',
            told.sentence(story),
            _metrics(story),
            told.coverage(story),
            told.problems(story),
        ],
    )


def _tested(story: Story) -> tuple[str, list[str]]:
    evaluation = story.part("sagerelay")
    promoted = evaluation.get("at_promotion") or {}
    compared, deciding = promoted.get("metrics") or {}, str(promoted.get("metric") or "")
    trained = (evaluation.get("uploaded") or {}).get("trained_on")
    tested = "live model asked about rows it was trained on" if trained else "live model tested"
    return (
        f"{tested}, {told.measured(compared, deciding)}",
        [
            parts.told_first(evaluation),
            f'The live model of "{story.dataset}" was evaluated on your test data: {evaluation.get("rows", 0):,} rows.',
            str(promoted.get("sentence") or ""),
            told.metrics(compared, str(evaluation.get("task")), "test file"),
            parts.confusion_table(evaluation),
            parts.warnings(evaluation),
        ],
    )


_WRITERS: dict[Mail, Callable[[Story], tuple[str, list[str]]]] = {
    Mail.DRIFT_FOUND: _drift_found,
    Mail.DRIFT_OVER: _drift_over,
    Mail.NO_TRAFFIC: troubles.no_traffic,
    Mail.ENDPOINT_GONE: troubles.endpoint_gone,
    Mail.UNREADABLE: troubles.unreadable,
    Mail.CHECK_FAILED: troubles.check_failed,
    Mail.QUALITY: _quality,
    Mail.QUALITY_FELL: _quality_fell,
    Mail.QUALITY_RECOVERED: _quality_recovered,
    Mail.TESTED: _tested,
    Mail.RETRAINING_STOPPED: troubles.retraining_stopped,
}
