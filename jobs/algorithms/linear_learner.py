"""SageMaker's built-in linear-learner: CSV without a missing cell in, and a model out that only its own image reads."""

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError, Part, Trained, Written, rows
from jobs.schema import Schema


class LinearLearner:
    """See `jobs.algorithms.Algorithm`."""

    content_type = rows.CSV

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        def write(folder: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
            rows.write_csv(folder / f"{folder.name}.csv", labels, matrix)

        return rows.write_encoded(prepared, train, validation, schema, write, whole=True)

    def gain_by_feature(self, archive: Path) -> dict[str, float]:  # noqa: ARG002
        """Nothing: what columns are worth is asked of the endpoint."""
        return {}

    def trained(self, archive: Path) -> Trained:
        raise ImportanceError(f"{archive.name} is read by linear-learner's own image alone.")
