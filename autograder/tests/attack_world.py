"""What an attack aims at: files, a process and sockets that are there to be hit, and a way to see whether they were."""

from __future__ import annotations

import os
import secrets
import select
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from autograder.sandbox import Limits

ENGINE = Path(__file__).resolve().parents[1]
LIMITS = Limits(
    cell_seconds=8, call_seconds=8, cpu_seconds=1, memory_mb=256, file_mb=8, output_kb=64, value_mb=16, callbacks=100
)


class World:
    """Targets in a folder of their own, owned by the user who grades.

    Parameters
    ----------
    folder
        Empty; readable by everybody, as a careless grader's would be.
    set_user
        A program that runs as root for everybody, if one could be made.
    """

    def __init__(self, folder: Path, set_user: str = "") -> None:
        self.folder = folder
        self.token = f"canary-{secrets.token_hex(8)}"
        self.others = folder / "other student"
        self.others.mkdir(mode=0o755)
        for name, mode in (("secret", 0o600), ("public", 0o644), ("victim", 0o666)):
            (folder / name).write_text(self.token)
            (folder / name).chmod(mode)
        (self.others / "hw04.ipynb").write_text(self.token)
        self.victim = subprocess.Popen(["sleep", "600"], env={"TOKEN": self.token}, start_new_session=True)
        self.listeners = self._listen()
        self.set_user = set_user
        self.before = self._seen()

    def _listen(self) -> dict[str, socket.socket]:
        stream, datagram = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        abstract, internet = socket.socket(socket.AF_UNIX), socket.socket()
        stream.bind(str(self.folder / "stream"))
        datagram.bind(str(self.folder / "datagram"))
        abstract.bind("\0" + self.token[::-1])
        internet.bind(("127.0.0.1", 0))
        for each in (stream, abstract, internet):
            each.listen(5)
        return {"stream": stream, "datagram": datagram, "abstract": abstract, "internet": internet}

    def target(self, signal_number: int) -> dict[str, Any]:
        """What an attack is told; real attackers would have to guess most of it."""
        return {
            "secret": str(self.folder / "secret"),
            "public": str(self.folder / "public"),
            "victim_file": str(self.folder / "victim"),
            "folder": str(self.others),
            "victim": self.victim.pid,
            "signal": signal_number,
            "stream": str(self.folder / "stream"),
            "datagram": str(self.folder / "datagram"),
            "abstract": "\0" + self.token[::-1],
            "port": self.listeners["internet"].getsockname()[1],
            "engine": str(ENGINE),
            "checkout": str(ENGINE.parent),
            "set_user": self.set_user,
            "memory_mb": LIMITS.memory_mb,
            "file_mb": LIMITS.file_mb,
            "cpu_seconds": LIMITS.cpu_seconds,
        }

    def _seen(self) -> Mapping[str, object]:
        """The state of everything that an attack could change."""
        seen: dict[str, object] = {}
        for path in sorted(self.folder.rglob("*")):
            about = path.lstat()
            seen[str(path)] = (about.st_mode, about.st_uid, about.st_nlink, about.st_mtime_ns, os.listxattr(path))
            if path.is_file():
                seen[f"{path} holds"] = path.read_bytes()
        if self.victim.poll() is None:
            seen["victim"] = (os.getpriority(os.PRIO_PROCESS, self.victim.pid), os.sched_getaffinity(self.victim.pid))
        seen["called"] = sorted(name for name, each in self.listeners.items() if select.select([each], [], [], 0)[0])
        return seen

    def changes(self) -> list[str]:
        """What is no longer as it was; empty if every attack so far missed."""
        now = self._seen()
        return sorted(key for key in self.before.keys() | now.keys() if self.before.get(key) != now.get(key))

    def close(self) -> None:
        """End and remove everything."""
        self.victim.kill()
        self.victim.wait()
        for each in self.listeners.values():
            each.close()


@contextmanager
def world(set_user: str = "") -> Iterator[World]:
    """A world for the time of a `with` statement."""
    folder = Path(tempfile.mkdtemp(prefix="attacked-"))
    folder.chmod(0o755)
    made = World(folder, set_user)
    try:
        yield made
    finally:
        made.close()
        shutil.rmtree(folder, ignore_errors=True)


def fooled(value: Any, want: float) -> bool:
    """Whether a careless check in one process with the student's code takes a value for the right one."""
    import numpy as np

    checks = (
        lambda: value == want,
        lambda: abs(value - want) <= 1e-9,
        lambda: np.allclose(value, want),
        lambda: np.testing.assert_allclose(value, want) is None,
    )
    for check in checks:
        try:
            if check():
                return True
        except Exception:
            continue
    return False
