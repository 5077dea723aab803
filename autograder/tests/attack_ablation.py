"""Run each attack without the layers that stop it: it must succeed, or its test proves nothing.

A program of its own, started by the test with "root" or "user". Here is no zygote and no codec: a fork that confines
itself with all layers but those in question. Attacks on checks in one process are tried against just such a check.
Everything aimed at is sacrificial: signals have number 0 except for the victim, and there is one fork at most.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import traceback
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from autograder.sandbox import confine
from autograder.sandbox.confine import disk, kernel
from autograder.tests import attack_corpus, attack_world, unprivileged
from autograder.tests.attack_corpus import KERNEL_LAYERS, Attack
from autograder.tests.attack_world import LIMITS, fooled


def main(who: str) -> None:
    """Print one record per attack that a layer stops: name, layers turned off, whether it succeeded.

    Root's part is a process of its own, because the set-user program can be made and removed by root only.
    """
    with tempfile.TemporaryDirectory(prefix="set-user-") as folder:
        set_user = _set_user_program(Path(folder))
        child = os.fork()
        if child == 0:
            code = 1
            try:
                print(json.dumps(_records(who, set_user)), flush=True)
                code = 0
            finally:
                os._exit(code)
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))


def _records(who: str, set_user: str) -> dict[str, Any]:
    reason = _enter(who)
    if reason:
        return {"not offered": reason}
    attacks = [attack for attack in attack_corpus.load() if attack.is_for_this_machine and attack.ablate == who]
    return {"attacks": [_record(attack, set_user) for attack in attacks if _can_be_tried(attack, set_user)]}


def _enter(who: str) -> str:
    if who == "root":
        return "" if disk.can_mount() else "not root, or a root without the right to mount"
    return unprivileged.become() if os.geteuid() == 0 else ""


def _set_user_program(folder: Path) -> str:
    """A copy of `id` that runs as root for everybody; "" if this machine does not allow one."""
    program = shutil.which("id")
    if os.geteuid() != 0 or program is None or os.statvfs(folder).f_flag & os.ST_NOSUID:
        return ""
    folder.chmod(0o755)
    copy = folder / "id"
    shutil.copy(program, copy)
    copy.chmod(0o4755)
    return str(copy)


def _can_be_tried(attack: Attack, set_user: str) -> bool:
    if "no_new_privs" in attack.layers and not set_user:
        return False
    return "process" in attack.layers or bool(attack.kernel_layers)


def _record(attack: Attack, set_user: str) -> dict[str, Any]:
    """Fork, confine, attack; the world is new each time, because the attack is expected to hit it."""
    off = () if "process" in attack.layers else (*attack.kernel_layers, *attack.also)
    with attack_world.world(set_user) as world, tempfile.TemporaryDirectory(prefix="work-") as work:
        receive, send = os.pipe()
        child = os.fork()
        if child == 0:
            try:
                os.write(send, b"succeeded" if _attack(attack, world.target(0), work, off) else b"returned nothing")
            except BaseException:
                os.write(send, traceback.format_exc(limit=-1).encode())
            finally:
                os._exit(0)  # whatever the attack has done to this interpreter
        os.close(send)
        with os.fdopen(receive, "rb") as file:
            said = file.read().decode()
        os.waitpid(child, 0)
        succeeded = said == "succeeded" or (Path(work) / "evidence").exists()
        return {"name": attack.name, "off": off, "succeeded": succeeded, "said": said, "changed": world.changes()}


def _attack(attack: Attack, target: dict[str, Any], work: str, off: Sequence[str]) -> bool:
    """What happens in the fork: all layers but `off`, then the attack as the grader would call it."""
    layers = [layer for layer in KERNEL_LAYERS[:-1] if layer not in off and layer != "disk"]
    if "process" in attack.layers:
        layers = []
    plan = {
        "memory_bytes": LIMITS.memory_mb << 20,
        "cpu_seconds": LIMITS.cpu_seconds,
        "file_bytes": LIMITS.file_mb << 20,
        "work_dir": work,
        "read_paths": (),
        "uid": unprivileged.UID if os.geteuid() == 0 and "uid" in layers else None,
        "layers": tuple(layer for layer in layers if layer in confine.available_layers()),
    }
    os.chdir("/")
    if disk.can_mount():
        kernel.private_mounts()  # what an attack mounts goes with it
    confine.apply(plan)
    os.chdir(work)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    exec(compile(attack.source, attack.name, "exec"), namespace)
    if "process" in attack.layers:
        return fooled(namespace["answer"](2.0, 3.0), 5.0)
    return bool(namespace["attack"](target))


if __name__ == "__main__":
    main(*sys.argv[1:])
