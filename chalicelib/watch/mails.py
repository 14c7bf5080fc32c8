"""What the watch found, as mail: what changed, how much, since when, whether it hurts, and what happens next.

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
from chalicelib.names import Kind
from chalicelib.watch import story as told
from chalicelib.watch.story import Story


def about(mail: Mail, story: Story, deployment: DeploymentSettings) -> Message:
    """The mail of this kind about a check."""
    subject, paragraphs = _WRITERS[mail](story)
    if story.drill:
        paragraphs = ["This is a DRILL with made-up traffic; nothing is wrong with the live model.", *paragraphs]
    page = console.object_link(deployment, story.check.report)
    report = parts.place("Report", deployment.uri(story.check.report), page) if story.result else ""
    log = parts.link("Its log", console.check_log_link(deployment, story.check)) if mail is Mail.CHECK_FAILED else ""
    live = story.watch.live
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


def _no_traffic(story: Story) -> tuple[str, list[str]]:
    least = story.watch.monitoring.get("min_rows")
    found = (
        f" The last check found {told.rows(story)}." if story.result else " The last check found no new traffic at all."
    )
    return (
        "not enough traffic to watch the model",
        [
            (
                f'The model of "{story.dataset}" is NOT BEING WATCHED: since {story.note} no check had the {least} '
                f"rows it needs.{found} This says nothing of whether the traffic has drifted."
            ),
            (
                f"What to do: if the endpoint {story.endpoint} should have callers, look whether they reach it, and "
                "whether endpoint.capture_percentage in relay.yaml is above 0 (a change takes effect with the next "
                "model). If there are few calls, a longer monitoring.schedule or a smaller monitoring.min_rows suits "
                "better. Rows wait for the next check, none is lost."
            ),
            told.problems(story),
        ],
    )


def _unreadable(story: Story) -> tuple[str, list[str]]:
    return (
        "problems with the captured traffic",
        [
            (
                f'A check of "{story.dataset}" met captured records that are not as they should be. What could be read '
                "was checked; the list says what became of the rest. This mail comes once, until a check meets none."
            ),
            told.problems(story),
        ],
    )


def _check_failed(story: Story) -> tuple[str, list[str]]:
    what = {
        Kind.DRIFT: "The drift check of the live traffic",
        Kind.QUALITY: "Measuring the model with the labels",
        Kind.TEST: "Evaluating the live model on your test file",
        Kind.DRILL: "The check of a drill",
    }[story.check.kind]
    about_traffic = story.check.kind in {Kind.DRIFT, Kind.QUALITY}
    nothing = " Nothing is known of the model's state until a check succeeds." if about_traffic else ""
    return (
        f"{_SHORT[story.check.kind]} failed: {_short_reason(story)}",
        [
            f'{what} for "{story.dataset}" FAILED.{nothing} The live model goes on serving.',
            f"Why: {parts.one_line(story.note)}",
            f"What to do: {_ADVICE[story.check.kind]}",
        ],
    )


def _short_reason(story: Story) -> str:
    """The reason for a subject: without its code, and without the folder that the reader knows."""
    return parts.without_code(story.note).replace(f"datasets/{story.dataset}/", "").rstrip(".")


_SHORT = {
    Kind.DRIFT: "drift check",
    Kind.QUALITY: "quality check",
    Kind.TEST: "evaluation of the test file",
    Kind.DRILL: "drill",
}
_ADVICE = {
    Kind.DRIFT: "the next check tries again and includes this traffic. If it fails too, see the processing job's log.",
    Kind.QUALITY: "correct the label files and upload them again. docs/input.md says how labels are written.",
    Kind.TEST: "correct the file and upload it again; your file was not changed.",
    Kind.DRILL: "see the log of the processing job, and start the drill again.",
}


# --- quality


def _measured(story: Story) -> str:
    return told.measured(story.part("metrics"), str((story.result or {}).get("metric") or ""))


def _metrics(story: Story) -> str:
    return told.metrics(story.part("metrics"), str((story.result or {}).get("task")), "real traffic")


def _quality(story: Story) -> tuple[str, list[str]]:
    few = (story.result or {}).get("state") == "not-enough-labels"
    least = story.watch.monitoring.get("min_labels")
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


def _retraining_stopped(story: Story) -> tuple[str, list[str]]:
    if not story.note.isdigit():
        return (
            "retraining is not possible",
            [
                f'SageRelay wanted to retrain "{story.dataset}" and cannot: {story.note}. It stops trying by itself.',
                "What to do: upload labelled data to train/; a run then begins as always.",
            ],
        )
    tries = int(story.note)
    times = f"{tries} time{'s' if tries != 1 else ''}"
    return (
        "retraining stopped, it does not help",
        [
            (
                f'SageRelay has retrained "{story.dataset}" {times} in a row without putting things in order, and '
                "STOPS trying by itself, so that it does not cost you more."
            ),
            (
                "What to do: upload newer labelled data to train/ (a run then begins as always, and retraining is on "
                "again when its model goes live), or labels/ with retraining.labelled_traffic on. The reports show "
                "what has changed."
            ),
        ],
    )


_WRITERS: dict[Mail, Callable[[Story], tuple[str, list[str]]]] = {
    Mail.DRIFT_FOUND: _drift_found,
    Mail.DRIFT_OVER: _drift_over,
    Mail.NO_TRAFFIC: _no_traffic,
    Mail.UNREADABLE: _unreadable,
    Mail.CHECK_FAILED: _check_failed,
    Mail.QUALITY: _quality,
    Mail.QUALITY_FELL: _quality_fell,
    Mail.QUALITY_RECOVERED: _quality_recovered,
    Mail.TESTED: _tested,
    Mail.RETRAINING_STOPPED: _retraining_stopped,
}
