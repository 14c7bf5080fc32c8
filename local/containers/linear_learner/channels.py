"""linear-learner's channels: which there may be, and their CSV files as labels and features."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as arrow
import pyarrow.csv as arrow_csv

from local.containers.errors import AlgorithmError, UserError

Floats = npt.NDArray[np.float64]
CHANNELS = ("train", "validation", "test")
NO_DATA = (
    "No training data processed. Either the training channel is empty or the mini-batch size is too high. Verify that "
    "training data contains non-empty files and the mini-batch size is less than the number of records per training "
    "host."
)
"""What the container says of a channel without rows, and of a mini-batch of more rows than there are."""
_CSV = "text/csv"
_RECORDS = ("application/x-recordio-protobuf", "")


@dataclass(frozen=True)
class Rows:
    """A channel's rows."""

    labels: Floats
    features: Floats

    def __len__(self) -> int:
        return len(self.labels)


def check_channels(channels: Mapping[str, Mapping[str, str]]) -> None:
    """Refuse what the container does not read. Raises `UserError`; `AlgorithmError` for what only this one lacks."""
    if unknown := sorted(channels.keys() - set(CHANNELS)):
        raise UserError(f"Additional properties are not allowed ('{unknown[0]}' was unexpected)")
    if "train" not in channels:
        raise UserError("'train' is a required property")
    for given in channels.values():
        media = given.get("ContentType", "").partition(";")[0].strip()
        if media in _RECORDS:
            raise AlgorithmError("the laptop's stand-in for linear-learner reads no RecordIO, only text/csv")
        if media != _CSV:
            raise UserError(f"No iterator has been registered for ContentType ('{media}', '1.0')")


def read_channel(directory: Path, told: str) -> Rows:
    """All files of a channel, label first. `told`: where the directory lies for whoever reads the message."""
    parts = [_read(path, f"{told}/{path.relative_to(directory)}") for path in sorted(directory.rglob("*")) if _is(path)]
    if not parts or not sum(map(len, parts)):
        raise UserError(NO_DATA)
    if len(widths := sorted({part.shape[1] for part in parts})) > 1:
        raise UserError(f"The files of {told} have different numbers of columns: {', '.join(map(str, widths))}")
    rows = np.concatenate(parts)
    return Rows(rows[:, 0], rows[:, 1:])


def _is(path: Path) -> bool:
    return path.is_file() and not path.name.startswith((".", "_")) and path.stat().st_size > 0


def _read(path: Path, told: str) -> Floats:
    with path.open() as file:
        width = file.readline().count(",") + 1
    names = [str(place) for place in range(width)]
    try:
        table = arrow_csv.read_csv(
            path,
            arrow_csv.ReadOptions(column_names=names),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, arrow.float32()), null_values=[]
            ),
        )
    except arrow.ArrowInvalid:
        raise UserError(f"Unable to parse csv: rows 1-1000, file {told}") from None
    if width < 2:
        raise UserError(f"Unable to parse csv: rows 1-1000, file {told}: a label and at least one feature are needed")
    rows = np.column_stack([column.to_numpy() for column in table.columns]).astype(np.float64)
    if not np.isfinite(rows).all():
        place = int(np.flatnonzero(~np.isfinite(rows).all(axis=1))[0]) + 1
        raise UserError(f"Unable to parse csv: row {place}, file {told}: it holds a cell that is no number")
    return rows


def check_labels(rows: Rows, channel: str, predictor: str, classes: int | None) -> None:
    """Refuse labels that are not 0 and 1, or not 0 to the number of classes less one. Raises `UserError`."""
    if predictor == "regressor":
        return
    count = 2 if predictor == "binary_classifier" else classes or 0
    wrong = rows.labels[~np.isin(rows.labels, np.arange(count))]
    if wrong.size:
        what = "0 or 1" if count == 2 else f"a whole number from 0 to {count - 1}"
        raise UserError(f"The label of every row must be {what}; the {channel} channel has {wrong[0]:g}")
