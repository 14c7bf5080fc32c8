"""The parent of a training by itself: what of jobs/ runs before the training and after it, for tests that put another
training in its place."""

from __future__ import annotations

from pathlib import Path

JOBS = Path(__file__).parents[2] / "jobs"
FILES = ("__init__.py", "refusals.py", "region.py", "train/__init__.py", "train/__main__.py", "train/failure.py")
PROGRAM = "train/program.py"
"""Where the training stands."""
