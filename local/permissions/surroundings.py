"""What the mapping has to know besides the request: where we are, how things are tagged, which key protects what."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field


def _untagged(_: str) -> Mapping[str, str]:
    return {}


@dataclass(frozen=True, slots=True)
class Surroundings:
    """`tags_of(arn)`: the tags of something that exists; none of what does not. `keys`: by the ARN they protect."""

    region: str
    account: str
    tags_of: Callable[[str], Mapping[str, str]] = _untagged
    keys: Mapping[str, str] = field(default_factory=dict)

    def arn(self, service: str, resource: str) -> str:
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"
