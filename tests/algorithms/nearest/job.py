"""What the jobs have to know of it."""

import json
import tarfile
from pathlib import Path

import numpy as np
import numpy.typing as npt

from jobs.algorithms import ImportanceError


class NearestInJobs:
    """See `jobs.algorithms.Algorithm`."""

    content_type = "text/csv"

    def write_rows(self, folder: Path, labels: npt.NDArray[np.float64], matrix: npt.NDArray[np.float32]) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        np.savetxt(folder / "rows.csv", np.column_stack([labels, matrix]), delimiter=",", fmt="%.9g")

    def gain_by_feature(self, archive: Path) -> dict[str, float]:
        with tarfile.open(archive) as tar:
            if "means.json" not in tar.getnames() or not (file := tar.extractfile("means.json")):
                raise ImportanceError(f"{archive.name} holds no means.json.")
            means = np.array(json.load(file), dtype=np.float64)
        return {f"f{place}": float(spread) for place, spread in enumerate(np.ptp(means, axis=0))}
