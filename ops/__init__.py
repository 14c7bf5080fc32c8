"""The user's and the maintainer's commands. Never shipped to Lambda."""
