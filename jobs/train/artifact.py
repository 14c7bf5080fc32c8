"""What is served: the folder that SageMaker makes model.tar.gz of, with the code that reads it."""

from __future__ import annotations

import json
from pathlib import Path

from jobs.documents.answers import ErrorModel
from jobs.encoding.artifact import code_of_ensemble
from jobs.ensemble import model
from jobs.ensemble.building import write
from jobs.ensemble.training import Ended
from jobs.error_estimation.model import DOCUMENT as ERRORS
from jobs.schema import Schema


def write_artifact(folder: Path, ended: Ended, schema: Schema, errors: ErrorModel | None = None) -> None:
    """ensemble.json, encoder.json, schema.json, the boosters, code/, and errors.json where `errors` are known."""
    write(ended.built, folder)
    (folder / model.ENCODER).write_text(ended.encoder.to_json(), encoding="utf-8")
    (folder / model.SCHEMA).write_text(json.dumps(schema, ensure_ascii=False, indent=1), encoding="utf-8")
    if errors is not None:
        (folder / ERRORS).write_text(json.dumps({"version": 1, "model": errors}, ensure_ascii=False), encoding="utf-8")
    for name, content in code_of_ensemble().items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
