"""An algorithm that only the tests have: the nearest of the classes' mean rows, in a container of somebody's own.

It differs from XGBoost wherever one can: rows as CSV, metrics found in the log by regular expressions, another image,
other hyperparameters, and a model in JSON. `relay.py` is what Lambda has to know of it, `job.py` what the jobs have
to, and `container.py` what stands in for its container on a laptop.
"""

from chalicelib import algorithms
from jobs import algorithms as of_jobs
from tests.algorithms.nearest.job import NearestInJobs
from tests.algorithms.nearest.relay import Nearest

NAME = "nearest"
FOR_RELAY = algorithms.Registry({**algorithms.BUILT_IN.loaders, NAME: Nearest})
FOR_JOBS = of_jobs.Registry({**of_jobs.BUILT_IN.loaders, NAME: NearestInJobs})
