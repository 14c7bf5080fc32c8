"""What one archive holds that answers by itself, of those of an algorithm and its encoder."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path

from jobs.algorithms import BUILT_IN, ImportanceError, Registry
from jobs.encoding.artifact import code_of_ensemble
from jobs.ensemble import alone, model
from jobs.schema import Schema


def members(archive: Path, encoder: Path, offered: Registry = BUILT_IN) -> dict[str, bytes]:
    """Its files by name: ensemble.json, encoder.json, schema.json, model.ubj and code/.

    Raises:
        ImportanceError: `archive` holds no single booster that can be read.
        LookupError, ValueError, OSError, tarfile.TarError: `encoder` is not what prepare wrote.
    """
    with tarfile.open(encoder) as tar:
        fitted = {name: _content(tar, name) for name in (model.ENCODER, model.SCHEMA)}
    schema: Schema = json.loads(fitted[model.SCHEMA])
    booster = offered.of(schema).trained(archive).booster
    if booster is None:
        raise ImportanceError(f"{archive.name} does not hold one booster, and only one is packed.")
    document = alone.document(booster, len(schema["classes"] or ()))
    return {
        model.DOCUMENT: json.dumps(document, allow_nan=False).encode(),
        **fitted,
        model.BOOSTER: bytes(booster.save_raw("ubj")),
        **code_of_ensemble(),
    }


def _content(tar: tarfile.TarFile, name: str) -> bytes:
    member = tar.extractfile(name)
    if member is None:
        raise ValueError(f"The encoder's archive holds no {name}.")
    return member.read()
