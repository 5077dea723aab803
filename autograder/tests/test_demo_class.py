"""Every row of the sample class comes out as its table says."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.classroom.worker import Graders
from autograder.config import load_course
from autograder.demo.run import FULLEST, OTHERS, prepare, unlike_the_table
from autograder.demo.sample import KINDS, lay_out, read_table
from autograder.errors import UserError


def test_every_submission_of_the_sample_class_comes_out_as_the_table_says(tmp_path: Path) -> None:
    course = load_course()
    pupils = lay_out(course, tmp_path)
    graders = Graders(course)
    try:
        results = [
            graders.grade(
                pupil.topic, pupil.id, tmp_path / "submitted" / pupil.id / pupil.topic / f"{pupil.topic}.ipynb"
            )
            for pupil in pupils
        ]
    finally:
        graders.close()
    assert unlike_the_table(pupils, results) == []


def test_the_table_uses_every_kind_of_submission() -> None:
    assert {pupil.does for pupil in read_table()} == set(KINDS)


def test_a_demo_never_empties_a_folder_that_it_did_not_make(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(UserError, match="no demo made"):
        prepare(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_forty_students_hand_in_all_topics() -> None:
    in_the_table = {pupil.id for pupil in read_table() if pupil.topic == FULLEST}
    assert len(in_the_table | set(OTHERS)) == 40
    assert not in_the_table & set(OTHERS)
