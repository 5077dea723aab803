"""Run every attack in one mode of this machine and print what came of it; a program of its own, started by the test.

`python -m autograder.tests.attack_modes user view` grades as an ordinary user under bubblewrap; `root` and `plain` are
the other choices.
"""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from autograder.grading.compare import assert_matches
from autograder.sandbox import Child, Handle, Refused, Stopped, StudentError, Zygote, confine
from autograder.sandbox.confine import disk
from autograder.tests import attack_corpus, attack_world, unprivileged
from autograder.tests.attack_corpus import DESIGN_LAYERS, Attack
from autograder.tests.attack_world import LIMITS, World

SIBLING = "def hello():\n    return 'alive'\n"
WALL_SECONDS = 0.4
TIDY_SECONDS = 60.0  # for a sweeper to finish, on a busy machine


def main(who: str, where: str) -> None:
    """Print one JSON object: mode, layers, and one record per attack; or why the mode is not offered."""
    reason = _enter(who, where)
    if reason:
        print(json.dumps({"not offered": reason}))
        return
    confine.harden_self()
    with attack_world.world() as world:
        with Zygote(LIMITS, level="A" if where == "view" else "B", plotting=False) as zygote:
            on = {*zygote.layers, *DESIGN_LAYERS, *(["view"] if where == "view" else [])}
            if where != "view" and not disk.can_mount():
                on.discard("disk")
            sibling = zygote.spawn()
            sibling.run_cell(SIBLING, "sibling")
            attacks = [attack for attack in attack_corpus.load() if attack.is_for_this_machine]
            found = [_record(attack, zygote, sibling, world, on) for attack in attacks]
    print(json.dumps({"layers": sorted(on - set(DESIGN_LAYERS)), "attacks": found}))


def _enter(who: str, where: str) -> str:
    if who == "root" and os.geteuid() != 0:
        return "not root"
    if who == "user" and os.geteuid() == 0 and (reason := unprivileged.become()):
        return reason
    if where == "view":
        from autograder.sandbox.confine import bubblewrap

        return bubblewrap.view((), "/tmp/trial").reason
    return ""


def _record(attack: Attack, zygote: Zygote, sibling: Child, world: World, on: set[str]) -> dict[str, Any]:
    before = _processes(zygote)
    child = zygote.spawn()
    try:
        status, kind, gained = _attempt(attack, child, world)
    finally:
        child.close()
    wrong = [f"changed {what}" for what in world.changes()]
    if gained and (not attack.layers or on & set(attack.layers)):
        wrong.append("it succeeded")
    elif not gained and (status not in attack.status or (attack.says and kind not in attack.says)):
        wrong.append(f"ended as {status} {kind}")
    if not sibling.alive or sibling.student.hello() != "alive":
        wrong.append("the sibling is dead")
    left, folders = _left_behind(zygote, before)
    if left:
        wrong.append(f"left {left} processes")
    if folders:
        wrong.append(f"left {folders} folders")
    if len(child.output) > LIMITS.output_kb << 10:
        wrong.append("too much output kept")
    return {"name": attack.name, "status": status, "kind": kind, "gained": gained, "wrong": wrong}


def _left_behind(zygote: Zygote, before: set[int]) -> tuple[int, int]:
    """Processes and folders that stay; what a submission piled up is swept away behind its back, which takes time."""
    until = time.monotonic() + TIDY_SECONDS
    while True:
        left = len(_processes(zygote) - before)
        folders = os.listdir(zygote._work_root) if os.path.isdir(zygote._work_root) else []  # a view has its own
        others = max(0, len(folders) - 1)  # the sibling has one
        if not (left or others) or time.monotonic() > until:
            return left, others
        time.sleep(0.05)


def _attempt(attack: Attack, child: Child, world: World) -> tuple[str, str, bool]:
    """How it ended, the type of the exception, and whether the attacker got anything."""
    if "wall" in attack.layers:
        child.cell_seconds = child.call_seconds = WALL_SECONDS
    outcome = child.run_cell(attack.source, attack.name)
    if outcome.status != "ok":
        return outcome.status, outcome.error.type_name if outcome.error else "", False
    student, value = child.student, None
    try:
        if student.has("attack"):
            value = student.attack(world.target(int(signal.SIGKILL)))
        if student.has("use"):
            student.use(lambda value=None: value() if isinstance(value, Handle) else None)
        if student.has("answer"):
            return "returned", "", _earns_points(student.answer(2.0, 3.0))
    except Refused as refused:
        return refused.status, "", False
    except StudentError as error:
        return "exception", error.type_name, False
    except Stopped as stopped:
        return stopped.status, "", False
    return "returned", "", bool(value)


def _earns_points(value: Any) -> bool:
    try:
        assert_matches(value, 5.0)
    except AssertionError:
        return False
    return True


def _processes(zygote: Zygote) -> set[int]:
    """All processes that descend from the zygote."""
    parents = dict(_parents(path for path in Path("/proc").iterdir() if path.name.isdigit()))
    found = {zygote._process.pid}
    while more := {pid for pid, parent in parents.items() if parent in found} - found:
        found |= more
    return found


def _parents(folders: Iterable[Path]) -> Iterable[tuple[int, int]]:
    for folder in folders:
        try:
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":  # it has ended, and its number is kept until the next submission ends
                yield int(folder.name), int(parent)
        except OSError:  # it has ended meanwhile
            continue


if __name__ == "__main__":
    main(*sys.argv[1:])
