"""Cells are matched by what they are, and a right answer is found wherever it stands."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest

from autograder.config import load_course
from autograder.course.percent import read_topic
from autograder.course.release import release_of
from autograder.intake import read_submission
from autograder.tests.intake_samples import (
    ANSWERS,
    TOPIC,
    answered,
    cell_of,
    code,
    namespace,
    position,
    prose,
    sources,
    submit,
    untouched,
    without_metadata,
)

WRONG = "def double(x):\n    return x\n"


def works(folder: Path, notebook: object, suffix: str = ".ipynb") -> tuple[bool, str]:
    """Whether `double` is right in a submission, and its notices as one text."""
    submission = submit(folder, notebook, suffix)  # type: ignore[arg-type]
    names = namespace(submission)
    try:
        right = bool(names["double"](2) == 4)
    except (KeyError, NotImplementedError):
        right = False
    return right, "\n".join(submission.notices)


def test_a_missing_exercise_is_missing_and_nothing_else_is(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].remove(cell_of(notebook, "double"))
    submission = submit(tmp_path, notebook)
    assert submission.missing == ("double",)
    assert submission.notices == ("cells are missing: double. They count as not answered.",)
    assert {"Shift", "guess"} <= set(sources(submission))


def test_a_missing_written_answer_is_missing(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].remove(cell_of(notebook, "why"))
    submission = submit(tmp_path, notebook)
    assert (submission.missing, submission.written) == (("why",), {})


@pytest.mark.parametrize(
    ("first", "second", "right"),
    [
        (ANSWERS["double"], ANSWERS["double"], True),
        (ANSWERS["double"], None, True),
        (None, ANSWERS["double"], True),
        (ANSWERS["double"], WRONG, True),
        ("def double(x:\n", ANSWERS["double"], True),
        ("", ANSWERS["double"], True),
        ('def double(x):\n    # mine\n    raise NotImplementedError("double")\n', ANSWERS["double"], True),
        (WRONG, ANSWERS["double"], False),
        (None, None, False),
    ],
)
def test_of_copies_the_first_that_holds_an_answer_counts(
    tmp_path: Path, first: str | None, second: str | None, right: bool
) -> None:
    notebook = untouched()
    cell = cell_of(notebook, "double")
    twin = copy.deepcopy(cell) | {"id": "twin"}
    notebook["cells"].insert(position(notebook, "double") + 1, twin)
    for which, source in ((cell, first), (twin, second)):
        which["source"] = which["source"] if source is None else source
    found, notices = works(tmp_path, notebook)
    assert found is right
    assert "double: duplicated, 2 cells carry this name" in notices


def test_both_halves_of_a_cell_that_was_split_run(tmp_path: Path) -> None:
    notebook = answered()
    place = position(notebook, "double")
    cell = cell_of(notebook, "double")
    helper = copy.deepcopy(cell) | {"source": "def twice(x):\n    return 2 * x\n", "id": "new"}
    cell["source"] = "def double(x):\n    return twice(x)\n"
    notebook["cells"].insert(place, helper)
    assert works(tmp_path, notebook)[0]


def test_both_halves_of_a_written_answer_that_was_split_are_the_answer(tmp_path: Path) -> None:
    notebook = answered()
    twin = copy.deepcopy(cell_of(notebook, "why")) | {"source": "And it is simpler.", "id": "new"}
    notebook["cells"].insert(position(notebook, "why") + 1, twin)
    submission = submit(tmp_path, notebook)
    assert submission.written["why"] == ANSWERS["why"] + "\n\nAnd it is simpler."
    assert "duplicated" in submission.notices[0]


def test_an_answer_below_the_question_is_not_lost(tmp_path: Path) -> None:
    notebook = untouched()
    notebook["cells"].insert(position(notebook, "why") + 1, prose("It looks better."))
    submission = submit(tmp_path, notebook)
    assert submission.written["why"].endswith("\n\nIt looks better.")
    assert "text right below it was taken" in submission.notices[0]


def test_cells_run_in_the_order_in_which_they_were_handed_in(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].reverse()
    submission = submit(tmp_path, notebook)
    assert list(sources(submission)) == ["guess", "Shift", "given-offset", "double", "cell-02"]
    assert submission.notices == ()


def test_own_cells_run_as_extras_in_their_place(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].insert(position(notebook, "double"), code("FACTOR = 2"))
    notebook["cells"].insert(position(notebook, "double") + 1, code(""))
    notebook["cells"].append(code("FACTOR = 1"))
    submission = submit(tmp_path, notebook)
    assert list(sources(submission)) == [
        "cell-02",
        "extra-01",
        "double",
        "given-offset",
        "Shift",
        "guess",
        "extra-02",
    ]
    assert [cell.known for cell in submission.cells] == [True, False, True, True, True, True, False]


def test_set_up_runs_as_given_out_and_then_as_changed(tmp_path: Path) -> None:
    notebook = answered(cell__02="import math\n", double="def double(x):\n    return math.fsum([x, x])\n")
    submission = submit(tmp_path, notebook)
    assert list(sources(submission))[:2] == ["cell-02", "extra-01"]
    assert (sources(submission)["cell-02"], sources(submission)["extra-01"]) == ("import numpy as np", "import math\n")
    assert works(tmp_path, notebook) == (True, "")
    assert works(tmp_path, answered(cell__02="import nump as np\n")) == (True, "")


def test_a_given_cell_counts_as_it_was_given_out_and_additions_run_before_it(tmp_path: Path) -> None:
    notebook = answered(given__offset="OFFSET = 1000\nMINE = 1\n")
    submission = submit(tmp_path, notebook)
    names = namespace(submission)
    assert (names["OFFSET"], names["MINE"], names["Shift"]()(1)) == (3, 1, 5)
    assert "locked cells were edited: given-offset" in submission.notices[0]


@pytest.mark.parametrize("name", ["cell-02", "given-offset"])
def test_deleted_cells_that_others_build_on_are_put_back_in_their_place(tmp_path: Path, name: str) -> None:
    notebook = answered()
    notebook["cells"].remove(cell_of(notebook, name))
    submission = submit(tmp_path, notebook)
    assert list(sources(submission)) == ["cell-02", "double", "given-offset", "Shift", "guess"]
    assert f"were deleted: {name}" in submission.notices[0]


def test_an_edited_check_is_noted_and_runs_as_the_students_own_code(tmp_path: Path) -> None:
    submission = submit(tmp_path, answered(try__double="print('all passed')\n"))
    assert sources(submission)["try-double"] == "print('all passed')\n"
    assert "locked cells were edited: try-double" in submission.notices[0]


def test_an_edited_conventions_box_is_noted_and_notes_in_prose_are_not(tmp_path: Path) -> None:
    assert "conventions-shift" in works(tmp_path, answered(conventions__shift="The offset is added first."))[1]
    assert works(tmp_path, answered(cell__01="# My notes", diary__diary="I learned a lot.")) == (True, "")


def test_deleted_prose_plots_and_checks_cost_nothing_and_are_not_noted(tmp_path: Path) -> None:
    notebook = answered()
    for name in ("cell-01", "try-double", "see-picture", "conventions-shift", "diary-diary"):
        notebook["cells"].remove(cell_of(notebook, name))
    submission = submit(tmp_path, notebook)
    assert (submission.missing, submission.notices) == ((), ())


def test_an_exercise_that_became_text_still_counts(tmp_path: Path) -> None:
    for kind in ("markdown", "raw"):
        notebook = answered()
        cell_of(notebook, "double")["cell_type"] = kind
        right, notices = works(tmp_path, notebook)
        assert right
        assert "type of cells was changed (code, text): double" in notices


def test_a_written_answer_that_became_code_is_text(tmp_path: Path) -> None:
    notebook = answered()
    cell_of(notebook, "why")["cell_type"] = "code"
    submission = submit(tmp_path, notebook)
    assert submission.written["why"] == ANSWERS["why"]
    assert "extra-01" not in sources(submission)


def test_a_set_up_cell_that_became_text_runs_as_it_was_given_out(tmp_path: Path) -> None:
    notebook = answered()
    cell_of(notebook, "cell-02")["cell_type"] = "markdown"
    assert sources(submit(tmp_path, notebook))["cell-02"] == "import numpy as np"


def test_prose_that_became_code_does_not_run(tmp_path: Path) -> None:
    notebook = answered()
    cell_of(notebook, "cell-01")["cell_type"] = "code"
    assert "extra-01" not in sources(submit(tmp_path, notebook))


@pytest.mark.parametrize(
    ("marks", "words"),
    [
        ({"points": 1000}, "points of double are 1000 instead of 40"),
        ({"points": "many"}, "points of double are no number"),
        ({"points": float("nan")}, "points of double are beyond all bounds"),
        ({"points": True}, "points of double are no number"),
        ({"locked": True}, "locked of double"),
        ({"grade": False, "solution": False}, "grade, solution of double"),
        ({"points": 40.0}, ""),
        ({"schema_version": 99, "cell_type": "code"}, ""),
    ],
)
def test_changed_marks_are_noted_and_change_nothing(tmp_path: Path, marks: dict[str, object], words: str) -> None:
    notebook = answered()
    cell_of(notebook, "double")["metadata"]["nbgrader"].update(marks)
    right, notices = works(tmp_path, notebook)
    assert right
    assert words in notices
    assert bool(notices) == bool(words)


def test_points_on_a_cell_that_has_none_are_noted(tmp_path: Path) -> None:
    notebook = answered()
    cell_of(notebook, "see-picture")["metadata"] = {"nbgrader": {"grade_id": "see-picture", "points": 5, "grade": True}}
    assert "points of see-picture are 5 instead of 0; grade of see-picture" in works(tmp_path, notebook)[1]


@pytest.mark.parametrize("odd", [None, 7, [], "x", {"nbgrader": 3}, {"nbgrader": {"grade_id": ["double"]}}])
def test_odd_metadata_is_no_metadata(tmp_path: Path, odd: object) -> None:
    notebook = answered()
    cell_of(notebook, "double")["metadata"] = odd
    assert works(tmp_path, notebook) == (True, "")


def test_an_answer_in_prose_with_the_marks_of_a_check_is_found_by_its_id(tmp_path: Path) -> None:
    notebook = answered()
    cell_of(notebook, "why")["metadata"] = cell_of(notebook, "try-double")["metadata"]
    assert submit(tmp_path, notebook).written == {"why": ANSWERS["why"]}


def test_swapped_marks_lose_no_answer(tmp_path: Path) -> None:
    notebook = answered()
    one, other = cell_of(notebook, "double"), cell_of(notebook, "Shift")
    one["metadata"], other["metadata"] = other["metadata"], one["metadata"]
    submission = submit(tmp_path, notebook)
    assert submission.missing == ()
    assert namespace(submission)["Shift"]()(4) == 11


def test_an_answer_in_an_own_cell_counts_when_the_exercise_was_left_or_deleted(tmp_path: Path) -> None:
    for delete in (False, True):
        for place in (0, -1):
            notebook = answered()
            cell = cell_of(notebook, "double")
            cell["source"] = cell_of(untouched(), "double")["source"]
            if delete:
                notebook["cells"].remove(cell)
            own = code(ANSWERS["double"])
            notebook["cells"].insert(place if place == 0 else len(notebook["cells"]), own)
            submission = submit(tmp_path, notebook)
            assert submission.missing == ()
            assert sources(submission)["double"] == ANSWERS["double"]
            assert "double: its cell is" in submission.notices[0]


def test_several_answers_in_one_cell_become_one_cell_each(tmp_path: Path) -> None:
    notebook = answered()
    together = f"import math\n{ANSWERS['double']}\n# a comment\n{ANSWERS['Shift']}\n{ANSWERS['guess']}"
    for name in ("double", "Shift"):
        notebook["cells"].remove(cell_of(notebook, name))
    cell_of(notebook, "guess")["source"] = together
    submission = submit(tmp_path, notebook)
    assert {"double", "Shift", "guess"} <= set(sources(submission))
    assert sources(submission)["Shift"].startswith("# a comment\nclass Shift")
    assert namespace(submission)["Shift"]()(4) == 11


def test_without_any_metadata_cells_are_known_by_text_and_definition(tmp_path: Path) -> None:
    submission = submit(tmp_path, without_metadata(answered()))
    plain = submit(tmp_path, answered())
    assert set(submission.cells) == set(plain.cells)
    assert submission.written == plain.written
    assert submission.missing == ()


def test_an_id_in_the_metadata_is_an_id(tmp_path: Path) -> None:
    notebook = answered(
        double="from operator import add as double_\nglobals()['dou' 'ble'] = lambda x: double_(x, x)\n"
    )
    for cell in notebook["cells"]:
        cell["metadata"] = {"id": cell.pop("id")}
    assert works(tmp_path, notebook) == (True, "")


def test_delayed_annotations_hold_for_later_cells_as_in_a_notebook(tmp_path: Path) -> None:
    source = "def double(x: Undefined) -> Undefined:\n    return 2 * x\n"
    notebook = answered(cell__02="from __future__ import annotations\n", double=source)
    assert works(tmp_path, notebook)[0]


def test_the_topic_file_itself_is_a_perfect_submission(tmp_path: Path) -> None:
    submission = submit(tmp_path, TOPIC, ".py")
    assert list(sources(submission)) == ["cell-02", "double", "given-offset", "Shift", "guess"]
    assert namespace(submission)["Shift"]()(4) == 11
    assert submission.written == {"why": "## Why?\nWhy is the offset added last?\nBecause."}
    assert (submission.missing, submission.notices) == ((), ())


def test_every_topic_file_of_the_course_is_a_perfect_submission() -> None:
    course = load_course()
    for settings in course.topics:
        path = course.source(settings.stem)
        topic = read_topic(path)
        submission = read_submission(path, release_of(topic), "author")
        assert (submission.missing, submission.notices) == ((), ())
        assert {cell.name for cell in topic.exercises()} <= set(sources(submission))
        assert all(cell.known for cell in submission.cells), settings.stem


def test_a_plain_python_file_is_known_by_what_it_defines(tmp_path: Path) -> None:
    guard = "if __name__ == '__main__':\n    raise SystemExit\n"
    text = f"{ANSWERS['double']}\nHELP = 1\n\n@print\n{ANSWERS['Shift']}\n{guard}"
    submission = submit(tmp_path, text, ".py")
    assert {"double", "Shift"} <= set(sources(submission))
    assert sources(submission)["Shift"].startswith("@print\nclass")
    assert submission.missing == ("guess", "why")
    assert "SystemExit" not in "".join(sources(submission).values())
    assert submission.notices == ()


def test_a_syntax_error_in_a_plain_file_spares_the_other_exercises(tmp_path: Path) -> None:
    text = f"import math\n\ndef double(x):\n    return )\n\n{ANSWERS['Shift']}\n\nguess = 'a'\n"
    submission = submit(tmp_path, text, ".py")
    assert {"double", "Shift", "guess"} <= set(sources(submission))
    assert submission.missing == ("why",)
    names = namespace(submission)
    assert (names["guess"], names["errors"][0][0]) == ("a", "double")


@pytest.mark.parametrize(
    "header",
    [
        '# %% exercise="double" points=40',
        "#%% exercise='double'",
        '# %% nbgrader={"grade": true, "grade_id": "double", "points": 40}',
        "# %%",
        "# %% some title",
    ],
)
def test_headers_of_other_tools_and_no_header_will_do(tmp_path: Path, header: str) -> None:
    submission = submit(tmp_path, f"# %%\nimport math\n\n{header}\n{ANSWERS['double']}", ".py")
    assert sources(submission)["double"].strip() == ANSWERS["double"].strip()


def test_a_second_exercise_in_a_named_cell_is_found(tmp_path: Path) -> None:
    text = f'# %% exercise="double"\n{ANSWERS["double"]}\n{ANSWERS["Shift"]}'
    assert {"double", "Shift"} <= set(sources(submit(tmp_path, text, ".py")))
