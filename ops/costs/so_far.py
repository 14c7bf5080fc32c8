"""The month so far as a table: the same figures as the weekly mail's (`chalicelib/mails/so_far.py`), asked for now."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from rich.table import Table

from chalicelib.aws.objects import Objects
from chalicelib.aws.sagemaker import SageMaker
from chalicelib.aws.tagged import Tags
from chalicelib.mails.so_far import Spent, in_order, told, total
from chalicelib.runtime.spending import Spending
from ops import dataset_status, records
from ops.target import Target


def look(target: Target, now: datetime) -> list[Spent]:
    """Every line.

    Raises:
        OpsError: where the records lie is not known.
    """
    spending = Spending(
        records.of(target),
        SageMaker(target.client("sagemaker"), target.prefix),
        Tags(target.client("resourcegroupstaggingapi"), target.prefix),
        dataset_status.prices_of(target),
        now,
    )
    return spending.look(Objects(target.client("s3"), target.bucket).datasets())


def as_table(found: Sequence[Spent], now: datetime) -> Table:
    """A line each, the dearest first."""
    table = Table(title=f"{now:%B %Y} until now, in US dollars")
    for heading in ("What", "So far", "Forecast", "What to do"):
        table.add_column(heading, overflow="fold")
    for one in in_order(found):
        table.add_row(one.what, told(one.so_far), told(one.forecast), one.todo)
    table.add_row("all of it", *map(told, total(found)), "")
    return table
