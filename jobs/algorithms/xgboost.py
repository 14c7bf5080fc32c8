"""SageMaker's built-in XGBoost: Parquet in, boosters out."""

import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError, Part, Written, rows
from jobs.schema import Schema

LARGEST = 2 << 30
"""Bytes of models in an archive: a damaged or evil one may unpack to more than the machine has."""


class XGBoost:
    """See `jobs.algorithms.Algorithm`."""

    content_type = rows.PARQUET

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        def write(folder: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
            rows.write_parquet(folder / f"{folder.name}.parquet", labels, matrix)

        return rows.write_encoded(prepared, train, validation, schema, write)

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        """Total gain by the booster's own feature names (f0, f1, …), over all boosters of `archive` (model.tar.gz)."""
        import xgboost  # here, because only this step needs it and it takes a second to import

        gains: dict[str, float] = {}
        for model in _models(archive):
            booster = xgboost.Booster()
            try:  # JSON or UBJSON by its first byte; a pickle is refused
                booster.load_model(bytearray(model))
            except xgboost.core.XGBoostError as error:
                raise ImportanceError(f"{archive.name} cannot be read by xgboost {xgboost.__version__}.") from error
            for name, gain in booster.get_score(importance_type="total_gain").items():
                gains[name] = gains.get(name, 0.0) + float(np.sum(gain))  # a linear booster has one gain per class
        return gains


def _models(archive: Path) -> list[bytes]:
    """The boosters in the archive: one, or one per fold of a cross-validation."""
    try:
        with tarfile.open(archive) as tar:
            members = [one for one in tar if one.isfile() and Path(one.name).name.startswith("xgboost-model")]
            if sum(one.size for one in members) > LARGEST:
                raise ImportanceError(f"{archive.name} holds a model of more than {LARGEST >> 30} GiB.")
            contents = [file.read() for one in members if one.size and (file := tar.extractfile(one))]
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ImportanceError(f"{archive.name} cannot be opened: {error}") from error
    if not contents:
        raise ImportanceError(f"{archive.name} holds no file named xgboost-model.")
    return contents
