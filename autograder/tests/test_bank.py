"""A bank file is read as source; what breaks a rule of form is named with its line and a mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from autograder.course.percent import Topic, read_topic
from autograder.grading.bank import Bank, BankError, cells_with, read_bank, submission_with
from autograder.grading.bank_rules import bank_problems, normalised

TOPIC = '''"""A topic for tests."""
# %%
import math
# %% exercise="predict_it" points=1
### BEGIN SOLUTION
predict_it = "a"
### END SOLUTION
# %% exercise="half" points=4
def half(x):
    """Half of x."""
    ### BEGIN SOLUTION
    return x / 2
    ### END SOLUTION
# %% try="half"
print(half(2))
'''

HEAD = '''"""Known mistakes and right answers."""
import math

from autograder.grading.bank import mistake, probe, right_answer

WEIGHT = 0.5


'''
MISTAKE = '''@mistake("half", caught_by="test_half", severity="concept")
def doubles(x):
    """It doubles x.

    What is half of
    two?
    """
    return x if x < 1 else doubles(x - 1) + 4 * WEIGHT


'''
OTHERS = '''@mistake("half", caught_by="test_half", severity="detail")
def floors(x):
    """It rounds down.

    What is half of three?
    """
    return x // 2


@mistake("half", caught_by="test_half", severity="trivial")
def nothing(x):
    """It gives x back.

    What changed?
    """
    return x


@right_answer("half")
def by_weight(x):
    """A product in place of the quotient."""
    return WEIGHT * x


@right_answer("half")
def by_shift(x):
    """By an exponent."""
    return math.ldexp(x, -1)


@probe("half")
def probe_half(student, look, rng):
    look("three", lambda: student.half(3.0))
'''
TESTS = {"half": ("test_half",)}


@pytest.fixture
def topic(tmp_path: Path) -> Topic:
    (tmp_path / "hw99_half.py").write_text(TOPIC)
    return read_topic(tmp_path / "hw99_half.py")


def bank_of(tmp_path: Path, text: str) -> Bank:
    path = tmp_path / "mistakes" / "hw99_half.py"
    path.parent.mkdir(exist_ok=True)
    path.write_text(text)
    return read_bank(path)


def test_an_entry_is_read_with_its_diagnosis_its_question_and_its_source_under_the_name_of_the_exercise(
    tmp_path: Path,
) -> None:
    entry = bank_of(tmp_path, HEAD + MISTAKE).entries[0]
    assert (entry.exercise, entry.name, entry.severity, entry.caught_by) == ("half", "doubles", "concept", "test_half")
    assert entry.diagnosis == "It doubles x."
    assert entry.question == "What is half of two?"
    space: dict[str, object] = {}
    exec(entry.source, space)
    assert space["half"](2.5) == 4.5  # type: ignore[operator]
    assert {"doubles", "mistake"}.isdisjoint(space)
    assert space["WEIGHT"] == 0.5


def test_an_entry_brings_of_the_prelude_only_what_it_needs(tmp_path: Path) -> None:
    prelude = "ZERO = 0.0\nBASE = ZERO + 1\n\n\nclass Parent:\n    start = BASE\n\n\n"
    text = '@right_answer("half")\nclass child(Parent):\n    """D."""\n'
    source = bank_of(tmp_path, HEAD + prelude + text).entries[0].source
    assert "ZERO = 0.0" in source
    assert "class Parent" in source
    assert "WEIGHT" not in source
    assert "math" not in source


def test_a_class_may_name_itself(tmp_path: Path) -> None:
    text = '@right_answer("half")\nclass other:\n    """D."""\n    def f(self):\n        return super(other, self)\n'
    assert "super(half, self)" in bank_of(tmp_path, HEAD + text).entries[0].source


def test_an_entry_never_runs_where_the_bank_is_read(tmp_path: Path) -> None:
    text = '@right_answer("half")\nclass loud:\n    """D."""\n    raise SystemExit\n'
    assert bank_of(tmp_path, HEAD + text).entries[0].name == "loud"


def test_importing_a_bank_file_works_too() -> None:
    space: dict[str, object] = {}
    exec(HEAD + MISTAKE + OTHERS, space)
    assert space["floors"](3) == 1  # type: ignore[operator]


def test_a_probe_can_be_called(tmp_path: Path) -> None:
    probe = bank_of(tmp_path, HEAD + OTHERS).probes["half"]
    labels: list[str] = []
    probe(None, lambda label, _: labels.append(label), None)
    assert labels == ["three"]


@pytest.mark.parametrize(
    "text",
    [
        '@mistake("half", caught_by="test_half")\ndef f(x): ...\n',
        'NAME = "half"\n@right_answer(NAME)\ndef f(x): ...\n',
        '@right_answer("half", severity="detail")\ndef f(x): ...\n',
        "def f(:\n",
    ],
)
def test_a_file_that_cannot_be_read_is_refused_with_its_line(tmp_path: Path, text: str) -> None:
    with pytest.raises(BankError, match=r"hw99_half\.py:\d+: "):
        bank_of(tmp_path, text)


def test_a_complete_bank_breaks_no_rule(tmp_path: Path, topic: Topic) -> None:
    assert bank_problems(bank_of(tmp_path, HEAD + MISTAKE + OTHERS), topic, TESTS) == []


@pytest.mark.parametrize(
    ("old", "new", "complaint"),
    [
        (MISTAKE, "", "2 mistakes for half"),
        ('@right_answer("half")\ndef by_shift', "def by_shift", "1 right answers for half"),
        ('@probe("half")', "", "no probe for half"),
        ('severity="concept"', 'severity="grave"', "severity 'grave'"),
        (
            'caught_by="test_half", severity="concept"',
            'caught_by="test_x", severity="concept"',
            "caught_by names 'test_x'",
        ),
        ("    two?\n", "    two.\n", "no question"),
        ('    """By an exponent."""\n', "", "by_shift has no docstring"),
        ("math.ldexp(x, -1)", "x / 2", "the same code as the reference"),
        ("return x // 2", "return x", "the same code as floors"),
        ("def nothing", "def floors", "a second entry floors"),
        ('@right_answer("half")\ndef by_shift', '@right_answer("whole")\ndef by_shift', "'whole' is no coded exercise"),
        ('@right_answer("half")\ndef by_shift', '@right_answer("predict_it")\ndef by_shift', "no coded exercise"),
    ],
)
def test_a_broken_rule_is_named_with_file_and_mend(
    tmp_path: Path, topic: Topic, old: str, new: str, complaint: str
) -> None:
    text = HEAD + MISTAKE + OTHERS
    assert old in text
    problems = bank_problems(bank_of(tmp_path, text.replace(old, new)), topic, TESTS)
    assert any(complaint in problem and problem.startswith("mistakes/hw99_half.py") for problem in problems), problems


def test_renamed_variables_do_not_make_a_new_entry() -> None:
    one = "def f(x):\n    '''A.'''\n    y = x\n    return y"
    other = "WEIGHT = 1\ndef f(x: int) -> int:\n    z = x\n    return z"
    assert normalised(one, "f") == normalised(other, "f")
    assert normalised(one, "f") != normalised(one.replace("y = x", "y = -x"), "f")


def test_an_entry_stands_amid_the_reference_and_checks_are_left_out(tmp_path: Path, topic: Topic) -> None:
    entry = bank_of(tmp_path, HEAD + MISTAKE).entries[0]
    cells = cells_with(topic, "half", entry.source)
    assert [name for name, _ in cells] == ["cell-01", "predict_it", "half"]
    assert cells[-1][1] == entry.source
    assert "return x / 2" in cells_with(topic, "half", None)[-1][1]
    assert submission_with(topic, "half", entry.source).cells[-1].source == entry.source
