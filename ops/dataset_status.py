"""How each dataset stands: what serves it, what runs, and what the monitor of its model last saw.

Read from the relay's own records, because "since when" and "what the owner was told" are written down nowhere else.
Only reads.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from rich.table import Table
from rich.text import Text

from chalicelib import json_files, names
from chalicelib.aws.objects import Objects
from chalicelib.aws.store import Store
from chalicelib.costs import estimate, month, prices, spent
from chalicelib.costs.prices import Prices
from chalicelib.mails import bills, monthly
from chalicelib.monitoring.record import Condition, Monitor
from chalicelib.names import Step
from chalicelib.records.dataset import Dataset
from chalicelib.records.run import Run
from chalicelib.records.traffic import WINDOW, Traffic
from ops import records
from ops.target import Target

_STYLES = {"stable": "green", "kept": "green", "drifted": "yellow", "harmful": "bold red", "fell": "bold red"}


@dataclass(frozen=True, slots=True)
class DatasetStatus:
    """A dataset's two records, and what its endpoint is called."""

    dataset: Dataset
    monitor: Monitor
    endpoint: str
    cost: Mapping[str, Any] | None = None
    """What its last run has cost by now, as `costs.spent` tells programs; None where there was none."""
    evaluated: bool = False
    """Whether that run has come to a verdict: what an earlier end has cost says nothing of a next one."""
    machines: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """What that run's jobs run on, by what they do, and dollars an hour (None: not known); `instances: auto` chose them
    before the first one started."""
    month: tuple[float, float | None] | None = None
    """Requests a day, and dollars of a month of the live model beside its jobs (None: not known)."""
    traffic: Traffic | None = None
    """How often it is asked; None where nobody has counted yet."""


def look(target: Target, asked: Sequence[str]) -> list[DatasetStatus]:
    """The datasets asked for, or all of the bucket.

    Raises:
        OpsError: where the records lie is not known.
    """
    store, known = records.of(target), prices_of(target)
    return [_look(store, known, name, target.prefix) for name in asked or datasets(target)]


def _look(store: Store, known: Prices, name: str, prefix: str) -> DatasetStatus:
    dataset = store.dataset(name)
    last = store.run(dataset.last.run) if dataset.last else None
    cost = spent.as_document(spent.of_run(last, known)) if last else None
    counted = store.traffic(name)
    traffic = counted if counted.counted else None
    serves = store.run(dataset.live.run) if dataset.live and not dataset.asleep else None
    asked, lines = monthly.of_live(serves, traffic, known) if serves else (0.0, [])
    return DatasetStatus(
        dataset,
        store.monitor(name),
        names.live_endpoint(prefix, name),
        cost,
        evaluated=last is not None and last.verdict is not None,
        machines=machines_of(last, known) if last else {},
        month=(asked, month.total(monthly.beside_jobs(lines))) if serves else None,
        traffic=traffic,
    )


def machines_of(run: Run, known: Prices) -> dict[str, dict[str, Any]]:
    """What a run's jobs run on, by what they do."""
    priced = known.with_written(run.settings["prices"])
    steps = {"prepare": Step.PREPARE, "train": Step.TRAIN, "evaluate": Step.EVALUATE}
    found = {}
    for work, step in steps.items():
        use, instance, _ = spent.machine(run, step)
        price = priced.of(use, instance)
        found[work] = {"instance": instance, "usd_an_hour": price.usd if price else None}
    return found


def prices_of(target: Target) -> Prices:
    """The prices of the deployment's bucket and region, over those that are shipped."""
    client = target.client("s3")
    return prices.read(Objects(client, target.bucket).read(prices.DOCUMENT), client.meta.region_name)


def datasets(target: Target) -> list[str]:
    """The datasets of the bucket."""
    return Objects(target.client("s3"), target.bucket).datasets()


def as_document(one: DatasetStatus) -> dict[str, Any]:
    """A dataset for programs (`--json`)."""
    live, monitor = one.dataset.live, one.monitor
    return {
        "version": 1,
        "dataset": one.dataset.name,
        "live": live and {"run": live.run, "endpoint": one.endpoint, "promoted": live.promoted, "mode": str(live.mode)},
        "asleep": one.dataset.asleep and json_files.moment(one.dataset.asleep.since),
        "asleep_because": one.dataset.asleep and one.dataset.asleep.because,
        "active_run": one.dataset.active,
        "last_run": one.dataset.last and {"run": one.dataset.last.run, "cost": one.cost, "machines": one.machines},
        "next_run_usd": next_run(one),
        "month": one.month and {"requests_a_day": one.month[0], "usd": one.month[1]},
        "traffic": one.traffic
        and {
            "counted": json_files.moment(one.traffic.counted) if one.traffic.counted else None,
            "requests": one.traffic.requests,
            "days": WINDOW.days,
            "cheaper": one.traffic.proposed and str(one.traffic.proposed),
        },
        "watch": {
            "enabled": monitor.enabled,
            "drift": {"state": monitor.drift.state, "since": monitor.drift.since},
            "quality": {"state": monitor.quality.state, "since": monitor.quality.since},
            "last_check": monitor.last_drift and f"{monitor.last_drift.root}/",
            "in_flight": [f"{one.dataset.name}-{check.kind}-{check.ordinal}" for check in monitor.checks],
            "troubles": list(monitor.open_alerts),
            "retrainings": {"count": monitor.retraining.number, "stopped": monitor.retraining.stopped},
        },
    }


def as_table(found: Sequence[DatasetStatus]) -> Table:
    """One line a dataset; a column that would be empty throughout is left out."""
    rows = [_cells(one) for one in found]
    shown = [heading for heading in _HEADINGS if any(row[heading].plain for row in rows)]
    table = Table()
    for heading in shown:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(row[heading] for heading in shown))
    return table


_HEADINGS = ("Dataset", "Live model", "Run under way", "Last run on AWS", "Drift", "Quality", "Last check", "Troubles")


def _served(dataset: Dataset) -> str:
    if dataset.asleep:
        return f"asleep ({dataset.asleep.because}) since {_minute(dataset.asleep.since.isoformat())}: ops wake"
    return str(dataset.live.mode) if dataset.live else ""


def _cells(one: DatasetStatus) -> dict[str, Text]:
    live, monitor = one.dataset.live, one.monitor
    last = monitor.last_drift
    drift = _condition(monitor.drift) if monitor.enabled else Text("off", style="dim")
    cells = (
        Text(one.dataset.name),
        Text(_live(one)),
        Text(_under_way(one)),
        Text(_cost(one)),
        drift if live else Text(),
        _condition(monitor.quality) if monitor.quality.state != "unknown" else Text(),
        Text(f"{last.kind}-{last.ordinal}\n{_minute(last.began.isoformat())}" if last else ""),
        Text(
            "; ".join(
                (*map(_spaced, monitor.open_alerts), *(["retraining stopped"] if monitor.retraining.stopped else []))
            )
        ),
    )
    return dict(zip(_HEADINGS, cells, strict=True))


def _under_way(one: DatasetStatus) -> str:
    """The run, and which machines it is on at which price."""
    if one.dataset.active is None or one.dataset.last is None or one.dataset.active != one.dataset.last.run:
        return one.dataset.active or ""
    each = (
        f"{work}: {machine['instance']}, "
        + ("price not known" if machine["usd_an_hour"] is None else f"{machine['usd_an_hour']:g} USD an hour")
        for work, machine in one.machines.items()
    )
    return "\n".join([one.dataset.active, *each])


def _live(one: DatasetStatus) -> str:
    live = one.dataset.live
    if live is None:
        return "none"
    cost = f"{_month(one)}{_cheaper(one.traffic)}"
    return f"{live.run}\n{_minute(live.promoted)}\n{_served(one.dataset)}{cost}"


def _month(one: DatasetStatus) -> str:
    """What a month of it costs, in its own line."""
    if one.month is None:
        return ""
    asked, amount = one.month
    told = "not known" if amount is None else bills.usd(amount)
    return f"\n{told} a month at {asked:,.0f} requests a day"


def _cheaper(traffic: Traffic | None) -> str:
    return f"\n{traffic.proposed} would cost less" if traffic and traffic.proposed else ""


def _cost(one: DatasetStatus) -> str:
    if one.cost is None or not one.cost["parts"]:
        return ""
    if one.cost["usd"] is None:
        return "cost not known"
    told, again = bills.usd(one.cost["usd"]), next_run(one)
    return f"{told}\nnext: {bills.usd(again[0])} to {bills.usd(again[1])}" if again else f"{told} until now"


def next_run(one: DatasetStatus) -> tuple[float, float] | None:
    """What a run on the same data costs, low to high, by what the last one did; None: not known."""
    if one.cost is None or one.cost["usd"] is None or not one.evaluated:
        return None
    low, high = estimate.AGAIN
    return low * one.cost["usd"], high * one.cost["usd"]


def _condition(condition: Condition) -> Text:
    since = f"\nsince {_minute(condition.since)}" if condition.since else ""
    return Text(condition.state + since, style=_STYLES.get(condition.state, ""))


def _spaced(trouble: str) -> str:
    """A trouble's code so that a narrow column can break its line.

    >>> _spaced("labels:no-id,unknown-id")
    'labels: no-id, unknown-id'
    """
    return trouble.replace(":", ": ").replace(",", ", ")


def _minute(time: str) -> str:
    """An ISO time in UTC, to the minute.

    >>> _minute("2026-11-22T10:00:00Z")
    '2026-11-22 10:00 UTC'
    """
    return f"{time[:16].replace('T', ' ')} UTC"
