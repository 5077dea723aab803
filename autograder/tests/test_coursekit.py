"""The students' course kit: friendly, quiet and light; and the notebooks that are made of it run from top to bottom."""

from __future__ import annotations

import ast
import doctest
import importlib
import re
import subprocess
import sys
import types
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from autograder.config import ROOT, load_course
from autograder.course.percent import read_topic
from autograder.course.reference import earlier_source
from autograder.course.release import release_of
from autograder.course.stubs import solution_source

COURSE = load_course()
KIT = ROOT / "assignments"
TOPICS = pytest.mark.parametrize("stem", [topic.stem for topic in COURSE.topics])


@pytest.fixture(autouse=True)
def importable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(KIT))


def kit(name: str) -> Any:
    return importlib.import_module(f"coursekit.{name}")


def unwritten() -> None:
    raise NotImplementedError("ema_weights")


def wrong_length() -> Any:
    return np.ones(2) + np.ones(3)


# check


def test_a_passed_report_says_what_it_has_not_checked() -> None:
    check = kit("check")
    report = check.report("f", check.equal("one", lambda: 1.0, 1.0), left="other numbers")
    assert report.passed
    assert str(report) == "f: 1 of 1 visible checks passed. Not checked here: other numbers.\n  ✓ ok: one"


def test_a_failed_check_shows_both_values_with_shape_and_dtype_and_one_hint() -> None:
    check = kit("check")
    failed = check.equal("sum", lambda: np.array([1.0, 2.5]), np.array([1.0, 2.0]))
    text = str(check.report("f", failed, hint="look at the end", left="nothing"))
    assert not check.report("f", failed).passed
    assert "✗ not yet: sum" in text
    assert "expected [1. 2.]   shape (2,), float64" in text
    assert "got      [1. 2.5]   shape (2,), float64" in text
    assert "1 of 2 entries differ, the first at index [1]" in text
    assert text.count("look at the end") == 1
    assert "Not checked here" not in text


def test_an_untouched_stub_says_not_written_yet_and_nothing_more() -> None:
    check = kit("check")
    report = check.report("ema_weights", check.equal("a", unwritten, 1), check.holds("b", unwritten))
    assert str(report) == "ema_weights: not written yet."
    assert not report.passed


def test_a_check_that_needs_another_exercise_names_it() -> None:
    check = kit("check")
    assert "First write `ema_weights`." in str(check.report("Adam", check.equal("a", unwritten, 1)))


@pytest.mark.parametrize("verb", ["equal", "holds", "raises"])
def test_whatever_the_code_raises_becomes_one_line(verb: str) -> None:
    check = kit("check")
    arguments = {"equal": (1,), "holds": (), "raises": (KeyError,)}[verb]
    lines = getattr(check, verb)("a", wrong_length, *arguments).lines
    assert lines[0].startswith("raised ValueError: operands could not be broadcast")
    assert lines[1].endswith("of the cell: return np.ones(2) + np.ones(3)")


def test_a_missing_name_says_to_run_its_cell() -> None:
    check = kit("check")
    lines = check.equal("a", lambda: not_there, 1).lines  # type: ignore[name-defined]  # noqa: F821
    assert lines[0] == "name 'not_there' is not defined: run the cell that defines it"


def test_a_missing_return_is_asked_about() -> None:
    check = kit("check")
    assert check.equal("a", lambda: None, np.ones(2)).lines == ("got None. Is there a `return`?",)


def test_warnings_are_told_with_a_failure_and_otherwise_kept_quiet() -> None:
    check = kit("check")
    lines = check.equal("a", lambda: np.log(np.zeros(1)), np.zeros(1)).lines
    assert lines[-1] == "NumPy warned: divide by zero encountered in log"
    assert check.equal("a", lambda: np.log(np.zeros(1)), np.array([-np.inf])).state == "passed"


@pytest.mark.parametrize(
    ("got", "want", "words"),
    [
        ({"w": 1.0}, {"w": 2.0}, "at ['w']"),
        ({"w": 1.0}, {"v": 1.0}, "expected the keys ['v']"),
        ((1.0, np.ones(2)), (1.0, np.zeros(2)), "at [1]"),
        (np.ones((1, 3)), np.ones(3), "shape (1, 3)"),
        ("b", "a", "got      'b'"),
        (1, True, "expected True"),
        ([[1.0], [1.0, 2.0]], np.ones(2), "expected [1. 1.]"),
        (np.array([np.nan]), np.ones(1), "got      [nan]"),
        (5, {"a": 1}, "a dict with keys"),
        ((1.0, 2.0, "a"), (1.0, "a"), "got      3 values"),
    ],
)
def test_every_kind_of_difference_is_put_into_words(got: object, want: object, words: str) -> None:
    assert words in "\n".join(kit("compare").differences(got, want, 1e-9, 0.0))


def test_a_list_may_stand_for_an_array_and_rounding_is_no_difference() -> None:
    differences = kit("compare").differences
    assert differences([1.0, 2.0 + 1e-12], np.array([1.0, 2.0]), 1e-9, 0.0) == []
    assert differences((np.float32(0.1), [1, 2]), (0.1, np.array([1.0, 2.0])), 1e-6, 0.0) == []


def test_raises_tells_a_value_from_the_expected_error() -> None:
    check = kit("check")
    assert check.raises("a", lambda: int("x"), ValueError).state == "passed"
    assert check.raises("a", lambda: 3, ValueError).lines == ("no ValueError, got 3",)


def test_text_of_a_student_is_escaped_in_html_and_cut() -> None:
    check = kit("check")

    def evil() -> None:
        raise ValueError("<script>" + "x" * 5000)

    html = check.report("f", check.equal("a", evil, 1))._repr_html_()
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert len(html) < 2000


# quiz


def test_an_answer_is_right_however_it_is_written() -> None:
    quiz = kit("quiz")
    key = quiz.hashed("q", 0.333)
    assert quiz.ask("q", 1 / 3, key).state == "right"
    assert quiz.ask("q", "0.33333", key).state == "right"
    assert quiz.ask("q", " T - 1 ", quiz.hashed("q", "t-1")).state == "right"
    assert quiz.ask("q", np.float64(-0.0), quiz.hashed("q", 0)).state == "right"


def test_a_wrong_answer_gets_its_hint_and_an_open_one_no_judgement() -> None:
    quiz = kit("quiz")
    answers = quiz.recall(quiz.ask("one", 2, quiz.hashed("one", 1), "Think of t = 1."), quiz.ask("two", None, "0" * 10))
    assert not answers.passed
    assert "✗ one: not 2. Think of t = 1." in str(answers)
    assert "two: no answer yet" in str(answers)
    assert "<b>one</b>" in answers._repr_html_()


def test_one_of_several_right_answers_is_enough() -> None:
    quiz = kit("quiz")
    keys = f"{quiz.hashed('q', 'moments')} {quiz.hashed('q', 'averages')}"
    assert quiz.recall(quiz.ask("q", "Averages", keys)).passed


def test_a_prediction_is_noted_and_never_judged() -> None:
    quiz = kit("quiz")
    assert quiz.predict("race", "b", "abc").passed
    assert str(quiz.predict("race", "b", "abc")) == "✓ race: you say b. Now run on and see."
    for nothing in (None, "d", "ab", 1):
        assert 'choose a, b or c, written as text: "a"' in str(quiz.predict("race", nothing, "abc"))


# plot


def test_lines_differ_in_colour_in_style_and_in_marker() -> None:
    styles = [kit("plot").style(k, marker=True) for k in range(7)]
    for key in ("color", "linestyle", "marker"):
        assert len({str(style[key]) for style in styles}) == 7


def test_a_figure_carries_its_text_for_those_who_cannot_see_it() -> None:
    plot = kit("plot")
    x = np.arange(1, 40)
    panel = plot.Panel("Title", "step", "loss", {"a": (x, x**2), "b": (x, x)}, log="xy", bands={"a": (x, x**2 + 1)})
    picture = plot.draw(panel, plot.Panel("Dots", "x", "y", {"d": (x, x)}, dots=("d",)), alt='falls "fast" & far')
    html = picture._repr_html_()
    assert 'alt="falls &quot;fast&quot; &amp; far"' in html
    assert "<figcaption>In words: falls" in html
    assert picture._repr_png_().startswith(b"\x89PNG")
    assert [ax.get_title(loc="left") for ax in picture.figure.axes] == ["Title", "Dots"]


def test_a_plot_that_cannot_be_drawn_yet_says_why() -> None:
    plot = kit("plot")
    assert str(plot.see(unwritten)).startswith("This is drawn with your own `ema_weights`.")
    assert "ValueError" in str(plot.see(wrong_length))
    assert "Predict first" in str(plot.see(wrong_length, None))


def test_a_plot_repeats_the_prediction() -> None:
    plot = kit("plot")
    picture = plot.see(lambda: plot.draw(plot.Panel("t", "x", "y", {"a": ([1], [1])}), alt="A point."), "b")
    assert str(picture) == "[figure] You predicted 'b'. A point."


# data


def test_the_digits_are_scaled_and_split_as_in_all_figures() -> None:
    data = kit("data")
    digits = data.load("digits")
    X_train, y_train, X_test, y_test = data.split(digits)
    order = np.random.default_rng(0).permutation(1797)
    assert digits.X.max() == 1.0
    assert np.array_equal(X_test, digits.X[order[:450]])
    assert np.array_equal(y_train, digits.y[order[450:]])
    assert (X_train.shape, y_test.shape) == ((1347, 64), (450,))


@pytest.mark.parametrize("name", ["breast_cancer", "diabetes", "digits", "iris", "wine"])
def test_every_set_loads_fresh_and_splits_into_a_quarter_and_the_rest(name: str) -> None:
    data = kit("data")
    one, other = data.load(name), data.load(name)
    one.X[:] = 0
    assert other.X.any()
    parts = data.split(other, seed=3)
    assert len(parts.X_train) + len(parts.X_test) == len(other.X) == len(other.y)
    assert abs(len(parts.X_test) - len(other.X) / 4) < 1
    assert len(other.feature_names) == other.X.shape[1]


def test_an_unknown_set_and_a_missing_file_are_explained(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = kit("data")
    with pytest.raises(ValueError, match="no data set 'mnist'"):
        data.load("mnist")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "__file__", str(tmp_path / "coursekit" / "data.py"))
    with pytest.raises(FileNotFoundError, match="Put the course's folder `datasets` beside this notebook"):
        data.load("wine")


def test_data_beside_a_flat_copy_is_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = kit("data")
    (tmp_path / "iris.npz").write_bytes((ROOT / "datasets" / "iris.npz").read_bytes())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(data, "__file__", str(tmp_path / "coursekit" / "data.py"))
    assert data.load("iris").X.shape == (150, 4)


# the kit and the notebooks


def test_importing_the_kit_brings_in_nothing_heavy() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1]); from coursekit import check, data, plot, quiz, toys; "
        "print(*sorted({name.split('.')[0] for name in sys.modules} & {'matplotlib', 'IPython', 'sklearn', 'pandas'}))"
    )
    ran = subprocess.run([sys.executable, "-c", code, str(KIT)], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == ""


@pytest.mark.parametrize("path", sorted((KIT / "coursekit").rglob("*.py")), ids=lambda path: path.stem)
def test_examples_in_the_kit_are_true(path: Path) -> None:
    name = ".".join(path.relative_to(KIT).with_suffix("").parts).removesuffix(".__init__")
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def earlier_module(stem: str) -> types.ModuleType:
    """The reference parts of the topics before one, which travel with the published tree."""
    stems = [topic.stem for topic in COURSE.topics]
    before = [read_topic(COURSE.source(each)) for each in stems[: stems.index(stem)]]
    module = types.ModuleType("earlier")
    sys.modules.pop("earlier", None)
    exec(earlier_source(before, stem), module.__dict__)
    return module


def run_notebook(stem: str, *, solved: bool) -> Iterator[tuple[str, str, Any]]:
    """Kind, name and last value of each code cell, run in order in one namespace."""
    topic = read_topic(COURSE.source(stem))
    space: dict[str, Any] = {"__name__": "__main__"}
    sys.modules["earlier"] = earlier_module(stem)
    for cell, released in zip(topic.cells, release_of(topic).cells, strict=True):
        if cell.is_code:
            source = solution_source(cell) if solved and cell.kind == "exercise" else released.source
            body, value, file = ast.parse(source), None, f"<{cell.id}>"
            last = body.body[-1]
            if isinstance(last, ast.Expr):
                body.body.pop()
            exec(compile(body, file, "exec"), space)
            if isinstance(last, ast.Expr):
                value = eval(compile(ast.Expression(last.value), file, "eval"), space)
            yield cell.kind, cell.name, value


@TOPICS
def test_an_untouched_notebook_runs_from_top_to_bottom(stem: str) -> None:
    assert all(not value.passed for kind, _, value in run_notebook(stem, solved=False) if kind == "try")


@TOPICS
def test_in_a_solved_notebook_all_checks_pass_and_all_figures_are_drawn(stem: str) -> None:
    failed = []
    for kind, name, value in run_notebook(stem, solved=True):
        if kind == "try" and not (value.passed and value.left):
            failed.append(f"{name}: {value}")
        if kind == "see" and not hasattr(value, "figure"):
            failed.append(f"{name}: {value}")
    assert failed == []


@TOPICS
def test_the_limits_that_a_notebook_names_are_those_of_the_course(stem: str) -> None:
    text = re.sub(r"\s+", " ", " ".join(cell.source for cell in release_of(read_topic(COURSE.source(stem))).cells))
    limits = COURSE.limits
    words = (
        f"{limits.cell_seconds:g} s for a cell",
        f"{limits.call_seconds:g} s for a call",
        f"{limits.exercise_seconds:g} s for the tests of one exercise",
        f"{limits.memory_mb} MB of memory",
    )
    assert [each for each in words if each not in text] == []
