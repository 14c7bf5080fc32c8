"""The report."""

from jobs.report.page import render

__all__ = ["render"]
