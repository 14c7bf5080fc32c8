"""The parts of a mail: numbers, tables and lists as plain text of at most 76 columns or so.

Pure text from plain values; which part goes into which mail is decided in `messages.py`.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.contract.evaluation import Estimate, Evaluation
from chalicelib.contract.metrics import ABSENT, Metric, hyperparameter, number, told
from chalicelib.deployment import DeploymentSettings
from chalicelib.names import Step
from chalicelib.records.events import JobRecord
from chalicelib.records.run import Run

LABEL_WIDTH = 18
NOTICES_SHOWN = 8
REASON_LIMIT = 300


def duration(seconds: int | None) -> str:
    """
    >>> duration(3725), duration(41), duration(None)
    ('1 h 2 min', '41 s', '-')
    """
    if seconds is None:
        return "-"
    if seconds < 60:
        return f"{seconds} s"
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes} min {rest} s"
    return f"{minutes // 60} h {minutes % 60} min"


def one_line(sentence: str) -> str:
    """A sentence that may hold names of the user's, on one line and of printable characters: it forges no paragraph.

    >>> one_line("a\\n\\nReport: \\u202eevil")
    'a Report: ?evil'
    """
    return "".join(character if character.isprintable() else "?" for character in " ".join(sentence.split()))


def cut(text: str, limit: int) -> str:
    """
    >>> cut("abcdef", 4), cut("abcd", 4)
    ('abc…', 'abcd')
    """
    return text if len(text) <= limit else f"{text[: limit - 1]}…"


def cut_to_bytes(text: str, limit: int) -> str:
    """The beginning of a text that takes at most so many bytes as JSON. What no encoding knows becomes a `?`."""
    text = text.encode(errors="replace").decode()
    while (size := len(json.dumps(text, ensure_ascii=False).encode())) > limit:
        text = text[: len(text) * limit // size]
    return text


def within(machine: Mapping[str, Any], limit: int) -> dict[str, Any]:
    """The machine's variant in at most so many bytes: the largest of its values give way to null, beside `left_out`.

    >>> within({"kind": "promoted", "classes": ["x" * 99, "y"], "rows": 7}, 90)
    {'kind': 'promoted', 'classes': None, 'rows': 7, 'left_out': ['classes']}
    """
    kept: dict[str, Any] = json.loads(json.dumps(machine, default=str, ensure_ascii=False).encode(errors="replace"))
    left_out: list[str] = []
    while _sent_size(kept) > limit:
        largest = max((name for name in kept if name != "left_out"), key=lambda name: _sent_size(kept[name]))
        left_out.append(largest)
        kept = {**kept, largest: None, "left_out": left_out}
    return kept


def _sent_size(value: Any) -> int:
    # JSON within JSON, as SNS takes the variants of a message: every quotation mark costs twice.
    return len(json.dumps(json.dumps(value, ensure_ascii=False), ensure_ascii=False).encode())


def without_code(reason: str) -> str:
    """A refusal without its code in brackets, for subjects.

    >>> without_code("[no-target] jan.csv: there is no column y")
    'jan.csv: there is no column y'
    """
    return reason.partition("] ")[2] if reason.startswith("[") and "] " in reason else reason


def table(rows: Sequence[Sequence[str]], *, right_from: int = 1) -> str:
    """Rows of cells as aligned text; columns from `right_from` on are flush right.

    >>> print(table([["", "no", "yes"], ["no", "10", "2"]]))
        no  yes
    no  10    2
    """
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column >= right_from else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def metrics_table(run: Run) -> str:
    """The main metrics with their intervals, and against the live model when there is one."""
    if run.problem is None or run.evaluation is None:
        return ""
    metrics, compared = run.evaluation["metrics"], run.evaluation.get("comparison") or {}
    live = (run.evaluation.get("live") or {}).get("metrics") or {}
    heading = ["", "value", "95 % interval"]
    rows = [heading + (["live model", "difference"] if live else [])]
    known = told(run.evaluation, run.problem.task)
    for name in known.headlines:
        metric, score = known[name], metrics.get(name, {})
        row = [metric.title, metric.number(score.get("value")), interval(metric, score)]
        if live:
            theirs, difference = live.get(name, {}).get("value"), compared.get(name, {}).get("difference")
            row += [metric.number(theirs), metric.signed(difference)]
        rows.append(row)
    return f"Measured on {run.evaluation['rows']:,} rows the model never saw{_about(run.evaluation)}:\n\n{table(rows)}"


def _about(evaluation: Evaluation) -> str:
    """Which of two classes F1, precision, recall and the areas are about."""
    positive = evaluation.get("positive_class")
    return f'; the positive class is "{_short(one_line(positive))}"' if positive else ""


def confusion_table(evaluation: Evaluation) -> str:
    """The confusion matrix as text, or where it is when there are many classes; nothing for regression."""
    matrix, classes = evaluation.get("confusion_matrix"), evaluation.get("classes")
    if not classes:
        return ""
    if not matrix:
        return f"The confusion matrix of the {len(classes)} classes is in the report."
    labels = [_short(name) for name in classes]
    rows = [["actual \\ predicted", *labels]]
    rows += [[label, *(f"{count:,}" for count in counts)] for label, counts in zip(labels, matrix, strict=True)]
    return f"Confusion matrix:\n\n{table(rows)}"


def hyperparameters(run: Run) -> str:
    """The best hyperparameters and how they were found; of an ensemble they are those of one of its members."""
    board = run.evaluation.get("leaderboard") if run.evaluation else None
    mixed = bool(board and (board.get("members") or not run.legs))
    if not run.hyperparameters:
        beside = " beside SageRelay's own ones" if mixed else ""
        return f"Tuning was off: trained with the given hyperparameters{beside}."
    metric = run.objective.metric if run.objective else "the objective"
    what = f"Best single trial of {run.trials}" if mixed else f"Best hyperparameters of {run.trials} trials"
    lines = [f"{what} ({metric} {number(run.best_value)}):", ""]
    lines += [f"  {name:<{LABEL_WIDTH}}{hyperparameter(value)}" for name, value in sorted(run.hyperparameters.items())]
    return "\n".join(lines)


def failed_trials(run: Run) -> str:
    """How many trials failed where the others were enough, and why."""
    failed = run.failed_trials
    if failed is None:
        return ""
    why = cut(without_code(one_line(failed.why)), REASON_LIMIT)
    those = "1 trial" if failed.count == 1 else f"{failed.count:,} trials"
    first = "" if failed.count == 1 else " of the first"
    return f"{those} of {run.trials:,} failed; the others were enough. The reason{first}: {why}"


def told_first(evaluation: Evaluation) -> str:
    """What may make all figures worthless, a line each, for the top of a mail; records of old have none."""
    notices = [notice for notice in evaluation.get("warnings") or [] if notice.get("first")]
    return "\n".join(f"Check this first: {one_line(notice['sentence'])} [{notice['code']}]" for notice in notices)


def warnings(evaluation: Evaluation) -> str:
    """What was odd about the data, in the jobs' own sentences, but for what is told first."""
    notices = [notice for notice in evaluation.get("warnings") or [] if not notice.get("first")]
    if not notices:
        return ""
    lines = [f"* {one_line(notice['sentence'])} [{notice['code']}]" for notice in notices[:NOTICES_SHOWN]]
    if len(notices) > NOTICES_SHOWN:
        lines.append(f"* ... and {len(notices) - NOTICES_SHOWN} more, in the report")
    return "Please look at this:\n\n" + "\n".join(lines)


def place(label: str, address: str, page: str) -> str:
    """Where something lies: its S3 address, and below it the page of the console where there is one.

    >>> place("Report", "s3://b/r.html", "")
    'Report: s3://b/r.html'
    """
    return f"{label}: {address}" + (f"\n  {page}" if page else "")


def link(label: str, page: str) -> str:
    """A page of the console on a line of its own; nothing where there is no console.

    >>> link("Its log", "")
    ''
    """
    return f"{label}:\n  {page}" if page else ""


def durations(run: Run) -> str:
    """How long the run took, by step, and what is billed."""
    steps = [f"{_STEPS[job.step]} {duration(job.seconds)}" for job in run.jobs if _shown(job)]
    took = f"Took {duration(run.seconds)}" + (f" ({', '.join(steps)})." if steps else ".")
    if run.billable_seconds is not None:
        took += f" Billable training time: {run.billable_seconds:,} s."
    return took


def footer(run: Run) -> str:
    """What an engineer needs to find the run again."""
    asked = f" Monitoring asked for it, because of: {run.because}." if run.because else ""
    if run.asked is not None:
        asked = f" A person asked for it{f': {one_line(run.asked)}' if run.asked else ''}."
    return f"Run {run.id}, dataset {run.dataset}, {run.inputs} file{'s' if run.inputs != 1 else ''}.{asked}"


_STEPS = {
    Step.PREPARE: "prepare",
    Step.TUNE: "tune",
    Step.TRAIN: "train",
    Step.COMPARE: "compare",
    Step.PACK: "pack",
    Step.CANDIDATE: "deploy",
    Step.EVALUATE: "evaluate",
    Step.LIVE: "promote",
}


def _shown(job: JobRecord) -> bool:
    return job.seconds is not None


def interval(metric: Metric, score: Estimate) -> str:
    """A 95 % interval in a table, or what stands in its place."""
    if score.get("value") is None:
        return "undefined"
    return metric.reach(score) or ABSENT


def _short(name: str) -> str:
    flat = one_line(name)
    return flat if len(flat) <= 16 else f"{flat[:15]}~"


def changed_default(run: Run, deployment: DeploymentSettings) -> str:
    """That the algorithm is another than before though nobody asked for it, and how to keep the former."""
    names_of_both = (run.settings["algorithm"], run.instead_of)
    now, former = (deployment.algorithms.if_offered({"algorithm": name}) for name in names_of_both)
    if run.instead_of is None or now is None or former is None:
        return ""
    return (
        f"The algorithm has changed: this run has {now.title}, the default where relay.yaml names none. "
        f"The run before had {former.title}; to keep that, write `algorithm: {run.instead_of}` into relay.yaml."
    )


def given_up(run: Run, deployment: DeploymentSettings) -> str:
    """What the run had to be tuned without; empty where nothing was given up that somebody had asked for."""
    from chalicelib.requests import concessions  # and all about tuning: hardly any start of a Lambda needs it

    algorithm = deployment.algorithms.if_offered(run.settings)
    return concessions.sentence(run, algorithm) if algorithm else ""
