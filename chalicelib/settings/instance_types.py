"""The machines that SageMaker has for each kind of work, as far as they were known when this was written.

Taken from botocore's model (TrainingInstanceType, ProcessingInstanceType, ProductionVariantInstanceType), which a test
compares. A family that is in none of the tables may be newer than they are, and is AWS's to judge; what is known for
other work, or in other sizes, would be refused when the work begins, after what came before it was paid.
"""

from __future__ import annotations

from collections.abc import Mapping


def _table(text: str) -> dict[str, tuple[str, ...]]:
    lines = (line.split(": ") for line in text.split("\n") if line.strip())
    return {family.strip(): tuple(sizes.split()) for family, sizes in lines}


TRAINING = _table(
    """
    c4: xlarge 2xlarge 4xlarge 8xlarge
    c5: xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    c5n: xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    c6i: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    c7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    c7i-flex: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    c8i: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge
    c8i-flex: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    g4dn: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    g5: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g6: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g6e: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g7: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    g7e: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    m4: xlarge 2xlarge 4xlarge 10xlarge 16xlarge
    m5: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    m6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    m7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    m7i-flex: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    m8i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge
    m8i-flex: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    p2: xlarge 8xlarge 16xlarge
    p3: 2xlarge 8xlarge 16xlarge
    p3dn: 24xlarge
    p4d: 24xlarge
    p4de: 24xlarge
    p5: 4xlarge 48xlarge
    p5e: 48xlarge
    p5en: 48xlarge
    p6-b200: 48xlarge
    p6-b300: 48xlarge
    p6e-gb200: 36xlarge
    r5: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge
    r5d: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge
    r6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    r7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    r8i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge 48xlarge 96xlarge
    r8i-flex: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    t3: medium large xlarge 2xlarge
    trn1: 2xlarge 32xlarge
    trn1n: 32xlarge
    trn2: 48xlarge
    """
)
_FOR_TRAINING_ALONE = frozenset(
    {
        "c5n",
        "p3dn",
        "p4d",
        "p4de",
        "p5e",
        "p5en",
        "p6-b200",
        "p6-b300",
        "p6e-gb200",
        "trn1",
        "trn1n",
        "trn2",
    }
)
PROCESSING = {family: sizes for family, sizes in TRAINING.items() if family not in _FOR_TRAINING_ALONE} | {
    "p5": ("4xlarge",)
}
ENDPOINTS = _table(
    """
    c4: large xlarge 2xlarge 4xlarge 8xlarge
    c5: large xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    c5d: large xlarge 2xlarge 4xlarge 9xlarge 18xlarge
    c6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    c6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    c6gn: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    c6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    c6in: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    c7g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    c7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    c8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    dl1: 24xlarge
    g4dn: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    g5: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g6: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g6e: xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    g7: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    g7e: 2xlarge 4xlarge 8xlarge 12xlarge 24xlarge 48xlarge
    inf1: xlarge 2xlarge 6xlarge 24xlarge
    inf2: xlarge 8xlarge 24xlarge 48xlarge
    m4: xlarge 2xlarge 4xlarge 10xlarge 16xlarge
    m5: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    m5d: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    m6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    m6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    m6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    m7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    m8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    p2: xlarge 8xlarge 16xlarge
    p3: 2xlarge 8xlarge 16xlarge
    p4d: 24xlarge
    p4de: 24xlarge
    p5: 4xlarge 48xlarge
    p5e: 48xlarge
    p5en: 48xlarge
    p6-b200: 48xlarge
    p6-b300: 48xlarge
    p6e-gb200: 36xlarge
    r5: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    r5d: large xlarge 2xlarge 4xlarge 12xlarge 24xlarge
    r6g: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    r6gd: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    r6i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 32xlarge
    r7gd: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge
    r7i: large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    r8g: medium large xlarge 2xlarge 4xlarge 8xlarge 12xlarge 16xlarge 24xlarge 48xlarge
    t2: medium large xlarge 2xlarge
    trn1: 2xlarge 32xlarge
    trn1n: 32xlarge
    trn2: 48xlarge
    """
)


def fault(instance: str, table: Mapping[str, tuple[str, ...]], work: str) -> str | None:
    """Why SageMaker would not do this work on such a machine; None if it does, or may.

    >>> fault("ml.t2.medium", TRAINING, "training")
    'SageMaker has no ml.t2 for training, only for other work'
    >>> fault("ml.c5.large", TRAINING, "training")
    'SageMaker has ml.c5 for training in xlarge, 2xlarge, 4xlarge, 9xlarge, 18xlarge, not in large'
    """
    _, family, size = instance.split(".")
    if family not in table:
        is_known = any(family in other for other in (TRAINING, PROCESSING, ENDPOINTS))
        return f"SageMaker has no ml.{family} for {work}, only for other work" if is_known else None
    if size in table[family]:
        return None
    return f"SageMaker has ml.{family} for {work} in {', '.join(table[family])}, not in {size}"
