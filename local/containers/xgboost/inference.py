"""The built-in scoring service: feature rows in, XGBoost's numbers out, with the container's formats and statuses.

204 for an empty body, 415 for one that cannot be read, 400 for one the model cannot take, 406 for an unknown Accept.
As in the container, `application/jsonlines` works with SAGEMAKER_INFERENCE_OUTPUT only and is a bare 500 otherwise.
"""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import xgboost

from local.containers.errors import UserError
from local.containers.reply import Reply, served_as, server_error
from local.containers.xgboost import selectable
from local.containers.xgboost.payload import read_payload

ACCEPTED = ("application/json", "application/jsonlines", "application/x-recordio-protobuf", "text/csv")

_PICKLES = (b"\x80", b"c", b"(")
"""How pickles begin, the last two those of old protocols. The real container unpickles every model file it can; this
one does not, and XGBoost's own formats begin otherwise."""


class ScoringService:
    """Serves the boosters in `model_dir`: one, or the mean of several. `environment` is the container's."""

    def __init__(self, model_dir: Path, environment: Mapping[str, str]) -> None:
        files = sorted(path for path in model_dir.iterdir() if path.is_file() and not path.name.startswith("."))
        if not files:
            raise UserError(f"no model file in the archive: {model_dir.name} is empty")
        if environment.get("SAGEMAKER_INFERENCE_ENSEMBLE", "true") != "true":
            files = files[:1]
        self._boosters = [_loaded(path) for path in files]
        config = json.loads(self._boosters[0].save_config())["learner"]
        self._objective: str = config["objective"]["name"]
        self._classes = int(config["learner_model_param"].get("num_class", 0))
        self._features = self._boosters[0].num_features()
        self._trees = config["gradient_booster"]["name"] in ("gbtree", "dart")
        self._default_accept = environment.get("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv")
        self._batch = bool(environment.get("SAGEMAKER_BATCH"))
        keys = environment.get("SAGEMAKER_INFERENCE_OUTPUT")
        self._keys = keys.replace(" ", "").lower().split(",") if keys is not None else None

    def invoke(self, body: bytes, content_type: str | None, accept: str | None) -> Reply:
        """The answer to one request."""
        if not body:
            return _said(204, "")
        try:
            data = read_payload(body, content_type)
        except UserError as error:
            return _said(415, str(error))
        try:
            scores = self._predict(data)
        except (xgboost.core.XGBoostError, ValueError) as error:
            return _said(400, f"Unable to evaluate payload provided: {error}")
        media = (accept or "").partition(";")[0].strip().lower()
        media = self._default_accept if media in ("", "*/*") else media
        if media not in ACCEPTED:
            supported = list(ACCEPTED)
            return _said(406, f"Accept type {media} is not supported. Please use supported accept types: {supported}.")
        return self._selected(scores, media) if self._keys is not None else self._plain(scores, media)

    def _predict(self, data: Any) -> Any:
        if len(self._boosters) == 1:
            return self._one(self._boosters[0], data)
        each = [self._one(booster, data) for booster in self._boosters]
        if self._objective in ("multi:softmax", "binary:hinge"):
            values, counts = zip(*(np.unique(votes, return_counts=True) for votes in np.transpose(each)), strict=True)
            return np.array([value[count.argmax()] for value, count in zip(values, counts, strict=True)])
        return np.mean(each, axis=0)

    def _one(self, booster: Any, data: Any) -> Any:
        if self._trees and isinstance(data, np.ndarray) and data.shape[1] == self._features:
            return booster.inplace_predict(data, validate_features=False)  # the same trees without building a DMatrix
        return booster.predict(xgboost.DMatrix(data, nthread=1), validate_features=False)

    def _plain(self, scores: Any, media: str) -> Reply:
        rows = scores.tolist()
        if self._batch:
            return _said(200, "\n".join(map(str, rows)) + "\n", media)
        if media == "application/json":
            return _said(200, json.dumps({"predictions": [{"score": row} for row in rows]}), media)
        if media != "text/csv":
            return server_error()
        lines = [",".join(map(repr, row)) for row in rows] if scores.ndim > 1 else map(repr, rows)
        return _said(200, "\n".join(lines) + "\n", media)

    def _selected(self, scores: Any, media: str) -> Reply:
        keys = self._keys or []
        try:
            rows = selectable.selected(scores, keys, self._objective, self._classes)
            text = selectable.as_text(rows, keys, media)
        except (ValueError, KeyError) as error:
            return _said(500, str(error))
        return _said(200, text + "\n" * (self._batch and media == "text/csv"), media)


def _loaded(path: Path) -> Any:
    with path.open("rb") as file:
        if file.read(1) in _PICKLES:
            raise UserError(f"Model {path.name} is a pickle, which could run anything: it is not loaded on a laptop")
    booster = xgboost.Booster()
    try:
        booster.load_model(bytearray(path.read_bytes()))  # by content: the file has no extension to go by
    except xgboost.core.XGBoostError as error:
        raise UserError(f"Model {path.name} cannot be loaded:\nXGB load model error={error}") from error
    booster.set_param({"nthread": 1})
    return booster


def _said(status: int, text: str, media: str = "text/html") -> Reply:
    return Reply(status, served_as(media), text.encode())
