"""inputs.json of docs/formats.md: the exact objects of a run, and its settings, as Lambda hands them over.

The settings are relay.yaml with every default filled in. A setting that is missing here was written by a release before
there was one, and every section may be missing then: for those the defaults stand at the end, and nowhere else in the
jobs. A test holds them to Lambda's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, TypedDict


class FileSettings(TypedDict, total=False):
    """How the files are written, where they do not say it themselves; None: find out."""

    delimiter: str | None
    encoding: str | None
    decimal: str | None
    header: bool | None


class SplitSettings(TypedDict, total=False):
    """How rows are parted; `test` and `validation` are shares of all rows."""

    how: str
    column: str | list[str] | None
    test: float
    validation: float
    seed: int


class GateSettings(TypedDict, total=False):
    """What of `gate` in relay.yaml an evaluation needs."""

    metric: str


class MonitoringSettings(TypedDict, total=False):
    """What of `monitoring` in relay.yaml a check needs."""

    min_rows: int
    significance: float
    distance: float
    metric: str
    max_loss: float
    min_labels: int


class Settings(TypedDict, total=False):
    """What of relay.yaml the jobs read."""

    target: str | None
    task: str
    positive_class: str | None
    na_in_target: str
    ignore: list[str]
    columns: Mapping[str, str]
    max_columns: int
    algorithm: str | Mapping[str, object] | list[str]
    file: FileSettings
    split: SplitSettings
    gate: GateSettings
    monitoring: MonitoringSettings


class PinnedObject(TypedDict, total=False):
    """An object of S3, exactly: by version, or by ETag where the bucket has no versions. `size` in bytes."""

    key: str
    size: int
    etag: str
    version_id: str | None
    origin: str


class Inputs(TypedDict, total=False):
    """inputs.json."""

    version: int
    run: str
    dataset: str
    bucket: str
    objects: list[PinnedObject]
    settings: Settings


TASK: Final = "auto"
MOST_COLUMNS: Final = 2000
SPLIT: Final[SplitSettings] = {"how": "stratified", "test": 0.15, "validation": 0.15, "seed": 7}
MONITORING: Final[MonitoringSettings] = {
    "min_rows": 100,
    "significance": 0.01,
    "distance": 0.05,
    "metric": "auto",
    "max_loss": 0.02,
    "min_labels": 100,
}


def split_columns(settings: SplitSettings) -> list[str]:
    """The names under split.column: one, or for time the parts of a date (year, month, day)."""
    column = settings.get("column") or []
    return [column] if isinstance(column, str) else list(column)
