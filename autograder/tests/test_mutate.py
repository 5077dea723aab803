"""The mutator changes one thing at a time, and only things that a grader ought to notice."""

from __future__ import annotations

import ast

import pytest

from autograder.grading.mutate import mutants_of

SOURCE = '''
def centred(x, scale=2.0, axis=0):
    """Return x * scale without its mean."""
    total = 0.0
    for row in range(len(x)):
        total += x[row]
    if scale < 1:
        raise ValueError(f"scale is {scale + 1}")
    mean = np.mean(x, axis=0, keepdims=True)
    spread = x.std(axis=axis)
    return np.subtract(x.copy(), mean) * -scale / spread
'''


def sources(text: str) -> set[str]:
    return {mutant.source for mutant in mutants_of(text)}


def test_every_mutant_is_python_and_differs_from_the_source_and_from_the_others() -> None:
    found = [mutant.source for mutant in mutants_of(SOURCE)]
    trees = {ast.dump(ast.parse(text)) for text in found}
    assert len(trees) == len(found) > 40
    assert ast.dump(ast.parse(SOURCE)) not in trees


@pytest.mark.parametrize(
    ("code", "changed"),
    [
        ("a + b", "a - b"),
        ("a - b", "b - a"),
        ("a / b", "a * b"),
        ("a ** 2", "a ** 3"),
        ("a < b", "a <= b"),
        ("a == b", "a != b"),
        ("a and b", "a or b"),
        ("not a", "a"),
        ("-a", "a"),
        ("x.mean(axis=0)", "x.mean(axis=1)"),
        ("x.mean(axis=0)", "x.mean(axis=None)"),
        ("x.mean(axis=0)", "x.sum(axis=0)"),
        ("x.var()", "x.var(ddof=1)"),
        ("x.var(ddof=1)", "x.var(ddof=0)"),
        ("np.sum(x, keepdims=True)", "np.sum(x, keepdims=False)"),
        ("np.maximum(a, b)", "np.minimum(a, b)"),
        ("np.sqrt(x)", "x"),
        ("x.copy()", "x"),
        ("x.T @ b", "x @ b"),
        ("f(a, b)", "f(b, a)"),
        ("f(a)", "f(b)"),
        ("range(a)", "range(a - 1)"),
        ("range(a)", "range(1, a)"),
        ("x[1:]", "x[2:]"),
        ("a if x else b", "b"),
        ("0.9 * a", "0.1 * a"),
    ],
)
def test_an_expression_is_changed_as_a_student_would_get_it_wrong(code: str, changed: str) -> None:
    around = "def f(a, b, x):\n    return {}"
    wanted = ast.unparse(ast.parse(around.format(changed)))
    got = {text.replace("0.09999999999999998", "0.1") for text in sources(around.format(code))}
    assert wanted in got


def test_statements_are_dropped_and_augmented_assignments_made_plain() -> None:
    found = sources(SOURCE)
    assert any("total = x[row]" in text for text in found)
    assert any("raise" not in text for text in found)
    assert any("return None" in text or text.rstrip().endswith("return") for text in found)
    assert any("if scale" not in text and "raise ValueError" in text for text in found)


def test_docstrings_annotations_and_the_text_of_errors_stay() -> None:
    for text in sources("def f(x: float = 1.0) -> int:\n    '''Doc 1.'''\n    raise ValueError(f'{x + 1} is odd')"):
        assert "Doc 1." in text
        assert "x: float" in text
        assert "-> int" in text
        assert "is odd" in text or "raise" not in text


def test_a_mutant_says_on_which_line_it_changed_what() -> None:
    mutant = next(each for each in mutants_of(SOURCE) if "total = x[row]" in each.source)
    assert mutant.line == 6
    assert mutant.change == "= in total += x[row]"
