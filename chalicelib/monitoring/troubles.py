"""What stands in the way of monitoring a live model, as mail: no traffic, no endpoint, what cannot be read, what
failed, and trainings that do not help. Each says what it means for the owner, and what to do.

The paragraphs only; `mails.py` makes mails of them.
"""

from __future__ import annotations

from chalicelib.mails import parts
from chalicelib.monitoring import mail_context
from chalicelib.monitoring.mail_context import MailContext
from chalicelib.names import Kind
from chalicelib.serving_mode import Mode

Paragraphs = tuple[str, list[str]]
"""With the subject before them."""


def no_traffic(context: MailContext) -> Paragraphs:
    """Too few rows for a verdict, for days."""
    least = context.monitor.monitoring["min_rows"]
    found = (
        f" The last check found {mail_context.rows(context)}."
        if context.result
        else " The last check found no new traffic at all."
    )
    return (
        "not enough traffic to monitor the model",
        [
            (
                f'The model of "{context.dataset}" is NOT BEING MONITORED: since {context.note} no check had the '
                f"{least} rows it needs.{found} This says nothing of whether the traffic has drifted."
            ),
            (
                f"What to do: if the endpoint {context.endpoint} should have callers, look whether they reach it, and "
                "whether endpoint.capture_percentage in relay.yaml is above 0 (a change takes effect with the next "
                "model). If there are few calls, a longer monitoring.schedule or a smaller monitoring.min_rows suits "
                "better. Rows wait for the next check, none is lost."
            ),
            mail_context.problems(context),
        ],
    )


def endpoint_gone(context: MailContext) -> Paragraphs:
    """Somebody has deleted the live endpoint."""
    endpoint, asked = context.endpoint, context.check.kind in {Kind.TEST, Kind.DRILL, Kind.SCORE}
    once = "" if asked else " This mail comes once."
    again = {
        Kind.TEST: "Your test file was not evaluated: upload it again when a model is live.",
        Kind.DRILL: "The drill was not judged: start it again when a model is live.",
        Kind.SCORE: "Your file was not answered: upload it again when a model is live.",
    }
    if context.monitor.live and context.monitor.live.mode is Mode.BATCH:
        return _has_no_endpoint(context)
    return (
        f"the endpoint {endpoint} is gone",
        [
            (
                f'The live endpoint of "{context.dataset}", {endpoint}, was DELETED. It bills no more; nobody is '
                f"served, nothing is monitored, and SageRelay does not retrain by itself.{once}"
            ),
            (
                "What to do: nothing, if that was meant. The next model that is promoted, from new data in train/, "
                "makes the endpoint again, and it is monitored again."
            ),
            again.get(context.check.kind, ""),
        ],
    )


def _has_no_endpoint(context: MailContext) -> Paragraphs:
    """What was asked needs an endpoint, and the mode has none."""
    what = {
        Kind.TEST: "Your test file was not evaluated: this algorithm's model answers through its containers alone.",
        Kind.DRILL: "The drill was not judged: it sends requests to an endpoint.",
        Kind.SCORE: "Your file was not answered: this release does not know the model's algorithm.",
    }
    return (
        f'"{context.dataset}" is served in mode batch, without an endpoint',
        [
            f"{what.get(context.check.kind, '')} In mode batch there is no endpoint that could be asked.",
            (
                "What to do: write `endpoint: {mode: realtime}` (or `auto`) into relay.yaml, and the next model gets "
                "an endpoint; or leave it, and put rows into score/, which are answered without one."
            ),
        ],
    )


def unreadable(context: MailContext) -> Paragraphs:
    """Captured records that are not as they should be."""
    return (
        "problems with the captured traffic",
        [
            (
                f'A check of "{context.dataset}" met captured records that are not as they should be. What could be '
                "read was checked; the list says what became of the rest. This mail comes once, until a check meets "
                "none."
            ),
            mail_context.problems(context),
        ],
    )


def check_failed(context: MailContext) -> Paragraphs:
    """A check was given up."""
    what = {
        Kind.DRIFT: "The drift check of the live traffic",
        Kind.QUALITY: "Measuring the model with the labels",
        Kind.TEST: "Evaluating the live model on your test file",
        Kind.DRILL: "The check of a drill",
        Kind.SCORE: "Answering your file by the live model",
    }[context.check.kind]
    about_traffic = context.check.kind in {Kind.DRIFT, Kind.QUALITY}
    nothing = " Nothing is known of the model's state until a check succeeds." if about_traffic else ""
    return (
        f"{_SHORT[context.check.kind]} failed: {_short_reason(context)}",
        [
            f'{what} for "{context.dataset}" FAILED.{nothing} The live model goes on serving.',
            f"Why: {parts.one_line(context.note)}",
            f"What to do: {_ADVICE[context.check.kind]}",
        ],
    )


def _short_reason(context: MailContext) -> str:
    """The reason for a subject: without its code, and without the folder that the reader knows."""
    return parts.without_code(context.note).replace(f"datasets/{context.dataset}/", "").rstrip(".")


_SHORT = {
    Kind.DRIFT: "drift check",
    Kind.QUALITY: "quality check",
    Kind.TEST: "evaluation of the test file",
    Kind.DRILL: "drill",
    Kind.SCORE: "answering the file",
}
_ADVICE = {
    Kind.DRIFT: "the next check tries again and includes this traffic. If it fails too, see the processing job's log.",
    Kind.QUALITY: "correct the label files and upload them again. docs/input.md says how labels are written.",
    Kind.TEST: "correct the file and upload it again; your file was not changed.",
    Kind.DRILL: "see the log of the processing job, and start the drill again.",
    Kind.SCORE: "correct the file and upload it again; your file was not changed.",
}


def retraining_stopped(context: MailContext) -> Paragraphs:
    """No training is begun any more without a person."""
    if not context.note.isdigit():
        return (
            "retraining is not possible",
            [
                (
                    f'SageRelay wanted to retrain "{context.dataset}" and cannot: {context.note}. It stops trying by '
                    "itself."
                ),
                "What to do: upload labelled data to train/; a run then begins as always.",
            ],
        )
    tries = int(context.note)
    times = f"{tries} time{'s' if tries != 1 else ''}"
    return (
        "retraining stopped, it does not help",
        [
            (
                f'SageRelay has retrained "{context.dataset}" {times} in a row without putting things in order, and '
                "STOPS trying by itself, so that it does not cost you more."
            ),
            (
                "What to do: upload newer labelled data to train/ (a run then begins as always, and retraining is on "
                "again when its model goes live), or labels/ with retraining.labelled_traffic on. The reports show "
                "what has changed."
            ),
        ],
    )
