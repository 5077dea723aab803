"""The trusted side of the zygote: start it, ask it for children, notice when it is gone."""

from __future__ import annotations

import json
import os
import socket
import struct
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Any

from autograder.sandbox import clock, confine, wire
from autograder.sandbox.channel import Channel, FatalError
from autograder.sandbox.client import Child
from autograder.sandbox.confine.levels import available_layers, observed_level
from autograder.sandbox.ending import Ending
from autograder.sandbox.errors import ZygoteError
from autograder.sandbox.limits import Isolation, Limits

_SIZE = struct.Struct("<I")
_PROGRAM = Path(__file__).with_name("zygote.py")
_BOOT_SECONDS, _SPAWN_SECONDS = 60.0, 20.0
_THREADS = ("OPENBLAS", "OMP", "MKL", "NUMEXPR")
_ENVIRONMENT = {f"{name}_NUM_THREADS": "1" for name in _THREADS} | {"VECLIB_MAXIMUM_THREADS": "1", "LC_ALL": "C.UTF-8"}
_FIRST_UID, _UIDS = 60578, 600  # between the ranges that systemd uses, below 65536 for the sake of containers


class Zygote:
    """A warm interpreter from which student processes are forked.

    Parameters
    ----------
    limits
        What each child may use.
    read_paths
        Folders that students may read. One that is a package (the course kit) can be imported by its name, modules in
        the others by theirs.
    modules
        Sources of further public modules, by name.
    level
        The isolation level to keep; by default the strongest that this machine was seen to have.
    plotting
        Whether to import matplotlib, which takes most of the start.
    layers
        For tests of the layers themselves: exactly these, whatever the level says.

    Raises
    ------
    ZygoteError
        If it does not start.
    """

    def __init__(
        self,
        limits: Limits | None = None,
        read_paths: Sequence[Path] = (),
        modules: Mapping[str, str] | None = None,
        level: str | None = None,
        *,
        plotting: bool = True,
        layers: Sequence[str] | None = None,
    ) -> None:
        if not sys.platform.startswith("linux"):
            raise ZygoteError("student processes need Linux. Use a container, a virtual machine or WSL2.")
        self.limits = limits if limits is not None else Limits()
        self.isolation = Isolation(level if level is not None else observed_level())
        self.layers = tuple(layers) if layers is not None else layers_of(self.isolation)
        self._read_paths = [str(Path(path).resolve()) for path in read_paths]
        self._modules = dict(modules or {})
        self._plotting = plotting
        self._spawned = 0
        self._children: list[Child] = []
        if len(self.layers) > 1:
            confine.harden_self()
        self._start()

    def _start(self) -> None:
        self._work_root = tempfile.mkdtemp(prefix="autograder-")
        os.chmod(self._work_root, 0o711)  # children of another uid pass through to their own folder
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        command = [*self._launcher(), sys.executable, "-I", "-B", str(_PROGRAM), str(theirs.fileno())]
        self._control = ours
        self._process = subprocess.Popen(
            command,
            env=_ENVIRONMENT,
            cwd="/",
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            pass_fds=(theirs.fileno(),),
            start_new_session=True,
        )
        theirs.close()
        setup = {
            "read_paths": self._read_paths,
            "modules": self._modules,
            "work_root": self._work_root,
            "plotting": self._plotting,
            "font_lists": _font_lists() if self._plotting else {},
        }
        try:
            self._ask(setup, (), _BOOT_SECONDS)
        except BaseException:
            self.close()
            raise
        if self.isolation == Isolation.A:  # its view has a folder of this name of its own
            confine.remove_folder(self._work_root)

    def _launcher(self) -> list[str]:
        if self.isolation != Isolation.A:
            return []
        words = confine.launcher(self._read_paths, self._work_root)
        if not words:
            raise ZygoteError("isolation level A needs bubblewrap, which does not work here. See: ./course doctor")
        return words

    def spawn(self, seed: int = 0) -> Child:
        """Fork a child; a zygote that has died is started again first.

        Parameters
        ----------
        seed
            Where the global generators of `random` and `np.random` start.

        Raises
        ------
        ZygoteError
            If no child comes of it.
        """
        if self._process.poll() is not None:
            self.close()
            self._start()
        call, their_call = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        output, their_output = os.pipe()
        trace, their_trace = os.pipe()
        theirs = (their_call.fileno(), their_output, their_trace)
        try:
            answer, pidfd = self._ask({"verb": "spawn", "plan": self._plan(seed)}, theirs, _SPAWN_SECONDS)
        except BaseException:
            call.close()
            os.close(output)
            os.close(trace)
            raise
        finally:
            their_call.close()
            os.close(their_output)
            os.close(their_trace)
        size = self.limits.value_mb << 20
        channel = Channel(call, output, trace, size + (1 << 20), self.limits.output_kb << 10)
        child = Child(channel, pidfd, lambda: self._reap(answer["pid"]), self.limits)
        self._greet(channel, child)
        self._children = [each for each in self._children if each.alive] + [child]
        return child

    def _greet(self, channel: Channel, child: Child) -> None:
        """Wait for the child to say that it is shut in; a failure here is the machine's, not a student's."""
        try:
            body = channel.receive(clock.now() + _SPAWN_SECONDS)
            ready = wire.decode(body, lambda reference: None, wire.Caps()) == ("ready", 0)
        except (FatalError, wire.WireError):
            ready = False
        if not ready:
            said = child.output
            child.close()
            raise ZygoteError(f"a student process could not be started. It said: {said.strip()[:500]!r}")

    def _plan(self, seed: int) -> dict[str, Any]:
        self._spawned += 1
        slot = (os.getpid() * 61 + self._spawned) % _UIDS
        return {
            "memory_bytes": self.limits.memory_mb << 20,
            "cpu_seconds": self.limits.cpu_seconds,
            "file_bytes": self.limits.file_mb << 20,
            "disk_bytes": self.limits.file_mb << 22,
            "read_paths": self._read_paths,
            "uid": _FIRST_UID + slot if "uid" in self.layers and os.geteuid() == 0 else None,
            "layers": self.layers,
            "seed": seed,
            "value_bytes": self.limits.value_mb << 20,
        }

    def _reap(self, pid: int) -> Ending:
        answer, _ = self._ask({"verb": "reap", "pid": pid}, (), _SPAWN_SECONDS)
        return Ending(answer["status"], answer["cpu_seconds"], answer["max_rss_kb"])

    def _ask(self, request: Mapping[str, Any], fds: Sequence[int], seconds: float) -> tuple[dict[str, Any], int]:
        """One request to the zygote, which is trusted: what fails here is the machinery."""
        body = json.dumps(request).encode()
        self._control.settimeout(seconds)
        try:
            socket.send_fds(self._control, [_SIZE.pack(len(body))], fds)
            self._control.sendall(body)
            data, got, _, _ = socket.recv_fds(self._control, _SIZE.size, 1)
            size = _SIZE.unpack(data)[0] if len(data) == _SIZE.size else 0
            text = bytearray()
            while len(text) < size:
                text += self._control.recv(size - len(text)) or _gone()
            return json.loads(text or _gone()), got[0] if got else -1
        except (OSError, ValueError) as error:
            self._process.kill()  # whatever it would still answer belongs to another question
            raise ZygoteError(f"the zygote does not answer ({error or type(error).__name__})") from error

    def close(self) -> None:
        """End the zygote and every child of it, and remove their folders."""
        for child in self._children:
            with suppress(ZygoteError):
                child.close()
        self._children = []
        self._control.close()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        confine.remove_folder(self._work_root)

    def __enter__(self) -> Zygote:
        """Itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Close it."""
        self.close()


def _gone() -> bytes:
    raise OSError("it has ended")


def _font_lists() -> dict[str, str]:
    """The grader's own lists of fonts: to search a machine's fonts anew takes matplotlib up to seconds."""
    try:
        cache = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser())
        folder = Path(os.environ.get("MPLCONFIGDIR") or cache / "matplotlib")
        return {path.name: path.read_text(encoding="utf-8") for path in folder.glob("fontlist-*.json")}
    except (OSError, ValueError, RuntimeError):  # no home, or not readable
        return {}


def layers_of(level: Isolation) -> tuple[str, ...]:
    """The layers of this machine that a level calls for."""
    wanted = {Isolation.NONE: {"rlimits"}, Isolation.C: set(available_layers()) - {"landlock"}}
    return tuple(layer for layer in available_layers() if layer in wanted.get(level, set(available_layers())))
