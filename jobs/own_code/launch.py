"""Runs a user's training script as SageMaker would, and says why it did not end well. Lies beside the script.

SageMaker's images start this in the script's place and give it the arguments and the environment that they give every
script; both are handed on. The script is a process of its own, so that this one lives to tell what became of it: also
where the system ended it because memory ran out. What it prints goes to the log as it comes. Why it failed stands in
the log's last line, in output/failure, and as failure.json in the bucket, because one of the two images passes on
nothing of a failure but the command.

Imports nothing but Python's own library, and of that little: the image may hold anything.
"""

from __future__ import annotations

import collections
import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, Any
from urllib.parse import urlsplit

Why = tuple[str, str]
"""A stable code, and a sentence that quotes no cell."""
Given = Mapping[str, str]
HERE = Path(__file__).resolve().parent
TOLD = "sagerelay.json"
OURS = ("sagerelay_train.py", "sagerelay_serve.py", TOLD)
KEPT_LINES = 400
LIMIT = 1000
WORDS = {"ImportError", "ModuleNotFoundError", "NameError", "AttributeError", "SyntaxError", "IndentationError",
         "FileNotFoundError", "PermissionError", "TypeError", "NotImplementedError"}  # fmt: skip
"""Errors whose words are of code and files. Others may quote a cell, and a mail must not: the log has them."""
FRAME = re.compile(r'^\s*File "(?P<file>[^"]+)", line (?P<line>\d+)')
ENDED = re.compile(
    r"^(?P<kind>[A-Za-z_][\w.]*(?:Error|Exception|Interrupt|Exit|Warning|Iteration)?)(?:: (?P<words>.*))?$"
)
ARGUMENTS = re.compile(r"error: unrecognized arguments: (?P<given>.*)")
ARGUMENT = re.compile(r"error: (?P<words>argument .*)")


def main(environment: Given, arguments: Sequence[str]) -> int:
    """The exit code: 0 or 1."""
    told = json.loads((HERE / TOLD).read_text(encoding="utf-8"))
    script = told["script"]
    own = {**environment, "SM_USER_ENTRY_POINT": script, "SM_MODULE_NAME": script[: -len(".py")]}
    plan = _plan(environment)
    finds = _finds(told["metrics"], plan)
    code, last, found = _run([sys.executable, "-u", script, *arguments], own, finds)
    why = why_failed(code, last, HERE, script) if code else _unfit(environment, script, finds, found=found)
    if why:
        leave(why, environment, plan)
        return 1
    _put_beside(Path(environment["SM_MODEL_DIR"]), environment)
    why = _answers(own, script)
    if why:
        leave(why, environment, plan)
        return 1
    return 0


def why_failed(code: int, last: Sequence[str], folder: Path, script: str) -> Why:
    """(code, sentence): what a script's exit code and the last lines of its error output say."""
    if code == -signal.SIGKILL:
        return "out-of-memory", f"the system killed {script}, as it does when memory runs out."
    if code < 0:
        return "script-failed", f"{script} was ended by {signal.Signals(-code).name}; its log may say more."
    for line in reversed(last):
        refused = ARGUMENTS.search(line)
        if refused:
            names = [one[2:] for one in refused["given"].split() if one.startswith("--")]
            which = ", ".join(names) or refused["given"]
            flags = " or ".join(f"--{one}" for one in names)
            return "script-arguments", (
                f"{script} does not take the hyperparameter {which}, which relay.yaml sets or tunes: its parser has no "
                f"argument {flags}."
            )
        if odd := ARGUMENT.search(line):
            return "script-arguments", f"{script} does not take its hyperparameters: {odd['words']}."
    return _of_traceback(code, last, folder, script)


def _of_traceback(code: int, last: Sequence[str], folder: Path, script: str) -> Why:
    frames = [(place, found) for place, found in ((n, FRAME.match(line)) for n, line in enumerate(last)) if found]
    own = [(place, found) for place, found in frames if Path(found["file"]).resolve().parent.is_relative_to(folder)
           or not Path(found["file"]).is_absolute()]  # fmt: skip
    if not frames:
        return "script-failed", f"{script} ended with exit code {code}; its log says why."
    after = [line for line in last[frames[-1][0] + 1 :] if line and not line.startswith(" ")]
    ended = next((match for match in map(ENDED.match, after) if match), None)
    kind = ended["kind"].rpartition(".")[2] if ended else "an error"
    words = ended["words"] if ended and ended["words"] and kind in WORDS else None
    if kind in {"MemoryError", "_ArrayMemoryError"}:
        return "out-of-memory", f"memory ran out{_where(own, script)}."
    said = f"{kind}: {words}" if words else f"{kind}; its log has the words"
    return "script-failed", f"{script} failed{_where(own, script)}: {said}."


def _where(own: Sequence[tuple[int, re.Match[str]]], script: str) -> str:
    if not own:
        return ""
    file, line = own[-1][1]["file"], own[-1][1]["line"]
    name = Path(file).name
    return f" in line {line}" if name == script else f" in {name}, line {line}"


def _run(command: list[str], environment: Given, finds: re.Pattern[str] | None) -> tuple[int, list[str], bool]:
    """Exit code, the last lines of error output, and whether the objective was printed; everything is passed on.

    Ends this process where it was told to end.
    """
    found = threading.Event()
    begun: list[subprocess.Popen[bytes]] = []
    before = signal.signal(signal.SIGTERM, lambda *_: begun[0].terminate() if begun else None)
    child = subprocess.Popen(
        command,
        cwd=str(HERE),
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    begun.append(child)
    last: collections.deque[str] = collections.deque(maxlen=KEPT_LINES)
    readers = [
        threading.Thread(target=_pass_on, args=(child.stdout, sys.stdout, None, finds, found), daemon=True),
        threading.Thread(target=_pass_on, args=(child.stderr, sys.stderr, last, finds, found), daemon=True),
    ]
    for reader in readers:
        reader.start()
    code = child.wait()
    for reader in readers:
        reader.join(10)  # not for ever: something that the script has left running may hold the other end
    for pipe, reader in zip((child.stdout, child.stderr), readers, strict=True):
        if pipe and not reader.is_alive():
            pipe.close()
    signal.signal(signal.SIGTERM, before)
    if code == -signal.SIGTERM:
        sys.exit(1)  # who has it stopped knows why
    return code, list(last), found.is_set()


def _pass_on(
    source: IO[bytes],
    target: Any,
    last: collections.deque[str] | None,
    finds: re.Pattern[str] | None,
    found: threading.Event,
) -> None:
    for raw in iter(lambda: source.readline(65_536), b""):
        line = raw.decode("utf-8", "replace")
        target.write(line)
        target.flush()
        if last is not None:
            last.append(line.rstrip("\n"))
        if finds and not found.is_set() and finds.search(line):
            found.set()


def _finds(metrics: Given, plan: Mapping[str, Any]) -> re.Pattern[str] | None:
    """The expression of what is tuned for, in a trial; None where nothing has to be printed."""
    if plan.get("mode") != "trial":
        return None
    wanted = plan.get("metric", "")
    regex = metrics.get(wanted) or metrics.get(f"validation:{wanted}")
    return re.compile(regex) if regex else None


def _unfit(environment: Given, script: str, finds: re.Pattern[str] | None, *, found: bool) -> Why | None:
    if finds and not found:
        return "script-metric", (
            f"{script} ended without printing what is tuned for: no line of its output is found by the expression "
            f"{finds.pattern} that relay.yaml gives under metrics."
        )
    if not any(Path(environment["SM_MODEL_DIR"]).iterdir()):
        return "script-model", f"{script} ended and left no model: it has to write it into the folder SM_MODEL_DIR."
    return None


def _put_beside(model: Path, environment: Given) -> None:
    """The code that serves, and what it has to know, into the model's archive: regular files alone."""
    for path in sorted(HERE.rglob("*")):
        inside = path.relative_to(HERE)
        if path.is_symlink() or not path.is_file() or "__pycache__" in inside.parts:
            continue
        target = model / "code" / inside
        if target.exists() and inside.name not in OURS:
            continue  # the script wrote its own there
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    schema = environment.get("SM_CHANNEL_SCHEMA")
    if schema:
        (model / "code" / "sagerelay_schema.json").write_bytes((Path(schema) / "schema.json").read_bytes())


def _answers(environment: Given, script: str) -> Why | None:
    """Why the model would not answer, asked about the first validation rows as its endpoint will be."""
    command = [sys.executable, str(Path(environment["SM_MODEL_DIR"]) / "code" / "sagerelay_serve.py")]
    code, said, _ = _run(command, {**environment, "PYTHONDONTWRITEBYTECODE": "1"}, None)
    if code == 0:
        return None
    sentence = next((line.partition("] ")[2] for line in said if line.startswith("[script-answers] ")), None)
    if sentence:
        return "script-answers", sentence
    kind, sentence = why_failed(code, said, Path(environment["SM_MODEL_DIR"]) / "code", script)
    if kind == "out-of-memory":
        return kind, sentence
    return "script-answers", f"the model that was trained does not answer. {sentence}"


def _plan(environment: Given) -> dict[str, Any]:
    folder = environment.get("SM_CHANNEL_PLAN")
    plan: dict[str, Any] = json.loads((Path(folder) / "plan.json").read_text(encoding="utf-8")) if folder else {}
    return plan


def leave(why: Why, environment: Given, plan: Mapping[str, Any]) -> None:
    """Say it in the log, in output/failure, and where plan.json wants it. Never raises."""
    code, sentence = why[0], " ".join("".join(c if c.isprintable() else " " for c in why[1]).split())[:LIMIT]
    print(f"[{code}] {sentence}", file=sys.stderr, flush=True)
    try:
        output = environment.get("SM_OUTPUT_DIR")
        if output:
            (Path(output) / "failure").write_text(f"[{code}] {sentence}", encoding="utf-8")
        folder, job = plan.get("failures"), environment.get("TRAINING_JOB_NAME")
        if folder and job:
            import boto3  # both images hold it
            from botocore.config import Config

            parts = urlsplit(folder, allow_fragments=False)
            region = environment.get("AWS_REGION") or environment.get("AWS_DEFAULT_REGION")
            config = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 2, "mode": "standard"})
            boto3.client("s3", region_name=region, config=config).put_object(
                Bucket=parts.netloc,
                Key=f"{parts.path.strip('/')}/{job}.json",
                Body=json.dumps({"version": 1, "code": code, "sentence": sentence}).encode(),
                ContentType="application/json",
            )
    except Exception as error:  # noqa: BLE001  the training has failed anyway, and its log has the sentence
        print(f"failure.json could not be written: {type(error).__name__}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main(dict(os.environ), sys.argv[1:]))
