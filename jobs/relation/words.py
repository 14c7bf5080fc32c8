"""What has changed, to a person: one sentence that stands in the mail and on the page."""

from __future__ import annotations

from jobs.documents.quality import Shift
from jobs.metrics import catalogue
from jobs.refusals import shown
from jobs.relation.bets import Pattern

_THIRDS = ("that it is least sure of", "that it is neither sure nor unsure of", "that it is surest of")
_SIZES = ("the lowest", "the middle", "the highest")


def which(pattern: Pattern, classes: tuple[str, ...] | None) -> str:
    """Of which rows a bet speaks, as an adverbial."""
    match pattern.what:
        case "third":
            return f"of the third of its answers {_THIRDS[pattern.which]}"
        case "class":
            return f"of its answers {shown((classes or ())[pattern.which])}"
        case "toward":
            return f"the outcome {shown((classes or ())[pattern.which])}"
        case "third-of-outcomes" | "third-of-errors":
            return f"among {_SIZES[pattern.which]} third of its answers"
        case _:
            return "of its answers" if pattern.what == "answers" else "among all its answers"


def changed(pattern: Pattern, told: Shift, classes: tuple[str, ...] | None, since: str) -> str:
    """The sentence of a changed relation."""
    rows = which(pattern, classes)
    reach = f"95 % interval of the difference {100 * told['low']:+.0f} to {100 * told['high']:+.0f} points"
    seen, promised = f"{100 * told['seen']:.1f} %", f"{100 * told['promised']:.1f} %"
    count = f"{told['rows']:,}"
    begun = f"The same inputs now have other outcomes, since about {since[:16].replace('T', ' ')} UTC:"
    match pattern.what:
        case "answers" | "third" | "class":
            more = "more" if pattern.sign > 0 else "less"
            return (
                f"{begun} {rows}, the model is right {more} often, in {seen} of {count} rows, where held-out "
                f"rows like these promise {promised} ({reach})."
            )
        case "toward":
            return (
                f"{begun} {rows} is more frequent than the model says, in {seen} of {count} rows, where held-out rows "
                f"like these promise {promised} ({reach})."
            )
        case "outcomes" | "third-of-outcomes":
            side = "higher" if pattern.sign > 0 else "lower"
            what = f"outcomes lie {side} than the model says"
        case _:
            what = f"the model is off by {'more' if pattern.sign > 0 else 'less'} than it was"
    than = "above" if pattern.what in {"outcomes", "third-of-outcomes"} else "off by more than"
    size = (
        "" if told["amount"] is None else f", on average by {catalogue.number(abs(told['amount']), catalogue.AMOUNT)}"
    )
    return (
        f"{begun} {rows}, {what}{size}. In {count} rows the chance to be {than} a comparable held-out row is "
        f"{seen}, and was {promised} ({reach})."
    )


def unchanged(rows: int, evidence: float, needed: float) -> str:
    """The sentence where nothing is known to have changed."""
    noun = "row" if rows == 1 else "rows"
    figure = f"{evidence:.2g}" if evidence >= 0.01 else "below 0.01"
    return (
        f"Nothing says that the same inputs have other outcomes than when the model was evaluated: the evidence of "
        f"{rows:,} labelled {noun} is {figure}, and {needed:g} would call it a change."
    )
