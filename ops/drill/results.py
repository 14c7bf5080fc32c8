"""A drill's outcome, for a person as a table and for a program as JSON. Pure."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from rich.table import Table
from rich.text import Text

from ops.drill.rehearsal import Drill
from ops.drill.verdict import Outcome, Result

_STYLES = {Outcome.PASSED: "bold green", Outcome.FAILED: "bold red", Outcome.SKIPPED: "dim"}
_MOST_NAMES = 4


def as_table(drill: Drill) -> Table:
    """One line a scenario."""
    table = Table(title=f"Drill of {drill.dataset} (run {drill.model.run})", title_justify="left")
    for heading in ("Scenario", "Traffic", "Rows", "Named", "Answers", "Mails", "Result"):
        table.add_column(heading, justify="right" if heading in {"Rows", "Mails"} else "left", overflow="fold")
    for result in drill.results:
        style = _STYLES[result.outcome]
        table.add_row(
            str(result.scenario),
            Text(result.done),
            f"{result.rows:,}" if result.drill else "",
            Text(_names(result)),
            ("moved" if result.answers else "stay") if result.check else "",
            str(len(result.mails)) if result.drill else "",
            Text("\n".join([str(result.outcome), *result.problems]), style=style),
        )
    return table


def conclusion(drill: Drill) -> str:
    """The last line."""
    shown = [result for result in drill.results if result.drill]
    bad = [result for result in shown if result.problems]
    if not shown:
        return "Nothing could be shown with this dataset."
    if bad:
        return f"{len(bad)} of {len(shown)} scenarios FAILED: {', '.join(str(result.scenario) for result in bad)}."
    return "Monitoring works: what drifted was named and mailed" + (
        ", and what was stable stayed silent." if any(not result.mails for result in shown) else "."
    )


def as_document(drill: Drill) -> dict[str, Any]:
    """The same for programs (`--json`)."""
    return {
        "version": 1,
        "dataset": drill.dataset,
        "endpoint": drill.model.endpoint,
        "run": drill.model.run,
        "passed": drill.passed,
        "scenarios": [asdict(result) for result in drill.results],
    }


def _names(result: Result) -> str:
    scores = result.scores or {}
    told = [f"{name} ({scores[name]:.2f})" if scores.get(name) is not None else name for name in result.drifted]
    more = len(told) - _MOST_NAMES
    return ", ".join(told[:_MOST_NAMES]) + (f" and {more} more" if more > 0 else "")
