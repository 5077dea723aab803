"""The isolation self-test: levels follow from what was seen, and every missing layer comes with its mend."""

from __future__ import annotations

import platform
import sys
from pathlib import Path

import pytest

from autograder.sandbox.confine import bubblewrap, doctor, levels, mend, user

EVERYTHING = {probe: True for probes in levels.NEEDED.values() for probe in probes}


@pytest.mark.parametrize(
    ("passed", "level"),
    [
        ((), "A"),
        (("stat",), "B"),
        (("disk",), "B"),
        (("stat", "disk"), "B"),
        (("open_public",), "C"),
        (("fork",), "C"),
        (("foreign_call", "stat"), "C"),
        (("open_private",), "none"),
        (("chmod",), "none"),
        (("memory",), "none"),
    ],
)
def test_a_level_asks_that_its_probes_were_stopped(passed: tuple[str, ...], level: str) -> None:
    assert levels.level_of({**EVERYTHING, **dict.fromkeys(passed, False)}) == level


def test_a_probe_that_was_not_run_counts_as_not_stopped() -> None:
    assert levels.level_of({}) == "none"
    assert levels.level_of({name: True for name in EVERYTHING if name != "fork"}) == "C"


def test_the_doctor_tries_every_probe_that_a_level_asks_for() -> None:
    report = doctor.doctor()
    assert sorted(report.stopped + report.passed) == sorted(EVERYTHING)
    assert report.level == levels.level_of(dict.fromkeys(report.stopped, True))
    assert report.level in report.text().splitlines()[0]


def test_the_table_has_a_row_for_every_layer_and_a_mend_for_every_missing_one() -> None:
    report = doctor.doctor()
    assert [row.layer for row in report.rows] == [*levels.LAYERS, "view"]
    assert {row.state for row in report.rows} <= {"holds", "partly", "missing", "not used"}
    assert [
        row.layer for row in report.rows if row.state == "missing" and row.layer != "rlimits" and not row.mend
    ] == []
    for row in report.rows:
        assert row.layer in report.text()
        assert row.mend in report.text()


def test_without_bubblewrap_the_doctor_names_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bubblewrap, "view", lambda paths, root: bubblewrap.View((), "bubblewrap is not installed"))
    report = doctor.doctor()
    assert "stat" in report.passed
    strong = {"landlock", "seccomp"} <= set(levels.available_layers())
    assert report.level == "B" if strong else report.level in ("C", "none")
    assert report.rows[-1].mend == "sudo apt install bubblewrap"


def test_without_landlock_readable_files_are_open_and_the_doctor_sees_it(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = tuple(layer for layer in levels.available_layers() if layer not in ("landlock", "uid"))
    monkeypatch.setattr(levels, "available_layers", lambda: layers)
    monkeypatch.setattr(bubblewrap, "view", lambda paths, root: bubblewrap.View((), "bubblewrap is not installed"))
    report = doctor.doctor()
    assert {"open_public", "open_private", "write_outside"} <= set(report.passed)
    assert report.level == "none"
    row = next(row for row in report.rows if row.layer == "landlock")
    assert row.state == "missing"
    assert "sudo" in row.mend


def test_without_the_filter_nothing_stops_sockets_and_chmod(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = tuple(layer for layer in levels.available_layers() if layer not in ("seccomp", "uid"))
    monkeypatch.setattr(levels, "available_layers", lambda: layers)
    monkeypatch.setattr(bubblewrap, "view", lambda paths, root: bubblewrap.View((), "bubblewrap is not installed"))
    report = doctor.doctor()
    assert {"socket", "memfd", "chmod", "foreign_call"} - set(report.passed) <= {"foreign_call"}
    assert {"open_private", "open_public"} <= set(report.stopped)
    assert report.level == "none"


def test_a_probe_that_breaks_means_no_isolation(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(doctor, "_PROBE", tmp_path / "gone.py")
    report = doctor.doctor()
    assert report.level == "none"
    assert report.stopped == ()


@pytest.mark.parametrize(
    ("settings", "command"),
    [
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "sysctl kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ({"kernel/unprivileged_userns_clone": "0"}, "sysctl kernel.unprivileged_userns_clone=1"),
        ({"user/max_user_namespaces": "0"}, "sysctl user.max_user_namespaces=15000"),
    ],
)
def test_each_way_of_forbidding_namespaces_has_its_command(
    settings: dict[str, str], command: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(mend, "in_container", lambda: False)
    monkeypatch.setattr(mend, "_setting", lambda name: settings.get(name, ""))
    assert command in mend.for_view("bwrap: setting up uid map: Permission denied")


def test_in_a_container_its_host_must_open_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mend, "in_container", lambda: True)
    assert mend.for_view("bwrap: Creating new namespace failed: Operation not permitted").startswith("docker run")
    assert mend.for_view("bubblewrap is not installed") == "sudo apt install bubblewrap"


@pytest.mark.parametrize(("release", "words"), [("5.10.0-30-amd64", "full-upgrade"), ("6.17.0-azure", "lsm=landlock")])
def test_landlock_needs_a_newer_kernel_or_a_boot_option(
    release: str, words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(platform, "release", lambda: release)
    assert words in mend.for_layer("landlock")


def test_a_closed_folder_on_the_way_to_the_interpreter_is_named(tmp_path: Path) -> None:
    tmp_path.chmod(0o700)
    (tmp_path / "python").mkdir()
    inside = str(tmp_path / "python")
    assert not user.reachable_by_others((inside,))
    if user.reachable_by_others():
        assert user.closed_folder((inside,)) in {str(tmp_path), *(str(folder) for folder in tmp_path.parents)}


def test_other_systems_get_practice_mode_and_a_way_to_grade(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(levels, "available_layers", lambda: ("rlimits",))
    report = doctor.doctor()
    assert report.level == "none"
    assert "practice mode" in report.text()
    assert "Linux" in report.rows[0].mend


def test_the_level_is_observed_once_per_process(monkeypatch: pytest.MonkeyPatch) -> None:
    levels.observed_level.cache_clear()
    first = levels.observed_level()
    monkeypatch.setattr(doctor, "doctor", lambda: pytest.fail("looked twice"))
    assert levels.observed_level() == first
