"""`instances: auto`: the smallest machines that hold a run's data, by arithmetic from the size of its files. Pure.

Nobody has read the files when a run begins, so it is reckoned from their bytes: what a job's memory peaks at for each
byte of a CSV file, as it was measured (docs/costs.md), with room to spare. A file that is compressed is taken for as
many bytes as text mostly packs into it. What a person writes in relay.yaml always counts, and a run keeps what it began
with: a record never says `auto`, which an earlier release would ask SageMaker for.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

from chalicelib.instances import smallest
from chalicelib.settings.stored import Instances, Settings

AUTO = "auto"
BYTES_A_CELL = 7
"""Of a CSV file, mostly; where only rows and columns are known."""
_PACKED: Mapping[str, float] = {".parquet": 6, ".gz": 8, ".zip": 8, ".bz2": 10, ".xz": 10, ".zst": 8}
"""How many bytes of CSV a byte of such a file stands for."""


FOLDED_GB = 0.2
"""A table of 100,000 rows, the most that are folded, is hardly ever larger."""


class Needs(NamedTuple):
    """What a job needs of memory: GB, whatever the data, and GB for each GB of CSV."""

    fixed: float
    each: float
    folds: float = 0.0
    """On top for each GB of the first `FOLDED_GB`: of few rows the models of every fold are held."""

    def of(self, gb: float) -> float:
        return self.fixed + self.each * gb + self.folds * min(gb, FOLDED_GB)


NEEDS: Mapping[str, Needs] = {
    "prepare": Needs(0.4, 12.0),
    "train": Needs(0.5, 10.0, 30.0),
    "evaluate": Needs(0.8, 6.0),
}
"""By what the machine is for. An evaluation has the held-out rows alone."""
BUILT_IN = Needs(0.5, 6.0)
"""Of SageMaker's own algorithms, which train one model (XGBoost was measured, linear-learner is taken for no larger);
`algorithm: auto` holds many, and their folds."""


def csv_bytes(files: Iterable[tuple[str, int]]) -> float:
    """How much CSV files of these names and sizes are, or would be.

    >>> csv_bytes([("a.csv", 100), ("b.CSV.GZ", 10), ("c.parquet", 10)])
    240.0
    """
    return float(sum(size * _PACKED.get(f".{name.lower().rpartition('.')[2]}", 1) for name, size in files))


def chosen(settings: Settings, data: float) -> Settings:
    """The settings with a machine wherever they say `auto`. `data`: bytes of CSV.

    >>> from chalicelib.settings.defaults import DEFAULTS
    >>> chosen(DEFAULTS, 20e6)["instances"]["train"], chosen(DEFAULTS, 2e9)["instances"]["prepare"]
    ('ml.t3.medium', 'ml.m5.2xlarge')
    """
    asked, needs = settings["instances"], of_algorithm(settings["algorithm"])

    def one(work: str, instance: str) -> str:
        return smallest(needs[work].of(data / 1e9)) if instance == AUTO else instance

    found: Instances = {
        **asked,
        "prepare": one("prepare", asked["prepare"]),
        "train": one("train", asked["train"]),
        "evaluate": one("evaluate", asked["evaluate"]),
    }
    return {**settings, "instances": found}


def of_algorithm(name: Any) -> Mapping[str, Needs]:
    """What the jobs of a run with this algorithm need; of several, what the largest does.

    >>> of_algorithm(["xgboost", "linear-learner"])["train"] == BUILT_IN, of_algorithm(["auto", "xgboost"]) == NEEDS
    (True, True)
    >>> of_algorithm({"script": "train.py"}) == NEEDS
    True
    """
    fitted_once = ("xgboost", "linear-learner")  # a tuple: what is written need not be a name
    small = all(one in fitted_once for one in (name if isinstance(name, list) else [name]))
    return {**NEEDS, "train": BUILT_IN} if small else NEEDS
