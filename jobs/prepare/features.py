"""All columns but the target, each judged by itself: its kind, and whether a model may learn from it.

What the settings say comes first; then what a column is (kinds.py), what it was for the live model (live.py), and
whether it is the target once more (leaks.py). No column refuses a file here, but for one that is not what the settings
call it.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

from jobs.prepare.kinds import typed, unjudged
from jobs.prepare.leaks import leak_of
from jobs.prepare.live import as_before
from jobs.prepare.target import Target
from jobs.prepare.typed import Typed
from jobs.refusals import shown
from jobs.schema import Schema
from jobs.settings import Settings, split_columns
from jobs.tables.notes import Notes
from jobs.tables.table import Table

_TOLD = {
    "constant": "constant-column",
    "identifier": "identifier-column",
    "text": "text-column",
    "empty": "empty-column",
}
_THREADS = 4


def read_features(table: Table, target: Target, settings: Settings, notes: Notes, live: Schema | None) -> list[Typed]:
    """All columns but the target, several at a time: Arrow and numpy let go of the lock. Notes keep their order."""

    def read(name: str) -> tuple[Typed, Notes]:
        own = Notes()
        return _column(table, name, target, settings, own, live), own

    with ThreadPoolExecutor(_THREADS) as pool:
        found = list(pool.map(read, [name for name in table.series if name != target.name]))
    for _, own in found:
        notes.add(own)
    return [column for column, _ in found]


def _column(
    table: Table,
    name: str,
    target: Target,
    settings: Settings,
    notes: Notes,
    live: Schema | None,
) -> Typed:
    forced = (settings.get("columns") or {}).get(name)
    ignored = name in (settings.get("ignore") or [])
    if ignored and name not in split_columns(settings.get("split") or {}):
        return unjudged(table.series[name])
    if (holds := table.series[name].unusable) is not None:
        return replace(unjudged(table.series[name]), kind="empty", why_unused=f"it holds {holds}, no plain values")
    column = typed(table.series[name], table, forced, notes)
    if forced is None:
        column = as_before(column, live)
    if ignored:
        return replace(column, used=False, why_unused="the settings leave it out")
    if column.used and forced is None:
        why = leak_of(column, target)
        if why is not None:
            column = column.unused("leak", why)
            notes.warn("leak", f"Column {shown(name)} is not used: {why}.", column=name)
    elif not column.used and forced is None:
        notes.warn(_TOLD[column.kind], f"Column {shown(name)} is not used: {column.why_unused}.", column=name)
    return column
