"""What the jobs have to know of it."""

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError, Part, Trained, Written
from jobs.algorithms.rows import write_encoded
from jobs.schema import Schema


class NearestInJobs:
    """See `jobs.algorithms.Algorithm`."""

    content_type = "text/csv"

    def write_rows(self, prepared: Path, train: Part, validation: Part, schema: Schema) -> Written:
        return write_encoded(prepared, train, validation, schema, _write_csv)

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        with tarfile.open(archive) as tar:
            if "means.json" not in tar.getnames() or not (file := tar.extractfile("means.json")):
                raise ImportanceError(f"{archive.name} holds no means.json.")
            means = np.array(json.load(file), dtype=np.float64)
        return {f"f{place}": float(spread) for place, spread in enumerate(np.ptp(means, axis=0))}

    def trained(self, archive: Path) -> Trained:
        raise ImportanceError(f"{archive.name} is answered by its own image alone.")


def _write_csv(folder: Path, labels: npt.NDArray[Any], matrix: npt.NDArray[np.float32]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    np.savetxt(folder / "rows.csv", np.column_stack([labels, matrix]), delimiter=",", fmt="%.9g")
