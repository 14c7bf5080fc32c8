"""Which way a column moved, and the sentence a mail says it with: names and numbers only, on one line.

The words of a category are the user's own and may be shown, shortened, where several training rows hold them: one that
few hold may be a person's. Words never seen in training are never shown, for they may be anything.
"""

from __future__ import annotations

import math

from scipy import special

from jobs.drift.aspects import Compared, Distribution
from jobs.drift.scale import number, percent, widest_move

_LONGEST = 30
_SHARED = 10  # training rows that hold a word that is shown
_JS_OF_SHIFT = 1 / math.sqrt(8 * math.log(2))  # Jensen-Shannon distance of a small shift by one standard deviation
_JS_OF_SCALE = math.sqrt(2) * _JS_OF_SHIFT  # and of a small change of the logarithm of the scale
_MORE_SPREAD = 2.0  # a skewed column that is multiplied gets wider as well: "higher" says more
_NEITHER = 0.02


def shortened(word: str) -> str:
    """A word as it may stand in a sentence: quoted, printable, at most 30 characters of it.

    >>> shortened("a\\nb")
    '"a b"'
    """
    plain = "".join(letter if letter.isprintable() else " " for letter in word)
    return f'"{plain[: _LONGEST - 1]}…"' if len(plain) > _LONGEST else f'"{plain}"'


def told(aspect: str, compared: Compared, values: Distribution | None) -> tuple[str, str]:
    """The direction and the sentence of one aspect."""
    if aspect == "missing":
        return _missing(compared)
    if aspect == "unseen":
        return _unseen(compared)
    return _numbers(compared, values) if compared.reference.is_numeric else _words(compared)


def _missing(compared: Compared) -> tuple[str, str]:
    before = compared.reference.missing / compared.reference.rows
    now = compared.counts.missing / compared.counts.rows
    return "more" if now > before else "fewer", f"missing {percent(before)} -> {percent(now)}"


def _unseen(compared: Compared) -> tuple[str, str]:
    share = percent(compared.counts.unseen / max(compared.counts.present, 1))
    reference = compared.reference
    if reference.is_numeric and reference.low is not None and reference.high is not None:
        where = f"outside the training range {number(reference.low)} to {number(reference.high)}"
        return "more", f"{share} of the values are {where}"
    return "more", f"{share} of rows hold values never seen in training"


def _words(compared: Compared) -> tuple[str, str]:
    held = zip(compared.reference.values, compared.one.tolist(), strict=False)
    names = [*(shortened(word) if rows >= _SHARED else "a rare word" for word, rows in held), "rare words"]
    one, other = compared.one, compared.other
    if not one.sum() or not other.sum():
        return "changed", "no value is among those of the training data"
    before, now = (one / one.sum()).tolist(), (other / compared.counts.present).tolist()
    few = sum(share > 0 for share in before) <= 2
    place = widest_move(names, before, now)
    if few and before[place] > 0.5:  # of two values that move against each other, the rarer tells more
        place = min((p for p in range(len(names)) if before[p] > 0), key=lambda p: before[p])
    direction = ("more" if now[place] > before[place] else "fewer") if few else "changed"
    return direction, f"{names[place]} {percent(before[place])} -> {percent(now[place])}"


def _numbers(compared: Compared, values: Distribution | None) -> tuple[str, str]:
    scale, one, other = compared.scale, compared.one, compared.other
    if scale is None or values is None or values.rank_sum is None:
        return "changed", "no value to compare"
    larger = values.rank_sum.statistic
    before = [scale.quantile(one, share) for share in (0.25, 0.5, 0.75)]
    now = [scale.quantile(other, share) for share in (0.25, 0.5, 0.75)]
    shift = math.sqrt(2) * float(special.ndtri(min(max(larger, 1e-6), 1 - 1e-6)))
    widths = before[2] - before[0], now[2] - now[0]
    spread = math.log(widths[1] / widths[0]) if min(widths) > 0 else 0.0
    if max(abs(shift) * _JS_OF_SHIFT, abs(spread) * _JS_OF_SCALE) < _NEITHER:
        return "changed", _shape(compared)
    if abs(spread) * _JS_OF_SCALE > _MORE_SPREAD * abs(shift) * _JS_OF_SHIFT:
        widened = f"middle half of the values {number(widths[0])} -> {number(widths[1])} wide"
        return "wider" if spread > 0 else "narrower", widened
    direction = "higher" if shift > 0 else "lower"
    if before[1] == now[1] or (now[1] > before[1]) != (shift > 0):
        return direction, f"{direction} than a training value in {percent(max(larger, 1 - larger))} of comparisons"
    moved = f"median {number(before[1], abs(now[1] - before[1]))} -> {number(now[1], abs(now[1] - before[1]))}"
    std_dev = compared.reference.std_dev
    return direction, f"{moved}, {(now[1] - before[1]) / std_dev:+.2g} standard deviations" if std_dev else moved


def _shape(compared: Compared) -> str:
    if compared.scale is None:
        return "the shape of the distribution"
    labels, before, now = compared.scale.drawn(compared.one, compared.other)
    place = widest_move(labels, before, now)
    return f"values of {labels[place]}: {percent(before[place])} -> {percent(now[place])}"
