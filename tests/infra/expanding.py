"""The SAM transform, by the code that AWS runs (aws-sam-translator), without AWS."""

from __future__ import annotations

import copy
import warnings
from typing import Any

import boto3


def expanded(template: dict[str, Any], region: str = "eu-west-1") -> dict[str, Any]:
    """Plain CloudFormation. The code lies in S3 by then, as `aws cloudformation package` puts it there."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pydantic's old interface, which the translator still uses
        from samtranslator.parser.parser import Parser
        from samtranslator.translator.translator import Translator

        given = copy.deepcopy(template)
        for resource in given["Resources"].values():
            if resource["Type"] == "AWS::Serverless::Function":
                resource["Properties"]["CodeUri"] = "s3://artifacts/deployment.zip"
        # No managed policy is wanted: every function has a role of its own.
        translator = Translator({}, Parser(), boto_session=boto3.Session(region_name=region))
        made: dict[str, Any] = translator.translate(given, {"CodePrefix": "code/0123456789ab"})
    return made
