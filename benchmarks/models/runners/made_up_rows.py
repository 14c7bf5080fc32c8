"""A CSV of made-up rows: `{"path", "rows", "features", "target"}` on standard input.

Four of the features are columns of words, the rest are numbers.

What there is to learn is coarse and noisy: some hundred trees learn it, and then early stopping ends.
"""

import json
import sys

import numpy as np
import pandas as pd

WORDS = (4, 8, 20, 200)
"""Different ones by column; those of the last are names of two words."""


def main() -> None:
    question = json.load(sys.stdin)
    random = np.random.default_rng(0)
    rows, width = question["rows"], question["features"] - len(WORDS)
    numbers = random.normal(size=(rows, width)).round(4)
    places = [random.integers(0, count, rows) for count in WORDS]
    steps = (numbers[:, :5] > 0).sum(axis=1) + 2 * ((numbers[:, 5] > 0) ^ (numbers[:, 6] > 0))
    steps = steps + random.normal(size=WORDS[-1])[places[-1]] + (places[0] == 0)
    yes = steps + random.normal(scale=3, size=rows) > 3.5
    frame = pd.DataFrame(numbers, columns=[f"number {place}" for place in range(width)])
    for count, chosen in zip(WORDS, places, strict=True):
        frame[f"{count} words"] = np.array([_word(place, count) for place in range(count)])[chosen]
    frame.assign(**{question["target"]: np.where(yes, "yes", "no")}).to_csv(question["path"], index=False)


def _word(place: int, count: int) -> str:
    return f"{('north', 'south', 'west', 'east')[place % 4]} district {place}" if count > 100 else f"kind {place}"


if __name__ == "__main__":
    main()
