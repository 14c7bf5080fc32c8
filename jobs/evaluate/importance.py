"""What the trained model used: each raw column's share of the total gain.

An encoded feature's gain, which the model's algorithm reads, is added to the raw column it was made from, because
people know columns, not features.
"""

from jobs.documents.evaluation import Gain
from jobs.schema import Schema


def importance(gains: dict[str, float], schema: Schema) -> list[Gain]:
    """`[{"column", "gain"}]`, largest share first, of the columns that were used at all; shares sum to 1."""
    columns = schema["feature_columns"]
    by_column: dict[str, float] = {}
    for name, gain in gains.items():
        column = columns[int(name[1:])]
        by_column[column] = by_column.get(column, 0.0) + gain
    total = sum(by_column.values()) or 1.0
    ranked = sorted(by_column.items(), key=lambda item: (-item[1], item[0]))
    return [{"column": column, "gain": gain / total} for column, gain in ranked if gain > 0]
