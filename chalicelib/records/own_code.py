"""Code of the user's own: for which datasets a deployment runs it, under which role, and what of it is too much.

Such code does what its role may. So it never has the role that all jobs have: each dataset whose code may run has one
of its own, which reads that dataset's runs and writes them, and which `ops deploy` makes in a stack beside the
deployment's (OWN_CODE). Runs lie below `runs/<name>-<8 digits>/`, and a name is cut there after 14 characters; a role
can tell a dataset's runs from all others only where nothing is cut, and so a name may have `LONGEST_NAME` of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from chalicelib.algorithms import called
from chalicelib.names import DatasetKeys, RunKeys
from chalicelib.records.inputs import InputObject
from chalicelib.records.run import Run

if TYPE_CHECKING:
    from chalicelib.deployment import DeploymentSettings

ORIGIN = "code"
"""What inputs.json says of an object that is code."""
LONGEST_NAME = 12
MOST_FILES = 100
MOST_BYTES = 10 << 20
EVERY = "*"
"""In place of names: every dataset. A laptop has it, whose code is its user's anyway."""
_PLACE = re.compile(r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*/)*[A-Za-z0-9_][A-Za-z0-9_.-]*")


def uploaded(dataset: str) -> str:
    """The folder where a dataset's code is put."""
    return f"{DatasetKeys(dataset).root}/code/"


def pinned(run: str) -> str:
    """The folder of the code as it was pinned for a run."""
    return f"{RunKeys(run).prepared}/code/"


def is_own(settings: Mapping[str, Any]) -> bool:
    """Whether the algorithm of these stored settings is code of the user's own."""
    return isinstance(settings.get("algorithm"), Mapping)


def script(settings: Mapping[str, Any]) -> str | None:
    """The name of the user's training script, where there is one."""
    chosen = settings.get("algorithm")
    return str(chosen["script"]) if isinstance(chosen, Mapping) and "script" in chosen else None


def role(run: Run, deployment: DeploymentSettings) -> str:
    """The ARN of the role under which a run trains and serves."""
    if not is_own(run.settings):
        return deployment.role_arn
    return f"{deployment.role_arn.rpartition('/')[0]}/{role_name(deployment.prefix, run.dataset)}"


def role_name(stack: str, dataset: str) -> str:
    """The role of a dataset's own code.

    >>> role_name("sagerelay-dev", "churn")
    'sagerelay-dev-own-churn'
    """
    return f"{stack}-own-{dataset}"


def is_allowed(dataset: str, deployment: DeploymentSettings) -> bool:
    """Whether this deployment runs code of a dataset's own."""
    return len(dataset) <= LONGEST_NAME and (EVERY in deployment.own_code or dataset in deployment.own_code)


def refusal(
    dataset: str, settings: Mapping[str, Any], objects: Iterable[InputObject] | None, deployment: DeploymentSettings
) -> str | None:
    """Why a run with these settings is not to be started, as a job would refuse it; None where nothing speaks against.

    Args:
        objects: what the run is made of, the code among it; None: that was looked at before.
    """
    if not is_own(settings):
        return None
    if not is_allowed(dataset, deployment):
        return _not_allowed(dataset, settings, deployment)
    name, root = script(settings), uploaded(dataset)
    if name is None or objects is None:
        return None
    code = [one for one in objects if one.origin == ORIGIN]
    if root + name not in {one.key for one in code}:
        return f"[script-missing] relay.yaml names the script {name}, and there is no {root}{name}. Upload it there."
    if len(code) > MOST_FILES or sum(one.size for one in code) > MOST_BYTES:
        return (
            f"[script-too-large] {root} holds {len(code)} files of {sum(one.size for one in code):,} bytes; code may "
            f"be {MOST_FILES} files of {MOST_BYTES:,} bytes. Data does not belong there."
        )
    odd = next((one.key for one in code if not _PLACE.fullmatch(one.key.removeprefix(root))), None)
    if odd:
        return (
            f"[script-place] {odd[:200]!r} is no name for a file of code: letters, digits, _ . and -, in folders of "
            "the same. Rename it."
        )
    return None


def _not_allowed(dataset: str, settings: Mapping[str, Any], deployment: DeploymentSettings) -> str:
    asked = f"[own-code] relay.yaml asks for code of your own (algorithm: {called(settings['algorithm'])})"
    if len(dataset) > LONGEST_NAME:
        return (
            f'{asked}, and the name of a dataset that runs such code may have {LONGEST_NAME} characters; "{dataset}" '
            f"has {len(dataset)}. Put the data into a dataset with a shorter name."
        )
    runs = f"of {', '.join(sorted(deployment.own_code))} alone" if deployment.own_code else "of no dataset"
    listed = ",".join(sorted({*deployment.own_code, dataset}))
    return (
        f"{asked}; this deployment runs such code {runs}, and nothing was started. Whoever deploys it allows it with "
        f"`make deploy OWN_CODE={listed}` (docs/algorithms.md says what that opens)."
    )
