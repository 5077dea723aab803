"""What the end of a test means, and what the student reads about it."""

from __future__ import annotations

import pytest

from autograder.grading.compare import Mismatch, raises
from autograder.grading.messages import Allowed, Submitted
from autograder.grading.verdict import Ending, Verdict, settled, verdict
from autograder.sandbox import Stopped, StudentError
from autograder.sandbox.errors import refusal, student_error

SUBMITTED = Submitted({"Adam": "class Adam:\n    def step(self):\n        return self.x\n", "extra": "class Odd: pass"})
FRAMES = (("Adam", 1), ("Adam", 3))


def judged(error: BaseException | None, *, stated: bool = False, fraction: float | None = None) -> Verdict:
    ending = Ending(error, stated=stated, fraction=fraction, words="Nearly.")
    return verdict(ending, "The step is right.", "Adam", SUBMITTED, Allowed(10.0, 1024))


def test_no_error_is_a_pass() -> None:
    assert judged(None) == Verdict("passed", 1.0)


def test_an_award_gives_a_share_and_a_message() -> None:
    assert judged(None, fraction=0.25) == Verdict("failed", 0.25, "Nearly.")
    assert judged(None, fraction=1.0) == Verdict("passed", 1.0, "")


def test_a_mismatch_speaks_for_itself() -> None:
    assert judged(Mismatch("The shape is (1, 3).")) == Verdict("failed", message="The shape is (1, 3).")


def test_a_plain_assertion_shows_its_words_only_if_the_grader_file_wrote_them() -> None:
    error = AssertionError("array([0.123])")
    assert judged(error).message == "This does not hold for your code: The step is right."
    assert judged(AssertionError("The key is new."), stated=True).message == "The key is new."
    assert judged(AssertionError(), stated=True).message == "This does not hold for your code: The step is right."


def test_pytest_raises_without_an_exception_is_a_plain_failure() -> None:
    with pytest.raises(BaseException) as caught, pytest.raises(ValueError):
        pass
    found = judged(caught.value)
    assert (found.state, found.doubtful) == ("failed", False)


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("time_limit", "did not end within 10 s. It was at line 3 of the cell Adam (`return self.x`)."),
        ("memory_limit", "needed more than 1024 MB"),
        ("crashed", "process ended in the middle of the call"),
        ("protocol_error", "something that is no answer"),
        ("too_big", "too often"),
    ],
)
def test_a_fatal_event_is_not_run_with_its_status(status: str, words: str) -> None:
    found = judged(Stopped(status, "for the instructor", FRAMES))
    assert (found.state, found.status) == ("not_run", status)
    assert words in found.message
    assert found.message.endswith("?")
    assert "instructor" not in found.message


def test_not_implemented_is_not_run() -> None:
    error = student_error("NotImplementedError", "Adam", FRAMES, ("NotImplementedError",))
    assert judged(error) == Verdict("not_run", message="Adam is not implemented yet.")


def test_a_students_exception_is_told_by_type_and_line() -> None:
    found = judged(student_error("KeyError", "'w' array([1, 2])", FRAMES, ("KeyError",)))
    assert found.state == "failed"
    assert found.message.startswith("Your code raised KeyError in line 3 of the cell Adam (`return self.x`).")
    assert "array" not in found.message


def test_writing_into_a_read_only_array_is_told_as_such() -> None:
    text = "assignment destination is read-only"
    found = judged(student_error("ValueError", text, FRAMES, ("ValueError",)))
    assert "belongs to the caller" in found.message
    assert text not in found.message
    other = judged(student_error("ValueError", f"{text} 0.25", FRAMES, ("ValueError",)))
    assert "belongs to the caller" not in other.message


def test_an_own_exception_type_is_named_if_it_was_handed_in() -> None:
    assert "raised Odd" in judged(student_error("Odd", "", (), ("Exception",))).message
    assert "raised an exception of your own" in judged(student_error("Odd123", "", (), ("Exception",))).message


def test_a_type_that_a_library_made_is_told_by_the_built_in_one_that_it_is_a_kind_of() -> None:
    text = "Cannot cast ufunc 'multiply' output from dtype('float64') to dtype('int64') with casting rule 'same_kind'"
    found = judged(student_error("_UFuncOutputCastingError", text, FRAMES, ("TypeError", "Exception")))
    assert "raised a kind of TypeError in line 3" in found.message
    assert "work in the array it is given?" in found.message
    for base in ("0.25", "Odd123"):  # by the child's word, and it may say anything
        smuggled = judged(student_error("Odd123", "", (), (base,))).message
        assert "raised an exception of your own" in smuggled
        assert base not in smuggled


def test_where_another_exception_was_expected_the_docstring_is_asked_about() -> None:
    for kind in ("KeyError", "AssertionError"):
        with pytest.raises(StudentError) as caught, raises(ValueError):
            raise student_error(kind, "", FRAMES, (kind,))
        assert judged(caught.value).message.endswith("What does the docstring say is to be raised here?")


def test_frames_that_do_not_exist_are_not_quoted() -> None:
    found = judged(student_error("KeyError", "", (("nowhere", 5), ("Adam", 99)), ("KeyError",)))
    assert found.message.startswith("Your code raised KeyError. ")


def test_a_value_that_may_not_travel_is_the_students_failure() -> None:
    assert "array of Python objects" in judged(refusal("wrong_type", "text")).message
    assert "too large" in judged(refusal("too_big", "text")).message


def test_anything_else_is_doubtful_until_the_reference_has_spoken() -> None:
    found = judged(TypeError("unsupported operand"))
    assert found.doubtful
    assert found.message.startswith("The value that came back could not be used as the docstring says (The step is")
    assert settled(found, Ending(None)).state == "failed"
    assert not settled(found, Ending(None)).doubtful
    fault = settled(found, Ending(TypeError("again")))
    assert fault.state == "grader_error"
    assert "fault is ours" in fault.message


def test_long_lines_and_control_characters_are_not_quoted_as_they_are() -> None:
    submitted = Submitted({"Adam": "x = '\x1b[31m" + "y" * 200 + "'"})
    place = submitted.place((("Adam", 1),))
    assert "\x1b" not in place
    assert len(place) < 130


@pytest.mark.parametrize("line", ["raise ValueError(k)", "    if k >= n: raise ValueError", "        raise"])
def test_code_that_refuses_an_input_is_asked_whether_it_is_to_be_refused(line: str) -> None:
    error = student_error("ValueError", "6", (("kfold", 1),), ("ValueError",))
    found = verdict(Ending(error), "The folds are right.", "kfold", Submitted({"kfold": line}), Allowed(10.0, 1024))
    assert found.message.endswith("Does the docstring say that what this test passes in is to be refused?")
