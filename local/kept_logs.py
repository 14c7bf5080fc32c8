"""CloudWatch Logs over a restart: a file a stream, written again only when the stream has grown.

Like `local.state`, to which it belongs, it reaches into moto: no API gives an event the time back at which it came. Log
files are many and long, so they stand beside the index of the state and not in it.
"""

import json
import os
import uuid
from pathlib import Path
from typing import Any

Entry = dict[str, Any]
"""A stream in the index: its group, its name, and the file that holds its events (None: it has none)."""


class KeptLogs:
    """Saves the streams of one account and region to a directory, and restores them from it."""

    def __init__(self, directory: Path, account: str, region: str) -> None:
        self._directory = directory
        self._account, self._region = account, region
        self._written: dict[tuple[str, str], tuple[int, str]] = {}  # by group and stream: events and file
        self._before: frozenset[str] = frozenset()

    def capture(self) -> list[Entry]:
        """What there is now, its events written down."""
        entries: list[Entry] = []
        for group in list(self._backend().groups.values()):
            fixed = {"group": group.name, "retention": group.retention_in_days}
            entries.append({**fixed, "stream": None, "events": None})
            entries.extend(
                {**fixed, "stream": stream.log_stream_name, "events": self._file(group.name, stream)}
                for stream in list(group.streams.values())
            )
        return entries

    def forget(self, entries: list[Entry]) -> None:
        """Remove the files that the index, written meanwhile, does not name any more."""
        named = frozenset(entry["events"] for entry in entries if entry["events"])
        for name in self._before - named:
            (self._directory / name).unlink(missing_ok=True)
        self._before = named

    def restore(self, entries: list[Entry]) -> None:
        """The groups and streams as they were."""
        from moto.logs.models import LogStream

        backend = self._backend()
        for entry in entries:
            backend.ensure_log_group(entry["group"])
            group = backend.groups[entry["group"]]
            group.retention_in_days = entry["retention"]
            if entry["stream"] is None:
                continue
            stream = group.streams[entry["stream"]] = LogStream(group, entry["stream"])
            if entry["events"]:
                events = json.loads((self._directory / entry["events"]).read_text(encoding="utf-8"))
                stream.put_log_events([{"timestamp": at, "message": text} for at, text in events])
                self._written[entry["group"], entry["stream"]] = (len(events), entry["events"])
        self._before = frozenset(entry["events"] for entry in entries if entry["events"])

    def _file(self, group: str, stream: Any) -> str | None:
        events = list(stream.events)
        known = self._written.get((group, stream.log_stream_name))
        if known is None or known[0] != len(events):
            if not events:
                return None
            name = uuid.uuid4().hex
            self._directory.mkdir(parents=True, exist_ok=True)
            draft = self._directory / f".{name}.{os.getpid()}"
            draft.write_text(json.dumps([[event.timestamp, event.message] for event in events]), encoding="utf-8")
            draft.replace(self._directory / name)
            known = self._written[group, stream.log_stream_name] = (len(events), name)
        return known[1]

    def _backend(self) -> Any:
        from moto.logs.models import logs_backends

        return logs_backends[self._account][self._region]
