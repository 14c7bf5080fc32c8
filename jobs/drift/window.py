"""window.json as a value: exactly which files a check looks at, which of their records count, and by what settings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from jobs.capture import Which
from jobs.documents.window import Window as Document
from jobs.metrics.max_loss import AMOUNT
from jobs.refusals import Refusal
from jobs.settings import MONITORING, MonitoringSettings, PinnedObject


@dataclass(frozen=True)
class Window:
    """One check's question. `promoted`: when the live model began to answer; `drill`: the mark of a drill's records.
    `max_loss_meant`: how the number of the settings is."""

    check: str
    started: str
    dataset: str
    endpoint: str
    bucket: str
    run: str
    promoted: datetime
    drill: str | None
    objects: Sequence[PinnedObject]
    settings: MonitoringSettings = field(default_factory=MonitoringSettings)
    max_loss_meant: str = AMOUNT

    @classmethod
    def read(cls, document: Document) -> Window:
        """Parse window.json. Raises Refusal "window" naming the key that is missing or cannot be read."""
        try:
            return cls(
                check=document["check"],
                started=document["started"],
                dataset=document["dataset"],
                endpoint=document["endpoint"],
                bucket=document["bucket"],
                run=document["live"]["run"],
                promoted=_utc(document["live"]["promoted"]),
                drill=document.get("drill"),
                objects=document["objects"],
                settings={**MONITORING, **(document.get("settings") or {})},
                max_loss_meant=document.get("max_loss_meant") or AMOUNT,
            )
        except KeyError as missing:
            raise Refusal("window", f"window.json has no {missing}; the check cannot tell what to look at.") from None
        except (TypeError, ValueError) as wrong:
            raise Refusal("window", f"window.json cannot be read: {wrong}.") from None

    @property
    def which(self) -> Which:
        """The records that count."""
        return Which(self.promoted, self.drill)


def _utc(text: str) -> datetime:
    read = datetime.fromisoformat(text)
    return read if read.tzinfo else read.replace(tzinfo=UTC)
