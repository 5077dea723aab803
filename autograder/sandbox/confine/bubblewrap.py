"""A view of the machine in which hidden files do not exist: namespaces, made once per zygote by bubblewrap.

Bubblewrap is optional. Whether it works is found by trying, because some systems (Ubuntu 24.04 with AppArmor) let the
first step succeed and refuse the rest.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import PurePosixPath

from . import landlock

_TMPFS_BYTES = 256 << 20
_DEVICES = ("/dev/null", "/dev/urandom")
_SANDBOX = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
_NAMESPACES = ("--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--unshare-cgroup-try")
# A real root keeps its user, so that each child can leave for a uid of its own; of its powers only these are left.
_ROOT_CAPABILITIES = ("SYS_ADMIN", "SETUID", "SETGID", "CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL")
_DRY_RUN = "import os; os.mkdir('{root}/dry-run'); print('ok')"


@dataclass(frozen=True)
class View:
    """What came of trying bubblewrap."""

    command: tuple[str, ...]  # empty if it does not work
    reason: str  # "" if it works, else what bubblewrap said


@lru_cache(maxsize=8)
def view(read_paths: tuple[str, ...] = (), work_root: str = "/tmp") -> View:
    """Make the command and try it, once per process.

    Where a process file system cannot be mounted (some containers), the view does without.

    Parameters
    ----------
    read_paths, work_root
        As for `confine.launcher`.
    """
    program = shutil.which("bwrap", path="/usr/bin:/bin:/usr/local/bin:" + os.environ.get("PATH", ""))
    if program is None or not sys.platform.startswith("linux"):
        return View((), "bubblewrap is not installed")
    reason = ""
    for proc in (["--proc", "/proc"], []):
        command = [program, *_privileges(), *_NAMESPACES, *proc, *_files(read_paths, work_root), "--"]
        reason = _try(command, work_root)
        if not reason:
            return View(tuple(command), "")
    return View((), reason)


def _privileges() -> list[str]:
    """The user and powers in the view; mounting is kept for the zygote, to give each child a disk of its own."""
    session = ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    if os.geteuid() == 0:
        return session + [word for name in _ROOT_CAPABILITIES for word in ("--cap-add", f"CAP_{name}")]
    return ["--unshare-user", "--disable-userns", *session, "--cap-add", "CAP_SYS_ADMIN"]


def _files(read_paths: Iterable[str], work_root: str) -> list[str]:
    """The work folder, and read-only what a child needs, with the links that lead there."""
    work = os.path.realpath(work_root)
    shown = [*landlock.interpreter_paths(), _SANDBOX, os.path.realpath(sys.executable), *read_paths]
    bound = [path for path in landlock.without_nested(filter(os.path.exists, shown)) if not path.startswith("/dev/")]
    # Bubblewrap would make the folders above a private file unreadable for a child's own uid.
    above = _ancestors([*bound, work, *_DEVICES])
    words = [word for folder in above for word in ("--perms", "0755", "--dir", folder)]
    words += ["--size", str(_TMPFS_BYTES), "--tmpfs", work, "--chdir", "/"]
    words += [word for path in bound for word in ("--ro-bind", path, path)]
    names = (*landlock.SYSTEM_PATHS, sys.executable, sys.prefix, _SANDBOX, *read_paths)
    for link, target in dict(pair for name in names for pair in _links(name)).items():
        words += ["--symlink", target, link]
    return words + [word for device in _DEVICES for word in ("--dev-bind", device, device)]


def _ancestors(paths: Iterable[str]) -> list[str]:
    """The folders above the given absolute paths, outermost first."""
    above = {str(folder) for path in paths for folder in PurePosixPath(path).parents}
    return sorted(above - {"/"})


def _links(path: str) -> Iterator[tuple[str, str]]:
    """Every symbolic link on the way to a path, with what it says."""
    walked = ""
    for part in os.path.abspath(path).strip("/").split("/"):
        walked = f"{walked}/{part}"
        if os.path.islink(walked):
            target = os.readlink(walked)
            yield walked, target
            walked = os.path.normpath(os.path.join(os.path.dirname(walked), target))
            yield from _links(walked)


def _try(command: Sequence[str], work_root: str) -> str:
    """Start an interpreter in the view; "" if it ran and could write where it should, else what went wrong."""
    probe = _DRY_RUN.format(root=os.path.realpath(work_root))
    try:
        done = subprocess.run(
            [*command, sys.executable, "-I", "-S", "-c", probe],
            capture_output=True,
            text=True,
            timeout=20,
            env={},
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return str(error)
    if done.returncode == 0 and done.stdout.strip() == "ok":
        return ""
    lines = done.stderr.strip().splitlines()
    return lines[-1] if lines else f"bubblewrap ended with status {done.returncode}"
