"""A class in parts that know nothing of each other: who belongs to part i of N follows from the names alone."""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Shard:
    """Part `number` (from 1) of `of` parts."""

    number: int
    of: int

    def takes(self, student: str, topic: str) -> bool:
        """Whether a submission belongs to this part; the same on every machine and in every run."""
        digest = hashlib.sha256(f"{student}\0{topic}".encode("utf-8", "surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.of == self.number - 1

    @property
    def journal(self) -> str:
        """Name of the file with this part's results."""
        return f"shard-{self.number}-of-{self.of}.jsonl"


def shard_from_text(text: str) -> Shard:
    """Read `i/N`.

    Raises
    ------
    ValueError
        If it is anything else.
    """
    found = re.fullmatch(r"(\d+)/(\d+)", text)
    if found is None or not 1 <= int(found[1]) <= int(found[2]):
        raise ValueError(f"{text!r}: write i/N with i from 1 to N, such as 2/5")
    return Shard(int(found[1]), int(found[2]))
