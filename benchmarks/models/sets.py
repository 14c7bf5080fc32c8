"""The data: by name, what is to be predicted, and where the rows are read from.

The packages are installed for their files alone (environments/data.txt) and read as files: importing pydataset would
write into the home directory. What would give the answer away is left out, as is what only numbers the rows.
"""

import io
import tarfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd

from benchmarks import peers

BINARY, MULTICLASS, REGRESSION = "binary", "multiclass", "regression"
DATA = Path(__file__).parent / "environments" / "data.txt"
MOST_CLASSES, FEW_NUMBERS = 20, 20
Frame = pd.DataFrame


@dataclass(frozen=True)
class DataSet:
    """`read` gives all rows. `given`: how many of them, the first, are the training part that came with the data."""

    name: str
    task: str
    target: str
    read: Callable[[], Frame]
    given: int | None = None


@cache
def packages() -> Path:
    """The folder with the packages; installed when they are not there."""
    home = peers.environment("models-data", DATA, "--no-deps").parents[1]
    return next(home.glob("lib/python*/site-packages"))


def _nannyml(name: str) -> Frame:
    path = packages() / "nannyml" / "datasets" / "data" / name
    return pd.read_parquet(path) if path.suffix == ".pq" else pd.read_csv(path, dtype=str, keep_default_na=False)


def _statsmodels(name: str, separator: str = ",") -> Frame:
    path = packages() / "statsmodels" / "datasets" / name / f"{name}.csv"
    return pd.read_csv(path, sep=separator, quotechar="'" if separator == "\t" else '"')


def _pydataset(name: str) -> Frame:
    """The first column, which numbers the rows, is left out."""
    with tarfile.open(packages() / "pydataset" / "resources.tar.gz") as tar:
        member = tar.extractfile(f"resources/rdata/csv/{name}.csv")
        assert member is not None
        content = member.read()
    return (
        pd.read_csv(io.BytesIO(content), dtype=str, keep_default_na=False, na_values=[]).iloc[:, 1:].replace("NA", "")
    )


def _sklearn(name: str) -> Frame:
    from sklearn import datasets  # takes a second to import

    bunch = getattr(datasets, f"load_{name}")(as_frame=True)
    words = dict(enumerate(map(str, bunch.target_names)))
    return bunch.data.assign(target=bunch.target.map(words))  # type: ignore[no-any-return]


def _affairs() -> Frame:
    frame = _statsmodels("fair")
    return frame.assign(affair=(frame.pop("affairs") > 0).map({True: "yes", False: "no"}))


def _titanic() -> Frame:
    return _nannyml("titanic_reference.csv").drop(columns=["PassengerId", "boat", "body"])


def _car_loan() -> Frame:
    outside = ["id", "timestamp", "y_pred_proba", "y_pred"]
    frame = _nannyml("synthetic_car_loan_reference.csv").drop(columns=outside)
    return frame.assign(repaid=frame.repaid.map({"1.0": "yes", "0.0": "no"}))


def _employment() -> Frame:
    outside = ["id", "year", "prediction", "predicted_probability"]
    return _nannyml("employment_MA_reference.pq").drop(columns=outside)


def _credit_card() -> Frame:
    frame = _nannyml("mc_reference.csv")
    return frame.drop(columns=["id", "timestamp", *(name for name in frame if str(name).startswith("y_pred"))])


def _used_cars() -> Frame:
    return _nannyml("regression_synthetic_reference.csv").drop(columns=["id", "timestamp", "y_pred"])


def _movies() -> Frame:
    """`r1` to `r10` are the shares of the votes that the rating is the mean of."""
    return _pydataset("ggplot2/movies").drop(columns=[f"r{place}" for place in range(1, 11)])


PACKAGED: tuple[DataSet, ...] = (
    DataSet("breast_cancer", BINARY, "target", lambda: _sklearn("breast_cancer")),
    DataSet("titanic", BINARY, "Survived", _titanic),
    DataSet("party", MULTICLASS, "PID", lambda: _statsmodels("anes96", "\t")),
    DataSet("digits", MULTICLASS, "target", lambda: _sklearn("digits")),
    DataSet("forbes", REGRESSION, "marketvalue", lambda: _pydataset("HSAUR/Forbes2000").drop(columns="rank")),
    DataSet("personality", BINARY, "gender", lambda: _pydataset("psych/bfi")),
    DataSet("wages", REGRESSION, "lwage", lambda: _pydataset("plm/Wages")),
    DataSet("occupation", MULTICLASS, "occupation", lambda: _pydataset("plm/Males").drop(columns="nr")),
    DataSet("affairs", BINARY, "affair", _affairs),
    DataSet("doctor_visits", REGRESSION, "mdvis", lambda: _statsmodels("randhie")),
    DataSet("car_loan", BINARY, "repaid", _car_loan),
    DataSet("diamonds", REGRESSION, "price", lambda: _pydataset("ggplot2/diamonds")),
    DataSet("movies", REGRESSION, "rating", _movies),
    DataSet("credit_card", MULTICLASS, "y_true", _credit_card),
    DataSet("used_cars", REGRESSION, "y_true", _used_cars),
    DataSet("employment", BINARY, "employed", _employment),
)
"""From few rows (569) to many (68,785)."""


def of_folder(folder: Path, targets: Mapping[str, str], names: Collection[str] | None = None) -> Iterator[DataSet]:
    """NAME.train.csv and NAME.test.csv, one set a pair; `targets` has the column to predict by the set's name.

    Only those in `names`, if there are any. A few different whole numbers, and any words, are classes. Raises
    LookupError for a set of which no target is named.
    """
    for path in sorted(folder.glob("*.train.csv")):
        name = path.name.removesuffix(".train.csv")
        other = folder / f"{name}.test.csv"
        if not other.exists() or (names is not None and name not in names):
            continue
        if name not in targets:
            raise LookupError(f"--target {name}=COLUMN is missing: which column of {path.name} is to be predicted?")
        yield _pair(name, path, other, targets[name])


def _pair(name: str, train: Path, test: Path, target: str) -> DataSet:
    def read() -> Frame:
        return pd.concat([_text(train), _text(test)], ignore_index=True)

    column = pd.read_csv(train, usecols=[target])[target]
    return DataSet(name, task_of(column), target, read, given=int(column.notna().sum()))


def _text(path: Path) -> Frame:
    """The cells as they are written: "007" stays, and so does "NA"."""
    return pd.read_csv(path, dtype=str, keep_default_na=False)


def task_of(column: "pd.Series[Any]") -> str:
    """What a column of answers asks for.

    >>> task_of(pd.Series(["yes", "no"])), task_of(pd.Series([3, 4, 5])), task_of(pd.Series([0.5, 1.5, 2.5]))
    ('binary', 'multiclass', 'regression')
    """
    different = column.dropna().unique()
    whole = not pd.api.types.is_numeric_dtype(column) or bool((pd.to_numeric(different) % 1 == 0).all())
    if len(different) == 2:
        return BINARY
    return MULTICLASS if whole and len(different) <= MOST_CLASSES else REGRESSION
