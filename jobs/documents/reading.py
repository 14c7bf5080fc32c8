"""Documents from the disk. Which of them a file is, its reader says; what is missing in it shows where it is used."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any


def read(path: Path) -> Any:
    """The document in a file that was handed to the job."""
    return json.loads(path.read_text(encoding="utf-8"))


def read_if_there(path: Path | None) -> Any:
    """The same; None where the job was handed none."""
    return read(path) if path and path.exists() else None
