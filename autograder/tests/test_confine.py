"""The layers of confinement, each looked at on its own; the attacks show what they stop together."""

from __future__ import annotations

import json
import math
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import pytest

from autograder.sandbox import confine
from autograder.sandbox.confine import bubblewrap, disk, kernel, landlock, rlimits, user
from autograder.sandbox.zygote import Zygote

LEGITIMATE = """
import asyncio, datetime, io, json, os, sys, tempfile, wave, zoneinfo
import numpy as np
import matplotlib.pyplot as plt
with tempfile.TemporaryDirectory() as folder:
    np.save(folder + "/a.npy", np.arange(6.0))
    assert np.load(folder + "/a.npy").sum() == 15
np.savetxt("a.txt", np.eye(3))
assert np.loadtxt("a.txt").trace() == 3
assert datetime.datetime(2026, 7, 1, tzinfo=zoneinfo.ZoneInfo("Europe/Zurich")).utcoffset().seconds == 7200
figure, axes = plt.subplots()
axes.plot([1, 2]); axes.set_title(r"$\\beta_1$")
figure.savefig("a.png")
assert os.path.getsize("a.png") > 1000
assert asyncio.run(asyncio.sleep(0, "awake")) == "awake"
assert np.linalg.svd(np.random.default_rng(0).normal(size=(40, 40)))[1].min() > 0
open(os.devnull, "w").write("x")
os.kill(os.getpid(), 0)
print("done", flush=True)
"""

HARNESS = """
import os, sys, tempfile
sys.path.insert(0, {room!r})
import confine
os.environ.update(OPENBLAS_NUM_THREADS="1", MPLBACKEND="Agg", MPLCONFIGDIR={root!r})
import numpy.random, numpy.linalg, matplotlib.pyplot
work = os.path.join({root!r}, "work")
os.mkdir(work)
uid = 61100 if os.geteuid() == 0 else None
if uid: os.chown(work, uid, uid)
child = os.fork()
if child == 0:
    try:
        confine.apply(dict(memory_bytes=1 << 30, cpu_seconds=20, file_bytes=16 << 20, work_dir=work, read_paths=(),
                           uid=uid, layers=confine.available_layers()))
        os.chdir(work); tempfile.tempdir = work
        exec({code!r})
        os._exit(0)
    except BaseException:
        import traceback
        traceback.print_exc(); sys.stderr.flush()
    os._exit(1)
sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""


def in_a_child(action: Callable[[], object]) -> str:
    """Run something that cannot be undone in a fork; "" if it went well, else the error."""
    receive, send = os.pipe()
    child = os.fork()
    if child == 0:
        try:
            action()
        except BaseException as error:
            os.write(send, f"{type(error).__name__}: {error}"[:4000].encode())
        finally:
            os._exit(0)
    os.close(send)
    with os.fdopen(receive) as file:
        said = file.read()
    os.waitpid(child, 0)
    return said


@pytest.mark.parametrize("version", [1, 2, 3, 4, 5, 6])
def test_the_file_rules_work_for_older_kernels_too(
    version: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not (here := landlock.abi()):
        print("This kernel has no Landlock: its rules were not tried.")
        return
    monkeypatch.setattr(landlock, "abi", lambda: min(version, here))
    secret, work = tmp_path / "secret", tmp_path / "work"
    secret.write_text("hidden")
    work.mkdir()

    def confined() -> None:
        rules = landlock.ruleset((), str(work))
        kernel.no_new_privs()
        landlock.restrict(rules)
        (work / "mine").write_text("x")
        (work / "mine").rename(work / "still-mine")
        secret.read_text()

    assert in_a_child(confined).startswith("PermissionError")


def test_a_missing_work_folder_is_an_error_and_no_open_door(tmp_path: Path) -> None:
    if landlock.abi():
        with pytest.raises(OSError, match="work folder"):
            landlock.ruleset((), str(tmp_path / "nowhere"))


def test_paths_inside_other_paths_cost_no_rule_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "ab").mkdir()
    inner = [str(tmp_path / name) for name in ("a/b", "a", "ab")]
    assert landlock.without_nested(inner) == (str(tmp_path / "a"), str(tmp_path / "ab"))


def test_the_checkout_is_never_among_the_readable_folders() -> None:
    engine = str(Path(confine.__file__).resolve().parents[2])
    assert [path for path in landlock.interpreter_paths() if engine.startswith(path.rstrip("/") + "/")] == []


def test_the_size_of_the_address_space_is_found_without_proc() -> None:
    found = json.loads(
        subprocess.run(
            [sys.executable, "-I", "-c", _ADDRESS_SPACE.format(room=str(Path(confine.__file__).parents[1]))],
            capture_output=True,
            check=True,
        ).stdout
    )
    assert abs(found[0] - found[1]) < 4 << 20


_ADDRESS_SPACE = """
import sys; sys.path.insert(0, {room!r})
from confine import rlimits
print([rlimits.address_space(), rlimits._address_space_by_trying()])
"""


def test_limits_are_lowered_and_never_raised() -> None:
    def limited() -> None:
        import resource

        rlimits.apply(1 << 30, 2.5, 1 << 20)
        assert resource.getrlimit(resource.RLIMIT_CPU) == (3, 4)
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 1 << 20
        rlimits.apply(1 << 30, 100, 1 << 30)
        assert resource.getrlimit(resource.RLIMIT_CPU)[1] == 4
        assert resource.getrlimit(resource.RLIMIT_FSIZE)[0] == 1 << 20
        assert resource.getrlimit(resource.RLIMIT_CORE) == (0, 0)

    assert in_a_child(limited) == ""


def test_a_hardened_process_is_not_dumpable_and_still_works() -> None:
    def hardened() -> None:
        confine.harden_self()
        assert kernel.prctl(3) == 0  # PR_GET_DUMPABLE
        assert subprocess.run([sys.executable, "-I", "-S", "-c", "print(1)"], capture_output=True).stdout == b"1\n"

    assert in_a_child(hardened) == ""


def test_a_child_without_rights_keeps_none() -> None:
    def dropped() -> None:
        user.drop(None)
        assert kernel.capabilities() == 0

    assert in_a_child(dropped) == ""


def test_a_work_folder_of_its_own_is_bounded_in_bytes_and_files(tmp_path: Path) -> None:
    if not disk.can_mount():
        print("This process may not mount: the bounded work folder was tried by the doctor only.")
        return

    def bounded() -> None:
        assert disk.mount(str(tmp_path), None, 1 << 20, 10)
        for number in range(10):
            (tmp_path / str(number)).touch()

    assert "No space left" in in_a_child(bounded)
    assert list(tmp_path.iterdir()) == []


def test_a_folder_full_of_traps_is_removed_without_following_links(tmp_path: Path) -> None:
    outside, folder = tmp_path / "outside", tmp_path / "work"
    for each in (outside, folder):
        each.mkdir()
    (outside / "kept").write_text("kept")
    (folder / "link").symlink_to(outside)
    (folder / "locked").mkdir()
    (folder / "locked" / "file").write_text("x")
    (folder / "locked" / "link").symlink_to(outside)
    (folder / "locked").chmod(0)
    descriptor = os.open(folder, os.O_RDONLY)
    for _ in range(1500):  # deeper than any recursion, longer than any path
        os.mkdir("d", dir_fd=descriptor)
        below = os.open("d", os.O_RDONLY, dir_fd=descriptor)
        os.close(descriptor)
        descriptor = below
    os.close(descriptor)
    confine.remove_folder(str(folder))
    assert [path.name for path in tmp_path.rglob("*")] == ["outside", "kept"]


def test_nobody_waits_for_a_folder_of_more_files_than_can_be_removed_in_a_moment(tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    for number in range(1200):
        (tmp_path / "full" / str(number)).touch()
    assert not disk.remove(str(tmp_path / "full"), -1.0)
    assert (tmp_path / "full").is_dir()

    def hurried(folder: str, seconds: float = math.inf) -> bool:
        return disk.remove(folder, seconds if seconds == math.inf else -1.0)

    child = subprocess.Popen(["sleep", "60"], start_new_session=True)
    ours, theirs = socket.socketpair()
    zygote = Zygote(theirs, str(tmp_path), None, SimpleNamespace(remove_folder=hurried))
    zygote.folders[child.pid] = str(tmp_path / "full")
    zygote.reap(child.pid)
    child.wait()
    for sweeper in zygote.sweepers:
        os.waitpid(sweeper, 0)
    for end in (ours, theirs):
        end.close()
    assert list(tmp_path.iterdir()) == []


def test_a_layer_that_the_kernel_refuses_stops_the_child(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kernel, "machine", lambda: "vax")
    plan = {"work_dir": "/", "read_paths": (), "layers": ("seccomp",)}
    assert "no table for vax" in in_a_child(lambda: confine.apply(plan))


def test_without_bubblewrap_there_is_no_launcher(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(shutil, "which", lambda name, path: None)
    assert confine.launcher((), str(tmp_path / "elsewhere")) == []


def test_a_bubblewrap_that_fails_says_why(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    broken = tmp_path / "bwrap"
    broken.write_text("#!/bin/sh\necho 'bwrap: setting up uid map: Permission denied' >&2\nexit 1\n")
    broken.chmod(0o755)
    monkeypatch.setattr(shutil, "which", lambda name, path: str(broken))
    found = bubblewrap.view((), str(tmp_path / "root"))
    assert (found.command, found.reason) == ((), "bwrap: setting up uid map: Permission denied")


def test_the_view_shows_the_read_paths_and_nothing_else_of_the_checkout(tmp_path: Path) -> None:
    kit, hidden, root = tmp_path / "kit", tmp_path / "hidden", tmp_path / "root"
    for folder in (kit, hidden, root):
        folder.mkdir()
    tmp_path.chmod(0o755)
    prefix = confine.launcher((str(kit),), str(root))
    if not prefix:
        print("Bubblewrap or namespaces are missing here: the view was not tried.")
        return
    code = f"import os; print([os.path.exists(p) for p in ({str(kit)!r}, {str(hidden)!r}, '/etc/passwd', '/home')])"
    done = subprocess.run([*prefix, sys.executable, "-I", "-c", code], capture_output=True, text=True, env={})
    assert done.stdout == "[True, False, False, False]\n", done.stderr


@pytest.mark.parametrize("in_view", [False, True], ids=["as it is", "in the view"])
def test_a_confined_child_can_do_what_a_course_needs(in_view: bool) -> None:
    with tempfile.TemporaryDirectory() as root:  # pytest's own folders are closed to a child of another user
        os.chmod(root, 0o711)
        prefix = confine.launcher((), root) if in_view else []
        if in_view and not prefix:
            print("Bubblewrap or namespaces are missing here: the view was not tried.")
            return
        room = str(Path(confine.__file__).resolve().parents[1])
        code = HARNESS.format(room=room, root=root, code=LEGITIMATE)
        done = subprocess.run([*prefix, sys.executable, "-I", "-c", code], capture_output=True, text=True, env={})
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr
