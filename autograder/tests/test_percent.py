"""Topic files are read into cells, stubs and solutions, and a fault is named with its line and mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.cells import Cell, Topic, TopicError
from autograder.course.percent import read_topic
from autograder.course.reference import earlier_source, is_variable, load_reference
from autograder.course.release import normalised_sha256, release_of
from autograder.course.stubs import solution_source, stub_source

ROOT = Path(__file__).resolve().parents[2]
TOPIC = '''"""A tiny topic.

Out of scope: everything.
"""

# %% [markdown]
# # Title
# covers: 1.6 Adam; 1.5 Nesterov look-ahead
#
# Text.

# %%
import math

# %% exercise="Halver" points=40 uses="a, b" hint="Say \\"half\\"."
class Halver:
    """Halves."""

    def __init__(self, by):
        ### BEGIN SOLUTION
        self.by = by
        ### END SOLUTION

    def halve(self, x):
        ### BEGIN SOLUTION
        return x / self.by  # secret
        ### END SOLUTION


# %% try="Halver"
if __name__ == "__main__":

    def demo():
        return Halver(2).halve(3)

    print(demo())
    # a last word
done = True

# %% exercise="predict_it" points=1
### BEGIN SOLUTION
predict_it = "b"
### END SOLUTION

# %% exercise="mended" points=1.5
def mended(x):
    ### BEGIN SOLUTION
    return math.sqrt(x)
    ### END SOLUTION
    ### BEGIN STUB
    # if x:
    #     return x**2  # as in the lecture
    # return 0
    ### END STUB


# %% [markdown] written="why" points=10
# Why?
#
# ### BEGIN SOLUTION
# Because.
# ### END SOLUTION
# ### BEGIN MARK SCHEME
# Ten points for because.
# ### END MARK SCHEME
'''


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    path = tmp_path / "solutions" / "hw00_tiny.py"
    path.parent.mkdir()
    path.write_text(TOPIC)
    return read_topic(path)


def test_cells_come_in_order_with_kind_name_and_points(topic: Topic) -> None:
    assert [(cell.kind, cell.id, cell.points) for cell in topic.cells] == [
        ("markdown", "cell-01", 0),
        ("setup", "cell-02", 0),
        ("exercise", "Halver", 40),
        ("try", "try-Halver", 0),
        ("exercise", "predict_it", 1),
        ("exercise", "mended", 1.5),
        ("written", "why", 10),
    ]
    assert topic.title == "A tiny topic"
    assert topic.cell("Halver").uses == ("a", "b")
    assert topic.cell("Halver").hint == 'Say "half".'
    assert TOPIC.split("\n")[topic.cell("Halver").line - 1].startswith('# %% exercise="Halver"')


def test_coverage_marks_are_taken_out_of_the_text(topic: Topic) -> None:
    assert topic.cells[0].covers == ("1.6 Adam", "1.5 Nesterov look-ahead")
    assert topic.cells[0].source == "# Title\n\nText."


def test_the_main_guard_is_stripped_and_what_it_guards_dedented(topic: Topic) -> None:
    assert topic.cell("Halver", "try").source == (
        "def demo():\n    return Halver(2).halve(3)\n\nprint(demo())\n# a last word\ndone = True"
    )


def test_a_stub_raises_at_every_place_and_names_the_points_once(topic: Topic) -> None:
    assert stub_source(topic.cell("Halver")) == (
        'class Halver:\n    """Halves."""\n\n'
        "    def __init__(self, by):\n        # Your code here (40 points).\n"
        '        raise NotImplementedError("Halver")\n\n'
        '    def halve(self, x):\n        # Your code here.\n        raise NotImplementedError("Halver")'
    )


def test_a_stub_of_its_own_is_uncommented(topic: Topic) -> None:
    assert stub_source(topic.cell("mended")) == (
        "def mended(x):\n    # Your code here (1.5 points).\n    if x:\n"
        "        return x**2  # as in the lecture\n    return 0"
    )
    assert solution_source(topic.cell("mended")) == "def mended(x):\n    return math.sqrt(x)"


def test_a_prediction_without_a_stub_of_its_own_starts_as_none(topic: Topic) -> None:
    assert stub_source(topic.cell("predict_it")) == "# Your code here (1 point).\npredict_it = None"
    assert is_variable(topic.cell("predict_it"))


def test_a_written_question_is_released_without_answer_and_mark_scheme(topic: Topic) -> None:
    assert stub_source(topic.cell("why", "written")) == "Why?\n\n*Your answer here (10 points).*"
    assert solution_source(topic.cell("why", "written")) == "Why?\n\nBecause."


def test_the_release_says_what_students_get(topic: Topic) -> None:
    release = release_of(topic)
    halver = release.cells[2]
    assert (halver.name, halver.kind, halver.cell_type, halver.locked) == ("Halver", "exercise", "code", False)
    assert halver.source == stub_source(topic.cell("Halver"))
    assert [cell.name for cell in release.cells if cell.locked] == ["cell-01", "try-Halver"]


def test_the_hash_of_a_cell_ignores_line_ends_and_trailing_white_space() -> None:
    assert normalised_sha256("a = 1\nb = 2") == normalised_sha256("a = 1  \r\nb = 2\r\n\r\n")
    assert normalised_sha256("a = 1\n  b = 2") != normalised_sha256("a = 1\nb = 2")


def test_the_reference_is_loaded_afresh_and_its_guarded_code_does_not_run(topic: Topic) -> None:
    first, second = load_reference(topic), load_reference(topic)
    assert first.Halver(2).halve(3) == 1.5
    assert first.Halver is not second.Halver
    assert first.__name__ == "hw00_tiny"
    assert not hasattr(first, "done")


def test_earlier_parts_are_functions_and_classes_but_no_answers(topic: Topic) -> None:
    text = earlier_source([topic], "hw01_next")
    assert "class Halver" in text
    assert "predict_it" not in text
    assert "Halver" not in earlier_source([topic], topic.stem)


def test_a_later_topic_can_import_earlier(topic: Topic) -> None:
    path = topic.path.with_name("hw01_next.py")
    path.write_text('"""Next."""\n\n# %%\nfrom earlier import Halver\n\nquarter = Halver(4).halve(1.0)\n')
    later = load_reference(read_topic(path), earlier=earlier_source([topic], "hw01_next"))
    assert later.quarter == 0.25


def test_given_code_and_markers_survive_a_cell_without_regions() -> None:
    cell = Cell("given", "helper", "def helper():\n    return '### BEGIN'")
    assert stub_source(cell) == solution_source(cell) == cell.source


@pytest.mark.parametrize(
    ("old", "new", "at", "words"),
    [
        ("# %%\nimport math", '# %% exercise="mended" points=1\nimport math', "points=1.5", "a second exercise cell"),
        ("points=40", "points=40 colour=1", "colour", "colour= is not known"),
        ("points=40", "points=forty", "forty", "cannot read 'points=forty"),
        ("points=40 ", "", 'exercise="Halver"', "without points. Add points=10"),
        ('exercise="mended"', 'exercise="not a name"', "not a name", "will not do as a cell id"),
        ('try="Halver"', 'try="Halver" see="Halver"', "see=", "either try or see"),
        ("# Text.", "Text.", "Text.", "without '# '"),
        ("self.by = by\n        ### END SOLUTION", "self.by = by", 'exercise="Halver"', "inside a region"),
        ("# ### END MARK SCHEME\n", "", "written=", "is never closed"),
        ("    ### BEGIN STUB", "    pass\n    ### END STUB", 'exercise="mended"', "### END STUB without"),
        ("    print(demo())", "    print(demo()", "    print(demo()", "not Python"),
        ('"""A tiny topic.\n\nOut of scope: everything.\n"""', "import math", "import math", "no module docstring"),
    ],
)
def test_a_fault_is_named_with_its_line_and_mend(tmp_path: Path, old: str, new: str, at: str, words: str) -> None:
    path = tmp_path / "hw00_tiny.py"
    assert old in TOPIC
    text = TOPIC.replace(old, new, 1)
    path.write_text(text)
    with pytest.raises(TopicError) as caught:
        read_topic(path)
    assert words in str(caught.value)
    line = int(str(caught.value).split(":")[1])
    assert at in text.split("\n")[line - 1]


def test_a_missing_topic_file_names_the_command_that_starts_it(tmp_path: Path) -> None:
    with pytest.raises(TopicError, match=r"\./course new hw00_tiny"):
        read_topic(tmp_path / "hw00_tiny.py")


def test_headers_mean_the_same_to_jupytext() -> None:
    jupytext = pytest.importorskip("jupytext")
    for path in sorted((ROOT / "solutions").glob("hw*.py")):
        theirs = jupytext.read(path).cells[1:]  # the first one holds the docstring
        ours = read_topic(path).cells
        assert [cell.cell_type == "code" for cell in theirs] == [cell.is_code for cell in ours]
        marked = [
            {key: cell.metadata[key] for key in ("exercise", "points") if key in cell.metadata} for cell in theirs
        ]
        exercises = [mark for mark in marked if "exercise" in mark]
        assert exercises == [{"exercise": cell.name, "points": cell.points} for cell in ours if cell.kind == "exercise"]
