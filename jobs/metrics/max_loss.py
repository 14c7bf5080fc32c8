"""How far `monitoring.max_loss` lets a metric fall against its value at promotion, as a number and in words.

For metrics with a unit the number is a share of that value, for the others the difference itself. What a person wrote
for a release that took it for an amount in every case keeps that meaning until it is written anew: window.json says
which it is, and one that does not say so means an amount (`chalicelib/settings/max_loss.py` decides it).
"""

from __future__ import annotations

from dataclasses import dataclass

from jobs.metrics.catalogue import Entry

SHARE, AMOUNT = "share", "amount"


@dataclass(frozen=True)
class Allowed:
    """What a metric may lose: `amount` in its own unit; `words` stand after "more than the" or "beyond"; `note`, where
    an earlier release's meaning is kept, as sentences of their own."""

    amount: float
    words: str
    note: str = ""


def allowed(number: float, meant: str, entry: Entry, at_promotion: float | None) -> Allowed:
    """What the number allows of a metric that was worth so much at promotion. `meant`: SHARE or AMOUNT.

    >>> from jobs.metrics.catalogue import CATALOGUE
    >>> allowed(0.02, SHARE, CATALOGUE["rmse"], 20_600.0)
    Allowed(amount=412.0, words='2 % of the RMSE at promotion (412.0)', note='')
    >>> allowed(0.02, SHARE, CATALOGUE["f1"], 0.8)
    Allowed(amount=0.02, words='0.02', note='')
    """
    if not entry.has_unit:
        return Allowed(number, f"{number:g}")
    if meant != SHARE:
        return Allowed(number, f"{number:g} in the unit of {entry.title}", _kept(number, entry))
    amount = number * abs(at_promotion or 0.0)
    return Allowed(amount, f"{100 * number:g} % of the {entry.title} at promotion ({entry.number(amount)})")


def _kept(number: float, entry: Entry) -> str:
    return (
        f"monitoring.max_loss ({number:g}) was set under an earlier release and still means {number:g} in the unit of "
        f"{entry.title}. Set now, it is a share of the {entry.title} at promotion: 0.02 allows 2 % more. To have that, "
        "write another number into relay.yaml, or leave it out for the default of 0.02."
    )
