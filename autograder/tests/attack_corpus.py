"""The attacks of `autograder/attacks`: what each folder says, read and checked."""

from __future__ import annotations

import platform
import tomllib
from dataclasses import dataclass
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[1] / "attacks"

KERNEL_LAYERS = ("rlimits", "disk", "uid", "no_new_privs", "landlock", "seccomp", "view")
# Separate process, codec, clock, capped output, fresh interpreter: parts of the design, on in every mode.
DESIGN_LAYERS = ("process", "wire", "wall", "output", "exec")


@dataclass(frozen=True)
class Attack:
    """One attack and what must come of it.

    Attributes
    ----------
    row
        Of the catalogue.
    layers
        What stops it. Those of the kernel are turned off in the ablation, where it must then succeed.
    also
        Further layers that would stop it on some machine, or on the way to the layer in question.
    status
        How the cell or the call ends: "returned", "exception", or a status that ends the child; "a|b" allows two.
    says
        The type of the exception, one of these.
    ablate
        "user", or "root" if the kernel refuses ordinary users in any case.
    machine
        The processor that it is for, "" for all.
    """

    name: str
    source: str
    row: int
    layers: tuple[str, ...]
    also: tuple[str, ...]
    status: tuple[str, ...]
    says: tuple[str, ...]
    ablate: str
    machine: str

    @property
    def is_for_this_machine(self) -> bool:
        return self.machine in ("", platform.machine())

    @property
    def kernel_layers(self) -> tuple[str, ...]:
        return tuple(layer for layer in self.layers if layer in KERNEL_LAYERS)


def load() -> list[Attack]:
    """All attacks, by name; an unknown key or layer is an error."""
    attacks = []
    for folder in sorted(path for path in FOLDER.iterdir() if path.is_dir() and path.name != "__pycache__"):
        table = tomllib.loads((folder / "expected.toml").read_text(encoding="utf-8"))
        attack = Attack(
            name=folder.name,
            source=(folder / "submission.py").read_text(encoding="utf-8"),
            row=table.pop("row"),
            layers=tuple(table.pop("layers")),
            also=tuple(table.pop("also", ())),
            status=tuple(table.pop("status").split("|")),
            says=tuple(table.pop("says", ())),
            ablate=table.pop("ablate", "user"),
            machine=table.pop("machine", ""),
        )
        unknown = set(attack.layers + attack.also) - set(KERNEL_LAYERS + DESIGN_LAYERS)
        if table or unknown:
            raise ValueError(f"{folder.name}/expected.toml: unknown {', '.join([*table, *unknown])}")
        attacks.append(attack)
    return attacks
