"""What a cold start costs: importing `app` and making the clients of one event, against boto3 and the same clients.

Fresh interpreters, in turn, so that both see the same disk cache and the same neighbours. The time is taken inside the
interpreter, from its first line: the start of Python itself would only flatter the ratio.
"""

import os
import statistics
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ROUNDS = 9
SERVICES = ("dynamodb", "s3", "sagemaker", "sns")

OURS = f"""
import time; start = time.perf_counter()
import app
from chalicelib import aws
for name in {SERVICES}: aws.client(name)
print(time.perf_counter() - start)
"""
PEER = f"""
import time; start = time.perf_counter()
import boto3
for name in {SERVICES}: boto3.client(name)
print(time.perf_counter() - start)
"""
IMPORT_ONLY = """
import time; start = time.perf_counter()
import app
print(time.perf_counter() - start)
"""


def seconds(code: str) -> float:
    """Run the code in a fresh interpreter that has nothing of this environment but a region; its own measurement."""
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "AWS_REGION": "us-east-1",
        "AWS_DEFAULT_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_EC2_METADATA_DISABLED": "true",
    }
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    return float(done.stdout)


def measure() -> dict[str, float]:
    """Medians over alternating rounds, after one round that warms the disk cache."""
    seconds(OURS), seconds(PEER)
    rounds = [(seconds(OURS), seconds(PEER), seconds(IMPORT_ONLY)) for _ in range(ROUNDS)]
    ours, peer, importing = (statistics.median(column) for column in zip(*rounds, strict=True))
    return {
        "ratio": ours / peer,
        "app_ms": 1000 * ours,
        "boto3_ms": 1000 * peer,
        "import_app_alone_ms": 1000 * importing,
    }


if __name__ == "__main__":
    print(measure())
