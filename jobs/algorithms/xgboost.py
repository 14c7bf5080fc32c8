"""SageMaker's built-in XGBoost: Parquet in, boosters out."""

from __future__ import annotations

import json
import tarfile
import zlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError, Part, Trained, Written, rows
from jobs.schema import Schema

if TYPE_CHECKING:
    import xgboost

LARGEST = 2 << 30
"""Bytes of models in an archive: a damaged or evil one may unpack to more than the machine has."""

_NO_PROBABILITIES = ("binary:hinge", "binary:logitraw", "multi:softmax")
_GROWN_BY_LEAF = 16
_FILES = ("xgboost-model", "model.ubj")
"""What the image leaves, and what `jobs.pack` makes of it."""


class XGBoost:
    """See `jobs.algorithms.Algorithm`."""

    content_type = rows.PARQUET

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        def write(folder: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
            rows.write_parquet(folder / f"{folder.name}.parquet", labels, matrix)

        return rows.write_encoded(prepared, train, validation, schema, write)

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        """Total gain by the booster's own feature names (f0, f1, …), over all boosters of `archive` (model.tar.gz)."""
        gains: dict[str, float] = {}
        for booster in _boosters(archive):
            if _name(booster) == "gblinear":  # whose scores are weights, which say nothing beside one another
                raise ImportanceError("A linear booster cuts no feature, and so gains nothing by one.")
            for name, gain in booster.get_score(importance_type="total_gain").items():
                gains[name] = gains.get(name, 0.0) + float(np.sum(gain))
        return gains

    def trained(self, archive: Path) -> Trained:
        """Of several boosters the mean of their answers, as the container gives it."""
        boosters = _boosters(archive)
        learners = [json.loads(booster.save_config())["learner"] for booster in boosters]
        objective = learners[0]["objective"]["name"]
        if objective in _NO_PROBABILITIES:
            raise ImportanceError(f"A model with the objective {objective} answers no probabilities.")

        def scores(matrix: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
            import xgboost

            rows = xgboost.DMatrix(matrix)
            found = np.mean([booster.predict(rows, validate_features=False) for booster in boosters], axis=0)
            if found.ndim > 1:
                return np.asarray(found, np.float64)
            column = np.asarray(found, np.float64)[:, None]
            return np.hstack([1.0 - column, column]) if objective.startswith("binary:") else column

        alone = boosters[0] if len(boosters) == 1 else None
        return Trained(scores, sum(_nodes(learner) for learner in learners), alone)


def _boosters(archive: Path) -> list[xgboost.Booster]:
    import xgboost  # here, because only this step needs it and it takes a second to import

    found = []
    for model in _models(archive):
        booster = xgboost.Booster()
        try:  # JSON or UBJSON by its first byte; a pickle is refused
            booster.load_model(bytearray(model))
        except xgboost.core.XGBoostError as error:
            raise ImportanceError(f"{archive.name} cannot be read by xgboost {xgboost.__version__}.") from error
        found.append(booster)
    return found


def _name(booster: xgboost.Booster) -> str:
    return str(json.loads(booster.save_config())["learner"]["gradient_booster"]["name"])


def _nodes(learner: dict[str, Any]) -> int:
    """Of trees as deep as they may be; a linear booster has none."""
    trees = learner["gradient_booster"]
    trees = trees.get("gbtree", trees)  # DART has them one level deeper
    if "gbtree_model_param" not in trees:
        return 1
    depth = int(trees["tree_train_param"]["max_depth"]) or _GROWN_BY_LEAF
    return int(trees["gbtree_model_param"]["num_trees"]) * depth


def _models(archive: Path) -> list[bytes]:
    """The boosters in the archive: one, or one per fold of a cross-validation; the one of a packed archive."""
    try:
        with tarfile.open(archive) as tar:
            members = [one for one in tar if one.isfile() and Path(one.name).name.startswith(_FILES)]
            if sum(one.size for one in members) > LARGEST:
                raise ImportanceError(f"{archive.name} holds a model of more than {LARGEST >> 30} GiB.")
            contents = [file.read() for one in members if one.size and (file := tar.extractfile(one))]
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        raise ImportanceError(f"{archive.name} cannot be opened: {error}") from error
    if not contents:
        raise ImportanceError(f"{archive.name} holds no file named {_FILES[0]}.")
    return contents
