"""What endpoints log ends, and nothing that is in its way holds a run up."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.aws.logs import KEPT_DAYS, Logs
from tests.ops.world import error


class Groups:
    """CloudWatch Logs, which may refuse."""

    def __init__(self, refusal: str = "") -> None:
        self.kept, self.refusal = dict[str, int](), refusal

    def put_retention_policy(self, *, logGroupName: str, retentionInDays: int) -> dict[str, Any]:  # noqa: N803
        if self.refusal:
            raise error(self.refusal)
        self.kept[logGroupName] = retentionInDays
        return {}


def test_an_endpoint_s_log_group_ends() -> None:
    groups = Groups()
    Logs(lambda: groups).expire("churn-1a2b3c4d-candidate-1")
    assert groups.kept == {"/aws/sagemaker/Endpoints/churn-1a2b3c4d-candidate-1": KEPT_DAYS}


@pytest.mark.parametrize("refusal", ["ResourceNotFoundException", "AccessDeniedException", "ThrottlingException"])
def test_whatever_is_in_its_way_holds_nothing_up(refusal: str) -> None:
    Logs(lambda: Groups(refusal)).expire("churn-1a2b3c4d-candidate-1")
