"""Algorithms behind their protocols: what the rooms say of each, and one more that only the tests have."""
