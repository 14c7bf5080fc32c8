"""The table that the drift page leads with: every column, worst first, its score against the limit of its own verdict.

It words what the check decided. The worst of many columns are shown, each with its details folded; the others follow
folded as a whole.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from jobs.documents.drift import Check, Drift, Finding
from jobs.refusals import counted
from jobs.report import words
from jobs.report.column_details import DIRECTIONS, details, moved
from jobs.report.miniatures import miniature
from jobs.report.monitoring import SILENT, chance, moment
from jobs.report.sections import capped

Plain = dict[str, Any]
MOST_OPEN = 40
FEWEST_OPEN = 12
MOST_ROWS = 400
LABEL = "prediction"
_RANKS = {"drifted": 0, "stable": 1, "undefined": 2}
_LIMIT_AT = 40.0


Key = Literal["features", "predictions"]


def table(document: Drift, key: Key) -> Plain:
    """The columns under `key` as rows: `open` ones with details, and `folded` ones behind them, told in a few words."""
    order = document.get("drifted") or () if key == "features" else (LABEL,)
    found = ranked(document.get(key) or (), order)
    drifted = sum(one["verdict"] == "drifted" for one in found)
    lasting = drifting(document, key)
    most = len(found) if len(found) <= MOST_OPEN else min(max(drifted, FEWEST_OPEN), MOST_OPEN)
    rest = found[most:]
    return {
        "count": len(found),
        "drifted": drifted,
        "compared": any(one["verdict"] != "undefined" for one in found),
        "open": [_row(one, lasting) | {"details": details(one)} for one in found[:most]],
        "folded": capped([_row(one, lasting) | {"details": None} for one in rest], MOST_ROWS),
        "folded_told": _told(rest),
        "open_since": any(one["name"] in lasting for one in found[:most]),
        "folded_since": any(one["name"] in lasting for one in rest),
    }


def ranked(found: Iterable[Finding], order: Iterable[str] = ()) -> list[Finding]:
    """Drifted ones in the check's own order, worst first; then the stable ones, nearest to their limit first; then the
    undefined ones."""
    places = {name: place for place, name in enumerate(order)}

    def rank(one: Finding) -> tuple[int, int, float]:
        score, limit = judged(one)
        return _RANKS[one["verdict"]], places.get(one["name"], len(places)), -(score or 0.0) / (limit or 1.0)

    return sorted(found, key=rank)


def judged(one: Finding) -> tuple[float | None, float | None]:
    """The score and the limit that made the verdict: of what follows the clock, those against the same times."""
    seasonal = one.get("seasonal")
    return (one.get("score"), one.get("threshold")) if seasonal is None else (seasonal["score"], seasonal["threshold"])


def drifting(document: Drift, key: Key = "features") -> dict[str, Plain]:
    """By drifted column since when: the first of the checks in a row that found it, as far back as they are kept.

    Checks without enough traffic neither end nor prolong it. `before`: what the check before those says of the column:
    "stable", "unknown", or "nothing" where there is none.
    """
    lasting = {one["name"] for one in document.get(key) or () if one["verdict"] == "drifted"}
    found: dict[str, Plain] = {name: {"at": document["at"], "checks": 1, "before": "nothing"} for name in lasting}
    for check in reversed(_earlier(document)):
        known = _drifted_in(check, key)
        ended = lasting.difference(known or ())
        for name in ended:
            found[name]["before"] = "unknown" if known is None else "stable"
        lasting -= ended
        for name in lasting:
            found[name].update(at=check["at"], checks=found[name]["checks"] + 1)
    return found


def _earlier(document: Drift) -> Sequence[Check]:
    history = document.get("history") or ()
    return [one for one in history if one["check"] != document["check"] and one["state"] not in SILENT]


def _drifted_in(check: Check, key: Key) -> Sequence[str] | None:
    """The names; None where it is not known: of the answers earlier releases kept only that all were stable."""
    if key == "features":
        return check.get("drifted")
    return check.get("answers", [] if check["state"] == "stable" else None)


def _since(lasting: Plain | None) -> Plain | None:
    """`at` and, beside it, in how many checks."""
    if lasting is None:
        return None
    if lasting["checks"] == 1:
        before = {"stable": "new", "unknown": "or earlier", "nothing": "the first there is"}
        return {"at": "this check", "small": before[lasting["before"]]}
    kept = {"stable": " in a row", "unknown": " at least", "nothing": ", all on record"}[lasting["before"]]
    return {"at": moment(lasting["at"]), "small": f"{counted(lasting['checks'], 'check')}{kept}"}


def _row(one: Finding, lasting: Mapping[str, Plain]) -> Plain:
    measures = one.get("measures")
    missing = measures.get("missing") if measures else None
    undefined, moved_on = one["verdict"] == "undefined", one["verdict"] == "drifted" or "seasonal" in one
    verdict, why = _verdict(one)
    return {
        "name": one["name"],
        "kind": words.KINDS.get(one["kind"], one["kind"]),
        "importance": None if one.get("importance") is None else words.percent(one["importance"]),
        "verdict": one["verdict"],
        "tone": "unsure" if why and "seasonal" not in one else one["verdict"],
        "told": verdict,
        "why": why,
        "direction": DIRECTIONS.get(one.get("direction") or "") if moved_on else None,
        "sentence": (one.get("undefined") or "") if undefined else (one.get("sentence") or ""),
        "p_value": None if undefined or one.get("p_value") is None else chance(one["p_value"]),
        "missing": moved(missing) if missing else None,
        "gauge": None if undefined else gauge(*judged(one)),
        "miniature": miniature(one),
        "since": _since(lasting.get(one["name"])),
    }


def _verdict(one: Finding) -> tuple[str, str | None]:
    """In one or two words, and why where a bar beyond its limit would seem to say something else."""
    seasonal = one.get("seasonal")
    if seasonal is not None:
        return "only the clock", f"not from training's rows of the same {seasonal['by']}"
    score, limit = judged(one)
    if one["verdict"] == "stable" and score is not None and limit is not None and score >= limit:
        return "stable", "large, but not certain: chance may have made it"
    return {"undefined": "not compared"}.get(one["verdict"], one["verdict"]), None


def gauge(score: float | None, limit: float | None) -> Plain | None:
    """A bar in per cent, the same for all columns: its limit lies at two fifths, below it the bar grows with the score,
    beyond it ever more slowly, so that any score has room.

    >>> [gauge(score, 0.05)["at"] for score in (0.0, 0.025, 0.05, 0.1, 0.5)]
    [0.0, 20.0, 40.0, 70.0, 94.0]
    """
    if score is None:
        return None
    told = {"score": words.number(score), "limit": words.number(limit), "limit_at": _LIMIT_AT, "at": 0.0}
    if not limit:
        return told | {"limit_at": None, "at": 100.0 * min(1.0, max(0.0, score))}
    ratio = max(0.0, score) / limit
    return told | {"at": round(_LIMIT_AT * ratio if ratio <= 1 else 100 - (100 - _LIMIT_AT) / ratio, 1)}


def _told(rest: Sequence[Finding]) -> str:
    """What is folded: `180 more: 3 drifted, 175 without drift, 2 not compared`."""
    names = {"drifted": "drifted", "stable": "without drift", "undefined": "not compared"}
    counts = {name: sum(one["verdict"] == verdict for one in rest) for verdict, name in names.items()}
    return f"{len(rest):,} more: " + ", ".join(f"{count:,} {name}" for name, count in counts.items() if count)
