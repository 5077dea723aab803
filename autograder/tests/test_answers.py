"""A student finds the own code beside what was found in it, numbered as the messages count lines."""

from __future__ import annotations

import json
import re
from pathlib import Path

from autograder.reports.answers import MOST_LINES, lines_of, read_answers
from autograder.reports.feedback import render_feedback
from autograder.tests.sample_results import half_right
from autograder.tests.test_feedback import HOSTILE, Page

ADAM = "class Adam:\n    def step(self):\n\n        return '<b>'"


def test_the_cells_of_the_graded_notebook_are_read_by_name(tmp_path: Path) -> None:
    graded = {"cell_type": "code", "metadata": {"nbgrader": {"grade_id": "Adam", "grade": True}}, "source": [ADAM]}
    others = [{**graded, "metadata": {}}, {**graded, "cell_type": "markdown"}]
    path = tmp_path / "hw04_adam.ipynb"
    path.write_text(json.dumps({"cells": [graded, *others]}))
    assert read_answers(path) == {"Adam": ADAM}
    path.write_text("not JSON")
    assert read_answers(path) == {} == read_answers(tmp_path / "gone.ipynb")


def test_code_stands_with_its_exercise_unless_that_is_complete() -> None:
    answers = {"Adam": ADAM, "ema_weights": "def ema_weights(): ...", "adam_first_step": HOSTILE}
    text = render_feedback(half_right(), answers=answers)
    page = Page(text)
    assert [region.get("aria-label") for region in page.all("div") if region.get("role") == "region"][1:] == [
        "Your code of Adam",
        "Your code of adam_first_step",
    ]
    assert "<li><code>        return &#39;&lt;b&gt;&#39;</code></li>" in text
    assert "<script>" not in text
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", text)


def test_lines_keep_their_numbers_and_indentation_and_there_is_an_end_to_them() -> None:
    assert lines_of("Adam", ADAM) == ("class Adam:", "    def step(self):", " ", "        return '<b>'")
    assert len(lines_of("Adam", "x = 1\n" * 5000)) == MOST_LINES


def test_a_cell_in_which_nothing_was_written_is_not_shown() -> None:
    assert lines_of("f", 'def f():\n    # Your code here.\n    raise NotImplementedError("f")') == ()
    assert lines_of("predict_race", "# Predict first.\n# Your code here.\npredict_race = None") == ()
    assert lines_of("f", "") == ()
