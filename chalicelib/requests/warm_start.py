"""Which earlier tuning SageMaker takes as the parent of a new one, and what of a tuning has to be kept to know that.

The rules are those of "Warm Start Tuning Restrictions" (docs.aws.amazon.com/sagemaker/latest/dg,
automatic-model-tuning-warm-start): the same objective, the same hyperparameters in all, none of another type, at most
ten changes of what is static, and all trials together below the limit. A parent that is refused all the same costs a
call (`chalicelib.requests.concessions`).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.algorithms.hyperparameters import is_number
from chalicelib.algorithms.ranges import Kinds

STRATEGIES = frozenset({"Bayesian", "Random"})
"""The strategies whose tuning jobs may have a parent and be one."""
MOST_CHANGES = 10
"""Tuned hyperparameters that become static, and static ones of another value; each value of one that is no number
counts, so that another word is two."""
MOST_TRIALS = 500
"""The trainings of all parents and the tuning's own, together."""


@dataclass(frozen=True, slots=True)
class Signature:
    """What the rules ask of a tuning."""

    objective: str
    tuned: Mapping[str, str]
    """By name: Integer, Continuous or Categorical."""
    static: Mapping[str, str]
    """By name, the value."""
    trials: int

    def to_text(self) -> str:
        """One text for a record, which keeps it as it is."""
        values = {"objective": self.objective, "tuned": self.tuned, "static": self.static, "trials": self.trials}
        return json.dumps(values, sort_keys=True, separators=(",", ":"))


def from_text(text: str) -> Signature | None:
    """The signature that `to_text` wrote; None for one of a release that wrote less."""
    try:
        values = json.loads(text)
        return Signature(str(values["objective"]), values["tuned"], values["static"], int(values["trials"]))
    except (ValueError, TypeError, KeyError):
        return None


def objection(parent: Signature, child: Signature, kinds: Kinds) -> str | None:
    """Why SageMaker would not take this parent for this tuning; None if it does."""
    if parent.objective != child.objective:
        return f"it was tuned for {parent.objective}"
    if {*parent.tuned, *parent.static} != {*child.tuned, *child.static}:
        return "it had other hyperparameters"
    of_other_type = sorted(name for name, kind in child.tuned.items() if parent.tuned.get(name, kind) != kind)
    if of_other_type:
        return f"the type of {', '.join(of_other_type)} is another"
    changes = sum(_weight(kinds, name) for name, value in child.static.items() if parent.static.get(name) != value)
    if changes > MOST_CHANGES:
        return f"{changes} changes of static hyperparameters are more than {MOST_CHANGES}"
    together = parent.trials + child.trials
    return f"{together} trials together are more than {MOST_TRIALS}" if together > MOST_TRIALS else None


def _weight(kinds: Kinds, name: str) -> int:
    return 1 if is_number(kinds.get(name)) else 2
