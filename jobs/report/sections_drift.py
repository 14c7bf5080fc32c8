"""The columns' part of the drift page: worst first, a few drawn, all in a table, each measure with what it means.

The order, the scores and the verdicts are the check's; the page chooses only how much of them it shows.
"""

from collections.abc import Iterable, Mapping
from typing import Any, Literal

from jobs.documents.drift import Drift, Finding, Missing
from jobs.refusals import counted
from jobs.report import words
from jobs.report.distributions import bars, distribution
from jobs.report.monitoring import chance, share
from jobs.report.sections import capped

Plain = dict[str, Any]
MOST_DRAWN = 12
FEWEST_DRAWN = 3
MOST_ANSWERS_DRAWN = 2
MOST_ROWS = 400
LABEL = "prediction"
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
_RANKS = {"drifted": 0, "stable": 1, "undefined": 2}


def columns(document: Drift, key: Literal["features", "predictions"], most_drawn: int = MOST_DRAWN) -> Plain:
    """The columns under `key` (`features` or `predictions`): the worst ones drawn, all others as rows by verdict.

    Of a check without drift the few that come nearest to it are drawn: silence, too, wants to be looked at.
    """
    order = document.get("drifted") or () if key == "features" else (LABEL,)
    found = ranked(document.get(key) or (), order)
    drifted = sum(one["verdict"] == "drifted" for one in found)
    defined = sum(one["verdict"] != "undefined" for one in found)
    drawn = min(max(drifted, FEWEST_DRAWN), most_drawn, defined)
    reaches = [max(one.get("score") or 0.0, 2 * (one.get("threshold") or 0.0)) for one in found]
    scale = max([*reaches, 1e-9])
    rest = found[drawn:]
    return {
        "count": len(found),
        "drifted": drifted,
        "undefined": len(found) - defined,
        "drawn": [_drawn(one, scale) for one in found[:drawn]],
        "rest": {
            verdict: capped([_row(one) for one in rest if one["verdict"] == verdict], MOST_ROWS) for verdict in _RANKS
        },
    }


def ranked(found: Iterable[Finding], order: Iterable[str] = ()) -> list[Finding]:
    """Drifted ones in the check's own order, worst first; then the stable ones by score; then the undefined ones."""
    places = {name: place for place, name in enumerate(order)}

    def rank(one: Finding) -> tuple[int, int, float]:
        return _RANKS[one["verdict"]], places.get(one["name"], len(places)), -(one.get("score") or 0.0)

    return sorted(found, key=rank)


def _row(one: Finding) -> Plain:
    measures = one.get("measures")
    missing = measures.get("missing") if measures else None
    row = {
        "name": one["name"],
        "kind": words.KINDS.get(one["kind"], one["kind"]),
        "verdict": one["verdict"],
        "score": words.number(one.get("score")),
        "p_value": chance(one.get("p_value")),
        "aspect": ASPECTS.get(one.get("aspect") or "", words.ABSENT),
        "direction": DIRECTIONS.get(one.get("direction") or "", words.ABSENT),
        "importance": words.percent(one.get("importance")),
        "missing": _moved(missing) if missing else words.ABSENT,
        "sentence": one.get("sentence") or "",
        "undefined": one.get("undefined"),
    }
    if one["verdict"] == "undefined":
        return row | dict.fromkeys(("score", "p_value", "aspect", "direction"), words.ABSENT)
    return row | ({} if one.get("score") else {"direction": words.ABSENT})


def _moved(missing: Missing) -> str:
    return f"{share(missing.get('baseline'))} → {share(missing.get('current'))}"


def _drawn(one: Finding, scale: float) -> Plain:
    given = one.get("measures")
    measures: Mapping[str, Any] = {} if given is None else given
    threshold = one.get("threshold")
    return _row(one) | {
        "threshold": words.number(threshold),
        "track": {
            "score": min(100.0, 100 * (one.get("score") or 0.0) / scale),
            "threshold": None if threshold is None else min(100.0, 100 * threshold / scale),
        },
        "distribution": distribution(one["kind"], one.get("bins")),
        "aside": _aside(one["kind"], one.get("aspect"), measures),
        "measures": _measures(one["kind"], measures),
        "examples": _examples(measures),
    }


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
        rows.append(_measure("Missing", _moved(missing), missing.get("p_value"), "share of the rows without a value"))
    if unseen and unseen.get("share") is not None:
        what = "outside the smallest and the largest" if kind == "numeric" else "categories that were not among those"
        told = f"{share(unseen.get('share'))}, {counted(unseen.get('rows') or 0, 'row')}"
        rows.append(_measure("Never seen", told, unseen.get("p_value"), f"{what} the model learned from"))
    return rows


def _measure(name: str, value: str, p_value: float | None, text: str) -> Plain:
    return {"name": name, "value": value, "p_value": chance(p_value), "meaning": text}
