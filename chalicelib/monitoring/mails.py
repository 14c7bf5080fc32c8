"""What the monitor found, as mail: what changed, how much, since when, whether it hurts, and what happens next.

Names and numbers only: of the rows themselves nothing is mailed. Written from the check's own files, leniently: a mail
must come even where a figure is missing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, parts
from chalicelib.mails.messages import Message, compose, printable
from chalicelib.monitoring import labelled, mail_context, scored, told_again, troubles
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.names import Kind
from chalicelib.records.commands import Mail


def about(mail: Mail, context: MailContext, deployment: DeploymentSettings) -> Message:
    """The mail of this kind about a check."""
    subject, paragraphs = _WRITERS[mail](context)
    if context.stopped:
        stops, told = troubles.retraining_stopped(replace(context, note=context.stopped))
        subject, paragraphs = f"{stops}; {subject}", [*paragraphs, *told]
    if context.drill:
        paragraphs = ["This is a DRILL with made-up traffic; nothing is wrong with the live model.", *paragraphs]
    label, key = _left(mail, context)
    report = parts.place(label, deployment.uri(key), console.object_link(deployment, key)) if key else ""
    log = parts.link("Its log", console.check_log_link(deployment, context.check)) if mail is Mail.CHECK_FAILED else ""
    live = context.monitor.live
    machine = {
        "version": 1,
        "kind": str(mail),
        "dataset": context.dataset,
        "check": context.check.name,
        "model": live.run if live else None,
        "endpoint": live.endpoint if live else None,
        "drill": context.drill or None,
        "note": context.note or None,
        "news": context.news or None,
        "retraining_stopped": context.stopped or None,
        "report": deployment.uri(key) if key else None,
        "result": _summary(context),
    }
    attributes = {"check": context.check.name, "run": live.run if live else "", "drill": context.drill}
    severe = context.stopped or (mail is Mail.DRIFT_FOUND and context.hurts)
    if severe:
        attributes["severity"] = "error"
    footer = f"Check {context.check.name}, dataset {context.dataset}, model {live.run if live else '-'}."
    message = compose(mail, context.dataset, subject, [*paragraphs, log, report, footer], machine, **attributes)
    return replace(message, subject=printable(f"[drill] {message.subject}")) if context.drill else message


def _left(mail: Mail, context: MailContext) -> tuple[str, str]:
    """What there is to look at, and its key; nothing where a check left nothing."""
    if mail is Mail.SCORED_BEFORE:
        return "Result", context.note
    if context.check.kind is Kind.SCORE:
        return "Result", str(context.scored.get("result") or "")
    return "Report", context.check.report if context.result else ""


def _summary(context: MailContext) -> dict[str, object] | None:
    """The result for machines, without what is long: no distributions, no history, no examples."""
    if context.result is None:
        return None
    kept: tuple[str, ...] = (
        *("state", "window", "thresholds", "rule", "share_drifted", "drifted", "estimate"),
        *("coverage", "metrics", "metric", "relation", "before"),
    )
    if context.check.kind is Kind.SCORE:
        kept = ("file", "result", "columns", "rows", "classes", "range", "range_at_promotion", "evaluation", "earlier")
    whole: Mapping[str, object] = context.result
    summary = {name: whole[name] for name in kept if name in whole}
    summary["features"] = _worst(context.result.get("features"))
    summary["predictions"] = _worst(context.result.get("predictions"))
    return summary


def _worst(judged: Sequence[Mapping[str, object]] | None) -> list[dict[str, object]]:
    fields = ("name", "aspect", "score", "threshold", "p_value", "direction", "sentence")
    drifted = [one for one in judged or () if one.get("verdict") == "drifted"]
    return [{field: one.get(field) for field in fields} for one in drifted[: mail_context.FEATURES_SHOWN]]


# --- drift


def _drift_found(context: MailContext) -> tuple[str, list[str]]:
    features, answers = context.drifted, context.drifted_answers
    total = len(context.found.get("features") or ())
    names = [str(one["name"]) for one in features]
    what = f"drift in {mail_context.listed(names, 3)}" if names else "the model's answers have drifted"
    count = (
        "no single feature, but the model's answers"
        if answers
        else "no column alone, but the model probably answers worse"
    )
    count = f"{len(features)} of {total} features" if features else count
    lead = (
        f'The live traffic of "{context.dataset}" has DRIFTED from what the model learned: {count}, '
        f"over {mail_context.rows(context)} on the endpoint {context.endpoint}{mail_context.since(context)}."
    )
    return (
        told_again.drift_subject(context, what),
        [
            told_again.drift_lead(context),
            lead,
            mail_context.table(
                features, "Worst first (score: Jensen-Shannon distance, 0 the same, 1 nothing in common):"
            ),
            mail_context.answers(context, answers),
            mail_context.rule(context),
            mail_context.hurts(context),
            mail_context.next_step(context),
            mail_context.problems(context),
        ],
    )


def _drift_over(context: MailContext) -> tuple[str, list[str]]:
    return (
        "drift over",
        [
            (
                f'The live traffic of "{context.dataset}" looks again like what the model learned: '
                f"{mail_context.rows(context)} were checked, no feature has drifted{mail_context.before(context.note)}."
                " It is called over when several checks in a row, or the first one of a new model, found none."
            ),
            mail_context.estimate(context),
            mail_context.problems(context),
        ],
    )


def _tested(context: MailContext) -> tuple[str, list[str]]:
    evaluation = context.tested
    promoted = evaluation.get("at_promotion") or {}
    compared, deciding = promoted.get("metrics") or {}, str(promoted.get("metric") or "")
    trained = (evaluation.get("uploaded") or {}).get("trained_on")
    tested = "live model asked about rows it was trained on" if trained else "live model tested"
    return (
        f"{tested}, {mail_context.measured(compared, labelled.known(evaluation), deciding)}",
        [
            parts.told_first(evaluation),
            (
                f'The live model of "{context.dataset}" was evaluated on your test data: '
                f"{evaluation.get('rows', 0):,} rows."
            ),
            str(promoted.get("sentence") or ""),
            mail_context.metrics(compared, labelled.known(evaluation), "test file"),
            parts.confusion_table(evaluation),
            parts.warnings(evaluation),
        ],
    )


_WRITERS: dict[Mail, Callable[[MailContext], tuple[str, list[str]]]] = {
    Mail.DRIFT_FOUND: _drift_found,
    Mail.DRIFT_OVER: _drift_over,
    Mail.NO_TRAFFIC: troubles.no_traffic,
    Mail.ENDPOINT_GONE: troubles.endpoint_gone,
    Mail.UNREADABLE: troubles.unreadable,
    Mail.CHECK_FAILED: troubles.check_failed,
    Mail.QUALITY: labelled.quality,
    Mail.QUALITY_FELL: labelled.fell,
    Mail.QUALITY_RECOVERED: labelled.recovered,
    Mail.RELATION_CHANGED: labelled.relation_changed,
    Mail.TESTED: _tested,
    Mail.SCORED: scored.scored,
    Mail.SCORED_BEFORE: scored.scored_before,
    Mail.SCORE_WAITS: scored.waits,
    Mail.RETRAINING_STOPPED: troubles.retraining_stopped,
}
