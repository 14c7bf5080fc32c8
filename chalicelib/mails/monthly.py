"""A month of a live model from the settings it is served and checked by: for `ops plan-run` and `ops status`. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.costs import month
from chalicelib.costs.crossing import SECONDS
from chalicelib.costs.month import Checked, Line, Served
from chalicelib.costs.prices import Prices
from chalicelib.mails import bills
from chalicelib.records.run import Run
from chalicelib.records.traffic import WINDOW, Traffic
from chalicelib.requests import serverless
from chalicelib.serving_mode import Mode
from chalicelib.settings.defaults import SERVERLESS_MEMORY_MB
from chalicelib.settings.stored import Settings

REQUESTS_A_DAY = 1000.0
"""What a model is taken to be asked where nobody has counted."""
CHECK_MINUTES = 2.0
"""What a check is taken to bill, its machine's start among it."""


def lines(
    settings: Settings, mode: Mode, requests_a_day: float, known: Prices, artifact_bytes: int | None = None
) -> list[Line]:
    """Every line of the month; of instances that follow the traffic, the fewest."""
    chosen = settings["endpoint"]
    memory = serverless.memory_mb(chosen["memory_mb"], artifact_bytes) or SERVERLESS_MEMORY_MB[-1]
    served = Served(
        mode,
        requests_a_day,
        SECONDS,
        memory / 1024,
        chosen["capture_percentage"],
        chosen["instance"],
        chosen["scaling"]["min"] if chosen["scaling"] else chosen["count"],
    )
    return month.lines(served, _checked(settings), known.with_written(settings["prices"]))


def of_live(run: Run, traffic: Traffic | None, known: Prices) -> tuple[float, list[Line]]:
    """Requests a day, as they were counted, and the month of a model that serves."""
    asked = REQUESTS_A_DAY if traffic is None else traffic.requests / WINDOW.days
    return asked, lines(run.settings, run.mode, asked, known, run.artifact_bytes)


def beside_jobs(found: Sequence[Line]) -> list[Line]:
    """Those that are no jobs."""
    return [one for one in found if not one.is_a_job]


def _checked(settings: Settings) -> Checked:
    monitoring = settings["monitoring"]
    if not monitoring["enabled"]:
        return Checked(0, 0, monitoring["instance"], 0)
    a_month = min(bills.checks_a_month(monitoring["schedule"]), 31 * 24)
    return Checked(a_month, CHECK_MINUTES, monitoring["instance"], bills.metrics(monitoring))
