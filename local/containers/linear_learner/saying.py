"""Lines of the log in the form of SageMaker's own algorithms: moment, level, process, text."""

import os
import sys
from datetime import UTC, datetime


def say(text: str, level: str = "INFO") -> None:
    """Print a line at once."""
    moment = datetime.now(UTC).strftime("%m/%d/%Y %H:%M:%S")
    # Looked up at each call: whoever runs many jobs in one process may have redirected it in between.
    sys.stdout.write(f"[{moment} {level} {os.getpid()}] {text}\n")
    sys.stdout.flush()
