"""Mails for when what the others are made of cannot be read: they need nothing but names, and always come."""

from __future__ import annotations

from chalicelib.mails import parts
from chalicelib.mails.messages import PROBLEM_LIMIT, Message, compose
from chalicelib.records.commands import Mail
from chalicelib.records.run import Run


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


_WAS_KEPT = """\
It was kept to be sent again, and cannot be: somebody may have changed it in SageRelay's table, or Amazon SNS does \
not take it. It will not be tried again, and nothing else is wrong: python -m sagerelay status shows how the run \
stands."""


def instead_of(mail_id: str) -> Message:
    """The mail in the place of one that was kept and can never be sent."""
    name = parts.one_line(mail_id)
    machine = {"kind": Mail.FAILED, "dataset": "", "record": name}
    paragraphs = [f'You do not get the mail "{name}".', _WAS_KEPT]
    return compose(Mail.FAILED, "", "a mail could not be sent", paragraphs, machine)


_NOT_SCALED = """\
The endpoint serves, with as many instances as it has. Mend what AWS says; upload relay.yaml or data again for another \
run, or take `scaling` out of relay.yaml."""


def about_scaling(endpoint: str, run: str, problem: str) -> Message:
    """The mail about a live endpoint whose instances do not follow the traffic, as relay.yaml asks."""
    why = parts.cut(parts.one_line(problem), PROBLEM_LIMIT)
    machine = {"kind": Mail.FAILED, "dataset": "", "record": f"run#{run}", "problem": why}
    paragraphs = [f"The number of instances of the endpoint {endpoint} does not follow its traffic: {why}", _NOT_SCALED]
    return compose(Mail.FAILED, "", "an endpoint does not scale", paragraphs, machine)


_TRIED_AGAIN = """\
It is tried again with every sweep, and everything else goes on; others may be concerned, which the log names. \
Somebody may have changed the policy of the bucket, its key or a role: python -m sagerelay doctor looks for it."""


def about_denial(kind: str, name: str, problem: str) -> Message:
    """The mail about a permission that is missing, met at this record and perhaps at others."""
    record = f"{kind}#{parts.one_line(name)}"
    why = parts.cut(parts.one_line(problem), PROBLEM_LIMIT)
    machine = {"kind": Mail.FAILED, "dataset": "", "record": record, "problem": why}
    paragraphs = [f'AWS does not let SageRelay do what the record "{record}" needs: {why}', _TRIED_AGAIN]
    return compose(Mail.FAILED, "", "a permission is missing", paragraphs, machine)
