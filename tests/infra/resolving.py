"""CloudFormation's intrinsic functions and conditions, worked out for given parameters: what AWS would see.

What it is not told how to resolve is an error, never left as it is: a proof about a document with holes proves nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Json = Any
_VARIABLE = re.compile(r"\$\{([^!}][^}]*)\}")
_NOTHING = object()
_ARNS = {
    "AWS::IAM::Role": "iam::{account}:role/{name}",
    "AWS::IAM::ManagedPolicy": "iam::{account}:policy/{name}",
    "AWS::DynamoDB::Table": "dynamodb:{region}:{account}:table/{name}",
    "AWS::S3::Bucket": "s3:::{name}",
    "AWS::SQS::Queue": "sqs:{region}:{account}:{name}",
    "AWS::SNS::Topic": "sns:{region}:{account}:{name}",
    "AWS::KMS::Key": "kms:{region}:{account}:key/{name}",
    "AWS::CloudWatch::Alarm": "cloudwatch:{region}:{account}:alarm:{name}",
    "AWS::Lambda::Function": "lambda:{region}:{account}:function:{name}",
    "AWS::Events::Rule": "events:{region}:{account}:rule/{name}",
}


@dataclass(frozen=True)
class Place:
    """A stack somewhere."""

    region: str = "eu-west-1"
    partition: str = "aws"
    account: str = "123456789012"
    stack: str = "sagerelay-dev"

    @property
    def pseudo(self) -> dict[str, Any]:
        return {
            "AWS::Region": self.region,
            "AWS::Partition": self.partition,
            "AWS::AccountId": self.account,
            "AWS::StackName": self.stack,
            "AWS::StackId": f"arn:{self.partition}:cloudformation:{self.region}:{self.account}:stack/{self.stack}/5e1f",
            "AWS::URLSuffix": "amazonaws.com",
            "AWS::NoValue": _NOTHING,
        }


@dataclass
class Resolver:
    """One template in one place with these parameters; the others have their defaults."""

    template: Mapping[str, Any]
    place: Place = field(default_factory=Place)
    parameters: Mapping[str, str] = field(default_factory=dict)

    def resources(self) -> dict[str, Any]:
        """Every resource whose condition holds, resolved."""
        return {
            name: self.resolve(resource)
            for name, resource in self.template["Resources"].items()
            if "Condition" not in resource or self.holds(resource["Condition"])
        }

    def resolve(self, value: Json) -> Json:
        if isinstance(value, list):
            return [one for one in map(self.resolve, value) if one is not _NOTHING]
        if not isinstance(value, dict):
            return value
        if len(value) == 1 and (function := self._functions().get(next(iter(value)))):
            return function(next(iter(value.values())))
        unknown = [name for name in value if name.startswith("Fn::")]
        assert not unknown, f"cannot resolve {unknown}"
        found = {name: self.resolve(inner) for name, inner in value.items()}
        return {name: inner for name, inner in found.items() if inner is not _NOTHING}

    def holds(self, name: str) -> bool:
        """Whether a condition of the template is true."""
        return bool(self.resolve(self.template["Conditions"][name]))

    def _functions(self) -> dict[str, Callable[[Any], Any]]:
        return {
            "Ref": self._ref,
            "Fn::Sub": self._sub,
            "Fn::GetAtt": lambda value: self._attribute(*(value if isinstance(value, list) else value.split(".", 1))),
            "Fn::If": lambda value: self.resolve(value[1] if self.holds(value[0]) else value[2]),
            "Fn::Equals": lambda value: self.resolve(value[0]) == self.resolve(value[1]),
            "Fn::Not": lambda value: not self.resolve(value[0]),
            "Fn::Split": lambda value: self.resolve(value[1]).split(value[0]),
            "Fn::Join": lambda value: value[0].join(self.resolve(value[1])),
            "Fn::Select": lambda value: self.resolve(value[1])[int(value[0])],
        }

    def _ref(self, name: str) -> Any:
        if name in self.place.pseudo:
            return self.place.pseudo[name]
        if name in self.template.get("Parameters", {}):
            default = self.template["Parameters"][name].get("Default", f"<{name}>")
            return self.parameters.get(name, default)
        kind = self.template["Resources"][name]["Type"]
        if kind in {"AWS::SNS::Topic", "AWS::IAM::ManagedPolicy"}:
            return self._attribute(name, "Arn")
        if kind == "AWS::SQS::Queue":
            return f"https://sqs.{self.place.region}.amazonaws.com/{self.place.account}/{self.name(name)}"
        return self.name(name)

    def name(self, logical: str) -> str:
        """The physical name that CloudFormation gives, without its random end."""
        resource = self.template["Resources"][logical]
        given = resource.get("Properties", {})
        for key in ("AlarmName", "DashboardName", "LogGroupName"):
            if key in given:
                return str(self.resolve(given[key]))
        plain = f"{self.place.stack}-{logical}-1x2y"
        return plain.lower() if resource["Type"] == "AWS::S3::Bucket" else plain

    def _attribute(self, logical: str, attribute: str) -> str:
        if attribute == "QueueName":
            return self.name(logical)
        assert attribute == "Arn", f"cannot resolve {logical}.{attribute}"
        kind = self.template["Resources"][logical]["Type"].replace("Serverless", "Lambda")
        rest = _ARNS[kind].format(region=self.place.region, account=self.place.account, name=self.name(logical))
        return f"arn:{self.place.partition}:{rest}"

    def _sub(self, value: Any) -> str:
        text, given = (value, {}) if isinstance(value, str) else value

        def replaced(match: re.Match[str]) -> str:
            name = match[1]
            if name in given:
                return str(self.resolve(given[name]))
            return self._attribute(*name.split(".", 1)) if "." in name else str(self._ref(name))

        return _VARIABLE.sub(replaced, text)
