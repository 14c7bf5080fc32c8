"""What a run is made of: the objects of a dataset's train/ folder, and the settings that go with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from chalicelib import names
from chalicelib.settings import fingerprints, machines
from chalicelib.settings.fingerprints import Fingerprint
from chalicelib.settings.max_loss import Meant
from chalicelib.settings.stored import Settings

LONGEST_VERSIONS = 2000
"""Characters. Below, a record says them as release 0.1.0 does, to which one may go back."""


@dataclass(frozen=True, slots=True)
class InputObject:
    """One object of the dataset's train/ folder, exactly."""

    key: str
    size: int
    etag: str
    version_id: str | None = None
    origin: str = "upload"
    """`upload`, or `traffic` for captured rows whose labels have arrived."""


@dataclass(frozen=True, slots=True)
class InputsSeen:
    """What lies in train/ now, and the settings that go with it."""

    objects: tuple[InputObject, ...]
    settings: Settings
    traffic: tuple[InputObject, ...] = ()
    """Captured rows with labels, to be learned from beside train/. They alone are no reason for a run."""
    deployment: str = ""
    """The deployment's own id, part of a run's."""
    written: Mapping[str, Any] | None = None
    """What relay.yaml says of the settings; None: all of them."""
    former: Settings | None = None
    """The settings that the last run has stored. Needed where its fingerprint is release 0.1.0's."""
    max_loss: Meant = Meant.SHARE
    """How gate.max_loss is meant."""

    @property
    def fingerprint(self) -> Fingerprint:
        contents = fingerprints.digest(sorted((entry.key, entry.etag) for entry in self.objects))
        return fingerprints.of(contents, self.settings, self.settings if self.written is None else self.written)

    def run(self, dataset: str, generation: int) -> str:
        """The id of the run that this makes."""
        return names.run_id(dataset, self._mark(self.settings, generation))

    def was_in_0_1_0(self, generation: int, stored: str) -> Fingerprint | None:
        """What release 0.1.0 stored for the last run, in today's form; None when the data are others now."""
        settings = fingerprints.as_stored_by_0_1_0(self.settings if self.former is None else self.former)
        if self._mark(settings, generation) != stored:
            return None
        written = fingerprints.written_in_0_1_0(settings, self.settings if self.written is None else self.written)
        return fingerprints.of(self.fingerprint.contents, settings, written)

    def _mark(self, settings: Mapping[str, Any], generation: int) -> str:
        return fingerprints.run_mark([asdict(entry) for entry in self.objects], settings, generation, self.deployment)

    @property
    def on_machines(self) -> InputsSeen:
        """With a machine that holds the data wherever the settings leave that open."""
        data = machines.csv_bytes((one.key, one.size) for one in (*self.objects, *self.traffic))
        return replace(self, settings=machines.chosen(self.settings, data))

    @property
    def as_pinned(self) -> InputsSeen:
        """As inputs.json has it, which makes no difference between files and labelled traffic but in each entry."""
        return replace(self, objects=(*self.objects, *self.traffic), traffic=())

    @property
    def versions(self) -> str:
        """What tells a fresh upload of the same contents from a repeated event about the old one.

        Of many files their digest: a record must not grow with them.
        """
        every = self._every_version
        return every if len(every) <= LONGEST_VERSIONS else fingerprints.digest([every])

    def is_same_in_all(self, stored: str) -> bool:
        """Whether a record's fingerprint asks for the same in whatever matters to a run."""
        then = fingerprints.parsed(stored)
        return then is not None and then.same_in_all(self.fingerprint)

    def are_versions(self, stored: str) -> bool:
        """Whether a record means these. Release 0.1.0 stored all of them, however many."""
        return stored in {self.versions, self._every_version}

    @property
    def _every_version(self) -> str:
        return ",".join(sorted(f"{entry.key}@{entry.version_id}" for entry in self.objects))
