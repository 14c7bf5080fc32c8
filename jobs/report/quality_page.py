"""report.html of a quality check: quality.json (docs/formats.md) as a page for the model's owner.

What the live model was worth on real traffic whose labels came late, against its evaluation at promotion, and how much
of the traffic that speaks for. It draws what the check decided; too few labels are never drawn as kept quality.
"""

from collections.abc import Mapping
from typing import Any

from jobs.documents.metrics import Compared
from jobs.documents.quality import Coverage, Labelled, Quality, Relation, Shift
from jobs.metrics.max_loss import AMOUNT
from jobs.refusals import counted
from jobs.report import sections, words
from jobs.report.figures import Figures
from jobs.report.monitoring import STATES, metrics, moment, period, problems, share, since
from jobs.report.sections_checks import quality_history
from jobs.report.shell import page

Plain = dict[str, Any]
_COVERAGE = {
    "labels": "labels read",
    "matched": "matched with a captured row",
    "of_live_model": "of these, answered by the live model",
    "unknown": "of an id that was not captured",
    "duplicates": "given twice, alike: counted once",
    "conflicting": "given twice, unlike: left out",
    "ambiguous": "of an id that several requests share",
    "unusable": "that could not be used",
    "captured": "captured rows in all",
}


def render_quality(document: Quality) -> str:
    """The page of a quality check as one HTML document.

    Args:
        document: quality.json; its history ends with this check.
    """
    deciding = document.get("metric")
    figures = Figures(document, document.get("task") or "")
    return page(
        "quality.html.jinja",
        ("style.css", "monitoring.css"),
        document=document,
        at=moment(document["at"]),
        title=_title(document),
        sentence=document.get("sentence") or "",
        facts=_facts(document),
        cards=_cards(document, figures),
        metrics=metrics(document.get("metrics"), "value", figures),
        deciding=deciding,
        deciding_title=figures.title(deciding or ""),
        max_loss=_allowed(document, figures),
        relation=_relation(document.get("relation")),
        coverage=_coverage(document["coverage"]),
        confusion=sections.confusion(document),
        labelled=_labelled(document.get("labelled")),
        history=quality_history(document),
        problems=problems(document.get("problems"), "labels"),
    )


def _allowed(document: Quality, figures: Figures) -> str:
    """What the deciding metric may lose."""
    name = document.get("metric") or ""
    meant, block = document.get("max_loss_meant") or AMOUNT, (document.get("metrics") or {}).get(name)
    then = block.get("at_promotion") if block else None
    return figures.may_lose(name, document.get("max_loss") or 0.0, meant, then)


def _title(document: Quality) -> str:
    return {"fell": "Quality fell", "kept": "No certain loss"}.get(
        document["state"], STATES[document["state"]].capitalize()
    )


def _facts(document: Quality) -> list[str]:
    """Which rows the verdict is about, and since when it holds."""
    found, between = document["coverage"], period(document["window"])
    rows = counted(found.get("of_live_model") or 0, "labelled row")
    told = [f"Measured on {rows} that the live model answered{', ' + between if between else ''}."]
    lasting = since(list(document.get("history") or ()))
    if lasting:
        told.append(f"The same since {lasting['at']} UTC, in {counted(lasting['checks'], 'check')} in a row.")
    if (before := document.get("before")) is not None:
        told.append(before["sentence"])
    relation = document.get("relation")
    if relation and relation["state"] == "changed":
        told.append("Whatever the quality: the same inputs now have other outcomes, see below.")
    return told


def _cards(document: Quality, figures: Figures) -> list[Plain]:
    cards = [
        {
            "name": figures.title(name),
            "value": figures.number(name, found.get("value")),
            "small": f"{figures.number(name, found.get('at_promotion'))} at promotion",
        }
        for name, found in _headlines(document, figures)
    ]
    matched = document["coverage"]
    part = {"name": "Of the traffic", "value": share(matched.get("share_of_traffic")), "small": "has a label"}
    return [*cards, part]


def _headlines(document: Quality, figures: Figures) -> list[tuple[str, Compared]]:
    """The deciding metric, then those one looks at first for the task; at most four."""
    found = document.get("metrics") or {}
    asked = dict.fromkeys([document.get("metric"), *figures.headlines])
    return [(name, found[name]) for name in asked if name is not None and name in found][:4]


def _relation(found: Relation | None) -> Plain | None:
    """Whether outcomes are what was promised; documents of earlier releases do not say."""
    if not found:
        return None
    rows: list[tuple[str, str]] = []
    if found["state"] is not None:
        rows = [
            ("evidence of a change", _figure(found["evidence"])),
            ("that would call it one", f"{found['needed']:g}"),
            ("labelled rows that counted", f"{found['rows']:,}"),
            ("of these, in this check", f"{found['new_rows']:,}"),
            ("their dependence (1: none)", f"{found['dependence']:.2f}"),
        ]
        if shift := found["shift"]:
            rows += _shift(shift, found)
    return {
        "changed": found["state"] == "changed",
        "sentence": found["sentence"],
        "rows": rows,
        "needed": f"{found['needed']:g}",
        "tolerated": f"{found['tolerated']:g}",
    }


def _shift(shift: Shift, found: Relation) -> list[tuple[str, str]]:
    rows = [
        ("found by", found["found"] or ""),
        ("began about", f"{moment(found['since'])} UTC"),
        ("promised", share(shift["promised"])),
        ("seen since then", f"{share(shift['seen'])} of {counted(shift['rows'], 'row')}"),
        ("difference, in points", f"{100 * shift['difference']:+.1f}"),
        ("95 % confidence sequence", f"{100 * shift['low']:+.1f} to {100 * shift['high']:+.1f}"),
    ]
    return rows if shift["amount"] is None else [*rows, ("on average by", f"{shift['amount']:+.4g}")]


def _figure(evidence: float | None) -> str:
    return words.ABSENT if evidence is None else f"{evidence:,.2f}" if evidence < 1000 else f"{evidence:.3g}"


def _coverage(found: Coverage) -> Plain:
    counts: Mapping[str, Any] = found
    rows = [(told, f"{counts[name]:,}") for name, told in _COVERAGE.items() if counts.get(name) is not None]
    return {"rows": rows, "share": share(found.get("share_of_traffic"))}


def _labelled(found: Labelled | None) -> Plain | None:
    return None if not found else {"file": found["file"], "rows": counted(found.get("rows") or 0, "row")}
