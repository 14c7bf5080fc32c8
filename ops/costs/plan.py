"""What a file would cost, before it is uploaded: its rows and columns counted, the dataset's own past looked up.

Only counts and reads; nothing is started, and what it says is low to high.
"""

from __future__ import annotations

import csv
import gzip
import io
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from rich.table import Table

from chalicelib import names
from chalicelib.algorithms import BUILT_IN
from chalicelib.aws.store import Store
from chalicelib.costs import estimate, month
from chalicelib.costs.estimate import Expected, Size
from chalicelib.costs.month import Line
from chalicelib.costs.prices import Prices
from chalicelib.mails import monthly
from chalicelib.mails.bills import usd
from chalicelib.records.run import Run
from chalicelib.serving_mode import Circumstances, Mode, resolve
from chalicelib.settings import machines, several
from chalicelib.settings.stored import Settings
from ops.target import OpsError, Target

PAST_RUNS = 5
"""Runs of a dataset that the next one is told from."""


@dataclass(frozen=True, slots=True)
class Planned:
    """What a file would cost."""

    size: Size
    run: list[Expected]
    month: list[Line]
    mode: Mode
    because: str
    requests_a_day: float
    after: str
    """The earlier runs that it was told from; empty: from the arithmetic alone."""


def counted(path: Path) -> tuple[int, int]:
    """Rows and columns of a file.

    Raises:
        OpsError: it is not there, or cannot be read as a table here.
    """
    if not path.is_file():
        raise OpsError(f"There is no file {path}.")
    if path.suffix == ".parquet":
        raise OpsError("A Parquet file is not counted here; give --rows and --columns.")
    try:
        with _opened(path) as text:
            head = text.read(64 * 1024)
            text.seek(0)
            rows = csv.reader(text, _dialect(head))
            columns = len(next(rows, []))
            return sum(1 for row in rows if row), columns
    except (OSError, UnicodeDecodeError, csv.Error) as problem:
        raise OpsError(f"{path} cannot be counted ({problem}); give --rows and --columns.") from None


def bytes_of(files: Sequence[Path]) -> float | None:
    """How much CSV these files are; None where there are none."""
    return machines.csv_bytes((path.name, path.stat().st_size) for path in files) if files else None


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with _raw(path) as raw, io.TextIOWrapper(raw, encoding="utf-8", errors="replace", newline="") as text:
        yield text


def _raw(path: Path) -> Any:
    return gzip.GzipFile(path) if path.suffix == ".gz" else path.open("rb")


def _dialect(head: str) -> Any:
    try:
        return csv.Sniffer().sniff(head, delimiters=",;\t|")
    except csv.Error:
        return csv.excel  # one column, or words: the usual comma


def size_of(rows: int, columns: int, settings: Settings) -> Size:
    """What a run on so many rows and columns is about."""
    trials = settings["tuning"]["trials"] if settings["tuning"]["enabled"] else 0
    folded, *others = [name == "auto" for name in several.names(settings) or (settings["algorithm"],)]
    return Size(rows, columns, trials, settings["split"]["test"], folded, tuple(others))


def planned(
    size: Size,
    settings: Settings,
    known: Prices,
    requests_a_day: float,
    before: Sequence[Run] = (),
    *,
    data: float | None = None,
) -> Planned:
    """What a run on so much data costs, and what a month of serving it costs then.

    `data`: its bytes of CSV, by which machines are chosen; None where there are no files.
    """
    data = size.cells * machines.BYTES_A_CELL if data is None else data
    algorithm, settings = BUILT_IN.of(settings), machines.chosen(settings, data)
    last = before[0] if before else None
    live = last.mode if last is not None and last.stage.ended else None
    mode, because = resolve(settings["endpoint"]["mode"], Circumstances(algorithm.one_container, live=live))
    now = datetime.now(UTC)
    run = Run("planned", "planned", settings, now, now, 1, mode=mode)
    then = [(one, replace(size, rows=_rows(one) or size.rows, trials=one.trials or size.trials)) for one in before]
    return Planned(
        size,
        estimate.of_run(size, run, known, then),
        monthly.lines(settings, mode, requests_a_day, known),
        mode,
        because,
        requests_a_day,
        ", ".join(one.id for one in before),
    )


def _rows(run: Run) -> int:
    return run.problem.rows.get("read", 0) if run.problem else 0


def past_runs(target: Target, dataset: str) -> list[Run]:
    """The dataset's newest runs that came as far as a trained model, the newest first."""
    if target.table is None:
        return []
    store = Store(target.client("dynamodb"), target.table)
    pages = target.client("s3").get_paginator("list_objects_v2")
    listed = pages.paginate(Bucket=target.bucket, Prefix=f"runs/{names.run_id(dataset, '')}", Delimiter="/")
    ids = [entry["Prefix"].split("/")[1] for page in listed for entry in page.get("CommonPrefixes", [])]
    runs = [run for one in ids if (run := store.run(one)) is not None]
    told = [run for run in runs if run.dataset == dataset and run.artifact]
    return sorted(told, key=lambda run: run.started, reverse=True)[:PAST_RUNS]


def as_document(found: Planned) -> dict[str, Any]:
    """For programs (`--json`); null is not known."""
    spread = estimate.total(found.run)
    return {
        "version": 1,
        "rows": found.size.rows,
        "columns": found.size.columns,
        "trials": found.size.trials,
        "after": found.after or None,
        "run": {
            "usd": spread and list(spread),
            "parts": [
                {
                    "what": one.what,
                    "instance": one.instance,
                    "usd_an_hour": one.price.usd if one.price else None,
                    "seconds": [one.low, one.high],
                    "usd": one.usd,
                }
                for one in found.run
            ],
        },
        "month": {
            "mode": found.mode,
            "requests_a_day": found.requests_a_day,
            "usd": month.total(monthly.beside_jobs(found.month)),
            "lines": [
                {"what": one.what, "amount": one.amount, "unit": one.unit, "usd": one.usd, "is_a_job": one.is_a_job}
                for one in found.month
            ],
        },
    }


def tables(found: Planned) -> list[Table]:
    """The run, low to high; and a month of serving its model."""
    told = f"after run {found.after}" if found.after else "a first run: from the arithmetic alone"
    run = Table(title=f"One run on {found.size.rows:,} rows by {found.size.columns:,} columns ({told})")
    for heading in ("Part", "Machine", "Machine seconds", "USD"):
        run.add_column(heading, overflow="fold")
    for one in found.run:
        run.add_row(one.what, _machine(one), f"{one.low:,.0f} to {one.high:,.0f}", _spread(one.usd))
    run.add_row("all of it", "", "", _spread(estimate.total(found.run)))
    served = Table(title=f"A month of it, {found.mode}, at {found.requests_a_day:,.0f} requests a day")
    for heading in ("What", "How much", "Price", "USD"):
        served.add_column(heading, overflow="fold")
    for line in found.month:
        price = f"{line.price.usd:f}".rstrip("0") + f" ({line.price})" if line.price else "not known"
        served.add_row(line.what, line.quantity, price, _sum(line.usd))
    served.add_row("beside its jobs", "", "", _sum(month.total(monthly.beside_jobs(found.month))))
    return [run, served]


def _machine(one: Expected) -> str:
    return f"{one.instance} ({f'{one.price.usd:g} USD an hour' if one.price else 'price not known'})"


def _sum(amount: float | None) -> str:
    return "not known" if amount is None else usd(amount)


def _spread(spread: tuple[float, float] | None) -> str:
    return "not known" if spread is None else f"{usd(spread[0])} to {usd(spread[1])}"
