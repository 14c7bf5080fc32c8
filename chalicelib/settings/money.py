"""What a dataset may cost, and what a person knows of prices: `budget` and `prices` in relay.yaml."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from chalicelib.settings.defaults import DEFAULTS
from chalicelib.settings.section import Section

Usd = Annotated[float, Field(gt=0, le=1_000_000)]
_NAMED = re.compile(
    r"(training|processing|hosting|transform) ml\.[a-z0-9-]+\.[a-z0-9]+|serverless|put|metric|alarm|log"
)
"""As `costs.prices` names them; a test compares both."""


def _priced(name: str) -> str:
    if not _NAMED.fullmatch(name):
        raise ValueError(
            f'"{name[:60]}" names no price; allowed: training, processing, hosting or transform with an instance type '
            '("training ml.m5.large": dollars an hour), serverless (a second and GB), put, metric, alarm, log'
        )
    return name


Prices = dict[Annotated[str, AfterValidator(_priced)], Usd]


class Budget(Section):
    """The most that may be committed, in US dollars: for one run, and for the dataset in a calendar month (UTC)."""

    run: Usd | None = DEFAULTS["budget"]["run"]
    month: Usd | None = DEFAULTS["budget"]["month"]
