"""Mails for when what the others are made of cannot be read: they need nothing but names, and always come."""

from __future__ import annotations

from chalicelib import message_parts as parts
from chalicelib.commands import Mail
from chalicelib.messages import PROBLEM_LIMIT, Message, compose
from chalicelib.run import Run


def without_figures(mail: Mail, run: Run) -> Message:
    """The mail about a run whose figures cannot be shown."""
    why = run.failure.reason if run.failure else run.verdict.reason if run.verdict else run.waiting_for or ""
    paragraphs = [
        f"The run {run.id} of {run.dataset} is {run.stage}. Its figures are not what this release of SageRelay reads.",
        parts.cut(parts.one_line(why), PROBLEM_LIMIT),
        run.failure.advice if run.failure else "",
    ]
    machine = {"kind": mail, "dataset": run.dataset, "run": run.id, "stage": run.stage}
    return compose(mail, run.dataset, f"run {run.id} is {run.stage}", paragraphs, machine, run=run.id)


_WHAT_TO_DO = """\
Everything else goes on. Somebody may have changed the table by hand, or a newer release wrote the record. Deploy that \
release again, or restore the table to a moment before (point-in-time recovery is on), or delete the item: SageRelay \
then knows nothing of it any more."""


def about_record(kind: str, name: str, problem: str) -> Message:
    """The mail about a record in the table that cannot be read."""
    record = f"{kind}#{parts.one_line(name)}"
    why = parts.cut(parts.one_line(problem), PROBLEM_LIMIT)
    paragraphs = [f'Nothing can be done about the record "{record}" in SageRelay\'s table: {why}', _WHAT_TO_DO]
    machine = {"kind": Mail.FAILED, "dataset": "", "record": record}
    return compose(Mail.FAILED, "", "a record cannot be read", paragraphs, machine)
