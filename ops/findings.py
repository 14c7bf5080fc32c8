"""What a drift check found (drift.json), in lines for a terminal. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.contract.metrics import number

_STATES = {"stable": "stable", "drifted": "DRIFTED", "not-enough-traffic": "not enough traffic for a verdict"}
_LEFT_OUT = {"evaluation": "evaluations", "earlier-model": "an earlier model", "drill": "drills"}


def as_lines(found: Mapping[str, Any], *, report: str) -> list[str]:
    """The verdict, what drifted and how, what it may cost, what could not be read, and where the report is."""
    window = found["window"]
    seen = f"{window['rows']:,} rows in {window['files']:,} capture file{'s' if window['files'] != 1 else ''}"
    between = f", {window['from']} to {window['to']}" if window.get("from") else ""
    lines = [f"{found['check']}: {_STATES.get(found['state'], found['state'])}; {seen}{between}"]
    if found["state"] == "not-enough-traffic":
        lines.append(f"  a verdict needs {found['thresholds']['min_rows']:,} rows (monitoring.min_rows)")
    if left_out := {why: count for why, count in window.get("left_out", {}).items() if count}:
        said = ", ".join(f"{count:,} of {_LEFT_OUT.get(why, why)}" for why, count in left_out.items())
        lines.append(f"  left out, records: {said}")
    drifted = [one for one in found["features"] if one["verdict"] == "drifted"]
    lines += _aligned([(one["name"], f"{number(one['score'])}  {one['sentence']}") for one in drifted])
    moved = [one for one in found["predictions"] if one["verdict"] == "drifted"]
    lines += _aligned([(f"answers: {one['name']}", f"{number(one['score'])}  {one['sentence']}") for one in moved])
    estimate = found.get("estimate") or {}
    if estimate.get("sentence"):
        lines.append(f"  {estimate['sentence']}")
    lines += [f"  {problem['sentence']}" for problem in found.get("problems", ())]
    return [*lines, f"  report: {report}"]


def _aligned(pairs: Sequence[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in pairs), default=0)
    return [f"  {name:<{width}}  {text}" for name, text in pairs]
