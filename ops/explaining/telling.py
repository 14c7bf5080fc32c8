"""What the endpoint said of each row, for a terminal and for programs. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from ops.explaining.asking import Served
from ops.explaining.rows import Rows

Answer = Mapping[str, Any]
_LONGEST = 20
"""Signs of a cell or a name that are shown."""


def why_not(answers: Sequence[Answer], run: str) -> str | None:
    """Why the answers have no explanation; None where they do."""
    for answer in answers:
        found = answer.get("explanation")
        if found is None:
            return (
                f"The model of {run} answers and explains nothing: it was trained by a release that could not. The "
                "model of the next run does."
            )
        if "undefined" in found:
            return str(found["undefined"])
    return None


def as_document(served: Served, dataset: str, file: str, answers: Sequence[Answer]) -> dict[str, Any]:
    """For programs (`--json`, docs/explanations.md)."""
    rows = [{"row": number, **answer} for number, answer in enumerate(answers, 1)]
    told = {"dataset": dataset, "endpoint": served.endpoint, "run": served.run, "file": file}
    return {"version": 1, **told, "undefined": why_not(answers, served.run), "rows": rows}


def heading(answers: Sequence[Answer], target: str) -> str:
    """What the parts in the table are parts of."""
    explained = answers[0]["explanation"]
    part = explained["parts"][0]
    if explained["scale"] == "number":
        return f"Parts of {plain(target)}: all of a row and the base, {amount(part['base'])}, are the answer."
    if explained["scale"] == "log-odds":
        return (
            f'Parts of the log-odds of "{plain(part["class"])}": above 0 they speak for it. All of a row and the base, '
            f"{amount(part['base'])}, are the score."
        )
    return (
        "Parts of the score of the class that is answered, less their mean over all classes. All of a row, the base "
        "among them, are the score."
    )


def as_table(rows: Rows, answers: Sequence[Answer], most: int) -> Table:
    """The `most` strongest columns of each row, and what the others add together."""
    table = Table(width=80)
    table.add_column("Row", justify="right")
    table.add_column("Answer", overflow="fold")
    table.add_column("Column", overflow="fold")
    table.add_column("Its value", overflow="fold")
    table.add_column("Adds", justify="right")
    for number, (row, answer) in enumerate(zip(rows.rows, answers, strict=True), 1):
        cells = dict(zip(rows.columns, row, strict=False))
        parts, score = parts_of(answer)
        shown = sorted(parts, key=lambda name: (-abs(parts[name]), name))[:most]
        rest = sum(value for name, value in parts.items() if name not in shown)
        lines = [(plain(name), plain(cells.get(name, "")), amount(parts[name], signed=True)) for name in shown]
        if len(parts) > len(shown):
            others = f"{len(parts) - len(shown)} other{'s' * (len(parts) - len(shown) > 1)}"
            lines.append((others, "", amount(rest, signed=True)))
        if score is not None and len(answer["explanation"]["parts"]) > 1:  # another for each class
            lines.append(("the base", "", amount(score - sum(parts.values()), signed=True)))
        said = [answered(answer), *([] if score is None else [f"score {amount(score)}"])]
        for place, line in enumerate(lines or [("nothing", "", "")]):
            first = str(number) if not place else ""
            table.add_row(first, Text(said[place] if place < len(said) else ""), *map(Text, line))
        table.add_section()
    return table


def parts_of(answer: Answer) -> tuple[dict[str, float], float | None]:
    """What each column adds, and the score that it is a part of, where that is not the answer itself.

    Of more than two classes: to the answered class, above what it adds to all classes on average, since the same to
    each says nothing.
    """
    explained = answer["explanation"]
    parts = {part.get("class"): part for part in explained["parts"]}
    if explained["scale"] == "number":
        return dict(parts[None]["contributions"]), None
    if len(parts) == 1:
        (only,) = parts.values()
        return dict(only["contributions"]), only["score"]
    own = parts[answer["label"]]
    mean = {
        name: sum(part["contributions"][name] for part in parts.values()) / len(parts) for name in own["contributions"]
    }
    score = own["score"] - sum(part["score"] for part in parts.values()) / len(parts)
    return {name: value - mean[name] for name, value in own["contributions"].items()}, score


def answered(answer: Answer) -> str:
    """The answer in short.

    >>> answered({"label": "yes", "probabilities": {"no": 0.26, "yes": 0.74}}), answered({"prediction": 52310.4})
    ('yes 74.0 %', '52,310')
    """
    if "prediction" in answer:
        return amount(answer["prediction"])
    return f"{plain(answer['label'])} {100 * answer['probabilities'][answer['label']]:.1f} %"


def amount(value: float, *, signed: bool = False) -> str:
    """In four digits or so, with a real minus sign.

    >>> amount(-0.21391), amount(15326.698, signed=True), amount(0.0, signed=True)
    ('−0.2139', '+15,327', '0')
    """
    text = f"{abs(value):,.0f}" if abs(value) >= 1000 else f"{abs(value):.4g}"
    return ("−" if value < 0 else "+" if signed and value > 0 else "") + text


def plain(text: str) -> str:
    """As much of a user's words as a table can bear, without what would move a terminal's cursor.

    >>> plain("a\\x1b[2Jb"), plain("x" * 30)
    ('a·[2Jb', 'xxxxxxxxxxxxxxxxxxx…')
    """
    shown = "".join(sign if sign.isprintable() else "·" for sign in str(text))
    return shown if len(shown) <= _LONGEST else shown[: _LONGEST - 1] + "…"
