"""A difference between the candidate and another model on the same rows, as a decision reads it and as people do.

Three things are told apart. *Better*: the whole 95 % interval of the gain is above zero. *Not worse*: the gain is not
below what `gate.max_loss` allows; where the interval's lower end is not either, that is shown, and else it is said that
it is not. *Worse*: the whole interval is below zero, or the gain is below what is allowed.
"""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.contract.evaluation import Estimate
from chalicelib.contract.metrics import Metric
from chalicelib.mails.parts import cut, one_line
from chalicelib.settings.max_loss import Meant, has_unit, percent

_FEW_LIMIT = 160


@dataclass(frozen=True, slots=True)
class Allowed:
    """How far a candidate may fall behind another model."""

    amount: float
    words: str
    """The same for people: what stands before "that gate.max_loss allows"."""


@dataclass(frozen=True, slots=True)
class Gain:
    """What the candidate is ahead of another model: above zero is better, whichever way the metric goes."""

    value: float
    low: float | None
    high: float | None
    metric: Metric
    theirs: float
    """The other model's own value."""
    few: str = ""
    """That too few rows were measured to tell what chance explains; empty where there are enough."""

    @property
    def is_nothing(self) -> bool:
        return self.value == 0 and not self.low and not self.high and not self.few

    @property
    def is_shown(self) -> bool:
        """Whether the candidate is better for certain; by a metric without an interval, whether it is ahead at all. Too
        few rows show nothing."""
        if self.few:
            return False
        return self.value > 0 if self.low is None else self.low > 0

    @property
    def is_certain_loss(self) -> bool:
        return self.high is not None and self.high < 0

    def is_beyond(self, allowed: Allowed) -> bool:
        return self.value < -allowed.amount

    @property
    def words(self) -> str:
        """How large it is, whatever its direction."""
        size = self.metric.number(abs(self.value))
        if self.low is None or self.high is None:
            return f"{size} on the same rows{self.few and f' ({self.few})'}"
        reach = f"95 % interval of the gain {self.metric.signed(self.low)} to {self.metric.signed(self.high)}"
        return f"{size} ({reach}) on the same rows"

    @property
    def place(self) -> str:
        """Where it puts the candidate; "it" is the other model."""
        return f"{'ahead of' if self.value >= 0 else 'behind'} it by {self.words}"

    def reaches_beyond(self, allowed: Allowed) -> bool:
        """Whether so few rows may hide a loss larger than is allowed."""
        return self.low is not None and self.low < -allowed.amount


def gain(difference: Estimate, metric: Metric, candidate: float) -> Gain | None:
    """The gain of a difference, which is the candidate's value minus the other model's; None where it has none."""
    value = difference.get("difference")
    if value is None:
        return None
    low, high = difference.get("low"), difference.get("high")
    theirs = candidate - value
    if low is None or high is None:
        low = high = None
    elif metric.smaller_is_better:
        low, high = -high, -low
    return Gain(-value if metric.smaller_is_better else value, low, high, metric, theirs, too_few(difference))


def too_few(score: Estimate) -> str:
    """The job's sentence that there are too few rows to tell, as part of another; empty where there are enough."""
    if not score.get("few"):
        return ""
    why = cut(one_line(score.get("undefined") or "Too few rows to tell."), _FEW_LIMIT).removesuffix(".")
    return why[:1].lower() + why[1:]


def allowed(max_loss: float, meant: Meant, found: Gain) -> Allowed:
    """What `gate.max_loss` allows against the other model of a gain."""
    metric = found.metric
    if not has_unit(metric):
        return Allowed(max_loss, f"{max_loss:g}")
    if meant is Meant.AMOUNT:
        return Allowed(max_loss, f"{max_loss:g} in the unit of {metric.title}")
    amount = max_loss * abs(found.theirs)
    return Allowed(amount, f"{percent(max_loss)} of that model's {metric.title} ({metric.number(amount)})")
