"""Started by `doctor` as a program: confine throw-away children as asked, let each try what an attack would try.

Standard library only, and no import of anything outside this folder, so that it runs in the view as the zygote does.
Every attempt is harmless where it succeeds: signal 0, a file of doctor's own, one process that ends at once.
"""

from __future__ import annotations

import ctypes
import importlib
import json
import mmap
import os
import signal
import socket
import sys
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

MEMORY, FILE_BYTES, DISK_FILES = 256 << 20, 1 << 20, 64
_PTRACE_SEIZE, _PR_GET_NO_NEW_PRIVS = 0x4206, 39
_INT_0X80 = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20 (getpid); int 0x80; ret

Attempt = Callable[[Mapping[str, Any]], object]
_libc = ctypes.CDLL(None, use_errno=True)


def _refused(result: int) -> int:
    if result < 0:
        raise OSError(ctypes.get_errno(), "refused")
    return result


def _fork(_: Mapping[str, Any]) -> None:
    if os.fork() == 0:
        os._exit(0)
    os.wait()


def _many_files(_: Mapping[str, Any]) -> None:
    for number in range(2 * DISK_FILES):
        with open(f"file-{number}", "wb"):
            pass


def _big_file(_: Mapping[str, Any]) -> None:
    with open("big", "wb") as file:
        file.seek(FILE_BYTES)
        file.write(b"x")


def _privileges(_: Mapping[str, Any]) -> None:
    if _refused(_libc.prctl(_PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)) == 1:
        raise OSError("given up")


ATTEMPTS: dict[str, Attempt] = {
    "open_private": lambda on: Path(on["private"]).read_bytes(),
    "open_public": lambda on: Path(on["public"]).read_bytes(),
    "stat": lambda on: os.stat(on["private"]),
    "write_outside": lambda on: Path(on["folder"], "new").write_bytes(b""),
    "chmod": lambda on: os.chmod(on["private"], 0o600),
    "signal": lambda on: os.kill(on["grader"], 0),
    "ptrace": lambda on: _refused(_libc.ptrace(_PTRACE_SEIZE, on["grader"], None, None)),
    "grader_proc": lambda on: Path(f"/proc/{on['grader']}/environ").read_bytes(),
    "fork": _fork,
    "socket": lambda on: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).close(),
    "memfd": lambda on: os.memfd_create("probe"),
    "privileges": _privileges,
    "memory": lambda on: mmap.mmap(-1, 2 * MEMORY).close(),
    "file_size": _big_file,
    "disk": _many_files,
}


def _attempt_all(on: Mapping[str, Any]) -> dict[str, bool]:
    """Probe name to whether the machine stopped it."""
    stopped = {}
    for name, attempt in ATTEMPTS.items():
        try:
            attempt(on)
            stopped[name] = False
        except (OSError, MemoryError):
            stopped[name] = True
    return stopped


def _foreign_call() -> None:
    """Make a system call as a 32-bit program would; the filter must end the process for it."""
    code = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    code.write(_INT_0X80)
    ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()


def _child(confine: Any, on: Mapping[str, Any], layers: list[str], work: str, pipe: int) -> None:
    plan = {
        "memory_bytes": MEMORY,
        "cpu_seconds": 5,
        "file_bytes": FILE_BYTES,
        "work_dir": work,
        "read_paths": (),
        "uid": on["uid"],
        "layers": tuple(layers),
        "disk_bytes": 4 << 20,
        "disk_files": DISK_FILES,
    }
    os.chdir("/")
    confine.apply(plan)
    os.chdir(work)
    os.write(pipe, json.dumps(_attempt_all(on)).encode())
    if confine.kernel.machine() == "x86_64":
        _foreign_call()
        os._exit(1)
    os._exit(0)


def run(confine: Any, on: Mapping[str, Any], layers: list[str]) -> dict[str, Any]:
    """Let one child try everything.

    Returns
    -------
    dict
        Probe name to whether it was stopped, or {"error": text} if the child could not even be confined.
    """
    work = tempfile.mkdtemp(dir=on["work_root"])
    if on["uid"] is not None and "uid" in layers:
        os.chown(work, on["uid"], on["uid"])
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            _child(confine, on, layers, work, send)
        except BaseException as error:
            os.write(send, json.dumps({"error": f"{type(error).__name__}: {error}"}).encode())
        finally:
            os._exit(1)
    os.close(send)
    with os.fdopen(receive, "rb") as file:
        text = file.read()
    _, status = os.waitpid(child, 0)
    found: dict[str, Any] = json.loads(text) if text else {"error": f"the child ended with status {status}"}
    found["foreign_call"] = not os.WIFEXITED(status) or os.WEXITSTATUS(status) == 0
    return found


def main() -> None:
    """Read the request, run one child per set of layers, print what each found."""
    sys.path.insert(0, str(Path(__file__).resolve().parents[1]))
    confine = importlib.import_module("confine")  # the folder of this file
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    request = json.loads(sys.argv[1])
    print(json.dumps([run(confine, request, layers) for layers in request["sets"]]))


if __name__ == "__main__":
    main()
