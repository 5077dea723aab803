"""The student process, from the grader's side: whatever runs in it, the grader gets values or a status."""

from __future__ import annotations

import os
import select
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from autograder.sandbox import (
    Child,
    Limits,
    Stopped,
    StudentError,
    Zygote,
    ZygoteError,
)
from autograder.sandbox.verbs import kind
from autograder.tests.student_world import LIMITS, SHORT, run, stopped


@pytest.fixture(scope="module")
def zygote() -> Iterator[Zygote]:
    with Zygote(LIMITS, plotting=False) as started:
        yield started


@pytest.fixture
def child(zygote: Zygote) -> Iterator[Child]:
    spawned = zygote.spawn()
    yield spawned
    spawned.close()


def test_cells_run_in_one_namespace_and_what_they_print_is_kept(child: Child) -> None:
    assert child.run_cell("a = 2\nprint('two')", "one").output == "two\n"
    assert child.run_cell("b = a + 1\nprint('three')", "two").output == "three\n"
    assert (child.student.b, child.output) == (3, "two\nthree\n")


def test_a_cell_that_raises_does_not_stop_later_cells(child: Child) -> None:
    outcome = child.run_cell("x = 1\ndef f():\n    return 1 / 0\nf()\ny = 2", "first")
    assert outcome.status == "exception"
    assert outcome.error is not None
    assert (outcome.error.type_name, outcome.error.frames) == ("ZeroDivisionError", (("first", 4), ("first", 3)))
    assert child.run_cell("z = x + 1", "second").status == "ok"
    assert child.student.names() == ("x", "f", "z")
    assert child.student.has("z")
    assert not child.student.has("y")


def test_half_a_character_in_a_cell_does_no_harm(child: Child) -> None:
    assert child.run_cell("a = 'x\ud800y'", "cell \ud800").status == "ok"
    assert child.student.a == "x?y"


def test_a_syntax_error_names_cell_and_line(child: Child) -> None:
    outcome = child.run_cell("x = 1\ndef f(:\n", "broken")
    assert outcome.error is not None
    assert (outcome.error.type_name, outcome.error.frames) == ("SyntaxError", (("broken", 2),))


@pytest.mark.parametrize(
    "source",
    [
        "import sys; sys.exit(0)",
        "raise KeyboardInterrupt",
        "raise GeneratorExit",
        "raise SystemExit('bye')",
        "class Odd(BaseException): pass\nraise Odd",
        "raise BaseExceptionGroup('many', [KeyboardInterrupt()])",
        "input('name? ')",
        "raise NotImplementedError('f')",
        "raise StopIteration",
    ],
)
def test_every_kind_of_exception_is_the_students(child: Child, source: str) -> None:
    assert child.run_cell(source, "cell").status == "exception"
    assert child.alive
    indented = "\n    ".join(source.splitlines())
    with pytest.raises(StudentError):
        run(child, f"def answer():\n    {indented}")()
    assert child.alive


def test_classes_of_a_notebook_work_as_they_do_there(child: Child) -> None:
    source = """
import copy, dataclasses, enum, inspect, pickle, typing
@dataclasses.dataclass(order=True)
class Point:
    x: "int"
    tags: typing.ClassVar[list] = []
class Colour(enum.Enum):
    RED = 1
class Pair(typing.NamedTuple):
    a: int
    b: "float"
def answer():
    assert pickle.loads(pickle.dumps(Point(3))) == copy.deepcopy(Point(3))
    assert typing.get_type_hints(Pair)["b"] is float
    assert "return" in inspect.getsource(answer)
    import __main__
    assert __main__.answer is answer
    return Pair(1, 2.0), [Colour.RED.value], Point
"""
    pair, colours, handle = run(child, source)()
    assert (pair, colours, kind(handle)) == ((1, 2.0), [1], "type")


def test_the_notebooks_display_prints(child: Child) -> None:
    assert child.run_cell("display(3)", "cell").output == "3\n"
    assert child.student.names() == ()


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "while True:\n    try:\n        while True: pass\n    except BaseException: pass",
        "import signal, contextlib\nfor n in range(1, 65):\n"
        "    with contextlib.suppress(Exception): signal.signal(n, signal.SIG_IGN)\n"
        "while True: pass",
        "import time\ntime.sleep(100)",
        "return 3 ** (10 ** 8)",
        "import re\nre.match('(a+)+$', 'a' * 40 + 'b')",
        "while True: f()",
        "while True: print('x' * 1000)",
    ],
    ids=["loop", "catches all", "ignores signals", "sleeps", "big power", "regular expression", "call-backs", "prints"],
)
def test_what_never_ends_is_ended(child: Child, source: str) -> None:
    limits = Limits(callbacks=10**9, output_kb=4)
    child._callbacks._most = limits.callbacks
    assert stopped(child, source, SHORT).status == "time_limit"
    assert len(child.output) <= 4 << 10


def test_a_loop_is_reported_with_the_line_that_it_was_in(child: Child) -> None:
    source = "def helper():\n    while True:\n        pass\ndef answer():\n    helper()\n"
    answer = run(child, source)
    child.call_seconds = SHORT
    with pytest.raises(Stopped) as caught:
        answer()
    assert caught.value.frames[0] == ("answer", 5)
    assert caught.value.frames[-1] in (("answer", 2), ("answer", 3))
    assert child.cpu_seconds > 0


def test_an_endless_cell_costs_its_own_time_limit(child: Child) -> None:
    outcome = child.run_cell("while True: pass", "endless", seconds=SHORT)
    assert (outcome.status, child.status, child.alive) == ("time_limit", "time_limit", False)


@pytest.mark.parametrize(
    ("source", "says"),
    [
        ("import os\nos._exit(0)", "exit code 0"),
        ("import os\nos.abort()", "SIGABRT"),
        ("import ctypes\nctypes.string_at(0)", "SIGSEGV"),
        ("import os\nos.close(3)", ""),
        ("import os\nos.kill(os.getpid(), 9)", ""),
    ],
)
def test_a_crash_is_told_from_outside(child: Child, source: str, says: str) -> None:
    error = stopped(child, source)
    assert error.status in ("crashed", "memory_limit")
    assert says in error.text


def test_a_crash_is_reported_with_its_line(child: Child) -> None:
    assert stopped(child, "x = 1\nimport ctypes\nctypes.string_at(0)").frames == (("answer", 4),)


@pytest.mark.parametrize(
    "source",
    ["a = []\nwhile True: a.append('x' * 10**6)", "import numpy as np\nreturn np.ones(10**9)", "return [0] * 10**9"],
)
def test_memory_without_end_is_a_memory_limit(child: Child, source: str) -> None:
    assert stopped(child, source).status == "memory_limit"


def test_a_cell_out_of_memory_does_not_stop_later_cells(child: Child) -> None:
    outcome = child.run_cell("hoard = []\nwhile True: hoard.append(bytearray(10**6))", "hoard")
    assert outcome.status == "memory_limit"
    assert child.run_cell("hoard.clear()", "later").status == "ok"


def test_fifty_megabytes_of_prints_are_drained_and_capped(child: Child) -> None:
    outcome = child.run_cell(
        "for _ in range(50):\n    print('x' * 10**6)\nimport sys\nprint('e', file=sys.stderr)", "flood"
    )
    assert outcome.status == "ok"
    assert len(child.output) == 4 << 10


def test_a_cell_may_close_its_output(child: Child) -> None:
    assert (
        child.run_cell("import sys, os\nprint('a')\nsys.stdout.flush()\nos.close(1); os.close(2)", "cell").status
        == "ok"
    )
    assert child.run_cell("x = 1", "later").status == "ok"
    assert child.output == "a\n"


def test_a_file_larger_than_allowed_cannot_be_written(child: Child) -> None:
    source = "import os\ndef answer():\n    with open('f', 'wb') as file:\n        file.write(bytes(4 << 20))\n"
    with pytest.raises(StudentError):
        run(child, source)()


def test_the_work_folder_is_private_writable_and_gone_at_the_end(zygote: Zygote) -> None:
    child = zygote.spawn()
    source = """
import os, tempfile, numpy as np
def answer():
    with open("here.txt", "w") as file:
        file.write("x")
    np.save("a.npy", np.ones(2))
    with tempfile.TemporaryFile() as file:
        file.write(b"x")
    return os.getcwd(), tempfile.gettempdir(), os.listdir(), np.load("a.npy")
"""
    here, temporary, files, loaded = run(child, source)()
    assert here == temporary
    assert {"here.txt", "a.npy"} == set(files)
    assert loaded.sum() == 2
    child.close()
    assert not Path(here).exists()
    assert child.cpu_seconds > 0
    assert child.status == "ok"


def test_the_student_finds_nothing_of_the_engine(child: Child) -> None:
    source = """
import importlib, os, sys
def answer():
    found = []
    for name in ("autograder", "autograder.graders", "autograder.sandbox", "autograder.sandbox.child", "solutions"):
        try:
            importlib.import_module(name)
            found.append(name)
        except ImportError:
            pass
    return found, sorted(os.environ), [name for name in sys.modules if "autograder" in name]
"""
    found, environment, modules = run(child, source)()
    assert found == modules == []
    assert not [name for name in environment if "TOKEN" in name or "SECRET" in name or name == "USER"]


def test_a_zygote_serves_children_side_by_side(zygote: Zygote) -> None:
    children = [zygote.spawn() for _ in range(5)]
    for number, child in enumerate(children):
        child.run_cell(f"number = {number}", "cell")
    with pytest.raises(Stopped):
        run(children[0], "import os\ndef answer():\n    os._exit(3)")()
    assert [child.student.number for child in children[1:]] == [1, 2, 3, 4]
    for child in children:
        child.close()


def test_public_modules_and_the_kit_can_be_imported(tmp_path: Path) -> None:
    kit = tmp_path / "kit"
    kit.mkdir()
    tmp_path.chmod(0o755)
    (kit / "__init__.py").write_text("from .inner import answer\n")
    (kit / "inner.py").write_text("def answer():\n    return 'from the kit'\n")
    (kit / "lazy.py").write_text("word = 'lazily'\n")
    (tmp_path / "hidden.py").write_text("secret = 42\n")
    data = tmp_path / "data"
    data.mkdir()
    (data / "numbers.txt").write_text("1 2 3")
    source = f"""
import earlier, kit, inspect
from kit import lazy
import matplotlib.pyplot as plt
def answer():
    figure, axes = plt.subplots()
    axes.plot([1, 2]); axes.set_title("$x^2$")
    figure.savefig("plot.png")
    plt.show()
    with open({str(data / "numbers.txt")!r}) as file:
        return earlier.adam(), inspect.getsource(earlier.adam), kit.answer(), lazy.word, file.read()
"""
    modules = {"earlier": "def adam():\n    return 'earlier'\n", "broken": "1 / 0"}
    with Zygote(LIMITS, read_paths=(kit, data), modules=modules) as zygote:
        child = zygote.spawn()
        answer = run(child, source)
        assert answer() == ("earlier", "def adam():\n    return 'earlier'\n", "from the kit", "lazily", "1 2 3")
        assert child.run_cell("import broken", "cell").status == "exception"
        assert child.run_cell("import hidden", "cell").status == "exception"


def test_a_dead_zygote_is_the_machines_fault_and_is_started_again() -> None:
    with Zygote(LIMITS, plotting=False) as zygote:
        child = zygote.spawn()
        child.run_cell("x = 1", "cell")
        os.kill(zygote._process.pid, signal.SIGKILL)
        zygote._process.wait()
        end = select.poll()
        end.register(zygote._control, 0)  # in a view the launcher dies first, and the interpreter a moment later
        assert end.poll(20_000)
        with pytest.raises(ZygoteError):
            child.close()
        assert run(zygote.spawn(), "answer = 3") == 3


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = len(os.listdir("/proc/self/fd"))
    tmp_path.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    zygote = Zygote(LIMITS, plotting=False)
    child = zygote.spawn()
    child.run_cell("open('file', 'w').write('x')", "cell")
    other = zygote.spawn()
    other.close()
    other.close()
    zygote.close()
    assert not child.alive
    assert list(tmp_path.iterdir()) == []
    assert len(os.listdir("/proc/self/fd")) == before


def test_a_process_that_a_busy_machine_starved_gets_its_time_once_more(monkeypatch: pytest.MonkeyPatch) -> None:
    slow = "import time\n\ndef late():\n    time.sleep(0.6)\n    return 7\n"
    monkeypatch.setattr("autograder.sandbox.client.cpu_seconds_of", lambda pidfd: 0.0)
    with Zygote(Limits(call_seconds=0.4), plotting=False) as zygote:
        child = zygote.spawn()
        child.run_cell(slow, "late")
        with pytest.raises(Stopped):
            child.student.late()  # it slept: nobody kept it from computing
        child = zygote.spawn()
        child.run_cell(slow, "late")
        monkeypatch.setattr("autograder.sandbox.client.is_runnable", lambda pidfd: True)
        assert child.student.late() == 7
