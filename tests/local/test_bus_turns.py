"""Whose events the bus delivers first, when there are many."""

import threading

from local.events.bus import Bus
from local.events.delivery import Rule
from local.events.envelopes import Envelope
from tests.local.test_bus import event, ignore


def test_a_flood_of_one_functions_events_keeps_no_other_function_waiting() -> None:
    called, held = list[str](), threading.Event()

    def invoke(name: str, _event: Envelope) -> None:
        held.wait(60)
        called.append(name)

    rules = [Rule("upload", "upload", {"source": ["aws.s3"]}), Rule("job", "job", {"source": ["aws.sagemaker"]})]
    bus = Bus(region="us-east-1", account="123456789012", bury=ignore)
    bus.start(rules, invoke)
    for number in range(40):
        bus.put(event(number, "aws.s3"))
    bus.put(event(40))
    held.set()
    bus.wait_idle(120)
    bus.stop()
    assert len(called) == 41
    assert called.index("job") < 6
