"""What a child says about the student's exceptions and arguments, made without trusting the student's objects.

Everything here runs beside student code, so each step that could call into it (`str(error)`, a property, `__eq__`)
is guarded or avoided.
"""

from __future__ import annotations

import inspect
import linecache
from collections.abc import Iterator
from types import TracebackType
from typing import Any

import numpy as np

CELL = "cell "
MAX_TEXT, MAX_FRAMES = 2000, 20
OPAQUE = object()  # stands for an argument that is no value, and is not compared
UNPRINTABLE = "(the message of this exception cannot be shown: making it failed)"


def remember_source(name: str, source: str) -> str:
    """Let tracebacks and `inspect.getsource` find a cell's lines; returns the file name that stands for the cell."""
    file = CELL + name
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    return file


def type_name(kind: type) -> str:
    """A class's name, even if its metaclass would say otherwise."""
    name: str = type.__dict__["__name__"].__get__(kind)
    return str.encode(name, errors="replace").decode()[:100]


def plain_text(text: Any, limit: int = MAX_TEXT) -> str:
    """Whatever `str()` gave, as exact, encodable text of bounded length."""
    return str.encode(str.__getitem__(text, slice(0, limit)), errors="backslashreplace").decode()


def message_of(value: object) -> str:
    """`str(value)`, guarded: it may raise, exit, or return an odd kind of string."""
    try:
        return plain_text(str(value))
    except BaseException:
        return UNPRINTABLE


def frames_of(error: BaseException) -> tuple[tuple[str, int], ...]:
    """The student's own frames of an exception, outermost first: (cell, line); for a syntax error, where it is."""
    trace: TracebackType | None = BaseException.__dict__["__traceback__"].__get__(error)
    frames = list(_cell_lines(trace))
    if issubclass(type(error), SyntaxError) and isinstance(error, SyntaxError):
        file, line = error.filename, error.lineno
        if isinstance(file, str) and file.startswith(CELL) and isinstance(line, int):
            frames.append((plain_text(file[len(CELL) :], 100), line))
    return tuple(frames[-MAX_FRAMES:])


def _cell_lines(trace: TracebackType | None) -> Iterator[tuple[str, int]]:
    while trace is not None:
        file = trace.tb_frame.f_code.co_filename
        if file.startswith(CELL):
            yield plain_text(file[len(CELL) :], 100), int(trace.tb_lineno or 0)
        trace = trace.tb_next


def describe(error: BaseException) -> tuple[str, str, tuple[tuple[str, int], ...], tuple[str, ...]]:
    """Type name, text, frames and the names of the built-in classes that the exception's type descends from."""
    kind = type(error)
    bases = type.__dict__["__mro__"].__get__(kind)
    built_in = tuple(type_name(base) for base in bases if _is_built_in(base))
    return type_name(kind), message_of(error), frames_of(error), built_in[:20]


def _is_built_in(kind: type) -> bool:
    flags: int = type.__dict__["__flags__"].__get__(kind)
    return not flags & (1 << 9)  # Py_TPFLAGS_HEAPTYPE: made by a class statement


def modified(target: object, args: tuple[Any, ...], kwargs: dict[str, Any], sent: tuple[Any, Any]) -> tuple[str, ...]:
    """Paths of the arguments that are no longer what was sent, such as `params['w']`.

    Parameters
    ----------
    target
        The function that was called; it gives positional arguments their names, else they are `args[0]` and so on.
    args, kwargs
        The arguments as the call left them.
    sent
        The same arguments, decoded a second time.
    """
    paths: list[str] = []
    for place, (now, then) in enumerate(zip(args, sent[0], strict=True)):
        paths += [f"{place}:{rest}" for rest in _changes(now, then)]
    for name, then in sent[1].items():
        paths += [f"{name}{rest}" for rest in _changes(kwargs.get(name), then)]
    if not paths:
        return ()
    names = _parameter_names(target, len(args))
    return tuple(_named(path, names) for path in paths)[:50]


def _named(path: str, names: list[str]) -> str:
    place, colon, rest = path.partition(":")
    return names[int(place)] + rest if colon and place.isdigit() else path


def _parameter_names(target: object, count: int) -> list[str]:
    names = [f"args[{place}]" for place in range(count)]
    try:
        parameters = inspect.signature(target).parameters.values()  # type: ignore[arg-type]
    except BaseException:
        return names
    kinds = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    known = [plain_text(parameter.name, 100) for parameter in parameters if parameter.kind in kinds]
    return known[:count] + names[len(known) :]


def _changes(now: Any, then: Any) -> Iterator[str]:
    """Where a value differs from what was sent; by bytes, so that NaN equals itself and -0.0 is not 0.0."""
    if isinstance(then, np.ndarray):
        alike = type(now) is type(then) and now.shape == then.shape and now.dtype == then.dtype
        if not alike or now.tobytes() != then.tobytes():
            yield ""
    elif type(then) is dict:
        yield from _dict_changes(now, then)
    elif type(then) in (list, tuple):
        if type(now) is not type(then) or len(now) != len(then):
            yield ""
            return
        for place, item in enumerate(then):
            yield from (f"[{place}]{rest}" for rest in _changes(now[place], item))
    elif isinstance(then, float | complex | np.generic):
        if type(now) is not type(then) or np.asarray(now).tobytes() != np.asarray(then).tobytes():
            yield ""
    elif type(then) in (type(None), bool, int, str, bytes) and (type(now) is not type(then) or now != then):
        yield ""


def _dict_changes(now: Any, then: dict[Any, Any]) -> Iterator[str]:
    if type(now) is not dict:
        yield ""
        return
    for key, item in then.items():
        if key not in now:
            yield f"[{key!r}]"
        else:
            yield from (f"[{key!r}]{rest}" for rest in _changes(now[key], item))
    yield from (f"[{_key(key)}]" for key in now if key not in then)


def _key(key: object) -> str:
    return repr(key) if type(key) in (str, int, float, bool, bytes) else type_name(type(key))
