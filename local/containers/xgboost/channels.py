"""The container's input channels: what it accepts, and files turned into a DMatrix.

Text is read by XGBoost's own reader through the same address form as in the container, so that a header row becomes
one more row of zeros here as it does there. Every file of a channel is read, three folders deep; names starting with
"_" are passed over, a name starting with "." is refused.
"""

import csv
import tempfile
import warnings
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as parquet
import xgboost

from local.containers.errors import AlgorithmError, UserError

CSV, LIBSVM, PARQUET, RECORDIO = "csv", "libsvm", "parquet", "recordio-protobuf"
CONTENT_TYPES = {
    "csv": CSV,
    "libsvm": LIBSVM,
    "parquet": PARQUET,
    "recordio-protobuf": RECORDIO,
    "text/csv": CSV,
    "text/libsvm": LIBSVM,
    "text/x-libsvm": LIBSVM,
    "application/x-parquet": PARQUET,
    "application/x-recordio-protobuf": RECORDIO,
}
DEFAULT_CONTENT_TYPE = "text/libsvm"
_DISTRIBUTIONS = ("FullyReplicated", "ShardedByS3Key")
_DEEPEST = 3


def check_channels(channels: Mapping[str, Mapping[str, str]]) -> str:
    """Refuse what the container refuses; returns the format of the data, which the train channel decides."""
    if "train" not in channels:
        raise UserError("Missing required channel: train")
    for name, given in channels.items():
        if name not in ("train", "validation", "code"):
            raise UserError(f"Extraneous channel found: {name}")
        content_type = given.get("ContentType", DEFAULT_CONTENT_TYPE)
        known = content_type in CONTENT_TYPES or (name == "code" and content_type == "text/python")
        whole = given.get("TrainingInputMode", "File") == "File"
        if not (known and whole and given.get("S3DistributionType", "FullyReplicated") in _DISTRIBUTIONS):
            raise UserError(f"Channel configuration for '{name}' channel is not supported: {dict(given)}")
    return CONTENT_TYPES[channels["train"].get("ContentType", DEFAULT_CONTENT_TYPE)]


def read_channel(directories: Sequence[Path], data_format: str, *, weights: bool = False, threads: int = 1) -> Any:
    """All files of a channel as one DMatrix, label first; None when they hold no bytes. Raises `UserError`.

    Of several channels, the files' names and not their folders say the order.

    `weights`: the second column of a CSV holds the rows' weights.
    """
    files = [file for directory in directories for file in sorted(_files(directory))]
    if len(directories) > 1:
        files.sort(key=lambda file: file.name)
    if not sum(file.stat().st_size for file in files):
        return None
    try:
        if data_format == PARQUET:
            matrix = _parquet(files, threads)
        elif data_format == CSV:
            delimiter = _delimiter(files[0])
            matrix = _text(
                files, f"format=csv&label_column=0&delimiter={delimiter}{'&weight_column=1' * weights}", threads
            )
        elif data_format == LIBSVM:
            _check_libsvm(files)
            matrix = _text(files, "format=libsvm", threads)
        else:
            raise AlgorithmError(f"the laptop's stand-in for the XGBoost container does not read {data_format}")
    except (xgboost.core.XGBoostError, ValueError, OSError) as error:  # pyarrow's errors are ValueErrors
        raise UserError(f"Failed to load {data_format} data with exception:\n{error}") from error
    if matrix.get_label().size == 0:
        raise UserError("Got input data without labels. Please check the input data set.")
    return matrix


def _files(directory: Path, depth: int = 1) -> Iterator[Path]:
    if not directory.is_dir() or depth > _DEEPEST:
        return
    for entry in directory.iterdir():
        if entry.is_dir():
            yield from _files(entry, depth + 1)
        elif entry.name.startswith("."):
            raise UserError("Hidden file found in the data path! Remove that before training.")
        elif not entry.name.startswith("_"):
            yield entry


def _parquet(files: list[Path], threads: int) -> Any:
    tables = [parquet.read_table(file, use_threads=threads > 1) for file in files]
    columns = [np.concatenate(parts) for parts in zip(*(_columns(table) for table in tables), strict=True)]
    data = np.empty((len(columns[0]), len(columns) - 1), dtype=np.float32)
    for place, column in enumerate(columns[1:]):
        data[:, place] = column
    return xgboost.DMatrix(data, label=columns[0], nthread=threads)


def _columns(table: Any) -> list[Any]:
    return [column.to_numpy().astype(np.float32) for column in table.columns]


def _text(files: list[Path], query: str, threads: int) -> Any:
    """XGBoost reads a folder, so the files are gathered in one by links, as the container does."""
    with tempfile.TemporaryDirectory(prefix="xgboost-input-") as gathered, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="(?s).*Text file input has been deprecated")
        for place, file in enumerate(files):
            Path(gathered, f"{place:05d}-{file.name}").symlink_to(file.resolve())
        return xgboost.DMatrix(f"{gathered}?{query}", nthread=threads)


def _delimiter(file: Path) -> str:
    with file.open(errors="ignore") as lines:
        sample = lines.readline()
    try:
        return csv.Sniffer().sniff(sample).delimiter
    except csv.Error as error:
        raise UserError(f"Could not determine delimiter on line {sample[:50]}:\n{error}") from None


def _check_libsvm(files: list[Path]) -> None:
    """The first line must look like libsvm: `label index:value ...`."""
    for file in files:
        with file.open(errors="ignore") as lines:
            line = lines.readline()
        label, *features = line.split() or [""]
        if not (_is_label(label) and all(feature.count(":") == 1 for feature in features)):
            raise UserError(
                f"First line '{line[:50]}...' of file '{file.name}' is not 'LIBSVM' format. "
                "Please ensure the file is in 'LIBSVM' format."
            )


def _is_label(text: str) -> bool:
    try:
        return len([float(part) for part in text.split(":")]) <= 2
    except ValueError:
        return False
