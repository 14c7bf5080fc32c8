"""Whether the live model can be asked about the candidate's test rows, and how.

The live model has its own schema: perhaps another order of columns, another order of classes, columns that have since
gone. It is compared only where the comparison is fair; otherwise a sentence says why not, and the relay goes on.
"""

from jobs.refusals import listed, shown
from jobs.schema import Schema, classes_of


def why_not_comparable(
    live: Schema, schema: Schema, which: str = "The live model", other: str = "the candidate"
) -> str | None:
    """A sentence saying why the live model, or another earlier one, cannot be measured on these rows; None when it can.

    Args:
        which: that model, at the beginning of a sentence.
        other: whose rows they are, within one.
    """
    if live["task"] != schema["task"]:
        return f"{which} is for a {live['task']} task, {other} for a {schema['task']} task."
    if live["target"] != schema["target"]:
        return f"{which} predicts {shown(live['target'])}, {other} {shown(schema['target'])}."
    if set(live["classes"] or ()) != set(schema["classes"] or ()):
        return _classes_differ(classes_of(live), classes_of(schema), which[:1].lower() + which[1:])
    present = {column["name"] for column in schema["columns"]}
    gone = [column["name"] for column in live["columns"] if column.get("used") and column["name"] not in present]
    if gone:
        return f"{which} needs columns the new data does not have: {listed(gone)}."
    return None


def request_columns(schema: Schema) -> list[str]:
    """The columns an endpoint with this schema takes, in its order: all but the target."""
    return [column["name"] for column in schema["columns"] if column["name"] != schema["target"]]


def _classes_differ(live: list[str], candidate: list[str], which: str) -> str:
    parts = []
    if new := [name for name in candidate if name not in live]:
        parts.append(f"{which} does not know {listed(new)}")
    if gone := [name for name in live if name not in candidate]:
        parts.append(f"the new data does not hold {listed(gone)}")
    return f"The classes differ: {', and '.join(parts)}."
