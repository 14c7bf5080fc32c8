"""How far an estimate without labels can be relied on, by where the traffic lies.

What a confidence, or an expected size of error, is worth was counted on held-out rows. Where many values of a column
lie outside of everything that the model learned from, nobody has counted it, and a model that has learned from a
constant is as sure of itself as ever. So an estimate that sees no loss there says that it may miss one. A loss that it
does see stands.
"""

from __future__ import annotations

from collections.abc import Sequence

from jobs.documents.drift import Estimate, Finding
from jobs.drift.scale import percent
from jobs.refusals import shown

MUCH = 0.2
"""Of a drifted column's values."""
_NAMED = 3


def outside(features: Sequence[Finding]) -> list[Finding]:
    """The drifted columns that the model uses, as far as that is known, with many values it never saw; worst first."""
    return [
        one
        for one in features
        if one["verdict"] == "drifted"
        and one["importance"] != 0
        and (one["measures"]["unseen"]["share"] or 0.0) >= MUCH
    ]


def qualified(estimate: Estimate, features: Sequence[Finding]) -> Estimate:
    """The estimate with that doubt in its sentence, where there is one."""
    doubtful = outside(features)
    if not doubtful or estimate["loss"] not in {"none", "possible"}:
        return estimate
    more = f" and {len(doubtful) - _NAMED} more" if len(doubtful) > _NAMED else ""
    names = ", ".join(
        f"{shown(one['name'])} ({percent(one['measures']['unseen']['share'] or 0.0)})" for one in doubtful[:_NAMED]
    )
    doubt = (
        f"Do not rely on it here: many values of {names}{more} lie outside of everything that the model learned from, "
        "and nobody has measured what its answers are worth there. Labels show it."
    )
    return {**estimate, "sentence": f"{estimate['sentence']} {doubt}"}
