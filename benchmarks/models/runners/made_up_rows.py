"""A CSV of made-up numbers: `{"path", "rows", "features", "target"}` on standard input.

What there is to learn is coarse and noisy: some hundred trees learn it, and then early stopping ends.
"""

import json
import sys

import numpy as np
import pandas as pd


def main() -> None:
    question = json.load(sys.stdin)
    random = np.random.default_rng(0)
    numbers = random.normal(size=(question["rows"], question["features"])).round(4)
    steps = (numbers[:, :5] > 0).sum(axis=1) + 2 * ((numbers[:, 5] > 0) ^ (numbers[:, 6] > 0))
    yes = steps + random.normal(scale=3, size=question["rows"]) > 3.5
    frame = pd.DataFrame(numbers, columns=[f"number {place}" for place in range(question["features"])])
    frame.assign(**{question["target"]: np.where(yes, "yes", "no")}).to_csv(question["path"], index=False)


if __name__ == "__main__":
    main()
