"""The metrics of many matrices are those of each one."""

import numpy as np
import pytest

from jobs.metrics.confusion import class_averages, positive_class_rates
from jobs.performance_estimation.rates import rates


@pytest.mark.parametrize("classes", [2, 5])
def test_the_same_definitions_as_the_evaluation(classes: int) -> None:
    generator = np.random.default_rng(classes)
    matrices = generator.integers(0, 4, (200, classes, classes)).astype(float)
    matrices[0], matrices[1] = 0.0, np.eye(classes)
    matrices[2] = 0.0
    matrices[2, 0, 1] = 7.0
    found = rates(matrices, 1 if classes == 2 else None)
    for place, matrix in enumerate(matrices):
        expected = class_averages(matrix) | (positive_class_rates(matrix, 1) if classes == 2 else {})
        for name, values in found.items():
            assert values[place] == pytest.approx(expected[name], nan_ok=True), (name, place)
