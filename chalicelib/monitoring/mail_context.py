"""What a mail of the monitor is written from, and its paragraphs: tables and sentences from a check's own files."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import cast

from chalicelib.contract.checks import CheckResult, Judged, PerformanceEstimate, Window
from chalicelib.contract.evaluation import Compared, UploadedTest
from chalicelib.contract.metrics import Metrics, number
from chalicelib.contract.scored import Scored
from chalicelib.mails import parts
from chalicelib.monitoring.record import Monitor
from chalicelib.names import CheckKeys

FEATURES_SHOWN = 12
NAME_WIDTH = 40


@dataclass(frozen=True, slots=True)
class MailContext:
    """What a mail is written from."""

    monitor: Monitor
    check: CheckKeys
    note: str
    """What stands in no file: why a check failed, since when something is so."""
    result: CheckResult | None
    """drift.json, quality.json, evaluation.json or scored.json of the check, where there is one."""
    drill: str = ""
    """The drill that asked for the check, also where it left no result."""
    news: str = ""
    """What is new of something that was told before (`episodes.News`); empty of what begins."""
    stopped: str = ""
    """The note that retraining stops with this check, where the mail tells that as well."""

    @property
    def dataset(self) -> str:
        return self.monitor.dataset

    @property
    def endpoint(self) -> str:
        return self.monitor.live.endpoint if self.monitor.live else "the live endpoint"

    @property
    def found(self) -> CheckResult:
        """The result; nothing where there is none."""
        return self.result or {}

    @property
    def window(self) -> Window:
        return self.found.get("window") or {}

    @property
    def performance(self) -> PerformanceEstimate:
        return self.found.get("estimate") or {}

    @property
    def hurts(self) -> bool:
        """Whether the model certainly answers worse than it did."""
        return self.performance.get("loss") == "certain"

    @property
    def tested(self) -> UploadedTest:
        """The evaluation of an uploaded test: as it was found, so any key may be missing."""
        return self.found.get("sagerelay") or cast("UploadedTest", {})

    @property
    def scored(self) -> Scored:
        """What a file of rows was answered."""
        return cast("Scored", self.found)

    @property
    def drifted(self) -> list[Judged]:
        """What drifted among the features, worst first."""
        order = {name: place for place, name in enumerate(self.found.get("drifted") or [])}
        features = self.found.get("features") or []
        return sorted((one for one in features if one["name"] in order), key=lambda one: order[one["name"]])

    @property
    def drifted_answers(self) -> list[Judged]:
        return [one for one in self.found.get("predictions") or [] if one.get("verdict") == "drifted"]


def listed(names: Sequence[str], at_most: int) -> str:
    """
    >>> listed(["age", "plan", "city"], 2), listed(["age"], 2)
    ('age, plan and 1 more', 'age')
    """
    shown = ", ".join(short(name) for name in names[:at_most])
    return f"{shown} and {len(names) - at_most} more" if len(names) > at_most else shown


def short(name: str) -> str:
    """A column's name on one line, shortened where it would break a table."""
    flat = parts.one_line(name)
    return flat if len(flat) <= NAME_WIDTH else f"{flat[: NAME_WIDTH - 1]}~"


def rows(context: MailContext) -> str:
    """How many rows were looked at."""
    count = context.window.get("rows") or 0
    return f"{count:,} row{'s' if count != 1 else ''}"


def when(time: str) -> str:
    """
    >>> when("2026-11-22T10:00:00Z")
    '2026-11-22 10:00 UTC'
    """
    return f"{time[:10]} {time[11:16]} UTC" if len(time) > 15 else time


def since(context: MailContext) -> str:
    """Since when the traffic is as it is, as far as the checks can tell."""
    start = context.note or context.window.get("from") or ""
    return f", in traffic since {when(start)}" if start else ""


def before(start: str) -> str:
    return f" (it had since {when(start)})" if start else ""


def table(judged: Sequence[Judged], heading: str) -> str:
    """Drifted features as aligned text, worst first."""
    if not judged:
        return ""
    lines = [["", "score", "limit", "what changed"]]
    lines += [
        [short(str(one["name"])), number(one.get("score")), number(one.get("threshold")), _change(one)]
        for one in judged[:FEATURES_SHOWN]
    ]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    text = [f"{a:<{widths[0]}}  {b:>{widths[1]}}  {c:>{widths[2]}}  {d}".rstrip() for a, b, c, d in lines]
    if len(judged) > FEATURES_SHOWN:
        text.append(f"... and {len(judged) - FEATURES_SHOWN} more, in the report")
    return heading + "\n\n" + "\n".join(text)


def _change(one: Judged) -> str:
    return parts.one_line(str(one.get("sentence") or f"{one.get('aspect')}: {one.get('direction')}"))


def answers(context: MailContext, drifted: Sequence[Judged]) -> str:
    """What the model's answers did."""
    if drifted:
        return table(
            drifted, "The model's answers changed, too:" if context.drifted else "The model's answers changed:"
        )
    return "The model's answers have not changed by more than chance and the limit allow." if context.result else ""


def rule(context: MailContext) -> str:
    """How rows that hang together were judged, and what follows the clock; nothing of an earlier release's check."""
    found = context.found.get("rule") or {}
    said = parts.one_line(str(found.get("sentence") or ""))
    names = [str(name) for name in context.found.get("seasonal") or ()]
    clock = f" Only the clock, and no drift: {listed(names, 5)}." if names else ""
    return f"How it was judged: {said}{clock}" if said else ""


def hurts(context: MailContext) -> str:
    """The estimated loss of performance, and how sure it is."""
    said = estimate(context)
    return f"Does it hurt? {said}" if said else ""


def estimate(context: MailContext) -> str:
    """What the model's own confidence, or the size of its errors on rows like these, says about its performance; or why
    that is not known."""
    found = context.performance
    return parts.one_line(str(found.get("undefined") or found.get("sentence") or ""))


def next_step(context: MailContext) -> str:
    """What SageRelay does by itself now, and what the owner can do."""
    if context.drill:
        return "What happens next: nothing, because this is a drill; the monitor's own state is as it was."
    policy, past = context.monitor.policy, context.monitor.retraining
    chosen = policy["policy"]
    if chosen in {"never", "schedule"}:
        own = "it will be retrained by its schedule" if chosen == "schedule" else "nothing by itself"
        return (
            f"What happens next: {own} (retraining.policy is {chosen}). Upload newer labelled data to "
            f"datasets/{context.dataset}/train/ to train a new model, or labels of this traffic to "
            f"datasets/{context.dataset}/labels/ to measure how good the model still is."
        )
    if past.stopped:
        return "What happens next: nothing by itself; retraining was stopped because it did not help."
    if past.under_way:
        return (
            "What happens next: a training on all data of train/"
            + (" and the captured rows that have labels" if policy["labelled_traffic"] else "")
            + " begins; its model goes live only if it passes the gate. You get a mail."
        )
    if context.monitor.signals:
        hours = policy["cool_down_hours"]
        return f"What happens next: a training, as soon as the cool-down of {hours:g} hours since the last one is over."
    return f"What happens next: nothing by itself for now (retraining.policy is {chosen}, whose condition is not met)."


def problems(context: MailContext) -> str:
    """What could not be read or joined, in the job's own sentences."""
    found = context.found.get("problems") or []
    if not found:
        return ""
    lines = [
        f"* {parts.one_line(str(problem.get('sentence')))} [{problem.get('code')}]"
        for problem in found[: parts.NOTICES_SHOWN]
    ]
    if len(found) > parts.NOTICES_SHOWN:
        lines.append(f"* ... and {len(found) - parts.NOTICES_SHOWN} more, in the report")
    return "Please look at this:\n\n" + "\n".join(lines)


# --- quality


def sentence(context: MailContext) -> str:
    return str(context.found.get("sentence") or "")


def relation(context: MailContext) -> str:
    """Whether the same inputs still have the same outcomes; documents of earlier releases do not say."""
    return str((context.found.get("relation") or {}).get("sentence") or "")


def metrics(compared: Mapping[str, Compared], known: Metrics, measured_on: str) -> str:
    """The headline metrics as they were measured now, against those at promotion."""
    lines = [["", measured_on, "95 % interval", "at promotion", "difference"]]
    for name in known.headlines:
        metric, figures = known[name], compared.get(name) or {}
        if figures.get("value") is not None:
            cells = [metric.number(figures["value"]), parts.interval(metric, figures)]
            cells += [metric.number(figures.get("at_promotion")), metric.signed(figures.get("difference"))]
            lines.append([metric.title, *cells])
    return parts.table(lines) if len(lines) > 1 else ""


def coverage(context: MailContext) -> str:
    """How the labels were joined with the traffic."""
    found = context.found.get("coverage")
    if not found:
        return ""
    share = found.get("share_of_traffic")
    text = f"{found.get('matched', 0):,} of {found.get('labels', 0):,} labels found their row"
    text += f", {share:.1%} of the captured rows have one" if share is not None else ""
    odd = {
        "unknown": found.get("unknown"),
        "duplicates": found.get("duplicates"),
        "conflicting": found.get("conflicting"),
        "ambiguous": found.get("ambiguous"),
        "unusable": found.get("unusable"),
    }
    unused = ", ".join(f"{count:,} {name}" for name, count in odd.items() if count)
    return f"Labels: {text}." + (f" Not used: {unused}." if unused else "")


def measured(compared: Mapping[str, Compared], known: Metrics, name: str) -> str:
    """The deciding metric, for a subject."""
    metric, figures = known[name], compared.get(name) or {}
    if figures.get("value") is None:
        return f"{metric.title} undefined" if name else "undefined"
    before = figures.get("at_promotion")
    then = f" (at promotion {metric.number(before)})" if before is not None else ""
    return f"{metric.title} {metric.number(figures['value'])}{then}"
