"""NannyML's DLE in the peers' Python: the question on standard input, every chunk's estimates as the last line out.

`{"reference", "current": Parquet files, "predicted", "actual": columns, "features", "metrics", "chunk_rows"}` is
answered by `{metric: [[estimated, low, high], ...]}`, a chunk each, with NannyML's own boundaries.
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
    from nannyml import DLE

    question = json.load(sys.stdin)
    estimator = DLE(
        feature_column_names=question["features"],
        y_pred=question["predicted"],
        y_true=question["actual"],
        metrics=question["metrics"],
        chunk_size=question["chunk_rows"],
    )
    estimator.fit(pd.read_parquet(question["reference"]))
    found = estimator.estimate(pd.read_parquet(question["current"])).filter(period="analysis").to_df()
    ends = ("value", "lower_confidence_boundary", "upper_confidence_boundary")
    print(json.dumps({name: found[name][list(ends)].to_numpy().tolist() for name in question["metrics"]}))


if __name__ == "__main__":
    main()
