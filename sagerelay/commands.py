"""The commands: in which group the help shows them, which room's command line has them, what they need installed.

Plain data, so that the help and a missing extra are told without importing anything. No two rooms have a command of
the same name: one list for both is possible, and a test sees to it that it is complete and says what the rooms say.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

LAPTOP, AWS = "laptop", "aws"

_AWS = (
    *("boto3", "chalice", "annotated_types", "aws_lambda_powertools", "awscli", "jmespath", "pydantic"),
    *("pydantic_core", "rich", "typer", "typing_extensions", "typing_inspection", "yaml"),
)
NEEDED = {
    AWS: _AWS,
    LAPTOP: (
        *("moto", "xgboost", "charset_normalizer", "httptools", "jinja2", "matplotlib", "numpy", "optuna"),
        *("packaging", "pandas", "pip", "pyarrow", "scipy", "setuptools", "sklearn", "uvicorn"),
        *_AWS,
    ),
}
"""What an extra brings, by the name it is imported by; first what tells people most when it is missing."""


@dataclass(frozen=True, slots=True)
class Command:
    """One command: the module whose `app` has it, the extra that it needs, and its line in the help."""

    module: str
    extra: str
    about: str


_LOCAL, _OPS = "local.cli.commands", "ops.cli.commands"

GROUPS = {
    "On this machine, without an AWS account": {
        "demo": Command(
            _LOCAL, LAPTOP, "Play the whole relay with real data: 12,000 people of a census, will they be employed?"
        ),
        "run": Command(_LOCAL, LAPTOP, "Play the relay with your own data."),
        "up": Command(
            _LOCAL,
            LAPTOP,
            "Keep the embedded cloud running, for the AWS command line, boto3 and the sagemaker SDK. Ctrl-C ends it.",
        ),
    },
    "relay.yaml, before it is uploaded": {
        "validate": Command(_OPS, AWS, "Say what is wrong in a relay.yaml, without uploading it."),
        "schema": Command(_OPS, AWS, "Print the JSON Schema of relay.yaml, by which an editor completes it."),
    },
    "In your AWS account": {
        "deploy": Command(_OPS, AWS, "Bring SageRelay to AWS, or bring what is there up to date."),
        "plan": Command(_OPS, AWS, "Show what `deploy` would change, and change nothing."),
        "teardown": Command(
            _OPS, AWS, "Remove a deployment with everything it made, and prove by tag that nothing is left."
        ),
        "prices": Command(
            _OPS,
            AWS,
            "Read AWS's price list for the deployment's region into its bucket, for mails and budgets.",
        ),
        "replay": Command(
            _OPS,
            AWS,
            "Hand the dead letters to their functions again: events that were given up. Mend the cause first.",
        ),
    },
    "On both: a deployment, or the embedded cloud that `up` keeps running": {
        "costs": Command(
            _OPS,
            AWS,
            "Show what the deployment has cost this month, what it will have cost at its end, and what to do about it.",
        ),
        "plan-run": Command(
            _OPS,
            AWS,
            "Say what a run on these files would cost on AWS, low to high, and a month of its model. Starts nothing.",
        ),
        "doctor": Command(
            _OPS,
            AWS,
            "Look a deployment over, or the account before there is one: each line is ok, a problem, or what to do.",
        ),
        "status": Command(
            _OPS,
            AWS,
            "Show each dataset: its live model, the run under way, and what the monitor of the model last saw.",
        ),
        "console": Command(
            _OPS, AWS, "Open the page that says how every dataset stands: health, versions, drift, traffic and costs."
        ),
        "drop": Command(
            _OPS, AWS, "Upload a file to a dataset, by which a run begins; with --to, to another of its folders."
        ),
        "runs": Command(_OPS, AWS, "List the runs there have been, newest first, each with its stage and its metric."),
        "watch": Command(
            _OPS,
            AWS,
            "Follow a run until it has ended or waits for a person: stages, and trials with the best so far.",
        ),
        "logs": Command(
            _OPS,
            AWS,
            "Show what the job of a run's stage has written, or its endpoint; of a tuning, all of its trials.",
        ),
        "trials": Command(
            _OPS, AWS, "Show what a run's tuning has tried, each trial with the best so far; the best has a star."
        ),
        "compare": Command(
            _OPS, AWS, "Show two runs beside each other: their metrics, and the settings and data that differ."
        ),
        "metrics": Command(
            _OPS, AWS, "Show all models of a dataset that came to a verdict, with their metrics, newest first."
        ),
        "report": Command(_OPS, AWS, "Save a run's report, one page that needs no network, and open it if asked to."),
        "check": Command(_OPS, AWS, "Check a live model for drift now, and show what was found."),
        "predict": Command(
            _OPS, AWS, "Have the live endpoint answer the rows of a file, and write them with the answers beside them."
        ),
        "explain": Command(
            _OPS,
            AWS,
            "Have the live endpoint explain its answers to the rows of a file: what each column adds.",
        ),
        "approve": Command(_OPS, AWS, "Approve the model that waits for a person, and wait until it serves."),
        "decline": Command(_OPS, AWS, "Decline the model that waits for a person, and wait until its run has ended."),
        "cancel": Command(
            _OPS, AWS, "End a run under way: stop its job, delete what it left, and wait until that is done."
        ),
        "retrain": Command(_OPS, AWS, "Begin a run on what lies in train/ now, although nothing of it is new."),
        "rollback": Command(
            _OPS,
            AWS,
            "Have the live endpoint serve the model before the one in service again, and wait until it does.",
        ),
        "promote": Command(_OPS, AWS, "Have the live endpoint serve any earlier model again, and wait until it does."),
        "wake": Command(
            _OPS,
            AWS,
            "Have an endpoint that was deleted because nobody asked it made again, and wait.",
        ),
        "drill": Command(
            _OPS,
            AWS,
            "Prove that monitoring of a live model works: send it traffic that drifts, and wait for the alerts.",
        ),
    },
}
COMMANDS = {name: command for group in GROUPS.values() for name, command in group.items()}


def missing(extra: str, is_there: Callable[[str], bool]) -> str | None:
    """The first package that an extra would have brought and that is not there; None: all are.

    >>> missing("laptop", lambda name: name != "moto")
    'moto'
    """
    return next((name for name in NEEDED[extra] if not is_there(name)), None)
