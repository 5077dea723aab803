"""The students' tree: what is in it, what is not, and what publish refuses."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.config import ConfigError, Course, load_course
from autograder.course.build import write
from autograder.course.publish import LISTING, publish
from autograder.errors import RefusedError, UserError
from autograder.tests.two_topics import FIRST, SECOND, change, make_two_topics, release


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_two_topics(tmp_path_factory.mktemp("course"))


@pytest.fixture
def course(whole: Course, tmp_path: Path) -> Course:
    shutil.copytree(whole.root, tmp_path / "course")
    return load_course(tmp_path / "course")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def test_students_get_exactly_what_the_white_list_names(course: Course, tmp_path: Path) -> None:
    assert publish(course, tmp_path / "public") == 0
    assert files(tmp_path / "public") == [
        ".devcontainer/devcontainer.json",
        LISTING,
        "README.md",
        "assignments/coursekit/__init__.py",
        "assignments/coursekit/check.py",
        f"assignments/coursekit/released/{FIRST}.json",
        f"assignments/coursekit/released/{SECOND}.json",
        "assignments/earlier.py",
        f"assignments/{FIRST}/{FIRST}.ipynb",
        f"assignments/{SECOND}/{SECOND}.ipynb",
        "binder/requirements.txt",
        "binder/runtime.txt",
        "datasets/README.md",
        "datasets/tiny.npz",
        "environment.yml",
        "requirements.txt",
    ]
    readme = (tmp_path / "public" / "README.md").read_text(encoding="utf-8")
    assert f"assignments/{FIRST}/{FIRST}.ipynb" in readme
    environment = (tmp_path / "public" / "environment.yml").read_text(encoding="utf-8")
    assert "jupyterlab" in environment
    assert "nbgrader" not in environment


def test_every_way_to_start_installs_the_same_few_packages(course: Course, tmp_path: Path) -> None:
    publish(course, tmp_path / "public")
    root = tmp_path / "public"
    packages = (root / "requirements.txt").read_text().split()
    environment = [line for line in (root / "environment.yml").read_text().splitlines() if line.startswith("  - ")]
    assert packages == ["numpy>=2", "matplotlib", "jupyterlab", "notebook"]
    assert [line[4:].replace(" ", "") for line in environment] == ["python>=3.11", *packages]
    assert (root / "binder" / "requirements.txt").read_text().split() == packages[:2]
    container = json.loads((root / ".devcontainer" / "devcontainer.json").read_text())
    assert container["postCreateCommand"].endswith("-r requirements.txt")
    readme = (root / "README.md").read_text()
    assert "@" not in readme
    assert f"python -m coursekit.ready {FIRST}/{FIRST}.ipynb" in readme


def test_through_ends_with_that_topic_and_the_first_needs_nothing_earlier(course: Course, tmp_path: Path) -> None:
    for stem in (FIRST, SECOND):
        write(course.root / "assignments" / "coursekit" / "figures" / f"{stem}.py", '"""Plots."""')
    publish(course, tmp_path / "public", FIRST)
    published = files(tmp_path / "public")
    assert f"assignments/coursekit/figures/{FIRST}.py" in published
    assert f"assignments/{FIRST}/{FIRST}.ipynb" in published
    assert not [name for name in published if SECOND in name or "earlier" in name]


def test_earlier_holds_the_parts_of_topics_before_the_last_and_can_be_imported(course: Course, tmp_path: Path) -> None:
    change(course.source(FIRST), "from coursekit import check, plot, quiz\n", "")
    change(course.source(SECOND), "from coursekit import check, plot, quiz\n", "")
    release(course)
    publish(course, tmp_path / "public")
    earlier = tmp_path / "public" / "assignments" / "earlier.py"
    command = "import earlier, numpy; print(earlier.first(numpy.ones(2)).tolist(), hasattr(earlier, 'second'))"
    done = subprocess.run(
        [sys.executable, "-I", "-c", f"import sys; sys.path.insert(0, {str(earlier.parent)!r}); {command}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[2.0, 2.0] False\n"
    assert "catches_first" not in earlier.read_text(encoding="utf-8")


def test_the_archive_holds_the_same_files_and_the_same_bytes_every_time(course: Course, tmp_path: Path) -> None:
    publish(course, tmp_path / "public")
    archive = tmp_path / "public.zip"
    first = archive.read_bytes()
    with zipfile.ZipFile(archive) as bundle:
        names = bundle.namelist()
        assert bundle.testzip() is None
    assert [f"public/{name}" for name in files(tmp_path / "public") if name != LISTING] == names
    os.utime(course.root / "datasets" / "tiny.npz", (1, 1))
    publish(course, tmp_path / "public")
    assert archive.read_bytes() == first


def test_a_second_publish_replaces_its_own_files_and_leaves_others_alone(course: Course, tmp_path: Path) -> None:
    public = tmp_path / "public"
    publish(course, public)
    write(public / ".git" / "config", "[core]")
    write(public / "assignments" / "notes.txt", "of the teaching assistant")
    (public / "README.md").write_text("changed")
    publish(course, public, FIRST)
    assert (public / ".git" / "config").read_text() == "[core]"
    assert (public / "assignments" / "notes.txt").is_file()
    assert "changed" not in (public / "README.md").read_text(encoding="utf-8")
    assert not (public / "assignments" / "earlier.py").exists()
    assert not (public / "assignments" / SECOND / f"{SECOND}.ipynb").exists()
    assert not [name for name in files(public) if name.endswith(".new")]


def test_a_folder_with_files_of_others_is_refused_and_left_alone(course: Course, tmp_path: Path) -> None:
    write(tmp_path / "thesis" / "chapter.txt", "words")
    with pytest.raises(RefusedError, match="not empty and was not made by publish"):
        publish(course, tmp_path / "thesis")
    assert files(tmp_path / "thesis") == ["chapter.txt"]
    with pytest.raises(RefusedError, match="is a file"):
        publish(course, tmp_path / "thesis" / "chapter.txt")


def test_a_listing_that_names_files_elsewhere_is_refused(course: Course, tmp_path: Path) -> None:
    write(tmp_path / "precious.txt", "words")
    for names in (["../precious.txt"], [str(tmp_path / "precious.txt")], 7):
        write(tmp_path / "public" / LISTING, json.dumps(names))
        with pytest.raises(RefusedError, match="damaged"):
            publish(course, tmp_path / "public")
    assert (tmp_path / "precious.txt").is_file()


def test_a_stale_notebook_is_not_published(course: Course, tmp_path: Path) -> None:
    change(course.source(FIRST), "Three questions", "Some questions")
    with pytest.raises(UserError, match=rf"not up to date: cell .*\./course build {FIRST}"):
        publish(course, tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_a_secret_stops_the_publishing_before_anything_is_written(course: Course, tmp_path: Path) -> None:
    write(
        course.root / "datasets" / "README.md",
        "Five points for the word linear in topic second. Students never see it.",
    )
    with pytest.raises(RefusedError, match=r"datasets/README\.md: holds a line of the mark scheme"):
        publish(course, tmp_path / "public")
    assert not (tmp_path / "public").exists()


def test_an_unknown_topic_is_refused_with_those_there_are(course: Course, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=f"It has: {FIRST}, {SECOND}"):
        publish(course, tmp_path / "public", "hw09_other")
