"""The relay's diagram, drawn from its transition table: `python -m ops.diagram` writes it into the README.

The picture and the table are one thing: a test fails as soon as the README shows another relay than the code runs.
"""

from __future__ import annotations

import re
from pathlib import Path

from chalicelib.names import Step
from chalicelib.records.run import STEP_OF, Stage
from chalicelib.relay.deciding import TRANSITIONS

README = Path(__file__).parents[1] / "README.md"
_BLOCK = re.compile(r"(?<=<!-- relay -->\n).*?(?=<!-- /relay -->)", re.DOTALL)

_JOBS = {
    Step.PREPARE: "processing job",
    Step.TUNE: "tuning job",
    Step.TRAIN: "training job",
    Step.COMPARE: "processing job",
    Step.CANDIDATE: "candidate endpoint",
    Step.PACK: "processing job",
    Step.EVALUATE: "processing job",
    Step.LIVE: "live endpoint",
}


def mermaid() -> str:
    """The table as a Mermaid state diagram: an arrow for each change of stage, with the events that cause it."""
    arrows: dict[tuple[Stage, Stage], list[str]] = {}
    for (stage, event), transition in TRANSITIONS.items():
        for target in transition.to:
            arrows.setdefault((stage, target), []).append(event.__name__)
    return "\n".join(
        [
            "stateDiagram-v2",
            *(f"    {_id(stage)}: {stage}<br>{_JOBS[step]}" for stage, step in STEP_OF.items()),
            f"    [*] --> {_id(Stage.PREPARING)}: upload",
            *(f"    {_id(start)} --> {_id(end)}: {', '.join(events)}" for (start, end), events in arrows.items()),
            *(f"    {_id(stage)} --> [*]" for stage in Stage if stage.ended),
        ]
    )


def block() -> str:
    """What stands between the README's markers."""
    return f"```mermaid\n{mermaid()}\n```\n"


def in_readme(text: str) -> str | None:
    """The block that a README holds, or None."""
    found = _BLOCK.search(text)
    return found.group() if found else None


def _id(stage: Stage) -> str:
    return stage.replace(" ", "_")


if __name__ == "__main__":
    README.write_text(_BLOCK.sub(lambda _: block(), README.read_text()))
