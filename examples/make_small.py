"""Make the two small examples, `wine/wine.csv` and `diabetes/diabetes.csv`, from the copies inside scikit-learn.

Small on purpose: a relay on either ends in seconds, and both are known well enough to tell whether a result is sane.

    python examples/make_small.py examples
"""

import argparse
from pathlib import Path

from sklearn.datasets import load_diabetes, load_wine

CULTIVARS = {0: "barolo", 1: "grignolino", 2: "barbera"}
SERUM = {
    "bp": "blood_pressure",
    "s1": "cholesterol",
    "s2": "ldl",
    "s3": "hdl",
    "s4": "cholesterol_per_hdl",
    "s5": "log_triglycerides",
    "s6": "glucose",
    "target": "progression",
}


def wine() -> str:
    """178 wines, 13 chemical measurements, three cultivars by name: a multiclass example."""
    frame = load_wine(as_frame=True).frame.rename(
        columns={"od280/od315_of_diluted_wines": "od280_od315", "target": "cultivar"}
    )
    frame["cultivar"] = frame["cultivar"].map(CULTIVARS)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def diabetes() -> str:
    """442 patients in natural units, disease progression after a year: a regression example."""
    frame = load_diabetes(as_frame=True, scaled=False).frame.rename(columns=SERUM)
    frame["sex"] = frame["sex"].map({1.0: "a", 2.0: "b"})  # the source does not say which is which
    whole = ["age", "progression"]
    frame[whole] = frame[whole].astype(int)
    return str(frame.to_csv(index=False, lineterminator="\n"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("examples", type=Path, help="the examples folder")
    folder = parser.parse_args().examples
    (folder / "wine" / "wine.csv").write_text(wine(), encoding="utf-8")
    (folder / "diabetes" / "diabetes.csv").write_text(diabetes(), encoding="utf-8")


if __name__ == "__main__":
    main()
