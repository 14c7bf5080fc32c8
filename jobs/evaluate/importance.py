"""What the trained model used: each raw column's share of the total gain.

An encoded feature's gain is added to the raw column it was made from, because people know columns, not features.
"""

import tarfile
import zlib
from pathlib import Path
from typing import Any

import numpy as np

LARGEST = 2 << 30
"""Bytes of models in an archive: a damaged or evil one may unpack to more than the machine has."""


class ImportanceError(Exception):
    """The archive holds no model whose gains can be read; the message is a sentence."""


def gain_by_feature(archive: Path) -> dict[str, float]:
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


def importance(gains: dict[str, float], schema: dict[str, Any]) -> list[dict[str, Any]]:
    """`[{"column", "gain"}]`, largest share first, of the columns that were used at all; shares sum to 1."""
    columns = schema["feature_columns"]
    by_column: dict[str, float] = {}
    for name, gain in gains.items():
        column = columns[int(name[1:])]
        by_column[column] = by_column.get(column, 0.0) + gain
    total = sum(by_column.values()) or 1.0
    ranked = sorted(by_column.items(), key=lambda item: (-item[1], item[0]))
    return [{"column": column, "gain": gain / total} for column, gain in ranked if gain > 0]
