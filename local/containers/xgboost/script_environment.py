"""What a training script is told, as sagemaker-containers 2.8.6 tells it: arguments and environment variables. Pure.

Hyperparameters are read as JSON where they are any, so that `0.10` arrives as `0.1` and `true` as `True`. What begins
with `sagemaker_` is the container's own and not the script's, and so is `_tuning_objective_metric`.

Of checkpoints the library knows nothing. The image has SM_CHECKPOINT_CONFIG_FILE, the path of a file that is there when
the job has checkpoints and whose `LocalPath` is their folder: a script that goes by it finds them here as on AWS.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.containers.rerooting import rerooted

PROGRAM, SUBMITTED = "sagemaker_program", "sagemaker_submit_directory"
_OWN = {"_tuning_objective_metric", "default_user_module_name"}
_KNOWN = {
    PROGRAM, SUBMITTED, "sagemaker_enable_cloudwatch_metrics", "sagemaker_region", "sagemaker_container_log_level",
    "sagemaker_job_name", "sagemaker_s3_output", *_OWN,
}  # fmt: skip
_FRAMEWORK = "sagemaker_xgboost_container.training:main"
_INFO = 20


@dataclass(frozen=True)
class Invocation:
    """How a script is started: `python -m module arguments`, with these variables besides the container's own."""

    module: str
    submitted: str
    """Where its code comes from: a folder, an archive, or an s3:// address of one."""
    arguments: list[str]
    variables: dict[str, str]


@dataclass(frozen=True)
class Given:
    """What SageMaker has laid out in input/config: all hyperparameters as text."""

    hyperparameters: Mapping[str, str]
    channels: Mapping[str, Any]
    resources: Mapping[str, Any]


def program(hyperparameters: Mapping[str, str], environment: Mapping[str, str]) -> str | None:
    """What is to be run instead of the algorithm, or None: the environment's before the hyperparameter's."""
    return environment.get(PROGRAM.upper()) or hyperparameters.get(PROGRAM)


def invocation(given: Given, environment: Mapping[str, str], root: Path) -> Invocation:
    """How the script of a job in script mode is started, whose /opt/ml is `root` and whose container has `environment`.

    Every /opt/ml in a hyperparameter is moved to where it lies here.
    """
    read = {name: _read(rerooted(text, root)) for name, text in given.hyperparameters.items()}
    own = {name: value for name, value in read.items() if not (name.startswith("sagemaker_") or name in _OWN)}
    entry = str(program(given.hyperparameters, environment))
    arguments = [part for name in sorted(own) for part in (_flag(name), _argument(own[name]))]
    code = str(root / "code")
    seen = _seen(given, environment, root) | {
        "hyperparameters": own,
        "additional_framework_parameters": {
            name: value for name, value in read.items() if name.startswith("sagemaker_") and name not in _KNOWN
        },
        "log_level": read.get("sagemaker_container_log_level", _INFO),
        "user_entry_point": entry,
        "module_name": entry.removesuffix(".py"),
        "module_dir": str(read.get(SUBMITTED, code)),
    }
    variables = {
        "SM_INPUT": str(root / "input"),
        "SM_INPUT_TRAINING_CONFIG_FILE": str(root / "input" / "config" / "hyperparameters.json"),
        "SM_INPUT_DATA_CONFIG_FILE": str(root / "input" / "config" / "inputdataconfig.json"),
        "SM_CHECKPOINT_CONFIG_FILE": str(root / "input" / "config" / "checkpointconfig.json"),
        "SAGEMAKER_TRAINING_MODULE": _FRAMEWORK,
        "SAGEMAKER_JOB_NAME": str(read.get("sagemaker_job_name", "")),
        "SAGEMAKER_REGION": str(read.get("sagemaker_region", environment.get("AWS_DEFAULT_REGION", ""))),
        "CURRENT_HOST": str(seen["current_host"]),
    }
    return Invocation(
        seen["module_name"], seen["module_dir"], arguments, variables | _variables(seen, arguments, set(given.channels))
    )


def _seen(given: Given, environment: Mapping[str, str], root: Path) -> dict[str, Any]:
    """The library's `training_env`, but for what the hyperparameters say."""
    resources = given.resources
    return {
        "channel_input_dirs": {name: str(root / "input" / "data" / name) for name in given.channels},
        "current_host": resources["current_host"],
        "framework_module": _FRAMEWORK,
        "hosts": resources["hosts"],
        "input_config_dir": str(root / "input" / "config"),
        "input_data_config": given.channels,
        "input_dir": str(root / "input"),
        "is_master": resources["current_host"] == resources["hosts"][0],
        "job_name": environment.get("TRAINING_JOB_NAME"),
        "master_hostname": resources["hosts"][0],
        "model_dir": str(root / "model"),
        "network_interface_name": resources.get("network_interface_name", "eth0"),
        "num_cpus": int(environment.get("SM_NUM_CPUS", "1")),
        "num_gpus": 0,
        "output_data_dir": str(root / "output" / "data"),
        "output_dir": str(root / "output"),
        "output_intermediate_dir": str(root / "output" / "intermediate"),
        "resource_config": resources,
    }


_NAMED_OTHERWISE = {"hps": "hyperparameters", "framework_params": "additional_framework_parameters"}
_AS_THEY_ARE = (
    "hosts", "network_interface_name", "user_entry_point", "resource_config", "input_data_config", "output_data_dir",
    "current_host", "module_name", "log_level", "framework_module", "input_dir", "input_config_dir", "output_dir",
    "num_cpus", "num_gpus", "model_dir", "module_dir", "output_intermediate_dir",
)  # fmt: skip


def _variables(seen: Mapping[str, Any], arguments: list[str], channels: set[str]) -> dict[str, str]:
    told = {name: seen[name] for name in _AS_THEY_ARE}
    told |= {name: seen[other] for name, other in _NAMED_OTHERWISE.items()}
    told |= {"channels": sorted(channels), "training_env": dict(seen), "user_args": arguments}
    told |= {f"channel_{name}": path for name, path in seen["channel_input_dirs"].items()}
    told |= {f"hp_{name}": value for name, value in seen["hyperparameters"].items()}
    return {f"SM_{name.upper()}": _text(value) for name, value in told.items()}


def _read(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def _flag(name: str) -> str:
    return f"--{name}" if len(name) > 1 else f"-{name}"


def _argument(value: Any) -> str:
    if isinstance(value, dict):
        return ",".join(f"{name}={item}" for name, item in sorted(value.items()))
    return "" if value is None else str(value)


def _text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True, separators=(",", ":"))
