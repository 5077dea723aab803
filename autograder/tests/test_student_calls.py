"""Calls into the student process: values, objects, verbs, reports and exceptions."""

from __future__ import annotations

import builtins
import copy
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

from autograder.sandbox import (
    CallReport,
    Child,
    Handle,
    Refused,
    Stopped,
    Student,
    StudentError,
    Zygote,
)
from autograder.sandbox.verbs import (
    BLOCK,
    accumulate,
    held_call,
    held_item,
    item,
    kind,
    length,
    operate,
    repeat,
    set_attr,
    set_item,
    take,
    value,
)
from autograder.tests.student_world import LIMITS, OPTIMISER, run

COMMON = """
ValueError TypeError KeyError IndexError ZeroDivisionError NotImplementedError AttributeError ArithmeticError
OverflowError FloatingPointError RuntimeError LookupError NameError RecursionError
"""


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(LIMITS, plotting=False) as started:
        yield started


@pytest.fixture
def child(zygote: Zygote) -> Iterator[Child]:
    spawned = zygote.spawn()
    yield spawned
    spawned.close()


@pytest.fixture
def student(child: Child) -> Student:
    assert child.run_cell(OPTIMISER, "Optimiser").status == "ok"
    return child.student


def report(student: Student) -> CallReport:
    """What the last call did, looked up anew."""
    return student.last


def test_values_and_objects_come_back_and_objects_stay_in_the_child(student: Student) -> None:
    assert student.double(3) == 6
    optimiser = student.Optimiser(lr=0.5)
    assert isinstance(optimiser, Handle)
    assert (optimiser.lr, optimiser.t, kind(optimiser)) == (0.5, 0, "Optimiser")
    stepped = optimiser.step({"w": np.ones(2)}, {"w": np.array([1.0, 2.0])})
    np.testing.assert_array_equal(stepped["w"], [0.5, 0.0])
    assert optimiser.t == 1
    assert student.Optimiser.count == 0
    assert student.echo(optimiser.itself()).t == 1
    [again, number] = student.echo([optimiser, 1])
    assert (again.t, number) == (1, 1)


def test_a_handle_offers_nothing_that_lets_the_student_drive_the_grader(student: Student) -> None:
    handle = student.Optimiser()
    assert repr(handle) == "<the student's Optimiser>"
    assert repr(student.double) == "<the student's double>"
    assert handle != student.echo(handle)
    for attempt in (lambda: iter(handle), lambda: len(handle), lambda: handle["m"], lambda: handle + 1):
        with pytest.raises(TypeError):
            attempt()
    assert np.asarray(handle).dtype == object
    with pytest.raises((TypeError, AttributeError)):
        copy.deepcopy(handle)


def test_a_missing_name_is_an_attribute_error_of_the_students(student: Student) -> None:
    with pytest.raises(AttributeError, match="missing"):
        _ = student.missing
    assert getattr(student, "missing", None) is None


def test_verbs_work_on_handles_and_on_local_objects_alike(student: Student) -> None:
    namespace: dict[str, Any] = {}
    exec(OPTIMISER, namespace)
    for optimiser in (student.Optimiser(lr=2.0), namespace["Optimiser"](lr=2.0)):
        assert operate("add", optimiser, 1) == ("add", 2.0, 1)
        assert operate("radd", optimiser, 1) == ("radd", 1, 2.0)
        assert operate("add", 1, optimiser) == ("radd", 1, 2.0)
        assert operate("neg", optimiser) == -2.0
        assert (length(optimiser), kind(optimiser)) == (7, "Optimiser")
        set_item(optimiser, "m", 3)
        assert item(optimiser, "m") == 3
        set_attr(optimiser, "lr", 5)
        assert optimiser.lr == 5
    for batches in (student.batches(3), namespace["batches"](3)):
        assert [batch[0] for batch in take(batches, 2)] == [0.0, 1.0]
        assert len(take(batches, 5)) == 1
    assert take(student.endless(), 4) == [1] * 4
    assert take([1, 2, 3], 2) == [1, 2]
    assert operate("rsub", 1, 3) == 2


def test_what_is_held_stays_in_the_student_process_as_it_is(child: Child) -> None:
    source = """
from collections import namedtuple
Cache = namedtuple("Cache", "root n")
def forward(x): return x + 1, Cache(x * 2, len(x))
def backward(cache): return cache.root, cache.n
"""
    pair = held_call(run(child, source, "forward"), np.array([1.0, 2.0]))
    assert length(pair) == 2
    assert value(item(pair, 0)).tolist() == [2.0, 3.0]
    cache = held_item(pair, 1)
    assert (isinstance(cache, Handle), kind(cache)) == (True, "Cache")
    root, n = child.student.backward(cache)
    assert (root.tolist(), n) == ([2.0, 4.0], 2)
    assert held_item(held_call(divmod, 7, 3), 1) == 1


STEPS = """
import numpy as np
def step(state, move): return {"x": state["x"] + move}
def in_place(state, move): state["x"] += move; return state
def forgets(state, move): return state if move < 2 else None
def loses_a_key(state, move): return {"y": state["x"]}
def raises(state, move): raise ValueError("not today")
def no_value(state, move): return lambda: state
"""


@pytest.mark.parametrize("name", ["step", "in_place"])
def test_a_path_comes_in_one_journey_with_every_state_as_it_was(child: Child, name: str) -> None:
    function, start = run(child, STEPS, name), {"x": np.zeros(2)}
    path = accumulate(function, start, [1.0, 2.0, 3.0])
    assert [state["x"].tolist() for state in path] == [[1.0, 1.0], [3.0, 3.0], [6.0, 6.0]]
    assert start["x"].tolist() == [0.0, 0.0]
    assert accumulate(function, start, []) == []
    assert accumulate(lambda x, y: x + y, 1, [2, 3]) == [3, 6]


def test_a_path_ends_with_the_first_state_of_another_form(child: Child) -> None:
    start = {"x": np.zeros(2)}
    run(child, STEPS, "step")
    assert accumulate(child.student.forgets, start, [1.0, 2.0, 3.0])[1:] == [None]
    assert [list(state) for state in accumulate(child.student.loses_a_key, start, [1.0, 2.0])] == [["y"]]
    with pytest.raises(ValueError, match="not today"):
        accumulate(child.student.raises, start, [1.0])
    with pytest.raises(Refused, match="function"):
        accumulate(child.student.no_value, start, [1.0])


@pytest.mark.parametrize("said", [[], [{"x": 1.0}], [{"x": 1.0}] * 4, "no list"])
def test_a_path_that_is_cut_short_is_no_answer(child: Child, said: object, monkeypatch: pytest.MonkeyPatch) -> None:
    function = run(child, STEPS, "step")
    monkeypatch.setattr(child, "request", lambda *_: said)
    with pytest.raises(Stopped):
        accumulate(function, {"x": 0.0}, [1.0, 2.0, 3.0])
    assert child.status == "protocol_error"


def test_an_array_of_the_student_process_can_be_changed_and_passed_again(student: Student) -> None:
    array = student.array(np.zeros(2))
    student.spoil(array)
    set_item(array, 0, 9.0)
    np.testing.assert_array_equal(value(array), [9.0, 1.0])
    assert report(student).modified == ()
    with pytest.raises(Refused, match="Optimiser"):
        value(student.Optimiser())
    assert value(3) == 3


def test_modified_arguments_are_reported_by_path(student: Student) -> None:
    weights = np.zeros(2)
    student.double(weights)
    assert report(student).modified == ()
    student.spoil(weights)
    assert report(student).modified == ("w",)
    np.testing.assert_array_equal(weights, 0)
    nested = {"inner": [1, np.zeros(1)], "same": np.zeros(1)}
    student.spoil(weights, b=nested, rest=(weights,))
    assert report(student).modified == ("w", "b['inner'][1]", "b['new']")
    assert student.has("spoil")
    assert report(student).modified != ()


def test_arguments_of_a_function_without_a_signature_are_named_by_place(child: Child) -> None:
    child.run_cell("import numpy as np\nfill = np.copyto", "cell")
    child.student.fill(np.zeros(2), np.ones(2))
    assert report(child.student).modified in (("args[0]",), ("dst",))


def test_nan_and_negative_zero_are_compared_by_their_bytes(child: Child) -> None:
    answer = run(child, "def answer(x, y):\n    y[0] = -y[0]")
    answer(np.array([np.nan]), np.array([0.0]))
    assert report(child.student).modified == ("y",)


def test_warnings_are_reported_with_the_call_that_raised_them(child: Child) -> None:
    source = """
import numpy as np, warnings
warnings.simplefilter("error")
def answer():
    warnings.warn("mind the gap", DeprecationWarning)
    np.exp(np.array([1000.0]))
def quiet():
    pass
def many():
    for _ in range(10**4):
        warnings.warn("again")
"""
    run(child, source)()
    assert report(child.student).warnings == (
        ("DeprecationWarning", "mind the gap"),
        ("RuntimeWarning", "overflow encountered in exp"),
    )
    child.student.quiet()
    assert report(child.student).warnings == ()
    child.student.many()
    assert len(report(child.student).warnings) == 20


def test_use_of_the_global_random_state_is_reported(child: Child) -> None:
    answer = run(child, "import numpy as np\ndef answer(draw):\n    return np.random.rand() if draw else 0.0")
    answer(False)
    assert not report(child.student).global_random
    answer(True)
    assert report(child.student).global_random


def test_a_generator_is_one_stream_on_both_sides(student: Student, child: Child) -> None:
    answer = run(child, "def answer(rng, f):\n    return [rng.random(), f(rng), rng.random()]")
    rng, alone = np.random.default_rng(3), np.random.default_rng(3)
    layer = student.Optimiser(rng=rng)
    drawn = [*answer(rng, lambda generator: generator.random()), rng.random()]
    drawn += [layer.rng.random(), rng.random()]
    assert drawn == [alone.random() for _ in range(6)]
    assert layer.rng is rng


def test_a_generator_of_the_student_goes_on_where_a_call_back_has_left_it(student: Student, child: Child) -> None:
    source = "def drawn(f):\n    rng = np.random.default_rng(3)\n"
    source += "    return [rng.random(), f(rng), f(rng, 2), rng.random()]"
    child.run_cell(source, "drawn")
    alone = np.random.default_rng(3)
    got = student.drawn(lambda rng, times=1: sum(rng.random() for _ in range(times)))
    assert got == [alone.random(), alone.random(), alone.random() + alone.random(), alone.random()]


def test_children_start_their_global_generators_as_told(zygote: Zygote) -> None:
    drawn = []
    for seed in (1, 1, 2**70):
        child = zygote.spawn(seed)
        drawn.append(
            run(child, "import random, numpy as np\ndef answer():\n    return random.random(), np.random.rand()")()
        )
        child.close()
    assert drawn[0] == drawn[1]
    assert drawn[0][0] != drawn[2][0]
    assert drawn[0][1] != drawn[2][1]


@pytest.mark.parametrize(
    "array",
    [
        np.asfortranarray(np.ones((3, 4))),
        np.ones((4, 6))[::2, ::-1],
        np.broadcast_to(np.ones(3), (2, 3)),
        np.float32(2),
        np.ones((0, 3), dtype=np.int8),
    ],
    ids=["Fortran", "strided", "read-only", "scalar", "empty"],
)
def test_inputs_keep_their_layout(child: Child, array: Any) -> None:
    source = """
def answer(x):
    return type(x).__name__, str(x.dtype), x.strides, x.flags.c_contiguous, x.flags.f_contiguous, x.flags.writeable
"""
    flags = array.flags
    expected = (type(array).__name__, str(array.dtype), array.strides)
    assert run(child, source)(array) == (*expected, flags.c_contiguous, flags.f_contiguous, flags.writeable)


@pytest.mark.parametrize("name", COMMON.split())
def test_common_exceptions_are_raised_as_themselves(student: Student, child: Child, name: str) -> None:
    answer = run(child, f"def answer():\n    raise {name}('because')")
    with pytest.raises(getattr(builtins, name)) as caught:
        answer()
    assert isinstance(caught.value, StudentError)
    assert caught.value.type_name == name
    assert "because" in caught.value.text
    assert caught.value.frames == (("answer", 2),)
    assert str(caught.value).startswith(f"{name}: ")


def test_an_exception_class_of_the_students_is_caught_by_its_built_in_base(child: Child) -> None:
    answer = run(child, "class Odd(ValueError): pass\ndef answer():\n    raise Odd('x')")
    with pytest.raises(ValueError) as caught:
        answer()
    assert caught.value.type_name == "Odd"  # type: ignore[attr-defined]
    child.run_cell("import numpy as np\ndef singular():\n    np.linalg.inv(np.zeros((2, 2)))", "cell")
    with pytest.raises(ValueError) as caught:
        child.student.singular()
    assert caught.value.type_name == "LinAlgError"  # type: ignore[attr-defined]


@pytest.mark.parametrize("name", ["AssertionError", "MemoryError", "OSError", "KeyboardInterrupt", "SystemExit"])
def test_other_exceptions_never_pass_for_the_graders_own(child: Child, name: str) -> None:
    answer = run(child, f"def answer():\n    raise {name}")
    with pytest.raises((StudentError, Stopped)) as caught:
        answer()
    assert not isinstance(caught.value, getattr(builtins, name))


HOSTILE = """
class Meta(type):
    __name__ = property(lambda self: 1 / 0)
    def mro(cls):
        return super().mro()
    def __instancecheck__(cls, other):
        raise RuntimeError
class Hostile(Exception, metaclass=Meta):
    def __str__(self):
        {body}
    __repr__ = __str__
    def __getattribute__(self, name):
        raise RuntimeError("no")
    def __eq__(self, other):
        raise RuntimeError("no")
    def __bool__(self):
        raise RuntimeError("no")
    __hash__ = None
def answer():
    raise Hostile("x")
"""


@pytest.mark.parametrize(
    "body",
    [
        "raise KeyboardInterrupt",
        "import sys; sys.exit()",
        "raise self",
        "return 3",
        "return 'x' * 10**7",
        "return 'half \\ud800'",
        "class S(str):\n            __getitem__ = encode = None\n        return S('text')",
    ],
)
def test_the_text_of_an_exception_is_made_with_care(child: Child, body: str) -> None:
    with pytest.raises(StudentError) as caught:
        run(child, HOSTILE.format(body=body))()
    assert caught.value.type_name == "Hostile"
    assert len(caught.value.text) <= 2000
    caught.value.text.encode()


def test_an_object_that_resists_being_looked_at_is_a_plain_handle(child: Child) -> None:
    answer = run(child, HOSTILE.format(body="raise KeyboardInterrupt") + "def answer():\n    return [Hostile()]\n")
    [handle] = answer()
    assert repr(handle) == "<the student's Hostile>"
    with pytest.raises(RuntimeError):
        _ = handle.anything


def test_an_exception_in_a_property_is_the_students(student: Student) -> None:
    optimiser = student.Optimiser()
    with pytest.raises(KeyError):
        _ = optimiser.broken
    with pytest.raises(KeyError):
        student.echo(Handle(optimiser._child, optimiser._root, ("broken",), "broken", True, optimiser))


@pytest.mark.parametrize(
    ("expression", "status"),
    [
        ("np.array([object()])", "wrong_type"),
        ("np.ma.masked_array([1.0], mask=[True])", "wrong_type"),
        ("'\\ud800'", "wrong_type"),
        ("np.zeros((0, 2**40))", "too_big"),
        ("np.broadcast_to(0.0, (10**5, 10**6))", "too_big"),
        ("10**100_000", "too_big"),
        ("[0] * 10**6", "too_big"),
        ("b'x' * 10**8", "too_big"),
        ("deep", "too_big"),
    ],
)
def test_a_result_that_cannot_travel_is_refused_and_the_child_lives_on(
    child: Child, expression: str, status: str
) -> None:
    answer = run(child, f"import numpy as np\ndeep = []\ndeep.append(deep)\ndef answer():\n    return {expression}")
    with pytest.raises(Refused) as caught:
        answer()
    assert caught.value.status == status
    assert child.alive


def test_a_result_that_resists_being_read_is_a_handle(child: Child) -> None:
    source = """
class Meta(type):
    def __getattribute__(cls, name):
        raise RuntimeError(name)
class Odd(metaclass=Meta):
    @property
    def __class__(self):
        raise RuntimeError
def answer():
    return {"odd": [Odd()]}
"""
    assert isinstance(run(child, source)()["odd"][0], Handle)


def test_a_matrix_arrives_as_an_array_that_knows_its_name(child: Child) -> None:
    answer = run(child, "import numpy as np\ndef answer():\n    return np.matrix([[1.0, 2.0]])")
    assert kind(answer()) == "matrix"
    assert kind(np.ones(2)) == "ndarray"


REPEATED = """
import numpy as np
calls, kept = [], []
def draw(x, rng): x += 1; calls.append(x.tolist()); return x * 2, int(rng.integers(1000))
def same_list(x): kept.append(len(kept)); return kept
def items(x): return (i for i in range(10))
def third_time(x):
    kept.append(x)
    if len(kept) == 3: raise ValueError("not today")
def thing(x): return lambda: x
def drawn(rng): number = int(rng.integers(1000)); return lambda: number
"""


def test_many_calls_come_in_one_journey_as_if_each_had_made_its_own(child: Child) -> None:
    function, x = run(child, REPEATED, "draw"), np.zeros(2)
    stream, twin = np.random.default_rng(3), np.random.default_rng(3)
    answers = repeat(function, 2 * BLOCK + 7, x, stream)
    assert {tuple(out.tolist()) for out, _ in answers} == {(2.0, 2.0)}
    assert [number for _, number in answers] == [int(twin.integers(1000)) for _ in range(2 * BLOCK + 7)]
    assert stream.random() == twin.random()
    assert x.tolist() == [0.0, 0.0]
    assert repeat(child.student.same_list, 3, 0) == [[0], [0, 1], [0, 1, 2]]
    assert repeat(child.student.items, 2, 0, most=3) == [[0, 1, 2], [0, 1, 2]]
    assert repeat(lambda x: (x for _ in range(5)), 2, 1, most=3) == [[1, 1, 1], [1, 1, 1]]


def test_what_is_no_value_comes_by_itself_each_time_and_errors_come_as_they_are(child: Child) -> None:
    run(child, REPEATED, "draw")
    with pytest.raises(ValueError, match="not today"):
        repeat(child.student.third_time, 5, 0)
    assert [thing() for thing in repeat(child.student.thing, 3, 41)] == [41, 41, 41]
    stream, twin = np.random.default_rng(3), np.random.default_rng(3)
    assert [found() for found in repeat(child.student.drawn, 3, stream)] == twin.integers(1000, size=3).tolist()


@pytest.mark.parametrize("said", [[], [1] * (BLOCK - 1), [1] * (BLOCK + 1), "no list"])
def test_another_number_of_answers_is_no_answer(child: Child, said: object, monkeypatch: pytest.MonkeyPatch) -> None:
    function = run(child, REPEATED, "draw")
    monkeypatch.setattr(child, "request", lambda *_: said)
    with pytest.raises(Stopped):
        repeat(function, BLOCK, np.zeros(1))
    assert child.status == "protocol_error"
