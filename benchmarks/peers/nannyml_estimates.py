"""NannyML's estimates without labels, in the peers' Python: the question on standard input, the answer's last line out.

`{"tool": "CBPE" or "DLE", "arguments": what it is made with, "reference", "current": Parquet files}` is answered
by `{metric: [[estimated, low, high], ...]}`, a chunk each, with NannyML's own boundaries.
"""

import json
import os
import sys
import warnings

import pandas as pd


def main() -> None:
    """Answer one question."""
    warnings.simplefilter("ignore")  # the tool's own quarrels with its dependencies
    os.environ["NML_DISABLE_USAGE_LOGGING"] = "1"  # it would tell its makers of every run
    import nannyml

    question = json.load(sys.stdin)
    estimator = getattr(nannyml, question["tool"])(**question["arguments"])
    estimator.fit(pd.read_parquet(question["reference"]))
    found = estimator.estimate(pd.read_parquet(question["current"])).filter(period="analysis").to_df()
    ends = ("value", "lower_confidence_boundary", "upper_confidence_boundary")
    names = question["arguments"]["metrics"]
    print(json.dumps({name: found[name][list(ends)].to_numpy().tolist() for name in names}))


if __name__ == "__main__":
    main()
