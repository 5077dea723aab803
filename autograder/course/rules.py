"""Rules of form for a topic file: what every exercise needs, and what every notebook contains (DESIGN of the course).

A rule is a generator of complaints; `TOPIC_RULES` lists them in the order in which an author meets them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Callable, Iterator

from autograder.course.cells import Cell
from autograder.course.coverage import unknown_marks
from autograder.course.docstrings import docstring_problems
from autograder.course.inventory import load_inventory
from autograder.course.material import Complaint, Material
from autograder.course.reference import is_variable
from autograder.course.release import Release
from autograder.course.stubs import regions, solution_source, stub_source

Rule = Callable[[Material], Iterator[Complaint]]

TOPIC_POINTS = 100
LINES = (300, 600)
WRITTEN_POINTS = (8, 12)
MILESTONE_POINTS = 10
RECALL_QUESTIONS = 3
CAUSE_POINTS = 5  # at most: a guess may hit
MARKDOWN_BLOCK = re.compile(r" {0,3}([-+*>]|#{1,6}|\d+[.)]) ")
RUN_NOT_READ = ("setup", "try", "see", "given")


def exercises_define_what_they_are_called(material: Material) -> Iterator[Complaint]:
    """The solution is there, it is Python, and it defines exactly the name in the header."""
    for cell in material.topic.exercises():
        if not any(text.strip() for text in regions(cell.source, "SOLUTION")):
            yield _at(material, cell, f"{cell.name} has no solution", "Put it between ### BEGIN SOLUTION and its END.")
            continue
        try:
            defined = _defined(solution_source(cell))
        except SyntaxError as error:
            place = f"{cell.name}: the solution is not Python ({error.msg})"
            yield _at(material, cell, place, "Mend it; the markers stand indented like the code.")
            continue
        if cell.name not in defined:
            seen = ", ".join(defined) or "nothing"
            yield _at(material, cell, f"{cell.name}: the cell defines {seen}", f"Define {cell.name}, or rename it.")


def stubs_fail(material: Material) -> Iterator[Complaint]:
    """The stub is Python and does not do the job: it raises, binds None, or is a text of its own."""
    for cell in material.topic.exercises():
        stub = stub_source(cell)
        try:
            same = ast.dump(ast.parse(stub)) == ast.dump(ast.parse(solution_source(cell)))
        except SyntaxError as error:
            mend = "Comment every line between ### BEGIN STUB and its END with '# ', or keep the docstring outside."
            yield _at(material, cell, f"{cell.name}: the stub is not Python ({error.msg})", mend)
            continue
        if same and regions(cell.source, "SOLUTION"):
            mend = "Move ### BEGIN SOLUTION so that what is to be written lies inside."
            yield _at(material, cell, f"{cell.name}: the stub is the solution", mend)


def docstrings_are_complete(material: Material) -> Iterator[Complaint]:
    """Docstrings are numpydoc: sentence, parameters, returns, raises, example, source, in this order."""
    for cell in material.topic.exercises():
        if is_variable(cell):
            continue
        try:
            problems = list(docstring_problems(stub_source(cell), cell.name, not cell.name.startswith("catches")))
        except SyntaxError:
            continue  # another rule says so
        for definition, text, mend in problems:
            yield Complaint(material.source, _line_of(material, definition, cell.line), text, mend)


def points_add_up_to_100(material: Material) -> Iterator[Complaint]:
    """Exercises and written questions of a topic are worth 100 points together."""
    total = sum(cell.points for cell in material.topic.cells)
    if total != TOPIC_POINTS:
        mend = f"Change points= in the headers by {TOPIC_POINTS - total:+g} in all."
        yield Complaint(material.source, 1, f"the topic is worth {total:g} points, not {TOPIC_POINTS}", mend)


def every_exercise_can_be_tried_and_has_a_hint(material: Material) -> Iterator[Complaint]:
    """A try cell follows each exercise that is code, and there is a hint for it."""
    tries = {cell.name: cell for cell in material.topic.cells if cell.kind == "try"}
    for cell in material.topic.exercises():
        attempt = tries.get(cell.name)
        if is_variable(cell):
            continue
        if attempt is None:
            yield _at(material, cell, f"{cell.name} has no try cell", f'Add one after it: # %% try="{cell.name}"')
        if not cell.hint and (attempt is None or "hint=" not in attempt.source):
            yield _at(material, cell, f"{cell.name} has no hint", 'Add hint="..." to the header or to a visible check.')
    names = {cell.name for cell in material.topic.exercises()}
    for name, cell in tries.items():
        if name not in names:
            yield _at(material, cell, f"a try cell for {name}, which is no exercise", "Give it the exercise's name.")


def uses_name_earlier_exercises(material: Material) -> Iterator[Complaint]:
    """`uses=` names exercises further up, and only functions, because state cannot be replaced."""
    before: dict[str, Cell] = {}
    for cell in material.topic.exercises():
        for name in cell.uses:
            if name not in before:
                text = f"{cell.name} uses {name}, which is no exercise above it"
                yield _at(material, cell, text, "Name an earlier exercise, or remove it from uses=.")
            elif f"def {name}(" not in before[name].source:
                text = f"{cell.name} uses {name}, which is no function"
                yield _at(material, cell, text, "Remove it from uses=: only pure functions can be replaced.")
        before[cell.name] = cell


def the_notebook_has_all_its_parts(material: Material) -> Iterator[Complaint]:
    """Conventions box, plot, recall questions, diary, and in a lesson a write-the-test exercise."""
    topic = material.topic
    kinds = [cell.kind for cell in topic.cells]
    for kind, example in (
        ("conventions", '# %% [markdown] conventions="..."'),
        ("see", '# %% see="..."'),
        ("diary", '# %% [markdown] diary="..."'),
    ):
        if kind not in kinds:
            yield Complaint(material.source, 1, f"no {kind} cell", f"Add one: {example}")
    asked = [cell for cell in topic.cells if cell.kind == "recall"]
    questions = max(len(asked), sum(len(re.findall(r"\bask\(", cell.source)) for cell in asked))
    if questions < RECALL_QUESTIONS:
        mend = 'Add questions that check themselves in a # %% recall="..." cell.'
        yield Complaint(material.source, 1, f"{questions} of {RECALL_QUESTIONS} recall questions", mend)
    if not material.is_capstone and not any(cell.name.startswith("catches") for cell in topic.exercises()):
        mend = 'Add a write-the-test exercise: # %% exercise="catches_..." points=8'
        yield Complaint(material.source, 1, "no catches exercise", mend)


def predictions_are_worth_one_point(material: Material) -> Iterator[Complaint]:
    """There is a prediction, each is worth one point for any answer, and a plot follows that shows what happens."""
    if material.is_capstone:
        return
    predictions = [cell for cell in material.topic.exercises() if is_variable(cell)]
    if not predictions:
        mend = 'Add a choice before a plot: # %% exercise="predict_..." points=1'
        yield Complaint(material.source, 1, "no prediction", mend)
    last_plot = max((cell.line for cell in material.topic.cells if cell.kind == "see"), default=0)
    for cell in predictions:
        if cell.points != 1:
            text = f"{cell.name} is worth {cell.points:g} points"
            yield _at(material, cell, text, "A prediction is worth 1 point: nobody loses by a wrong guess.")
        if cell.line > last_plot:
            yield _at(material, cell, f"no see cell follows {cell.name}", "Move it before the plot that answers it.")


def causes_are_named_after_their_plot(material: Material) -> Iterator[Complaint]:
    """A capstone asks for causes; each has one right answer, so it is worth little, and a plot stands above it."""
    if not material.is_capstone:
        return
    causes = [cell for cell in material.topic.exercises() if is_variable(cell)]
    if not causes:
        mend = 'Ask for the cause of each fault: # %% exercise="cause_..." points=4'
        yield Complaint(material.source, 1, "no cause to name", mend)
    first_plot = min((cell.line for cell in material.topic.cells if cell.kind == "see"), default=0)
    for cell in causes:
        if cell.points > CAUSE_POINTS:
            text = f"{cell.name} is worth {cell.points:g} points"
            yield _at(material, cell, text, f"Give it {CAUSE_POINTS} at most: a guess may hit.")
        if cell.line < first_plot:
            yield _at(material, cell, f"no see cell stands above {cell.name}", "Move it after the plot of its symptom.")


def one_written_question_with_a_mark_scheme(material: Material) -> Iterator[Complaint]:
    """One question is marked by hand, for 8 to 12 points, with a model answer and a mark scheme for the markers."""
    written = material.topic.written()
    if len(written) != 1:
        mend = 'There is one per topic: # %% [markdown] written="..." points=10'
        yield Complaint(material.source, written[1].line if written else 1, f"{len(written)} written questions", mend)
    low, high = WRITTEN_POINTS
    for cell in written:
        if not low <= cell.points <= high:
            mend = f"Give it {low} to {high}."
            yield _at(material, cell, f"{cell.name} is worth {cell.points:g} points", mend)
        for region, what in (("SOLUTION", "model answer"), ("MARK SCHEME", "mark scheme")):
            if not any(text.strip() for text in regions(cell.source, region)):
                mend = f"Add one: ### BEGIN {region} ... ### END {region}"
                yield _at(material, cell, f"{cell.name} has no {what}", mend)


def milestones_are_worth_at_most_10_points(material: Material) -> Iterator[Complaint]:
    """Accuracy cannot grade, so training a real network earns little."""
    milestones = [cell for cell in material.topic.cells if "milestone" in cell.name and cell.points]
    total = sum(cell.points for cell in milestones)
    if total > MILESTONE_POINTS:
        mend = f"Move {total - MILESTONE_POINTS:g} points to exercises."
        yield _at(material, milestones[0], f"milestones are worth {total:g} points, more than {MILESTONE_POINTS}", mend)


def the_lesson_has_a_readable_length(material: Material) -> Iterator[Complaint]:
    """300 to 600 lines to read."""
    lines = lines_to_read(material.release)
    if not LINES[0] <= lines <= LINES[1]:
        mend = "Explain more." if lines < LINES[0] else "Cut what the lesson does without, but no derivation."
        text = f"{lines} lines to read (prose, exercises, questions), not {LINES[0]} to {LINES[1]}"
        yield Complaint(material.source, 1, text, mend)


def lines_to_read(release: Release) -> int:
    """Lines of prose, exercises and questions as students get them, without empty ones.

    Checks, plots and given code are there to be run, solutions and mark schemes are not seen, so none of them counts.
    """
    read = [cell.source for cell in release.cells if cell.kind not in RUN_NOT_READ]
    return sum(bool(line.strip()) for source in read for line in source.split("\n"))


def coverage_marks_name_items(material: Material) -> Iterator[Complaint]:
    """`# covers:` lines name items of inventory.toml, and there is at least one."""
    for line, mark, nearest in unknown_marks(material.topic, load_inventory()):
        mend = f"Did you mean {nearest!r}? " if nearest else ""
        text = f"'# covers: {mark}' names no item"
        yield Complaint(
            material.source, _line_of(material, mark, line), text, mend + "See autograder/course/inventory.toml."
        )
    if not any(cell.covers for cell in material.topic.cells):
        mend = "Add lines such as '# covers: 1.6 Adam' to the cells that teach."
        yield Complaint(material.source, 1, "no '# covers:' line", mend)


def formulas_are_not_read_as_lists(material: Material) -> Iterator[Complaint]:
    """No line of text begins, in the middle of a formula, with what starts a list, a quote or a heading in Markdown."""
    for cell in material.topic.cells:
        dollars = 0
        for line in () if cell.is_code else cell.source.split("\n"):
            if dollars % 2 and MARKDOWN_BLOCK.match(line):
                mend = "Break the line at another place."
                place = _line_of(material, line, cell.line)
                yield Complaint(material.source, place, f"a formula is cut by {line.strip()[:20]!r}", mend)
            dollars = dollars + line.count("$") if line.strip() else 0


TOPIC_RULES: tuple[Rule, ...] = (
    exercises_define_what_they_are_called,
    stubs_fail,
    docstrings_are_complete,
    points_add_up_to_100,
    every_exercise_can_be_tried_and_has_a_hint,
    uses_name_earlier_exercises,
    the_notebook_has_all_its_parts,
    predictions_are_worth_one_point,
    causes_are_named_after_their_plot,
    one_written_question_with_a_mark_scheme,
    milestones_are_worth_at_most_10_points,
    the_lesson_has_a_readable_length,
    coverage_marks_name_items,
    formulas_are_not_read_as_lists,
)


def _at(material: Material, cell: Cell, text: str, mend: str) -> Complaint:
    return Complaint(material.source, cell.line, text, mend)


def _line_of(material: Material, text: str, start: int) -> int:
    lines = material.text.split("\n")
    return next((n for n, line in enumerate(lines[start - 1 :], start=start) if text in line), start)


def _defined(source: str) -> list[str]:
    """Names that the top level of a cell defines."""
    names: list[str] = []
    for node in ast.parse(source).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.append(node.name)
        elif isinstance(node, ast.Assign):
            names += [target.id for target in node.targets if isinstance(target, ast.Name)]
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.append(node.target.id)
    return names
