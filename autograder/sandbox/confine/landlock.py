"""Landlock: which files a child may open, asked of the kernel without any privilege.

The rules name what is allowed; all else is refused. What Landlock does not look at (stat, chmod, owner, times,
datagram sockets) is the seccomp filter's task, or the mount view's.
"""

from __future__ import annotations

import ctypes
import os
import site
import stat
import sys
import sysconfig
from collections.abc import Iterable
from functools import lru_cache

from . import kernel

# The same numbers on every processor.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_VERSION_FLAG = 1
_PATH_BENEATH = 1

WRITE_FILE, READ_FILE, READ_DIR = 1 << 1, 1 << 2, 1 << 3
REMOVE_DIR, REMOVE_FILE = 1 << 4, 1 << 5
MAKE_DIR, MAKE_REG = 1 << 7, 1 << 8
REFER, TRUNCATE = 1 << 13, 1 << 14
_RIGHTS_BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}
_TCP_BIND_CONNECT = 3  # ABI 4
_SCOPE_SOCKETS_SIGNALS = 3  # ABI 6

_READ = READ_FILE | READ_DIR
# No links, pipes, sockets or devices: the trusted side must never meet one.
_WORK = _READ | WRITE_FILE | REMOVE_DIR | REMOVE_FILE | MAKE_DIR | MAKE_REG | REFER | TRUNCATE
_OF_A_FILE = READ_FILE | WRITE_FILE | TRUNCATE

SYSTEM_PATHS = (
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/local/lib",
    "/etc/ld.so.cache",
    "/etc/localtime",
    "/etc/fonts",
    "/usr/share/fonts",
    "/usr/local/share/fonts",
    "/usr/share/zoneinfo",
    "/dev/urandom",
)


class _RulesetAttr(ctypes.Structure):
    _fields_ = (("fs", ctypes.c_uint64), ("net", ctypes.c_uint64), ("scoped", ctypes.c_uint64))


class _PathBeneath(ctypes.Structure):
    _pack_ = 1
    _layout_ = "ms"
    _fields_ = (("allowed", ctypes.c_uint64), ("parent_fd", ctypes.c_int32))


@lru_cache(maxsize=1)
def abi() -> int:
    """The kernel's Landlock version; 0 where it is missing or switched off."""
    if not sys.platform.startswith("linux"):
        return 0
    try:
        return kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, None, 0, _VERSION_FLAG)
    except OSError:
        return 0


@lru_cache(maxsize=1)
def interpreter_paths() -> tuple[str, ...]:
    """Where this interpreter's own files lie: standard library, packages, shared libraries, fonts, time zones.

    A checkout can lie below a prefix (`pip install -e`, a virtual environment of the checkout), so that only the
    library folders are named, never the prefix itself.
    """
    names = ("stdlib", "platstdlib", "purelib", "platlib")
    found = [sysconfig.get_path(name) for name in names]
    found += [os.path.join(prefix, "lib") for prefix in (sys.base_prefix, sys.base_exec_prefix)]
    found += [os.path.join(sys.prefix, "pyvenv.cfg"), *site.getsitepackages(), *SYSTEM_PATHS]
    return without_nested(path for path in found if os.path.exists(path))


def without_nested(paths: Iterable[str]) -> tuple[str, ...]:
    """Drop what lies below another path: each rule costs the kernel some 60 microseconds."""
    return _without_nested(tuple(paths))


@lru_cache(maxsize=8)
def _without_nested(paths: tuple[str, ...]) -> tuple[str, ...]:
    kept: list[str] = []
    for path in sorted({os.path.realpath(path) for path in paths}):
        if not any(path == folder or path.startswith(folder.rstrip("/") + "/") for folder in kept):
            kept.append(path)
    return tuple(kept)


def readable(read_paths: Iterable[str]) -> tuple[str, ...]:
    """All that a child may read: the interpreter's files and the caller's."""
    return without_nested([*interpreter_paths(), *(str(path) for path in read_paths)])


def ruleset(read_paths: Iterable[str], work_dir: str) -> int:
    """Make the rules: interpreter and `read_paths` readable, `work_dir` and /dev/null writable.

    Returns
    -------
    int
        A descriptor for `restrict`.

    Raises
    ------
    OSError
        If the kernel has no Landlock, or `work_dir` is not there.
    """
    version = abi()
    if not version:
        raise OSError("landlock: this kernel has none. Run ./course doctor for what to do.")
    handled = _RIGHTS_BY_ABI[max(known for known in _RIGHTS_BY_ABI if known <= version)]
    attributes = _RulesetAttr(
        handled, _TCP_BIND_CONNECT if version >= 4 else 0, _SCOPE_SOCKETS_SIGNALS if version >= 6 else 0
    )
    size = 8 if version < 4 else 16 if version < 6 else 24
    rules = kernel.syscall("landlock_create_ruleset", _CREATE_RULESET, ctypes.byref(attributes), size, 0)
    for path in readable(read_paths):
        _allow(rules, path, _READ & handled)
    _allow(rules, "/dev/null", (READ_FILE | WRITE_FILE | TRUNCATE) & handled)
    if not _allow(rules, work_dir, _WORK & handled):
        raise OSError(f"landlock: the work folder {work_dir} is not there")
    return rules


def _allow(rules: int, path: str, rights: int) -> bool:
    """Add one path to the rules; false if it does not exist (a font folder that this machine lacks)."""
    try:
        parent = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        if not stat.S_ISDIR(os.fstat(parent).st_mode):
            rights &= _OF_A_FILE
        rule = _PathBeneath(rights, parent)
        kernel.syscall("landlock_add_rule", _ADD_RULE, rules, _PATH_BENEATH, ctypes.byref(rule), 0)
    finally:
        os.close(parent)
    return True


def restrict(rules: int) -> None:
    """Put this process under the rules for good and close their descriptor."""
    try:
        kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, rules, 0)
    finally:
        os.close(rules)
