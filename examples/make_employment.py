"""Make `employment/employment.csv` from the file that the PyPI package `nannyml` carries.

The file there holds the US Census Bureau's code numbers; people who look at a report want words, so every code is
written as the Public Use Microdata Sample's data dictionary explains it, shortened. "Not applicable" becomes an empty
field: that is what a missing value looks like in a spreadsheet export. All ages stay in, because the published
benchmark of this task (folktables' ACSEmployment) keeps them too.

It must not download anything, and the same input gives the same bytes:

    pip download --no-deps nannyml==0.13.1 && unzip -j nannyml-*.whl 'nannyml/datasets/data/employment_MA_reference.pq'
    python examples/make_employment.py employment_MA_reference.pq examples/employment/employment.csv
"""

import argparse
from pathlib import Path
from typing import NamedTuple

import pandas as pd

ROWS = 12_000
SEED = 2015
YEAR = 2015


class Decoded(NamedTuple):
    """A column by the name people know it by, and what its codes mean; a code that is absent means "not applicable"."""

    name: str
    words: dict[str, str]


YES_NO = {"1": "yes", "2": "no"}

COLUMNS = {
    "SCHL": Decoded(
        "education",
        {
            "1": "no schooling",
            "2": "preschool",
            "3": "kindergarten",
            **{str(code): f"grade {code - 3}" for code in range(4, 15)},
            "15": "grade 12, no diploma",
            "16": "high school diploma",
            "17": "GED",
            "18": "college, under 1 year",
            "19": "college, no degree",
            "20": "associate's degree",
            "21": "bachelor's degree",
            "22": "master's degree",
            "23": "professional degree",
            "24": "doctorate",
        },
    ),
    "MAR": Decoded(
        "marital_status", {"1": "married", "2": "widowed", "3": "divorced", "4": "separated", "5": "never married"}
    ),
    "RELP": Decoded(
        "relationship",
        {
            "0": "reference person",
            "1": "spouse",
            "2": "child",
            "3": "adopted child",
            "4": "stepchild",
            "5": "sibling",
            "6": "parent",
            "7": "grandchild",
            "8": "parent-in-law",
            "9": "child-in-law",
            "10": "other relative",
            "11": "boarder",
            "12": "roommate",
            "13": "unmarried partner",
            "14": "foster child",
            "15": "other nonrelative",
            "16": "institution",
            "17": "group quarters",
        },
    ),
    "DIS": Decoded("disability", YES_NO),
    "ESP": Decoded(
        "working_parents",
        {
            "1": "both",
            "2": "father of two",
            "3": "mother of two",
            "4": "neither",
            "5": "lone father",
            "6": "lone father not",
            "7": "lone mother",
            "8": "lone mother not",
        },
    ),
    "CIT": Decoded(
        "citizenship",
        {"1": "born in US", "2": "US territory", "3": "abroad, US parents", "4": "naturalized", "5": "not a citizen"},
    ),
    "MIG": Decoded("home_a_year_ago", {"1": "same", "2": "abroad", "3": "elsewhere in US"}),
    "MIL": Decoded("military", {"1": "active", "2": "veteran", "3": "training only", "4": "never"}),
    "ANC": Decoded("ancestry", {"1": "single", "2": "multiple", "3": "unclassified", "4": "not reported"}),
    "NATIVITY": Decoded("nativity", {"1": "native", "2": "foreign"}),
    "DEAR": Decoded("hearing_difficulty", YES_NO),
    "DEYE": Decoded("vision_difficulty", YES_NO),
    "DREM": Decoded("cognitive_difficulty", YES_NO),
    "SEX": Decoded("sex", {"1": "male", "2": "female"}),
    "RAC1P": Decoded(
        "race",
        {
            "1": "white",
            "2": "black",
            "3": "American Indian",
            "4": "Alaska Native",
            "5": "American Indian or Alaska Native",
            "6": "Asian",
            "7": "Pacific Islander",
            "8": "other",
            "9": "two or more",
        },
    ),
}


def decode(coded: pd.DataFrame) -> pd.DataFrame:
    """Name columns and values in words; `AGEP` stays a number, `employed` becomes yes or no."""
    columns: dict[str, pd.Series] = {"age": coded["AGEP"].astype(int)}
    for code, column in COLUMNS.items():
        columns[column.name] = coded[code].astype(str).map(column.words)
    columns["employed"] = coded["employed"].map({1: "yes", 0: "no"})
    return pd.DataFrame(columns)


def sample(people: pd.DataFrame, *, rows: int = ROWS, seed: int = SEED) -> pd.DataFrame:
    """Draw `rows` people of the one year without replacement, in random order."""
    of_the_year = people[people["year"] == YEAR]
    return of_the_year.sample(n=rows, random_state=seed)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("source", type=Path, help="employment_MA_reference.pq from the nannyml wheel")
    parser.add_argument("target", type=Path, help="where to write the CSV")
    arguments = parser.parse_args()
    people = decode(sample(pd.read_parquet(arguments.source)))
    people.to_csv(arguments.target, index=False, lineterminator="\n")


if __name__ == "__main__":
    main()
