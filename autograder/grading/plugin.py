"""The pytest plugin: marker and fixtures of hidden tests, and reports that cost next to nothing.

On the grading path (`open_session`) pytest runs with hardly any of its plugins, and a report is made from the
exception alone: formatting the traceback of a failing NumPy call costs a hundred times as much as the test. A bare
`pytest` keeps pytest's own reports and runs the graders with the reference in the student's place.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType, TracebackType
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.assertion.rewrite import AssertionRewritingHook

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    import numpy as np

    from autograder.grading.catches import Lineup
    from autograder.grading.seat import Seat

MARKER = 'points(n, exercise="Adam", spec="..."): a hidden test, its points, and the published phrase that announces it'
UNUSED = (
    "terminal debugging unittest capture skipping legacypath tmpdir recwarn pastebin assertion junitxml doctest "
    "cacheprovider setuponly setupplan stepwise unraisableexception threadexception warnings logging faulthandler "
    "subtests monkeypatch reports"
)


class Chair:
    """Where fixtures find who is graded at the moment."""

    def __init__(self) -> None:
        self.seat: Seat | None = None
        self.error: BaseException | None = None
        self.stated = False
        self.when = "call"

    def clear(self) -> None:
        """Forget how the test before ended."""
        self.error, self.stated, self.when = None, False, "call"


CHAIR = pytest.StashKey[Chair]()


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker."""
    config.addinivalue_line("markers", MARKER)


def pytest_unconfigure(config: pytest.Config) -> None:
    """End the student process that a bare `pytest` started."""
    bare = config.stash.get(BARE, None)
    if bare is not None:
        bare.close()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> pytest.TestReport | None:
    """On the grading path, keep the exception and make a report without any text."""
    chair = item.config.stash.get(CHAIR, None)
    if chair is None:
        return None
    if call.excinfo is not None and chair.error is None:
        chair.error, chair.when = call.excinfo.value, call.when
        chair.stated = _last_file(call.excinfo.tb) == str(item.path)
    outcome = "passed" if call.excinfo is None else "failed"
    return pytest.TestReport(item.nodeid, item.location, {}, outcome, None, call.when, duration=call.duration)  # type: ignore[arg-type]


def pytest_exception_interact(node: pytest.Item | pytest.Collector, call: pytest.CallInfo[Any]) -> None:
    """Keep what went wrong while a grader file was imported."""
    chair = node.config.stash.get(CHAIR, None)
    if chair is not None and isinstance(node, pytest.Collector) and call.excinfo is not None:
        error = call.excinfo.value
        chair.error = error.__cause__ or error.__context__ or error


def _last_file(trace: TracebackType | None) -> str:
    while trace is not None and trace.tb_next is not None:
        trace = trace.tb_next
    return trace.tb_frame.f_code.co_filename if trace is not None else ""


def open_session(path: Path) -> tuple[pytest.Session, Chair]:
    """Collect one grader file for the grading path.

    Raises
    ------
    Exception
        Whatever importing the file raises.
    """
    off = [part for name in UNUSED.split() for part in ("-p", f"no:{name}")]
    own = ["-c", "/dev/null", f"--rootdir={path.parent}", "--noconftest", "--import-mode=importlib"]
    # other packages bring plugins of their own, and some have a hook for every fixture
    config = pytest.Config.fromdictargs({}, [*own, "--disable-plugin-autoload", *off, str(path)])
    chair = Chair()
    config.stash[CHAIR] = chair
    if not config.pluginmanager.has_plugin(__name__):
        config.pluginmanager.import_plugin(__name__)
    session = pytest.Session.from_config(config)
    config._do_configure()
    config.hook.pytest_sessionstart(session=session)
    with _imported_afresh(path):
        config.hook.pytest_collection(session=session)
    if chair.error is not None:
        close_session(session)
        raise chair.error
    return session, chair


@contextmanager
def _imported_afresh(path: Path) -> Iterator[None]:
    """Keep this import of a file apart from others, of another course's file of the same name for instance.

    A pytest around this one would rewrite its assertions, so that their messages hold values; that is kept off too.
    """
    before = _modules_of(path.stem)
    for name in before:
        del sys.modules[name]
    finders = sys.meta_path[:]
    sys.meta_path[:] = [finder for finder in finders if not isinstance(finder, AssertionRewritingHook)]
    try:
        yield
    finally:
        sys.meta_path[:] = finders
        for name in _modules_of(path.stem):
            del sys.modules[name]
        sys.modules.update(before)


def _modules_of(stem: str) -> dict[str, ModuleType]:
    return {name: module for name, module in sys.modules.items() if name.rpartition(".")[2] == stem}


def close_session(session: pytest.Session) -> None:
    """Take down what `open_session` set up."""
    session.config.hook.pytest_sessionfinish(session=session, exitstatus=0)
    session.config._ensure_unconfigure()


def run_item(item: pytest.Item, following: pytest.Item | None) -> None:
    """Run one collected item through pytest's public protocol."""
    item.ihook.pytest_runtest_protocol(item=item, nextitem=following)


BARE = pytest.StashKey[Any]()


def _seat(request: pytest.FixtureRequest) -> Seat:
    chair = request.config.stash.get(CHAIR, None)
    if chair is not None:
        assert chair.seat is not None
        return chair.seat
    from autograder.grading.bare import Bare

    bare = request.config.stash.setdefault(BARE, None) or Bare()
    request.config.stash[BARE] = bare
    seat: Seat = bare.seat(request.path)
    return seat


@pytest.fixture
def student(request: pytest.FixtureRequest) -> Any:
    """The student's code, in a process of its own."""
    return _seat(request).student()


@pytest.fixture
def afresh(request: pytest.FixtureRequest) -> Callable[[], AbstractContextManager[Any]]:
    """`with afresh() as other`: the student's code in one more process, in which nothing has been called yet."""
    return _seat(request).afresh


@pytest.fixture
def reference(request: pytest.FixtureRequest) -> ModuleType:
    """The reference solution, in the grader's process."""
    return _seat(request).reference


@pytest.fixture
def rng(request: pytest.FixtureRequest) -> np.random.Generator:
    """A generator that is fresh for each submission and test."""
    return _seat(request).rng(request.node.name)


@pytest.fixture
def award(request: pytest.FixtureRequest) -> Callable[..., None]:
    """`award(fraction, words="")`: give a share of the test's points, and say why it is not all."""
    return _seat(request).award


@pytest.fixture
def earned(request: pytest.FixtureRequest) -> Callable[[str], float]:
    """`earned(exercise)`: the share of its points that an earlier exercise has got."""
    return _seat(request).earned


@pytest.fixture
def candidates(request: pytest.FixtureRequest) -> Iterator[Callable[..., Lineup]]:
    """`candidates(exercise, names=None)`: pairs of a stand-in for the exercise and whether it is a known mistake."""
    seat = _seat(request)
    yield seat.candidates
    seat.close_candidates()
