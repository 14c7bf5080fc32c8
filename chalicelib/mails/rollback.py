"""The mail about a rollback that somebody asked for: done, or why not."""

from __future__ import annotations

from chalicelib import names
from chalicelib.deployment import DeploymentSettings
from chalicelib.mails import console, messages, parts
from chalicelib.mails.messages import Message
from chalicelib.records.commands import Mail, TellRollback


def about(told: TellRollback, dataset: str, deployment: DeploymentSettings) -> Message:
    """The mail of this command."""
    endpoint = names.live_endpoint(deployment.prefix, dataset)
    machine = {
        "version": 1,
        "kind": str(Mail.ROLLED_BACK if told.problem is None else Mail.ROLLBACK_FAILED),
        "dataset": dataset,
        "run": told.to,
        "left": told.leave,
        "request": told.request,
        "because": told.because,
        "problem": told.problem,
        "endpoint": endpoint,
    }
    why = f"Why: {parts.one_line(told.because)}" if told.because else ""
    link = parts.link("The endpoint", console.endpoint_link(deployment, dataset))
    if told.problem is None:
        serves = f'The model of run {told.to} serves "{dataset}" again on {endpoint}, and is monitored.'
        undo = f"`python -m ops rollback {dataset}` goes back to that one again."
        trains = "Nothing trains because of it. The next file in train/ does, and its model is held against this one."
        paragraphs = [f"{serves} That of run {told.leave} is kept.", why, undo, trains, link]
        subject = f"rolled back to the model of {told.to}"
        return messages.compose(Mail.ROLLED_BACK, dataset, subject, paragraphs, machine, run=told.to or "")
    problem = parts.one_line(told.problem).rstrip(".")
    paragraphs = [
        f'"{dataset}" was NOT rolled back from the model of run {told.leave}: {problem}.',
        why,
        "What serves is unchanged. `python -m ops status` shows it, and which model is kept to go back to.",
        link,
    ]
    return messages.compose(Mail.ROLLBACK_FAILED, dataset, "not rolled back", paragraphs, machine)
