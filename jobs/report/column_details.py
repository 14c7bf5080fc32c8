"""One column's details on the drift page, folded until asked for: both distributions in full, each measure with what it
means. The scores and the verdicts are the check's.
"""

from collections.abc import Mapping
from typing import Any

from jobs.documents.drift import Dependent, Finding, Missing
from jobs.refusals import counted
from jobs.report import words
from jobs.report.distributions import bars, distribution
from jobs.report.monitoring import chance, share

Plain = dict[str, Any]
FULL_ASIDE = 0.2
MOST_EXAMPLES = 5
ASPECTS = {
    "distribution": "the values",
    "missing": "how many are missing",
    "unseen": "values never seen",
}
DIRECTIONS = {
    "higher": "↑ higher",
    "lower": "↓ lower",
    "wider": "↔ wider",
    "narrower": "→← narrower",
    "more": "↑ more",
    "fewer": "↓ fewer",
    "changed": "≠ changed",
}


def details(one: Finding) -> Plain:
    """All that was measured of one column, for whoever opens it."""
    given = one.get("measures")
    measures: Mapping[str, Any] = {} if given is None else given
    return {
        "aspect": None if one["verdict"] == "undefined" else ASPECTS.get(one.get("aspect") or ""),
        "p_value": None if one.get("p_value") is None else chance(one["p_value"]),
        "dependence": _dependence(one.get("dependence")),
        "distribution": distribution(one["kind"], one.get("bins")),
        "aside": _aside(one["kind"], one.get("aspect"), measures),
        "measures": _measures(one["kind"], measures),
        "examples": _examples(measures),
    }


def moved(missing: Missing) -> str:
    """The shares without a value, before and now."""
    return f"{share(missing.get('baseline'))} → {share(missing.get('current'))}"


def _dependence(found: Dependent | None) -> str | None:
    """How many rows counted, where some hang together, and how far training's own blocks went. No limit of moves is
    0.5 itself: a block's values may always be as large as the training's."""
    if found is None:
        return None
    told = []
    if found["effect"] > 1:
        told.append(f"Its rows tell as much as {counted(found['rows'], 'independent row')}.")
    furthest = found.get("furthest")
    if furthest is not None:
        side, most = ("larger", furthest) if furthest >= 0.5 else ("smaller", 1 - furthest)
        told.append(
            f"Its values have moved further than those of any block of the training period: {side} than a training "
            f"value in more than {share(most)} of comparisons."
        )
    elif found["reached"] is not None:
        told.append(f"The training period's own blocks reach {words.number(found['reached'])}.")
    return " ".join(told) or None


def _aside(kind: str, aspect: str | None, measures: Mapping[str, Any]) -> Plain | None:
    """Bars of the worst aspect, where the distribution of the values does not show it; new words are among its bins."""
    found = measures.get(aspect or "")
    if aspect == "missing" and found:
        told, before, now = "Rows without a value", found.get("baseline"), found.get("current")
        return bars(["missing"], [before or 0.0], [now or 0.0], FULL_ASIDE) | {"told": told}
    if aspect == "unseen" and found and kind == "numeric":
        told = "Rows with a value never seen"
        return bars(["never seen"], [0.0], [found.get("share") or 0.0], FULL_ASIDE) | {"told": told}
    return None


def _examples(measures: Mapping[str, Any]) -> list[str]:
    found = (measures.get("unseen") or {}).get("examples") or ()
    return [words.cut(text, 60) for text in found[:MOST_EXAMPLES]]


_SIZES = {
    "jensen_shannon": ("Jensen–Shannon distance", "0: the same, 1: nothing in common"),
    "psi": ("Population stability index", "by custom 0.1 is a little, 0.25 a lot; few rows inflate it"),
    "wasserstein": ("Wasserstein distance", "how far the values moved on average, in standard deviations"),
}
_TESTS = {
    "kolmogorov_smirnov": ("Kolmogorov–Smirnov", "largest gap between the two cumulative distributions"),
    "rank_sum": ("Rank sum (Mann–Whitney)", "how often a value here is above one learned from; 0.5: as often as below"),
    "rank_spread": ("Rank spread (Mood)", "how far from the middle the values here rank; above 1: wider"),
    "chi_squared": ("Chi-squared", "how far the counts are from the expected ones; grows with the rows"),
}


def _measures(kind: str, measures: Mapping[str, Any]) -> list[Plain]:
    """Rows of name, value, p-value and meaning; a measure that is not defined for the column stays out."""
    rows = [
        _measure(title, words.number(measures[name]), None, text)
        for name, (title, text) in _SIZES.items()
        if measures.get(name) is not None
    ]
    rows += [
        _measure(title, words.number(measures[name].get("statistic")), measures[name].get("p_value"), text)
        for name, (title, text) in _TESTS.items()
        if measures.get(name)
    ]
    missing, unseen = measures.get("missing"), measures.get("unseen")
    if missing:
        rows.append(_measure("Missing", moved(missing), missing.get("p_value"), "share of the rows without a value"))
    if unseen and unseen.get("share") is not None:
        what = "outside the smallest and the largest" if kind == "numeric" else "categories that were not among those"
        told = f"{share(unseen.get('share'))}, {counted(unseen.get('rows') or 0, 'row')}"
        rows.append(_measure("Never seen", told, unseen.get("p_value"), f"{what} the model learned from"))
    return rows


def _measure(name: str, value: str, p_value: float | None, text: str) -> Plain:
    return {"name": name, "value": value, "p_value": chance(p_value), "meaning": text}
