"""Made-up tables for the benchmarks of the monitor: families of distributions, and what can happen to a feature.

Imports numpy and pandas only, because the peers' own environment draws the same tables from the same seeds.
"""
