"""Numbers as people write them: decimal commas, thousands separators, currency and percent signs, brackets for minus.

What a comma means is not in the cell but in the column: `1,5` shows that it divides decimals, `1,234.5` that it divides
thousands, and `1,234` shows nothing. So a column's words are first asked for evidence, then read. A column with
evidence for both is refused by the caller; one with none is read by what the rest of the file shows.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from jobs.tables.words import Words, matching

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

_CURRENCY = r"(?:US|R|A|C|NZ|HK)?\$|€|£|¥|₹|₽|₩|₺|USD|EUR|GBP|CHF|JPY|INR|CNY|SEK|NOK|DKK|PLN|zł|kr\.?"
_SPACE = r"[ \t\x{00a0}\x{2009}\x{202f}]"
_SHAPE = (
    rf"^(?P<outside>{_CURRENCY})?{_SPACE}*(?P<bracket>\(?)(?P<sign>[+\-−]?){_SPACE}*(?P<before>%|{_CURRENCY})?{_SPACE}*"
    rf"(?P<inner>[+\-−]?)"
    rf"(?P<digits>[0-9](?:[0-9.,'’]|{_SPACE}[0-9])*|[.,][0-9]+)(?P<exponent>[eE][+\-]?[0-9]+)?"
    rf"(?P<trailing>[\-−]?){_SPACE}*(?P<after>%|{_CURRENCY})?(?P<close>\)?){_SPACE}*(?P<behind>%|{_CURRENCY})?$"
)
_MEASURED = (
    r"^(?P<number>[^\p{L}]*[0-9][^\p{L}]*?)[ \t\x{00a0}\x{202f}]*"
    r"(?P<unit>[°µ]?\p{L}[\p{L}²³/.°]*[0-9]?(?: \p{L}[\p{L}²³/.]*){0,2})$"
)
_MEASURED_SHARE = 0.95
_NO_UNITS = frozenset(
    {
        *("st", "nd", "rd", "th", "am", "pm", "a.m", "p.m"),
        *("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"),
        *("january", "february", "march", "april", "june", "july", "august", "september", "october", "november"),
        "december",
    }
)
"""What stands behind a number and makes it a rank, an hour or a day."""
_SPACED = rf"^[1-9][0-9]{{0,2}}(?:(?:{_SPACE}|['’])[0-9]{{3}})+(?:[.,][0-9]*)?$"
_PLAIN = r"^(?:[0-9]+\.?[0-9]*|\.[0-9]+)$"
_POINT_GROUPED = r"^[1-9][0-9]{0,2}(?:\.[0-9]{3})+(?:,[0-9]*)?$"
_COMMA_GROUPED = (
    r"^[1-9](?:[0-9]{0,2}(?:,[0-9]{3})+|[0-9]?(?:,[0-9]{2})+,[0-9]{3})(?:\.[0-9]*)?$"  # 1,234 and 12,34,567
)
_COMMA_DECIMAL = r"^[0-9]*,[0-9]+$"
_ONE_COMMA_GROUP = r"^[1-9][0-9]{0,2},[0-9]{3}$"
_ONE_POINT_GROUP = r"^[1-9][0-9]{0,2}\.[0-9]{3}$"


@dataclass(frozen=True)
class Written:
    """Words taken apart, all arrays one entry a word; where `is_shaped` is false the rest is without meaning."""

    is_shaped: Mask
    digits: pa.Array
    exponent: pa.Array
    negative: Mask
    unit: pa.Array
    grouped_by_space: Mask
    odd_minus: Mask

    def evidence(self, weights: npt.NDArray[np.int64]) -> Evidence:
        """What these words show about the comma; `weights` are rows per word."""
        seen = self.is_shaped & (weights > 0)
        one_comma, one_point = matching(self.digits, _ONE_COMMA_GROUP), matching(self.digits, _ONE_POINT_GROUP)
        comma_grouped, point_grouped = matching(self.digits, _COMMA_GROUPED), matching(self.digits, _POINT_GROUPED)
        has_comma = matching(self.digits, ",")
        has_point = matching(self.digits, r"\.")
        decimal = matching(self.digits, _COMMA_DECIMAL) & ~one_comma
        comma = decimal | (point_grouped & ~one_point)
        plain = matching(self.digits, _PLAIN) & has_point & ~one_point
        point = plain | (comma_grouped & ~one_comma)
        return Evidence(seen & comma, seen & point, seen & one_comma, seen & has_comma, seen & one_point & ~has_comma)

    def values(self, decimal: str) -> Floats:
        """One float a word, NaN for what is no number with this decimal mark."""
        plain = matching(self.digits, _PLAIN)
        if decimal == ",":
            grouped, whole = matching(self.digits, _POINT_GROUPED), matching(self.digits, _COMMA_DECIMAL)
            bare = pc.if_else(pa.array(grouped), pc.replace_substring(self.digits, ".", ""), self.digits)
            bare = pc.replace_substring(bare, ",", ".")
            readable = plain | grouped | whole
        else:
            grouped = matching(self.digits, _COMMA_GROUPED)
            bare = pc.if_else(pa.array(grouped), pc.replace_substring(self.digits, ",", ""), self.digits)
            readable = plain | grouped
        readable = readable & self.is_shaped
        text = pc.binary_join_element_wise(bare, self.exponent, "")
        text = pc.if_else(pa.array(readable), text, pa.scalar(None, pa.string()))
        numbers: Floats = pc.cast(text, pa.float64()).fill_null(np.nan).to_numpy(zero_copy_only=False)
        return np.where(self.negative, -numbers, numbers)


@dataclass(frozen=True)
class Evidence:
    """Masks over a column's words: which show a decimal comma, a decimal point, nothing (1,234 and 1.234)."""

    comma: Mask
    point: Mask
    unclear: Mask
    has_comma: Mask
    unclear_point: Mask


def written(words: pa.Array) -> Written:
    """Take the words apart into sign, currency or percent sign, digits and exponent."""
    parts = pc.extract_regex(words, _SHAPE)
    shaped: Mask = parts.is_valid().to_numpy(zero_copy_only=False)

    def part(name: str) -> pa.Array:
        return pc.struct_field(parts, [name]).fill_null("")

    digits = part("digits")
    spaced = matching(digits, _SPACED)
    inner_space = matching(digits, rf"{_SPACE}|['’]")
    digits = pc.replace_substring_regex(digits, rf"{_SPACE}|['’]", "")
    opened, closed = matching(part("bracket"), r"\("), matching(part("close"), r"\)")
    signs = [matching(part(name), "[+−-]") for name in ("sign", "inner", "trailing")] + [opened]
    single = np.sum(signs, axis=0) <= 1  # (-5) and -5- are slips of some kind: not to be guessed at
    minus = np.logical_or.reduce([matching(part(name), "[−-]") for name in ("sign", "inner", "trailing")]) | opened
    unit = pc.binary_join_element_wise(part("outside"), part("before"), part("after"), part("behind"), "")
    shaped &= (spaced | ~inner_space) & (opened == closed) & single
    odd = opened | matching(part("trailing"), "[−-]")
    odd |= np.logical_or.reduce([matching(part(name), "−") for name in ("sign", "inner")])
    return Written(shaped, digits, part("exponent"), minus, unit, spaced, odd & shaped)


def without_measure(words: pa.Array, counts: npt.NDArray[np.int64]) -> tuple[pa.Array, str] | None:
    """The words without the one unit that stands behind (nearly) every number of a column, as in "51,000 mi.", and that
    unit; None where there is none, or more than one: 5 kg and 500 g are no column of numbers."""
    parts = pc.extract_regex(words, _MEASURED)
    measured: Mask = parts.is_valid().to_numpy(zero_copy_only=False) & (counts > 0)
    if not measured.any() or counts[measured].sum() < _MEASURED_SHARE * counts.sum():
        return None
    units = {
        _singular(unit) for unit in pc.unique(pc.struct_field(parts, ["unit"]).filter(pa.array(measured))).to_pylist()
    }
    if len(units) != 1 or units & _NO_UNITS:
        return None
    bare = pc.if_else(parts.is_valid(), pc.struct_field(parts, ["number"]), words)
    return bare, units.pop()


def _singular(unit: str) -> str:
    plain = unit.casefold().rstrip(". ")
    return plain[:-1] if len(plain) > 2 and plain.endswith("s") else plain


def units_of(taken: Written, counts: npt.NDArray[np.int64]) -> dict[str, int]:
    """Rows by the sign on their numbers; "" for a bare number."""
    rows: dict[str, int] = {}
    used = taken.is_shaped & (counts > 0)
    for unit, count in zip(taken.unit.filter(pa.array(used)).to_pylist(), counts[used].tolist(), strict=True):
        rows[unit] = rows.get(unit, 0) + count
    return rows


def share_shaped(taken: Written, words: Words) -> float:
    """The share of a column's present cells that could be numbers under some convention."""
    return float(words.counts[taken.is_shaped].sum() / words.present) if words.present else 0.0
