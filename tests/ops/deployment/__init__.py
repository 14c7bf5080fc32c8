"""Bringing SageRelay to an account, and taking it away again."""
