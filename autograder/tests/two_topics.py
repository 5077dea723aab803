"""A course of two small topics in a temporary folder, whole enough that the linter has nothing to say about it."""

from __future__ import annotations

from pathlib import Path

from autograder.config import Course, load_course
from autograder.course.build import write
from autograder.course.coverage import coverage_text
from autograder.course.inventory import load_inventory
from autograder.course.notebook import notebook_text, notebook_with
from autograder.course.percent import read_topic
from autograder.course.scaffold import new
from autograder.course.stubs import stub_source

FIRST, SECOND = "hw01_first", "hw02_second"
COURSE = '[course]\nid = "scratch"\ntitle = "A scratch course"\n\n[[topic]]\nstem = "{stem}"\ntitle = "First"\n'
FILLER = "".join(f"# Line {number} of the theory.\n" for number in range(250))
MORE_ENTRIES = '''

@mistake("{name}", caught_by="test_values_agree_with_the_definition", severity="concept")
def squares(x):
    """Takes the square of every number, which happens to agree at two.

    For which numbers do twice and square differ?
    """
    return x**2


@mistake("{name}", caught_by="test_the_input_is_not_modified", severity="robustness")
def in_place(x):
    """Doubles the array that the caller still needs.

    What does the caller find in x afterwards?
    """
    x *= 2
    return x


@right_answer("{name}")
def by_stacking(x):
    """Adds two rows of a stack of copies."""
    return np.stack([x, x]).sum(axis=0)
'''


def make_two_topics(root: Path) -> Course:
    """Two topics that obey every rule, with their notebooks and coverage.csv."""
    write(root / "course.toml", COURSE.format(stem=FIRST))
    for stem in (FIRST, SECOND):
        new(load_course(root), stem)
    course = load_course(root)
    for stem in (FIRST, SECOND):
        _complete(course, stem)
    write(root / "assignments" / "coursekit" / "__init__.py", '"""The kit."""\n')
    write(root / "assignments" / "coursekit" / "check.py", '"""Visible checks."""\n')
    write(root / "assignments" / "coursekit" / "__pycache__" / "check.pyc", "left over")
    write(root / "datasets" / "README.md", "# Data sets\n")
    write(root / "datasets" / "tiny.npz", "numbers")
    write(root / "datasets" / "export.py", '"""How the data sets were made."""\n')
    release(course)
    return course


def release(course: Course) -> None:
    """Write notebooks and coverage.csv without nbgrader: the same cells, with less metadata."""
    topics = [read_topic(course.source(topic.stem)) for topic in course.topics]
    for topic in topics:
        notebook = notebook_with(topic, stub_source)
        write(course.root / "assignments" / topic.stem / f"{topic.stem}.ipynb", notebook_text(notebook))
    write(course.root / "coverage.csv", coverage_text(topics, load_inventory()))


def change(path: Path, old: str, new_text: str) -> None:
    """Change a file in one place, which must be there."""
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {path}"
    write(path, text.replace(old, new_text, 1))


def _complete(course: Course, stem: str) -> None:
    name = stem.partition("_")[2]
    source = course.source(stem)
    question = '    quiz.ask("1", answer_1, "0000000000", "A hint."),\n'
    change(source, question, question * 3)
    change(source, "# covers: 0.0 name of an item of autograder/course/inventory.toml", "# covers: 1.6 Adam")
    change(source, "# Derive it here", FILLER + "# Derive it here")
    change(source, "# The model answer.", f"# Because doubling a number of the topic {name} is linear.")
    change(source, "# What earns how many points.", f"# Five points for the word linear in topic {name}.")
    bank = course.bank(stem)
    write(bank, bank.read_text(encoding="utf-8") + MORE_ENTRIES.format(name=name))
