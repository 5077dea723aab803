"""The filter on system calls, run in a simulator of the kernel's filter language, for both processors."""

from __future__ import annotations

import ctypes
import ctypes.util
import errno
import struct

import pytest

from autograder.sandbox.confine import seccomp, tables

ALLOW, KILL, REFUSE, UNKNOWN = 0x7FFF0000, 0x80000000, 0x50000 | errno.EPERM, 0x50000 | errno.ENOSYS
MACHINES = sorted(tables.ARCHITECTURES)
PID = 4711


def simulate(code: bytes, number: int, arguments: tuple[int, ...] = (), architecture: int = 0) -> int:
    """Run a filter as the kernel would; only the instructions that filters here use."""
    data = struct.pack(
        "<iIQ6Q", number - (1 << 32 if number >> 31 else 0), architecture, 0, *arguments, *[0] * (6 - len(arguments))
    )
    program = list(struct.iter_unpack("<HBBI", code))
    place = accumulator = 0
    while True:
        operation, if_true, if_false, value = program[place]
        place += 1
        if operation == 0x20:
            accumulator = struct.unpack_from("<I", data, value)[0]
        elif operation == 0x54:
            accumulator &= value
        elif operation == 0x05:
            place += value
        elif operation == 0x15:
            place += if_true if accumulator == value else if_false
        elif operation == 0x35:
            place += if_true if accumulator >= value else if_false
        else:
            assert operation == 0x06
            return int(value)


def asked(machine: str, name: str, *arguments: int) -> int:
    numbers = tables.numbers(tables.ALLOWED, machine) | tables.numbers(tables.CHECKED, machine)
    return simulate(seccomp.program(machine, PID), numbers[name], arguments, tables.ARCHITECTURES[machine])


@pytest.fixture
def library() -> ctypes.CDLL | None:
    name = ctypes.util.find_library("seccomp")
    loaded = ctypes.CDLL(name) if name else None
    if loaded is None:
        print("libseccomp is not installed: the tables of system calls were not compared with it.")
    else:
        loaded.seccomp_syscall_resolve_name_arch.argtypes = [ctypes.c_uint32, ctypes.c_char_p]
    return loaded


def test_the_tables_of_system_calls_agree_with_libseccomp(library: ctypes.CDLL | None) -> None:
    wrong = []
    for machine in MACHINES if library else []:
        for text in (tables.ALLOWED, tables.CHECKED):
            known = tables.numbers(text, machine)
            names = tables.numbers(text, "x86_64").keys() | tables.numbers(text, "aarch64").keys()
            for name in names:
                resolved = library.seccomp_syscall_resolve_name_arch(tables.ARCHITECTURES[machine], name.encode())  # type: ignore[union-attr]
                if known.get(name, -1) != max(resolved, -1):
                    wrong.append(f"{machine} {name}: {known.get(name)} here, {resolved} there")
    assert wrong == []


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_allows_what_is_listed_and_refuses_every_other_number(machine: str) -> None:
    code, architecture = seccomp.program(machine, PID), tables.ARCHITECTURES[machine]
    listed = set(tables.numbers(tables.ALLOWED, machine).values())
    checked = set(tables.numbers(tables.CHECKED, machine).values())
    for number in set(range(600)) - checked:
        assert simulate(code, number, architecture=architecture) == (ALLOW if number in listed else REFUSE), number


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_ends_a_process_that_uses_another_calling_convention(machine: str) -> None:
    code = seccomp.program(machine, PID)
    for foreign in (0x40000003, 0x40000028, 0, *(set(tables.ARCHITECTURES.values()) - {tables.ARCHITECTURES[machine]})):
        assert simulate(code, 20, architecture=foreign) == KILL


def test_the_filter_knows_no_x32_calls() -> None:
    code = seccomp.program("x86_64", PID)
    assert simulate(code, 0x40000000 | 1, architecture=tables.ARCHITECTURES["x86_64"]) == UNKNOWN


@pytest.mark.parametrize("machine", MACHINES)
def test_signals_go_to_the_child_itself_only(machine: str) -> None:
    for name in ("kill", "tgkill"):
        assert asked(machine, name, PID, 9) == ALLOW
        for other in (1, 0, PID + 1, 2**32 - 1, 2**32 - PID):
            assert asked(machine, name, other, 9) == REFUSE


@pytest.mark.parametrize("machine", MACHINES)
def test_arguments_that_reach_other_processes_are_refused(machine: str) -> None:
    assert asked(machine, "prlimit64", 0, 7, 0, 1 << 40) == ALLOW
    assert asked(machine, "prlimit64", 0, 7, 1 << 40, 0) == REFUSE  # a pointer whose lower word is zero
    assert asked(machine, "sendto", 3, 1, 1, 0, 0, 0) == ALLOW
    assert asked(machine, "sendto", 3, 1, 1, 0, 1 << 33, 8) == REFUSE
    assert asked(machine, "socketpair", 1, 1 | 0o2000000, 0) == ALLOW
    for family, kind in ((1, 2), (2, 1), (1, 3), (16, 3)):
        assert asked(machine, "socketpair", family, kind, 0) == REFUSE
    assert asked(machine, "fcntl", 1, 3) == ALLOW
    for command in (6, 7, 8, 10, 37, 38, 1024, 1026):  # locks, owners of signals, leases, notifications
        assert asked(machine, "fcntl", 1, command) == REFUSE
    assert asked(machine, "ioctl", 1, 0x5401) == ALLOW
    assert asked(machine, "ioctl", 1, 0x5412) == REFUSE  # TIOCSTI types into the grader's terminal
    assert asked(machine, "clone3") == UNKNOWN


def test_no_name_stands_in_both_tables() -> None:
    for machine in MACHINES:
        assert not tables.numbers(tables.ALLOWED, machine).keys() & tables.numbers(tables.CHECKED, machine).keys()
