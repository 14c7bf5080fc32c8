"""`python -m jobs.train` in the XGBoost image's script mode; what goes in and out is in docs/formats.md.

The training runs in a child of this process. This one imports nothing that the training needs: it is too small to be
what the system ends when memory runs out, and so lives to say that the training was.
"""

import os
import resource
import signal
import sys
from collections.abc import Mapping

from jobs.train import failure

_ENDING = {signal.SIGTERM}


def main(environment: Mapping[str, str]) -> int:
    """Run the training; its exit code is 0 or 1. Why it failed stands in the log's last line and in failure.json."""
    reading, writing = os.pipe()
    signal.pthread_sigmask(signal.SIG_BLOCK, _ENDING)  # until there is somebody to pass it on to
    child = os.fork()
    if child:
        signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGTERM))
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _ENDING)
    if not child:
        os.close(reading)
        return _train(environment, writing)
    os.close(writing)
    ended = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    if ended not in {0, -signal.SIGTERM}:  # who has it stopped knows why
        peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024
        failure.leave(failure.read(_said(reading)) or failure.of_exit(ended, peak), environment)
    return 1 if ended else 0


def _train(environment: Mapping[str, str], writing: int) -> int:
    """What the child does, and goes out with."""
    from jobs.train import program

    return program.main(environment, told=lambda why: os.write(writing, failure.document(why)))


def _said(reading: int) -> bytes:
    """What the child has said; it is no more, but something that it started may still hold the other end."""
    os.set_blocking(reading, False)
    try:
        return os.read(reading, failure.LIMIT)
    except BlockingIOError:
        return b""


if __name__ == "__main__":
    sys.exit(main(os.environ))
