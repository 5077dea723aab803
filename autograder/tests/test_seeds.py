"""Seeds: secret, reproducible, and different for everything that should differ."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from autograder.grading.seeds import SEED_BITS, SecretError, course_secret, rng_of, submission_seed

SECRET = b"s" * 64


def test_the_secret_is_made_once_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    first = course_secret(tmp_path)
    assert len(first) == 64
    assert course_secret(tmp_path) == first
    assert stat.S_IMODE((tmp_path / "course.secret").stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["course.secret"]


def test_two_courses_have_two_secrets(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    assert course_secret(tmp_path / "a") != course_secret(tmp_path / "b")


def test_an_empty_secret_is_refused_rather_than_used(tmp_path: Path) -> None:
    (tmp_path / "course.secret").write_text("\n")
    with pytest.raises(SecretError, match="Remove it"):
        course_secret(tmp_path)


def test_a_secret_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    with pytest.raises(SecretError, match=r"course\.secret"):
        course_secret(tmp_path / "nowhere")


def test_a_seed_follows_from_topic_student_and_file() -> None:
    seed = submission_seed(SECRET, "hw04_adam", "ada", "0" * 64)
    assert seed == submission_seed(SECRET, "hw04_adam", "ada", "0" * 64)
    assert 0 <= seed < 2**SEED_BITS
    others = {
        submission_seed(b"t" * 64, "hw04_adam", "ada", "0" * 64),
        submission_seed(SECRET, "hw03_sgd_variants", "ada", "0" * 64),
        submission_seed(SECRET, "hw04_adam", "bob", "0" * 64),
        submission_seed(SECRET, "hw04_adam", "ada", "1" * 64),
    }
    assert len(others | {seed}) == 5


def test_each_test_has_a_generator_of_its_own() -> None:
    first, again, other = rng_of(7, "test_a"), rng_of(7, "test_a"), rng_of(7, "test_b")
    assert first.random(3).tolist() == again.random(3).tolist()
    assert other.random(3).tolist() != rng_of(7, "test_a").random(3).tolist()
    assert rng_of(8, "test_a").random() != rng_of(7, "test_a").random()
