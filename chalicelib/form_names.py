"""Where the files of a run over several algorithms lie, beside those that every run has (docs/formats.md)."""

from __future__ import annotations

from chalicelib.names import RunKeys


def form(run: str, algorithm: str) -> str:
    """The rows as one of the algorithms is trained on them, with their schema and encoder: a folder with what
    `prepared` has in a run of one."""
    return f"{RunKeys(run).prepared}/forms/{algorithm}"


def trials(run: str, algorithm: str) -> str:
    """The trials of one of the algorithms."""
    return f"{RunKeys(run).tuning}/{algorithm}/trials.json"


def contestants(run: str) -> str:
    """Which algorithms are to be compared."""
    return f"{RunKeys(run).root}/contestants.json"


def comparison(run: str) -> str:
    """The folder of what they are worth."""
    return f"{RunKeys(run).root}/comparison"


def comparison_json(run: str) -> str:
    """What they are worth."""
    return f"{comparison(run)}/comparison.json"
