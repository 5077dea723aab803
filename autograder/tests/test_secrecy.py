"""No solution, hidden test, mark scheme or bank entry is in anything that students get."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from autograder.config import Course, load_course
from autograder.course.build import write
from autograder.course.percent import read_topic
from autograder.course.publish import publish
from autograder.course.secrecy import Secret, leaks, secrets_of, squeezed
from autograder.tests.two_topics import FIRST, SECOND, make_two_topics


@pytest.fixture(scope="module")
def course(tmp_path_factory: pytest.TempPathFactory) -> Course:
    return make_two_topics(tmp_path_factory.mktemp("course"))


@pytest.fixture
def tree(course: Course, tmp_path: Path) -> Path:
    shutil.copytree(course.root / "assignments", tmp_path / "assignments")
    return tmp_path


def secrets(course: Course) -> list[Secret]:
    return secrets_of(course, [read_topic(course.source(topic.stem)) for topic in course.topics])


def found(course: Course, tree: Path, due: tuple[str, ...] = ()) -> set[str]:
    return {f"{leak.path}: {leak.secret.what}" for leak in leaks(tree, secrets(course), due)}


def test_the_notebooks_of_this_course_hold_no_secret() -> None:
    course = load_course()
    everything = secrets(course)
    assert {secret.what for secret in everything} == {"solution", "model answer", "mark scheme", "hidden test", "bank"}
    assert len(everything) > 100
    assert [str(leak) for leak in leaks(course.root / "assignments", everything)] == []


def test_what_publish_writes_for_this_course_holds_no_secret(tmp_path: Path) -> None:
    course = load_course()
    stems = [topic.stem for topic in course.topics]
    hidden = secrets(course)
    for number, stem in enumerate(stems):
        publish(course, tmp_path / stem, stem)
        found = leaks(tmp_path / stem, hidden, due=stems[:number])
        assert [str(leak) for leak in found] == []


def test_a_clean_tree_has_no_leak(course: Course, tree: Path) -> None:
    assert found(course, tree) == set()


LEAKS = {
    "a solution": ("    return not np.allclose(candidate(np.array([0.5, -3.0])), [1.0, -6.0])", "solution"),
    "a model answer": ("Because doubling a number of the topic first is linear.", "model answer"),
    "a mark scheme": ("Five points for the word linear in topic first. Students never see it.", "mark scheme"),
    "code of a hidden test": (
        'assert_matches(student.first(x), reference.first(x), rtol=1e-9, case=f"{n} numbers")',
        "hidden test",
    ),
    "a mistake's diagnosis": ("Takes the square of every number, which happens to agree at two.", "bank"),
    "a mistake's question": ("For which numbers do twice and square differ?", "bank"),
}


@pytest.mark.parametrize("kind", LEAKS)
@pytest.mark.parametrize("place", ["a cell", "an output", "the course kit"])
def test_every_kind_of_secret_is_found_wherever_it_stands(course: Course, tree: Path, kind: str, place: str) -> None:
    text, what = LEAKS[kind]
    path = tree / "assignments" / FIRST / f"{FIRST}.ipynb"
    if place == "the course kit":
        path = tree / "assignments" / "coursekit" / "check.py"
        write(path, f"# {text}\n")
    else:
        notebook = json.loads(path.read_text(encoding="utf-8"))
        cell = next(cell for cell in notebook["cells"] if cell["cell_type"] == "code")
        if place == "a cell":
            cell["source"] = ["x = 1\n", text[:30], text[30:]]
        else:
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": text}]
        write(path, json.dumps(notebook))
    assert f"{path.relative_to(tree).as_posix()}: {what}" in found(course, tree)


def test_titles_and_phrases_that_announce_a_test_are_public(course: Course, tree: Path) -> None:
    write(
        tree / "assignments" / "coursekit" / "check.py",
        '"""The values agree with the definition for inputs of several sizes. True if the candidate is wrong."""',
    )
    assert found(course, tree) == set()


def test_earlier_may_hold_solutions_of_topics_that_are_due_and_no_others(course: Course, tree: Path) -> None:
    text = course.source(FIRST).read_text(encoding="utf-8")
    earlier = tree / "assignments" / "earlier.py"
    write(earlier, "return not np.allclose(candidate(np.array([0.5, -3.0])), [1.0, -6.0])")
    assert squeezed(earlier.read_text(encoding="utf-8")) in squeezed(text)
    assert found(course, tree, due=(FIRST,)) == set()
    assert found(course, tree) == {"assignments/earlier.py: solution"}
    write(earlier, "# Five points for the word linear in topic first. Students never see it.")
    assert found(course, tree, due=(FIRST,)) == {"assignments/earlier.py: mark scheme"}


def test_a_leak_says_where_it_is_where_it_comes_from_and_what_to_do(course: Course, tree: Path) -> None:
    write(tree / "assignments" / "coursekit" / "check.py", "For which numbers do twice and square differ?")
    leak = str(next(leaks(tree, secrets(course))))
    assert leak.startswith("assignments/coursekit/check.py: holds a line of the bank at autograder/mistakes/hw0")
    assert "./course build" in leak


def test_short_and_public_lines_are_no_secrets(course: Course) -> None:
    texts = {secret.text for secret in secrets(course)}
    assert "return2.0*x" not in texts
    assert squeezed("def first(x):") not in texts
    assert SECOND in {secret.topic for secret in secrets(course)}
