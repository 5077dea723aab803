"""What a child process gives up before it reads a student's first byte; standard library only, usable in the zygote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from . import disk, kernel, landlock, rlimits, seccomp, user
from .disk import remove as remove_folder
from .kernel import harden_self
from .levels import LAYERS, available_layers

__all__ = ["LAYERS", "apply", "available_layers", "harden_self", "launcher", "remove_folder", "warm"]


def launcher(read_paths: Sequence[str], work_root: str) -> list[str]:
    """The words to put before the zygote's command line: bubblewrap and its view, or nothing where it does not work.

    Parameters
    ----------
    read_paths
        Files and folders that students may read, beside the interpreter's own.
    work_root
        Where children's work folders are made: an empty memory file system in the view.
    """
    from .bubblewrap import view  # the zygote itself never needs what this imports

    return list(view(tuple(str(path) for path in read_paths), str(work_root)).command)


def warm(read_paths: Sequence[str] = ()) -> None:
    """Work out in the zygote what is the same for every child, so that no child pays for it (2 ms).

    Parameters
    ----------
    read_paths
        As they will stand in the plans.
    """
    landlock.abi()
    landlock.readable(read_paths)
    user.reachable_by_others(tuple(read_paths))
    if seccomp.supported():
        seccomp.program(kernel.machine(), 1)


def apply(plan: Mapping[str, Any]) -> None:
    """Confine this process for good. Called in the forked child, once.

    Parameters
    ----------
    plan
        `memory_bytes`, `cpu_seconds`, `file_bytes` (size of one file), `work_dir` (the only writable folder),
        `read_paths` (readable files and folders beside the interpreter's own), `uid` (an unused uid for this child when
        the zygote is root, else None), `layers` (names out of `LAYERS`; "disk" counts only where mounting works).
        Optional: `disk_bytes` and `disk_files` (all files of the work folder together).

    Raises
    ------
    OSError
        If the kernel refuses a layer that was asked for; the child must then end without running anything.
    """
    layers, work_dir = plan["layers"], str(plan["work_dir"])
    uid = plan.get("uid") if "uid" in layers else None
    if "disk" in layers:
        disk.mount(work_dir, uid, plan.get("disk_bytes", 64 << 20), plan.get("disk_files", 256))
    # The rules name folders that the new user may be unable to reach, so they are made before the user changes.
    rules = landlock.ruleset(plan["read_paths"], work_dir) if "landlock" in layers else None
    if "rlimits" in layers:
        rlimits.apply(plan["memory_bytes"], plan["cpu_seconds"], plan["file_bytes"])
    if "uid" in layers:
        user.drop(uid, plan["read_paths"])
    kernel.harden_self()
    kernel.die_with_parent()
    if "no_new_privs" in layers or rules is not None or "seccomp" in layers:
        kernel.no_new_privs()
    if rules is not None:
        landlock.restrict(rules)
    if "seccomp" in layers:
        seccomp.install()


warm()
