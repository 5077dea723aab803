"""A new term: new hidden inputs, the old secret kept, and no class is mixed up with another."""

from pathlib import Path

import pytest

from autograder.classroom.term import start_term, with_term
from autograder.config import ConfigError, load_course
from autograder.errors import UserError
from autograder.grading.seeds import course_secret, submission_seed

SETTINGS = """[course]
id = "networks" # never changes
title = "Networks"

[[topic]]
stem = "hw90_sample"
title = "Sample"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "course.toml").write_text(SETTINGS)
    return tmp_path


def seed(root: Path) -> int:
    return submission_seed(course_secret(root), "hw90_sample", "ada", "0" * 64)


def test_a_new_term_draws_new_inputs_for_the_same_submission(root: Path) -> None:
    before = seed(root)
    said = start_term(load_course(root), "spring-2027")
    assert load_course(root).term == "spring-2027"
    assert seed(root) != before
    assert "course.secret.first-term" in said[0]
    start_term(load_course(root), "autumn-2027")
    assert sorted(path.name for path in root.glob("course.secret.*")) == [
        "course.secret.first-term",
        "course.secret.spring-2027",
    ]


def test_only_the_line_of_the_term_changes(root: Path) -> None:
    once = with_term(SETTINGS, "a")
    assert once == SETTINGS.replace("never changes\n", 'never changes\nterm = "a"\n')
    assert with_term(once, "b") == once.replace('"a"', '"b"')


@pytest.mark.parametrize("name", ["", "a b", "../x", 'x"y', "x" * 41])
def test_a_name_that_is_none_is_refused(root: Path, name: str) -> None:
    with pytest.raises(UserError, match="such as spring-2027"):
        start_term(load_course(root), name)


def test_the_same_term_does_not_begin_twice(root: Path) -> None:
    start_term(load_course(root), "spring-2027")
    before = seed(root)
    with pytest.raises(UserError, match="already"):
        start_term(load_course(root), "spring-2027")
    assert seed(root) == before


def test_a_folder_that_holds_a_class_is_left_alone(root: Path) -> None:
    before = seed(root)
    (root / "submitted").mkdir()
    with pytest.raises(UserError, match="still holds a class \\(submitted\\)"):
        start_term(load_course(root), "spring-2027")
    assert seed(root) == before
    assert load_course(root).term == ""


def test_a_term_of_another_type_is_a_clear_error(root: Path) -> None:
    (root / "course.toml").write_text(SETTINGS.replace('title = "Networks"', 'title = "Networks"\nterm = 3'))
    with pytest.raises(ConfigError, match="term"):
        load_course(root)
