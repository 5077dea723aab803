"""The course's own demo, plot and check cells do not run, unless a student's code builds on them."""

from __future__ import annotations

import copy
from pathlib import Path

from autograder.config import load_course
from autograder.course.percent import read_topic, solution_source
from autograder.course.release import release_of
from autograder.intake.analysis import binds, imports
from autograder.intake.cells import Placed
from autograder.intake.skip import without_demonstrations
from autograder.tests.intake_samples import ANSWERS, answered, cell_of, code, namespace, position, sources, submit

PICTURE = "curve = [double(value) for value in range(5)]\nprint(curve)"


def kept(*cells: Placed) -> list[str]:
    return [cell.name for cell in without_demonstrations(cells)]


def test_unchanged_plots_and_checks_do_not_run(tmp_path: Path) -> None:
    assert not {"try-double", "see-picture"} & set(sources(submit(tmp_path, answered())))


def test_white_space_at_the_ends_of_lines_is_no_change(tmp_path: Path) -> None:
    changed = "\n" + PICTURE.replace("\n", "   \r\n") + "\n\n"
    assert "see-picture" not in sources(submit(tmp_path, answered(see__picture=changed)))


def test_an_edited_plot_is_the_students_code_and_runs(tmp_path: Path) -> None:
    submission = submit(tmp_path, answered(see__picture=PICTURE + "\nprint('mine')"))
    assert sources(submission)["see-picture"].endswith("print('mine')")
    assert submission.notices == ()


def test_tags_and_ids_do_not_make_a_cell_a_plot(tmp_path: Path) -> None:
    notebook = answered()
    cell = cell_of(notebook, "double")
    cell["id"] = "see-picture"
    cell["metadata"] = {"tags": ["skip"], "nbgrader": {"grade_id": "see-picture"}}
    notebook["cells"].remove([other for other in notebook["cells"] if other["id"] == "see-picture"][1])
    submission = submit(tmp_path, notebook)
    assert sources(submission)["double"] == ANSWERS["double"]


def test_a_copy_of_a_plot_under_any_name_does_not_run(tmp_path: Path) -> None:
    notebook = answered()
    plot = cell_of(notebook, "see-picture")
    notebook["cells"].insert(0, copy.deepcopy(plot) | {"id": "elsewhere", "metadata": {"tags": ["keep"]}})
    notebook["cells"].append(code(PICTURE))
    submission = submit(tmp_path, notebook)
    assert PICTURE not in sources(submission).values()
    assert submission.notices == ()


def test_a_plot_whose_result_a_student_uses_runs(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].append(code("total = sum(curve)"))
    submission = submit(tmp_path, notebook)
    assert list(sources(submission))[-2:] == ["see-picture", "extra-01"]
    assert namespace(submission)["total"] == 20


def test_a_plot_stays_out_if_the_student_makes_that_name(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].insert(position(notebook, "double"), code("curve = [1]\nprint(curve)"))
    assert "see-picture" not in sources(submit(tmp_path, notebook))


def test_what_a_kept_demonstration_needs_is_kept_too() -> None:
    chain = [
        Placed("see-a", "first = 1", skippable=True),
        Placed("see-b", "second = first", skippable=True),
        Placed("see-c", "third = 3", skippable=True),
    ]
    assert kept(*chain, Placed("", "print(second)")) == ["see-a", "see-b", ""]
    assert kept(*chain) == []


def test_a_module_that_the_set_up_imports_as_well_keeps_no_plot() -> None:
    setup = Placed("cell-01", "import numpy as np", untouched=True)
    plot = Placed("see-a", "import numpy as np\nprint(np.pi)", skippable=True)
    answer = Placed("f", "def f():\n    return np.pi")
    assert kept(setup, plot, answer) == ["cell-01", "f"]
    assert kept(plot, answer) == ["see-a", "f"]


def test_a_cell_that_is_no_python_needs_nothing() -> None:
    assert kept(Placed("see-a", "x = 1", skippable=True), Placed("f", "def f(: x")) == ["f"]


def test_no_solution_of_the_course_needs_a_demonstration() -> None:
    course = load_course()
    for settings in course.topics:
        topic = read_topic(course.source(settings.stem))
        cells = [
            Placed(cell.name, solution_source(source) if cell.kind == "exercise" else cell.source, False, True)
            if cell.kind in ("setup", "given", "exercise")
            else Placed(cell.name, cell.source, skippable=True)
            for cell, source in zip(release_of(topic).cells, topic.cells, strict=True)
            if cell.cell_type == "code"
        ]
        assert not [cell.name for cell in without_demonstrations(cells) if cell.skippable], settings.stem


def test_imports_are_told_from_other_names() -> None:
    source = "import a.b\nfrom c import d as e\nf = 1\ndef g():\n    import h\n"
    assert set(imports(source)) == {"a", "e"}
    assert set(binds(source)) == {"a", "e", "f", "g"}
