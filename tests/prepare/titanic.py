"""A file in the layout of the passengers' list with which most people begin: made-up people, the same columns."""

from __future__ import annotations

import random

from tests.prepare.tables import text

HEADER = (
    "PassengerId", "Survived", "Pclass", "Name", "Sex", "Age", "SibSp", "Parch", "Ticket", "Fare", "Cabin", "Embarked",
)  # fmt: skip
_FAMILIES = ("Abel", "Brook", "Carlsson", "Dahl", "Egger", "Fontaine", "Galli", "Hughes", "Iversen", "Jansen")
_PREFIXES = ("PC ", "A/5 ", "CA. ", "STON/O 2. ", "SOTON/OQ ", "W./C. ")


def passengers(rows: int = 600, seed: int = 7) -> str:
    """The list as CSV text: a fifth of the ages and most cabins empty, a quarter of the tickets with letters."""
    chance = random.Random(seed)
    return text([_passenger(i + 1, chance) for i in range(rows)], HEADER)


def _passenger(number: int, chance: random.Random) -> list[str]:
    group = chance.choices((1, 2, 3), (24, 21, 55))[0]
    sex = chance.choices(("male", "female"), (65, 35))[0]
    title = {"male": "Mr.", "female": chance.choice(("Mrs.", "Miss."))}[sex]
    survived = chance.random() < (0.74 if sex == "female" else 0.19) + (0.1 if group == 1 else -0.05)
    age = "" if chance.random() < 0.2 else f"{max(0.5, chance.gauss(30, 14)):.1f}".removesuffix(".0")
    ticket = f"{chance.choice(_PREFIXES) if chance.random() < 0.26 else ''}{chance.randrange(2_000, 380_000)}"
    fare = f"{chance.expovariate(1 / (90 if group == 1 else 16)) + 4:.4f}"
    cabin = f"{chance.choice('ABCDE')}{chance.randrange(1, 130)}" if chance.random() < 0.23 else ""
    name = f"{chance.choice(_FAMILIES)}-{number}, {title} {chance.choice(('Jo', 'Kim', 'Sam', 'Alex'))}"
    kin = [str(min(chance.randrange(9), chance.randrange(9)) // 2) for _ in range(2)]
    port = chance.choices(("S", "C", "Q", ""), (72, 19, 8.6, 0.4))[0]
    return [str(number), str(int(survived)), str(group), name, sex, age, *kin, ticket, fare, cabin, port]
