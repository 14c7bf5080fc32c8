"""jobs.prepare on one file, without a cloud: `{"inputs", "train", "output"}` on standard input."""

import json
import sys
from pathlib import Path

from jobs.prepare.pipeline import prepare


def main() -> None:
    question = json.load(sys.stdin)
    prepare(question["inputs"], [("train.csv", Path(question["train"]))], None, Path(question["output"]))


if __name__ == "__main__":
    main()
