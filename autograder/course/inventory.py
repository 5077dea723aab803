"""The items of the lectures that the course has to cover, from inventory.toml."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

PATH = Path(__file__).with_name("inventory.toml")


@dataclass(frozen=True)
class Item:
    """One thing that a lecture teaches: its section number in the inventory and a short name."""

    section: str
    name: str

    @property
    def mark(self) -> str:
        """How a `# covers:` line names the item."""
        return f"{self.section} {self.name}"


def load_inventory(path: Path = PATH) -> tuple[Item, ...]:
    """All items in order."""
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    return tuple(Item(section["number"], name) for section in data["section"] for name in section["items"])
