"""CloudFormation's intrinsic functions, as far as policies use them: a template's part in, plain values out.

Short tags (`!Sub`) are read into their long form, as the packaging does. What is not known is refused, because a text
left with `${...}` in it would be a resource nobody has.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from local.permissions.errors import PolicyError

_NO_VALUE = object()
_VARIABLE = re.compile(r"\$\{(!?)([^}]*)\}")


_Reading: type[yaml.SafeLoader] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml's where PyYAML was built with it: a tenth of the time, and every cloud reads its roles first."""


class _Loader(_Reading):  # type: ignore[misc,valid-type]
    """A loader of its own: PyYAML keeps constructors with the class, and others use SafeLoader too."""


def _short_tag(loader: yaml.SafeLoader, suffix: str, node: yaml.Node) -> dict[str, Any]:
    name = suffix if suffix in {"Ref", "Condition"} else f"Fn::{suffix}"
    if isinstance(node, yaml.ScalarNode):
        text = loader.construct_scalar(node)
        return {name: str(text).split(".", 1) if suffix == "GetAtt" else text}
    if isinstance(node, yaml.SequenceNode):
        return {name: loader.construct_sequence(node, deep=True)}
    if isinstance(node, yaml.MappingNode):
        return {name: loader.construct_mapping(node, deep=True)}
    raise PolicyError(f"!{suffix} stands before something that is no value")


_Loader.add_multi_constructor("!", _short_tag)


def load(text: str) -> dict[str, Any]:
    """A template or a part of one, short tags in their long form."""
    loader = _Loader(text)
    try:
        document: dict[str, Any] = loader.get_single_data()
    finally:
        loader.dispose()
    return document


@dataclass(frozen=True)
class Resolver:
    """What the template's names stand for.

    `values`: what Ref gives, of parameters, resources and pseudo parameters alike. `attributes`: what GetAtt gives, by
    `Resource.Attribute`. `conditions`: the template's own, unresolved.
    """

    values: Mapping[str, Any]
    attributes: Mapping[str, str]
    conditions: Mapping[str, Any]

    def resolve(self, value: Any) -> Any:
        """The value with every intrinsic function replaced. Raises PolicyError for what it does not know."""
        if isinstance(value, list):
            items = [self.resolve(item) for item in value]
            return [item for item in items if item is not _NO_VALUE]
        if not isinstance(value, dict):
            return value
        if len(value) == 1:
            name, argument = next(iter(value.items()))
            # A statement that consists of its Condition has the name of a function, but no text in it.
            if name == "Ref" or name.startswith("Fn::") or (name == "Condition" and isinstance(argument, str)):
                return self._function(name, argument)
        members = {key: self.resolve(item) for key, item in value.items()}
        return {key: item for key, item in members.items() if item is not _NO_VALUE}

    def _function(self, name: str, argument: Any) -> Any:
        known: dict[str, Callable[[Any], Any]] = {
            "Ref": self._ref,
            "Condition": self.holds,
            "Fn::GetAtt": self._attribute,
            "Fn::Sub": self._substituted,
            "Fn::If": lambda parts: self.resolve(parts[1] if self.holds(parts[0]) else parts[2]),
            "Fn::Equals": lambda parts: self.resolve(parts[0]) == self.resolve(parts[1]),
            "Fn::Not": lambda parts: not self.resolve(parts[0]),
            "Fn::Split": lambda parts: self.resolve(parts[1]).split(parts[0]),
            "Fn::Join": lambda parts: parts[0].join(self.resolve(parts[1])),
        }
        if name not in known:
            raise PolicyError(f"the intrinsic function {name} is not known here")
        return known[name](argument)

    def holds(self, condition: str) -> bool:
        """Whether a condition of the template holds."""
        if condition not in self.conditions:
            raise PolicyError(f"the template has no condition {condition}")
        return bool(self.resolve(self.conditions[condition]))

    def _ref(self, name: str) -> Any:
        if name == "AWS::NoValue":
            return _NO_VALUE
        if name not in self.values:
            raise PolicyError(f"nobody knows what {name} is here")
        return self.values[name]

    def _attribute(self, path: Any) -> str:
        name = path if isinstance(path, str) else ".".join(path)
        if name not in self.attributes:
            raise PolicyError(f"nobody knows what {name} is here")
        return self.attributes[name]

    def _substituted(self, argument: Any) -> str:
        text, own = argument if isinstance(argument, list) else (argument, {})

        def value(match: re.Match[str]) -> str:
            literal, name = match.groups()
            if literal:
                return f"${{{name}}}"
            if name in own:
                return str(self.resolve(own[name]))
            return str(self._attribute(name) if "." in name else self._ref(name))

        return _VARIABLE.sub(value, text)
