"""What was found, for a person as a table and for a program as JSON. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from ops.account.finding import Finding, State, has_problem

_STYLES = {State.OK: "green", State.PROBLEM: "bold red", State.UNKNOWN: "yellow", State.NOTE: "dim"}


def as_table(findings: Sequence[Finding]) -> Table:
    """A finding a line, with what to do under it."""
    table = Table(show_header=False)
    for _ in range(3):
        table.add_column(overflow="fold")
    for finding in findings:
        told = "\n".join(part for part in (finding.what, finding.todo and f"What to do: {finding.todo}") if part)
        table.add_row(Text(str(finding.state), style=_STYLES[finding.state]), finding.subject, Text(told))
    return table


def conclusion(findings: Sequence[Finding]) -> str:
    """All of it in one line.

    >>> conclusion([Finding("a", State.OK, ""), Finding("b", State.PROBLEM, ""), Finding("c", State.UNKNOWN, "")])
    '1 ok, 1 problem, 1 unknown.'
    """
    counts = {state: sum(finding.state is state for finding in findings) for state in State}
    return ", ".join(f"{count} {state}" for state, count in counts.items() if count) + "."


def as_document(findings: Sequence[Finding]) -> dict[str, Any]:
    """The same for programs (`--json`)."""
    return {"version": 1, "healthy": not has_problem(findings), "findings": [asdict(one) for one in findings]}
