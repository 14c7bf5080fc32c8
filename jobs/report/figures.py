"""The metrics of one document as its page writes them: titles, directions and rounding are the document's own."""

from __future__ import annotations

from jobs.documents.metrics import Interval, Telling
from jobs.metrics.catalogue import read
from jobs.metrics.max_loss import allowed
from jobs.report.words import typeset


class Figures:
    """What stands beside a metric's name, and how its values are written."""

    def __init__(self, document: Telling, task: str = "") -> None:
        """`document`: what holds the metrics and their "catalogue" (docs/formats.md); `task`: for the headlines."""
        self._catalogue = read(document, task)
        self.headlines = self._catalogue.headlines(task)

    def title(self, name: str) -> str:
        return self._catalogue[name].title

    def long(self, name: str) -> str:
        """What an abbreviation stands for; empty where the title says it."""
        return self._catalogue[name].long

    def smaller_is_better(self, name: str) -> bool:
        return self._catalogue[name].smaller_is_better

    def number(self, name: str, value: float | None) -> str:
        return typeset(self._catalogue[name].number(value))

    def signed(self, name: str, value: float | None) -> str:
        """A difference, with its sign: `+0.0120`."""
        return typeset(self._catalogue[name].signed(value))

    def may_lose(self, name: str, max_loss: float, meant: str, at_promotion: float | None) -> str:
        """What monitoring.max_loss allows of a metric: `0.02`, `2 % of the RMSE at promotion (412.0)`."""
        return allowed(max_loss, meant, self._catalogue[name], at_promotion).words

    def interval(self, name: str, found: Interval) -> str | None:
        """`0.9100 to 0.9500`, or that and how few rows there are for one; None where there is neither."""
        if few := found.get("few"):
            return f"too few to tell: {few['rows']:,}"
        if found["low"] is None or found["high"] is None:
            return None
        return f"{self.number(name, found['low'])} to {self.number(name, found['high'])}"

    def signed_interval(self, name: str, difference: Interval | None) -> str | None:
        """`−0.0800 to −0.0400`, or that there are too few rows for one; None where there is neither."""
        if difference and (few := difference.get("few")):
            return f"too few to tell: {few['rows']:,}"
        if not difference or difference["low"] is None or difference["high"] is None:
            return None
        return f"{self.signed(name, difference['low'])} to {self.signed(name, difference['high'])}"

    def meaning(self, name: str, difference: Interval | None) -> str | None:
        """`better`, `worse`, or `no clear difference` when zero lies within the interval; None without an interval."""
        if not difference or difference["low"] is None or difference["high"] is None:
            return None
        if difference["low"] <= 0 <= difference["high"]:
            return "no clear difference"
        return "better" if (difference["low"] > 0) != self.smaller_is_better(name) else "worse"
