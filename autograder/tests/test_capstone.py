"""A topic of the kind capstone: what the linter asks of it; and the one of this course: its causes, its logs."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import redirect_stdout
from io import StringIO

import numpy as np
import pytest

from autograder.config import KINDS, ROOT, ConfigError, Course, load_course
from autograder.course.check import check_topic
from autograder.course.milestones.capstone import as_handed_out
from autograder.course.percent import read_topic
from autograder.course.reference import is_variable, load_reference
from autograder.grading.trial import Trial
from autograder.tests.two_topics import FIRST, change, make_two_topics

STEM = "capstone"
LETTERS = "abcdefghijklmno"
NUMBER = re.compile(r"-?\d+(?:\.\d+)?(?:e-?\d+)?")
CAUSES = ("cause_1", "cause_2", "cause_3", "cause_4", "cause_5")


@pytest.fixture
def course(tmp_path: object, tmp_path_factory: pytest.TempPathFactory) -> Course:
    course = make_two_topics(tmp_path_factory.mktemp("course"))
    change(course.root / "course.toml", 'title = "First"', 'title = "First"\nkind = "capstone"')
    return load_course(course.root)


def complaints(course: Course) -> list[str]:
    return [f"{each.text}. {each.mend}" for each in check_topic(load_course(course.root), FIRST)]


# the kind of a topic


def test_a_topic_is_a_lesson_unless_course_toml_says_otherwise(course: Course) -> None:
    assert [topic.kind for topic in course.topics] == ["capstone", "lesson"]


def test_an_unknown_kind_of_topic_is_refused_with_those_that_there_are(course: Course) -> None:
    change(course.root / "course.toml", 'kind = "capstone"', 'kind = "exam"')
    with pytest.raises(ConfigError, match=f"kind = 'exam': use one of {', '.join(KINDS)}"):
        load_course(course.root)


def test_a_capstone_needs_no_write_the_test_exercise_and_its_choices_may_be_worth_more_than_a_prediction(
    course: Course,
) -> None:
    source = course.source(FIRST)
    change(source, 'exercise="catches_first"', 'exercise="judge_first"')
    change(source, 'exercise="predict_first" points=1', 'exercise="predict_first" points=4')
    text = "\n".join(complaints(course))
    assert "catches exercise" not in text
    assert not re.search("no prediction|worth 1 point", text)
    change(course.root / "course.toml", 'kind = "capstone"\n', "")
    assert "no catches exercise" in "\n".join(complaints(course))


def test_a_capstone_without_a_cause_to_name_is_told_so(course: Course) -> None:
    change(course.source(FIRST), 'exercise="predict_first" points=1', 'given="predict_first"')
    change(course.source(FIRST), ' hint="Commit yourself: any of the letters earns the point."', "")
    assert any(text.startswith("no cause to name. Ask for") for text in complaints(course))


def test_a_cause_that_is_worth_too_much_or_stands_before_its_plot_is_named(course: Course) -> None:
    change(course.source(FIRST), 'exercise="predict_first" points=1', 'exercise="predict_first" points=6')
    found = complaints(course)
    assert any("predict_first is worth 6 points. Give it 5 at most" in text for text in found)
    assert any("no see cell stands above predict_first. Move it" in text for text in found)


def test_the_test_of_a_cause_has_to_be_announced(course: Course) -> None:
    change(course.grader(FIRST), ', spec="a prediction: 1 for any answer"', "")
    assert any("has no spec=" in text for text in complaints(course))


# the capstone of this course


@pytest.fixture(scope="module")
def trial() -> Iterator[Trial]:
    with Trial(load_course(), STEM) as trial:
        yield trial


def test_each_cause_has_one_letter_that_earns_everything_and_all_others_earn_nothing(trial: Trial) -> None:
    reference = load_reference(trial.topic)
    for name in CAUSES:
        right = getattr(reference, name)
        for letter in LETTERS:
            score = trial.grade(name, f"{name} = {letter!r}").score
            assert score == (4.0 if letter == right else 0.0), (name, letter)


def test_a_cause_may_be_large_or_in_brackets_and_anything_else_than_a_letter_earns_nothing(trial: Trial) -> None:
    right = load_reference(trial.topic).cause_1
    for same in (" " + right.upper(), f"{right})", f"({right})", f"{right}."):
        assert trial.grade("cause_1", f"cause_1 = {same!r}").score == 4.0, same
    for other in ("None", "5", f"[{right!r}]", repr(LETTERS), f"{{{right!r}}}", "''"):
        assert trial.grade("cause_1", f"cause_1 = {other}").score == 0.0, other


def test_the_causes_are_different_and_the_notebook_holds_none_of_them() -> None:
    topic = read_topic(load_course().source(STEM))
    reference = load_reference(topic)
    assert len({getattr(reference, name) for name in CAUSES}) == len(CAUSES)
    assert [cell.name for cell in topic.exercises() if is_variable(cell)] == list(CAUSES)
    notebook = json.loads((ROOT / "assignments" / STEM / f"{STEM}.ipynb").read_text(encoding="utf-8"))
    text = "\n".join("".join(cell["source"]) for cell in notebook["cells"])
    assert re.findall(r"\bcause_\d = (.*)", text) == ["None"] * len(CAUSES)


@pytest.mark.parametrize("run", range(1, 6))
def test_the_log_in_the_notebook_is_what_the_code_as_handed_out_prints(run: int) -> None:
    topic = read_topic(load_course().source(STEM))
    written = [text for cell in topic.cells for text in re.findall(r"```text\n(.*?)```", cell.source, re.DOTALL)]
    printed = StringIO()
    with redirect_stdout(printed), np.errstate(all="ignore"):
        getattr(as_handed_out(topic), f"draw_run_{run}")()
    one, other = written[run - 1].split(), printed.getvalue().split()
    assert [NUMBER.sub("0", word) for word in one] == [NUMBER.sub("0", word) for word in other]
    numbers = [[float(number) for number in NUMBER.findall(" ".join(words))] for words in (one, other)]
    assert numbers[0] == pytest.approx(numbers[1], rel=0.05, abs=0.02)
