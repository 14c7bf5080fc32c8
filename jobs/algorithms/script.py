"""A training script of the user's own: encoded rows in Parquet, and an archive that nobody here opens.

What the script leaves may be a pickle, and to read one is to run it: so the archive is answered by its endpoint alone,
which has a role that reads one dataset.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError, Part, Trained, Written, rows
from jobs.schema import Schema


class Script:
    """See `jobs.algorithms.Algorithm`."""

    content_type = rows.PARQUET

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        def write(folder: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
            rows.write_parquet(folder / f"{folder.name}.parquet", labels, matrix)

        return rows.write_encoded(prepared, train, validation, schema, write)

    def gain_by_feature(self, archive: Path) -> dict[str, float]:  # noqa: ARG002
        return {}  # nobody knows: what the columns are worth is asked of the endpoint

    def trained(self, archive: Path) -> Trained:
        raise ImportanceError(f"{archive.name} is of code of your own, which is answered by its endpoint alone.")
