"""The isolation self-test: about 15 things an attack would try, tried for real, and what they say about each layer."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from . import bubblewrap, levels, mend

_UID = 61100  # an unused one, between the ranges of Debian's and systemd's own
_PROBE = Path(__file__).with_name("probe.py")

# Layer, what it keeps away in a phrase, and the probes that show it at work on its own.
_SHOWN_BY: dict[str, tuple[str, tuple[str, ...]]] = {
    "rlimits": ("memory, processor time and file size are bounded", ("memory", "file_size")),
    "disk": ("a work folder of bounded size for each submission", ("disk",)),
    "uid": ("submissions run as another user than the grader", ("open_private", "signal")),
    "no_new_privs": ("no way to gain privileges (sudo)", ("privileges",)),
    "landlock": ("files outside the work folder stay closed", ("open_public", "write_outside")),
    "seccomp": (
        "no processes, sockets, tracing or chmod",
        ("fork", "socket", "memfd", "chmod", "ptrace", "foreign_call"),
    ),
}


@dataclass(frozen=True)
class Row:
    """One layer: whether it holds here, what was seen, and the command that mends it."""

    layer: str
    purpose: str
    state: str  # holds | partly | missing | not used
    seen: str
    mend: str = ""


@dataclass(frozen=True)
class Report:
    """The outcome of the self-test."""

    level: str
    rows: tuple[Row, ...]
    stopped: tuple[str, ...]
    passed: tuple[str, ...]  # probes that nothing stopped

    def text(self) -> str:
        """The table for a terminal, with the commands that mend what is missing below it."""
        lines = [f"Isolation level {self.level}: {levels.MEANING[self.level]}.", ""]
        lines += [f"  {row.layer:<13}{row.state:<9} {row.purpose}; {row.seen}" for row in self.rows]
        tried = len(self.stopped) + len(self.passed)
        lines += ["", f"{len(self.stopped)} of {tried} probes were stopped."]
        if self.passed:
            lines[-1] += f" Not stopped: {', '.join(self.passed)}."
        mends = [f"  {row.layer}: {row.mend}" for row in self.rows if row.mend]
        return "\n".join([*lines, *(["", "To mend:", *mends] if mends else [])])


def doctor() -> Report:
    """Confine a throw-away child exactly as a submission would be, and see what it can do.

    Beside that child, one more for each layer alone shows which layers work, so that the table names the missing one.

    Returns
    -------
    Report
        In about half a second.
    """
    layers = levels.available_layers()
    if not sys.platform.startswith("linux"):
        row = Row("platform", "Linux is needed", "missing", sys.platform, mend.other_platform())
        return Report("none", (row,), (), ())
    with tempfile.TemporaryDirectory(prefix="doctor-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "work").mkdir()
        for file, mode in (("private", 0o600), ("public", 0o644)):
            (folder / file).write_text("canary")
            (folder / file).chmod(mode)
        view = bubblewrap.view((), str(folder / "work"))
        alone = _probe(folder, (), [[layer] for layer in layers])
        whole = _probe(folder, view.command, [list(layers)])[0]
    by_layer = {**dict(zip(layers, alone, strict=True)), "disk": whole}  # mounting may need the view
    rows = [_row(layer, by_layer.get(layer)) for layer in _SHOWN_BY]
    rows.append(_view_row(view, bool(whole.get("stat"))))
    tried = [probe for probes in levels.NEEDED.values() for probe in probes]
    return Report(
        level=levels.level_of(whole),
        rows=tuple(rows),
        stopped=tuple(probe for probe in tried if whole.get(probe)),
        passed=tuple(probe for probe in tried if not whole.get(probe)),
    )


def _probe(folder: Path, launcher: Sequence[str], sets: Sequence[Sequence[str]]) -> list[Mapping[str, Any]]:
    """Run the probe program once; on any failure of it, nothing counts as stopped."""
    request = {
        "private": str(folder / "private"),
        "public": str(folder / "public"),
        "folder": str(folder),
        "work_root": str(folder / "work"),
        "grader": os.getpid(),
        "uid": _UID if os.geteuid() == 0 else None,
        "sets": sets,
    }
    command = [*launcher, sys.executable, "-I", str(_PROBE), json.dumps(request)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, env={}, check=True)
        found: list[Mapping[str, Any]] = json.loads(done.stdout)
    except (OSError, subprocess.SubprocessError, ValueError) as error:
        said = getattr(error, "stderr", "") or f"{type(error).__name__}: {error}"
        return [{"error": str(said).strip().splitlines()[-1][:200]}] * len(sets)
    return found


def _row(layer: str, found: Mapping[str, Any] | None) -> Row:
    purpose, probes = _SHOWN_BY[layer]
    if found is None:
        if layer == "uid":
            return Row(layer, purpose, "not used", "only root can; the other layers stand in")
        return Row(layer, purpose, "missing", "this kernel or processor has none", mend.for_layer(layer))
    failed = [probe for probe in probes if not found.get(probe)]
    if not failed:
        return Row(layer, purpose, "holds", f"stopped {', '.join(probes)}")
    if layer == "uid" and failed == ["open_private"]:
        return Row(layer, purpose, "partly", *mend.closed_interpreter())
    seen = str(found["error"]) if "error" in found else f"did not stop {', '.join(failed)}"
    return Row(layer, purpose, "missing", seen, mend.for_layer(layer))


def _view_row(view: bubblewrap.View, hidden: bool) -> Row:
    purpose = "hidden files do not exist for a submission"
    if view.command and hidden:
        return Row("view", purpose, "holds", "stopped stat")
    reason = view.reason or "did not stop stat"
    return Row("view", purpose, "missing", reason, mend.for_view(reason))
