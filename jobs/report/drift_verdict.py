"""The verdict of a drift check in a person's words: one sentence, and what must be known to weigh it."""

from collections.abc import Sequence

from jobs.documents.drift import Drift, Finding
from jobs.refusals import counted
from jobs.report import words
from jobs.report.monitoring import STATES, period, since

_MOST_NAMES = 5


def sentence(document: Drift) -> str:
    """What the check found, in one sentence with the worst features by name."""
    if document["state"] == "not-enough-traffic":
        return _too_few(document["window"]["rows"], document["thresholds"]["min_rows"])
    named, count = list(document.get("drifted") or ()), len(document.get("features") or ())
    if document["state"] == "stable":
        answers = " and not the model's answers" if _compared(document.get("predictions")) else ""
        return f"Nothing differs both certainly and by much: not {_none_of(document)}{answers}."
    if not named:
        return f"The model's answers have drifted, but not {_none_of(document)}."
    shown = ", ".join(words.cut(name, 60) for name in named[:_MOST_NAMES])
    more = f" and {len(named) - _MOST_NAMES:,} more" if len(named) > _MOST_NAMES else ""
    also = any(one["verdict"] == "drifted" for one in document.get("predictions") or ())
    verb = "differs" if len(named) == 1 else "differ"
    answers = ", and so do the model's answers" if also else ""
    what = f"{len(named):,} of {counted(count, 'feature')} {verb} from what the model learned from"
    return f"{what}{answers}: {shown}{more}."


def _of_the_clock(document: Drift, names: Sequence[str]) -> str:
    by = next((one["seasonal"]["by"] for one in document.get("features") or () if "seasonal" in one), "time")
    shown = ", ".join(words.cut(name, 60) for name in names[:_MOST_NAMES])
    more = f" and {len(names) - _MOST_NAMES:,} more" if len(names) > _MOST_NAMES else ""
    differ = "differs" if len(names) == 1 else "differ"
    return f"Only the clock: {shown}{more} {differ} from training as a whole, and not from its rows of the same {by}."


def _too_few(rows: int, least: int) -> str:
    verb = "was" if rows == 1 else "were"
    return (
        f"{counted(rows, 'row').capitalize()} {verb} recorded, and a check needs {least:,}. "
        "Nothing can be said about drift, which is not the same as no drift."
    )


def _compared(found: Sequence[Finding] | None) -> int:
    return sum(one["verdict"] != "undefined" for one in found or ())


def _none_of(document: Drift) -> str:
    """The features of which none has drifted: only those that were compared, for of the others nothing is known."""
    compared, count = _compared(document.get("features")), len(document.get("features") or ())
    if compared < count:
        return (
            f"one of the {compared:,} features that could be compared" if compared else "a feature, for none could be"
        )
    return {0: "a feature", 1: "the one feature"}.get(count, f"one of the {count:,} features")


def facts(document: Drift) -> list[str]:
    """Which traffic the verdict is about, since when it holds, and what it leaves open. A sentence each."""
    window, history = document["window"], list(document.get("history") or ())
    parts = [counted(window["rows"], "row"), counted(window["records"], "record"), counted(window["files"], "file")]
    between = period(window)
    told = [f"Traffic: {parts[0]} in {parts[1]} of {parts[2]}{', ' + between if between else ''}."]
    lasting = since(history)
    if lasting:
        state = STATES[document["state"]].capitalize()
        told.append(f"{state} since {lasting['at']} UTC, in {counted(lasting['checks'], 'check')} in a row.")
    elif document["state"] == "drifted" and len(history) > 1:
        told.append("The check before this one had not found it.")
    if rule := document.get("rule"):
        told.append(rule["sentence"])
    if seasonal := document.get("seasonal"):
        told.append(_of_the_clock(document, seasonal))
    undefined = sum(one["verdict"] == "undefined" for one in document.get("features") or ())
    if undefined:
        told.append(f"{counted(undefined, 'feature')} could not be compared; each says why below.")
    return told
