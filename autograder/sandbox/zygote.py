"""The warm interpreter: started by exec, imports numpy and matplotlib once, forks one child per submission.

It is started as a program with one inherited descriptor and an almost empty environment, and never sees a secret:
hidden tests, references and keys stay with the grader. It serves requests one at a time and has no threads, so that
forking is safe. The package `autograder` that it makes for itself holds this folder only.
"""

from __future__ import annotations

import ctypes
import faulthandler
import fcntl
import gc
import importlib
import importlib.abc
import importlib.machinery
import importlib.util
import json
import linecache
import os
import random
import resource
import signal
import socket
import struct
import sys
import tempfile
import types
from contextlib import suppress
from typing import Any

_libc = ctypes.CDLL(None)
_SIZE = struct.Struct("<I")
_PR_SET_PDEATHSIG = 1
_TIDY_SECONDS = 0.5
_NUMPY = "linalg fft random ma polynomial testing typing"
_STANDARD = (
    "abc collections copy dataclasses enum functools inspect itertools json linecache math operator random re "
    "statistics string textwrap time traceback typing warnings"
)


def load_package() -> None:
    """Make `autograder.sandbox` importable without the folder above it: nothing else of the engine can be found."""
    for name, path in (("autograder", []), ("autograder.sandbox", [os.path.dirname(os.path.abspath(__file__))])):
        package = types.ModuleType(name)
        package.__path__ = path
        sys.modules[name] = package


def receive(control: socket.socket) -> tuple[dict[str, Any], list[int]]:
    """One request with its descriptors; raises EOFError when the other side is gone."""
    data, fds, _, _ = socket.recv_fds(control, _SIZE.size, 4)
    size = _SIZE.unpack(data)[0] if len(data) == _SIZE.size else 0
    body = bytearray()
    while len(body) < size or not size:
        more = control.recv(size - len(body)) if size else b""
        if not more:
            raise EOFError
        body += more
    return json.loads(body), fds


def send(control: socket.socket, answer: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
    """One answer, with descriptors if any."""
    body = json.dumps(answer).encode()
    socket.send_fds(control, [_SIZE.pack(len(body))], fds)
    control.sendall(body)


class PublicModules(importlib.abc.MetaPathFinder, importlib.abc.InspectLoader):
    """Finds modules that were sent as text, and packages that are folders of their own."""

    def __init__(self, sources: dict[str, str], folders: list[str]) -> None:
        self.sources = sources
        packages = [path for path in folders if os.path.isfile(os.path.join(path, "__init__.py"))]
        self.packages = {os.path.basename(path): path for path in packages}

    def find_spec(self, name: str, path: object = None, target: object = None) -> importlib.machinery.ModuleSpec | None:
        """Say where a public module comes from; leave all others to the usual finders."""
        if name in self.sources:
            return importlib.machinery.ModuleSpec(name, self, origin=f"{name}.py")
        if name in self.packages:
            folder = self.packages[name]
            init = os.path.join(folder, "__init__.py")
            return importlib.util.spec_from_file_location(name, init, submodule_search_locations=[folder])
        return None

    def get_source(self, fullname: str) -> str:
        """The text of a module."""
        return self.sources[fullname]

    def get_code(self, fullname: str) -> types.CodeType:
        """The code of a module; its lines are kept for tracebacks and `inspect`."""
        source, file = self.sources[fullname], f"{fullname}.py"
        linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
        return compile(source, file, "exec", dont_inherit=True)


def prepare(setup: dict[str, Any]) -> None:
    """Import what students use, so that each child starts with it; a public module that fails is left to the child."""
    sys.path += [path for path in setup["read_paths"] if os.path.isdir(path)]
    finder = PublicModules(setup["modules"], setup["read_paths"])
    sys.meta_path.insert(0, finder)
    for name in (*_STANDARD.split(), *(f"numpy.{name}" for name in _NUMPY.split())):
        importlib.import_module(name)
    np = importlib.import_module("numpy")
    np.linalg.svd(np.ones((8, 8)) @ np.ones((8, 8)))  # BLAS and LAPACK set themselves up at the first use
    if setup["plotting"]:
        with tempfile.TemporaryDirectory(dir=setup["work_root"], prefix="plots-") as folder:
            os.environ["MPLCONFIGDIR"] = folder
            for name, text in setup["font_lists"].items():
                with open(os.path.join(folder, name), "w", encoding="utf-8") as file:
                    file.write(text)
            importlib.import_module("matplotlib").use("Agg")
            importlib.import_module("matplotlib.pyplot")
    for name in (*finder.packages, *finder.sources):
        with suppress(Exception):
            importlib.import_module(name)
    sys.dont_write_bytecode = True


class Zygote:
    """Serves requests: spawn a child, reap one."""

    def __init__(self, control: socket.socket, work_root: str, child: Any, confine: Any) -> None:
        self.control, self.work_root = control, work_root
        self.child, self.confine = child, confine
        self.folders: dict[int, str] = {}
        self.sweepers: list[int] = []

    def serve(self) -> None:
        """Answer requests until the other side closes; then leave nothing behind."""
        while True:
            try:
                request, fds = receive(self.control)
            except (EOFError, OSError):
                for pid in list(self.folders):
                    self.reap(pid)
                with suppress(OSError):
                    os.rmdir(self.work_root)
                return
            if request["verb"] == "spawn":
                self.spawn(request["plan"], fds)
            else:
                send(self.control, self.reap(request["pid"]))

    def spawn(self, plan: dict[str, Any], fds: list[int]) -> None:
        """Fork a child with a folder of its own; the answer carries a descriptor by which it can be killed."""
        folder = tempfile.mkdtemp(dir=self.work_root, prefix="student-")
        if plan["uid"] is not None:
            os.chown(folder, plan["uid"], plan["uid"])
        plan["work_dir"] = folder
        pid = os.fork()
        if pid == 0:
            self.control.close()
            run_child(plan, fds, self.child, self.confine)
        self.folders[pid] = folder
        for fd in fds:
            os.close(fd)
        pidfd = os.pidfd_open(pid)
        send(self.control, {"pid": pid}, (pidfd,))
        os.close(pidfd)

    def reap(self, pid: int) -> dict[str, Any]:
        """End a child and all that it may have started, remove its folder, and say how it ended."""
        for end in (os.kill, os.killpg):
            with suppress(OSError):
                end(pid, signal.SIGKILL)
        _, status, usage = os.wait4(pid, 0)
        folder = self.folders.pop(pid)
        if not self.confine.remove_folder(folder, _TIDY_SECONDS):
            self.sweep(folder)
        self.sweepers = [each for each in self.sweepers if os.waitpid(each, os.WNOHANG) == (0, 0)]
        return {"status": status, "cpu_seconds": usage.ru_utime + usage.ru_stime, "max_rss_kb": usage.ru_maxrss}

    def sweep(self, folder: str) -> None:
        """Leave a folder with more files than can be removed in a moment to a process of its own: nobody waits."""
        pid = os.fork()
        if pid == 0:
            self.control.close()
            try:
                self.confine.remove_folder(folder)
            finally:
                os._exit(0)
        self.sweepers.append(pid)


def run_child(plan: dict[str, Any], fds: list[int], child: Any, confine: Any) -> None:
    """Everything between fork and the first student byte; never returns."""
    code = 1
    try:
        os.setsid()
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        connection = take_descriptors(fds)
        folder = plan["work_dir"]
        os.environ.update({"TMPDIR": folder, "MPLCONFIGDIR": folder, "HOME": folder})
        confine.apply(plan)
        os.chdir(folder)
        tempfile.tempdir = None
        random.seed(plan["seed"])  # all forks would else start alike, or differ from run to run
        child.np.random.seed(plan["seed"] % (1 << 32))
        server = child.Server(connection, plan["value_bytes"])
        gc.enable()
        connection.sendall(child.READY)
        with suppress(child.GoneError):
            server.serve()
        code = 0
    except MemoryError:
        code = child.NO_MEMORY_EXIT
    except BaseException as error:
        with suppress(BaseException):
            os.write(2, f"{type(error).__name__}: {error}\n".encode())
    finally:
        os._exit(code)


def make_streams() -> None:
    """Make the standard streams once; a child only puts its own descriptors behind them."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        stream = open(number, "w" if number else "r", encoding="utf-8", errors="backslashreplace", closefd=False)  # noqa: SIM115
        setattr(sys, name, stream)
        setattr(sys, f"__{name}__", stream)


def take_descriptors(fds: list[int]) -> socket.socket:
    """Keep the call socket, the output pipe as 1 and 2, the trace pipe for last words; close the rest."""
    call, output, trace = (fcntl.fcntl(fd, fcntl.F_DUPFD, 64) for fd in fds)
    for source, target in ((output, 1), (output, 2), (call, 3), (trace, 4)):
        os.dup2(source, target, inheritable=False)
    os.closerange(5, min(resource.getrlimit(resource.RLIMIT_NOFILE)[0], 1 << 16))
    faulthandler.enable(file=4, all_threads=False)
    faulthandler.register(signal.SIGUSR1, file=4, all_threads=False)
    return socket.socket(fileno=3)


def main() -> None:
    """Set up, say so, serve."""
    control = socket.socket(fileno=int(sys.argv[1]))
    setup, _ = receive(control)
    load_package()
    from autograder.sandbox import child, confine

    confine.harden_self()
    prepare(setup)
    confine.warm(setup["read_paths"])
    make_streams()
    sys.argv = [""]
    for name in [name for name in sys.modules if name.split(".")[0] == "autograder"]:
        del sys.modules[name]  # what is needed is held by reference; a student finds no such package
    gc.collect()
    gc.disable()
    gc.freeze()
    send(control, {"ready": sys.version_info[:3]})
    Zygote(control, setup["work_root"], child, confine).serve()


if __name__ == "__main__":
    main()
