"""Rules of form for a topic's hidden tests and bank, and for the agreement of both with the topic file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from autograder.course.material import BankEntry, Complaint, Material, folded
from autograder.course.reference import is_variable
from autograder.course.rules import Rule

SEVERITIES = ("concept", "detail", "robustness", "trivial")
MISTAKES = 3
RIGHT_ANSWERS = 2


def files_can_be_read(material: Material) -> Iterator[Complaint]:
    """Grader and bank are there and are Python."""
    yield from material.unreadable


def hidden_tests_say_what_they_grade(material: Material) -> Iterator[Complaint]:
    """Each test has a marker with points and exercise, a sentence for the student, and a name of its own."""
    exercises = {cell.name for cell in material.topic.exercises()}
    names = Counter(test.name for test in material.tests)
    for test in material.tests:
        if test.points is None or not test.exercise:
            mend = 'Add @pytest.mark.points(2, exercise="...", spec="...") with literal values.'
            yield Complaint(material.grader, test.line, f"{test.name} has no points", mend)
        elif test.exercise not in exercises:
            text = f"{test.name} is for {test.exercise!r}, which is no exercise"
            yield Complaint(material.grader, test.line, text, f"Name one of: {', '.join(sorted(exercises))}.")
        if not test.title:
            mend = "Say in the docstring's first line what is graded; students read it."
            yield Complaint(material.grader, test.line, f"{test.name} has no sentence", mend)
        if names[test.name] > 1:
            yield Complaint(material.grader, test.line, f"two tests are called {test.name}", "Rename one.")


def points_of_tests_add_up_to_the_header(material: Material) -> Iterator[Complaint]:
    """Double entry: the header is the contract, the tests must earn exactly that."""
    if any(complaint.path == material.grader for complaint in material.unreadable):
        return
    for cell in material.topic.exercises():
        total = sum(test.points or 0.0 for test in material.tests if test.exercise == cell.name)
        if abs(total - cell.points) > 1e-9:
            text = f"{cell.name} is worth {cell.points:g} points, its tests in {material.grader} {total:g}"
            yield Complaint(material.source, cell.line, text, "Change the header or the tests' points.")


def hidden_tests_are_announced(material: Material) -> Iterator[Complaint]:
    """What a test grades stands, word for word, in what the student reads."""
    read = folded("\n".join(cell.source for cell in material.release.cells))
    for test in material.tests:
        if not test.spec:
            mend = 'Add spec="..." with the phrase of the docstring or conventions box that announces it.'
            yield Complaint(material.grader, test.line, f"{test.name} has no spec=", mend)
        elif folded(test.spec) not in read:
            text = f"{test.name}: spec={test.spec!r} stands nowhere in the student's notebook"
            yield Complaint(material.grader, test.line, text, f"Quote a phrase of {material.source}, or add it there.")


def the_bank_is_large_enough(material: Material) -> Iterator[Complaint]:
    """At least three mistakes, two right answers and a probe for each exercise that is code."""
    if any(complaint.path == material.bank_file for complaint in material.unreadable):
        return
    for cell in material.topic.exercises():
        if is_variable(cell):
            continue
        count = Counter(entry.verb for entry in material.bank if entry.exercise == cell.name)
        for verb, least in (("mistake", MISTAKES), ("right_answer", RIGHT_ANSWERS), ("probe", 1)):
            if count[verb] < least:
                text = f"{count[verb]} of {least} @{verb} entries for {cell.name}"
                yield Complaint(material.bank_file, 1, text, f'Add {least - count[verb]}: @{verb}("{cell.name}"...)')


def bank_entries_are_complete(material: Material) -> Iterator[Complaint]:
    """Each entry is for an exercise, says what it is, and a mistake names its severity and the test that catches it."""
    exercises = {cell.name for cell in material.topic.exercises()}
    tests = {test.name: test.exercise for test in material.tests}
    seen: set[tuple[str, str]] = set()
    for entry in material.bank:
        if entry.exercise not in exercises:
            text = f"{entry.name} is for {entry.exercise!r}, which is no exercise"
            yield _at(material, entry, text, f"Name one of: {', '.join(sorted(exercises))}.")
        if not entry.docstring and entry.verb != "probe":
            yield _at(material, entry, f"{entry.name} has no docstring", "Say in one line what it does.")
        if (entry.exercise, entry.name) in seen:
            yield _at(material, entry, f"a second entry {entry.name} for {entry.exercise}", "Rename it.")
        seen.add((entry.exercise, entry.name))
        if entry.verb == "mistake":
            yield from _of_mistake(material, entry, tests)


def _of_mistake(material: Material, entry: BankEntry, tests: dict[str, str]) -> Iterator[Complaint]:
    if entry.severity not in SEVERITIES:
        text = f"{entry.name}: severity {entry.severity!r}"
        yield _at(material, entry, text, f"Use one of: {', '.join(SEVERITIES)}.")
    if entry.caught_by not in tests:
        text = f"{entry.name}: caught_by names {entry.caught_by!r}, which is no test of {material.grader}"
        mine = [name for name, exercise in tests.items() if exercise == entry.exercise]
        yield _at(material, entry, text, f"Name one of: {', '.join(mine) or 'a test to be written'}.")
    elif tests[entry.caught_by] != entry.exercise:
        text = f"{entry.name}: {entry.caught_by} is a test of {tests[entry.caught_by]}, not of {entry.exercise}"
        yield _at(material, entry, text, "Name a test of the same exercise.")
    if not folded(entry.docstring).endswith("?"):
        yield _at(material, entry, f"{entry.name} asks no question", "End its docstring with one that leads on.")


GRADING_RULES: tuple[Rule, ...] = (
    files_can_be_read,
    hidden_tests_say_what_they_grade,
    points_of_tests_add_up_to_the_header,
    hidden_tests_are_announced,
    the_bank_is_large_enough,
    bank_entries_are_complete,
)


def _at(material: Material, entry: BankEntry, text: str, mend: str) -> Complaint:
    return Complaint(material.bank_file, entry.line, text, mend)
