"""Ours without a cloud: prepare, the tuning's trials one after the other, the training, each a process as in SageMaker.

What the relay asks SageMaker for is asked of the relay's own functions: ranges, hyperparameters and plan.json; the
search is the laptop's. prepare holds a hundredth of the rows out, the least that relay.yaml allows: ours lacks them,
and the others have them. `keep` in the question is a folder that the trained model is left in.
"""

import json
import re
import shutil
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.models.runners.processes import Ended, step, training
from chalicelib.algorithms import BUILT_IN
from chalicelib.contract.metrics import Task
from chalicelib.names import Step
from chalicelib.records.handed_over import Tried
from chalicelib.records.run import Problem, Run
from chalicelib.relay import plans
from chalicelib.requests import search
from chalicelib.requests import training as requests
from chalicelib.settings.dataset import DatasetSettings
from chalicelib.settings.relay_yaml import read_settings
from chalicelib.settings.stored import Settings
from local.sagemaker.search import Search, ranges

LEAST_TEST_SHARE = 0.01
ALGORITHM = {"algorithm": "auto"}


def main() -> None:
    """Answer one question of `answering`'s form."""
    question = json.load(sys.stdin)
    folder = Path(question["folder"])
    started = time.perf_counter()
    steps = trained(question, folder, folder / "model")
    cost: dict[str, Any] = {"seconds": time.perf_counter() - started, "peak_mb": max(one.peak_mb for one in steps)}
    cost["cpu_seconds"] = sum(one.cpu_seconds for one in steps)
    told = step("benchmarks.models.runners.asking", question | {"model": str(folder / "model")})
    if keep := question.get("keep"):
        shutil.rmtree(keep, ignore_errors=True)
        shutil.copytree(folder / "model", keep)
    found = json.loads(told.said.splitlines()[-1])
    found["facts"] |= {"prepare_seconds": steps[0].seconds, "training_seconds": steps[-1].seconds}
    print(json.dumps(cost | found))


def trained(question: dict[str, Any], folder: Path, model: Path) -> list[Ended]:
    """Every step: prepare first, the training last."""
    settings = settings_for(question["target"], question["task"], question.get("trials"))
    inputs = {"version": 1, "run": "run", "dataset": question["name"], "bucket": "bucket", "settings": settings}
    prepared = folder / "prepared"
    asked = {"inputs": inputs, "train": question["train"], "output": str(prepared)}
    steps = [step("benchmarks.models.runners.preparing", asked)]
    run = begun(settings, prepared)
    tried: list[Tried] = []
    if settings["tuning"]["enabled"]:
        tried = trials(run, prepared, folder / "trial", question["cores"], steps)
    assert run.objective is not None
    plan, chosen = final(run, plans.best(tried, run.objective))
    steps.append(training(prepared, plan, chosen, model, question["cores"]))
    return steps


def final(run: Run, members: tuple[dict[str, str], ...]) -> tuple[bytes, dict[str, str]]:
    """plan.json and the hyperparameters of the training after the tuning."""
    algorithm = BUILT_IN.of(ALGORITHM)
    best = members[0] if members else {}
    return (
        plans.plan(replace(run, members=members, hyperparameters=best), algorithm, Step.TRAIN),
        requests.static(run, algorithm) | best,
    )


def settings_for(target: str, task: str, trials: int | None) -> Settings:
    """A relay.yaml that says what every entrant is told, and nothing else; `trials` 0 is no tuning."""
    written: dict[str, Any] = {**ALGORITHM, "target": target, "task": task, "split": {"test": LEAST_TEST_SHARE}}
    if trials is not None:
        written["tuning"] = {"trials": trials} if trials else {"enabled": False}
    read: DatasetSettings = read_settings(json.dumps(written))
    return read.as_stored()


def begun(settings: Settings, prepared: Path) -> Run:
    """The run's record when its data is prepared."""
    schema = json.loads((prepared / "schema.json").read_text(encoding="utf-8"))
    task = Task(schema["task"])
    classes = None if schema["classes"] is None else tuple(schema["classes"])
    problem = Problem(task, classes, schema["content_type"], schema["rows"])
    objective = BUILT_IN.of(ALGORITHM).objective(settings["tuning"]["objective"], task)
    now = datetime.now(UTC)
    return Run("run", "dataset", settings, now, now, 1, problem=problem, objective=objective)


def trials(run: Run, prepared: Path, scratch: Path, cores: int, steps: list[Ended]) -> list[Tried]:
    """The tuning's trials; `steps` gets theirs."""
    assert run.objective is not None
    algorithm, tuning = BUILT_IN.of(ALGORITHM), run.settings["tuning"]
    wanted = search.of(run, algorithm)
    space = requests.ranges(wanted.ranges, algorithm.kinds())
    config = {
        "Strategy": wanted.strategy,
        "HyperParameterTuningJobObjective": {"Type": run.objective.direction, "MetricName": run.objective.metric},
        "ResourceLimits": {"MaxNumberOfTrainingJobs": wanted.trials, "MaxParallelTrainingJobs": 1},
        "RandomSeed": tuning["seed"],
    }
    asking = Search("trials", config, ranges(space))
    static = {name: value for name, value in requests.static(run, algorithm).items() if name not in wanted.ranges}
    plan = plans.plan(run, algorithm, Step.TUNE)
    tried: list[Tried] = []
    for _ in range(wanted.trials):
        suggestion = asking.ask()
        if suggestion is None:
            break
        chosen = static | suggestion.hyperparameters
        ended = training(prepared, plan, chosen, scratch, cores)
        value = objective_of(ended.said, run.objective.metric)
        asking.tell(suggestion.number, value)
        tried.append({"status": "Completed", "objective": value, "hyperparameters": suggestion.hyperparameters})
        steps.append(ended)
    return tried


def objective_of(said: str, metric: str) -> float | None:
    """The last value that a training's log has of a metric; None when it has none.

    >>> objective_of("[0]\\tvalidation-rmse:2.5\\n[1]\\tvalidation-rmse:1.5", "validation:rmse")
    1.5
    """
    found = re.findall(rf"\[\d+\].*\t{re.escape(metric.replace(':', '-'))}:(\S+)", said)
    return float(found[-1]) if found else None


if __name__ == "__main__":
    main()
