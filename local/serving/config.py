"""What an endpoint process is told: its containers, its capture, and where to say that it is ready."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from local.containers import DEFAULT


@dataclass(frozen=True)
class ContainerConfig:
    """One container: its name, image, unpacked model archive, and environment."""

    hostname: str
    image: str
    model_dir: Path
    environment: dict[str, str]
    stand_in: str = DEFAULT
    """The module of what stands in for its image."""


@dataclass(frozen=True)
class EndpointConfig:
    """One endpoint variant. `capture` is SageMaker's DataCaptureConfig; `workers` None is one a core."""

    endpoint: str
    variant: str
    containers: tuple[ContainerConfig, ...]
    capture: dict[str, Any] | None
    ready_file: Path
    log_file: Path | None
    workers: int | None = None
    largest: int | None = None
    """Bytes of a request, where it is not what an endpoint takes."""
    read_only_but: tuple[Path, ...] = ()
    """Folders that may be written, where no other may; nothing is forbidden where there is none."""


def captured_directory(server: Path) -> Path:
    """Where captured records wait to be uploaded, below a server's own folder; who ended it looks there for the rest.

    >>> captured_directory(Path("/s")).as_posix()
    '/s/captured'
    """
    return server / "captured"


def read_config(path: Path) -> EndpointConfig:
    """The configuration file that `local.sagemaker` writes; KeyError names what is missing."""
    given = json.loads(path.read_text(encoding="utf-8"))
    containers = tuple(
        ContainerConfig(
            hostname=item.get("hostname") or f"container-{place}",
            image=item["image"],
            model_dir=Path(item["model_dir"]),
            environment=dict(item.get("environment") or {}),
            stand_in=item.get("stand_in", DEFAULT),
        )
        for place, item in enumerate(given["containers"], start=1)
    )
    return EndpointConfig(
        endpoint=given["endpoint"],
        variant=given["variant"],
        containers=containers,
        capture=given.get("capture"),
        ready_file=Path(given["ready_file"]),
        log_file=Path(given["log_file"]) if given.get("log_file") else None,
        workers=given.get("workers"),
        largest=given.get("largest"),
        read_only_but=tuple(map(Path, given.get("read_only_but", ()))),
    )
