"""What a hidden test holds in its hands: the student's notebook and objects that stay in the student process."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.sandbox.client import Child

NAMESPACE = 0


@dataclass(frozen=True)
class CallReport:
    """What the last call did beside returning. The child's word: good for feedback and points, not for secrets.

    Attributes
    ----------
    modified
        Paths of arguments that were changed in place, such as `params['w']` or `args[0]`.
    warnings
        (category, text) of the first few warnings.
    global_random
        Whether the global state of `np.random` changed.
    """

    modified: tuple[str, ...] = ()
    warnings: tuple[tuple[str, str], ...] = ()
    global_random: bool = False


@dataclass(frozen=True, eq=False)
class Exposed:
    """An object of the grader, and what of it the student's code may use."""

    object: Any
    methods: tuple[str, ...]
    attributes: tuple[str, ...]


def expose(obj: Any, methods: Sequence[str] = (), attributes: Sequence[str] = ()) -> Exposed:
    """Pass an object to the student's code as a stand-in whose methods and attributes are served from here.

    Parameters
    ----------
    obj
        The object. If a method returns it, or another object of its type, that is exposed in the same way.
    methods
        Names of methods that may be called, special ones such as `__deepcopy__` too.
    attributes
        Names of attributes that may be read.
    """
    return Exposed(obj, tuple(methods), tuple(attributes))


class Handle:
    """An object that lives in the student process, or an attribute of one, found by name whenever it is used.

    It defines no `__iter__`, `__len__`, `__array__`, `__getitem__` or `__eq__`: each of these would let the student's
    code decide how often the grader comes back. `autograder.sandbox.verbs` has a function for each, with bounds.
    """

    __slots__ = ("__weakref__", "_callable", "_child", "_names", "_owner", "_root", "_type_name")

    def __init__(
        self, child: Child, root: int, names: tuple[str, ...], type_name: str, is_callable: bool, owner: object = None
    ) -> None:
        self._child = child
        self._root = root
        self._names = names
        self._type_name = type_name
        self._callable = is_callable
        self._owner = owner  # keeps the object alive in the child as long as a path through it is in use

    def __getattr__(self, name: str) -> Any:
        """The attribute's value if it is one, else a handle."""
        return _attribute(self, name)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Call the object in the student process."""
        return self._child.request("call", self, args, kwargs)

    def __repr__(self) -> str:
        """Made here; the student's `__repr__` is never asked."""
        return f"<the student's {'.'.join(self._names) or self._type_name}>"

    def __reduce_ex__(self, protocol: object) -> str:
        """Refused: a copy would be released twice."""
        raise TypeError(f"{self!r} cannot be copied or pickled. Use value(...) for a copy of what it stands for.")

    def __del__(self) -> None:
        """Let the child forget the object with the next request."""
        if self._owner is None:
            self._child.released.append(self._root)


class Student:
    """The student's notebook: its names are attributes, as a module's are."""

    __slots__ = ("__weakref__", "_child", "_names", "_root", "_type_name")

    def __init__(self, child: Child) -> None:
        self._child = child
        self._root = NAMESPACE
        self._names: tuple[str, ...] = ()
        self._type_name = ""

    def __getattr__(self, name: str) -> Any:
        """The value of a name if it is one, else a handle; AttributeError (of the student) if there is none."""
        return _attribute(self, name)

    @property
    def last(self) -> CallReport:
        """What the last call did beside returning."""
        return self._child.last

    def has(self, name: str) -> bool:
        """Whether a cell has defined this name; all names are asked for at once, later ones when they are needed."""
        if not self._child.defined:
            self._child.defined.update(self.names())
        return name in self._child.defined or self._child.request("has", name) is True

    def names(self) -> tuple[str, ...]:
        """All names that the cells have defined, in order."""
        found = self._child.request("names")
        return tuple(name for name in found if isinstance(name, str)) if isinstance(found, tuple) else ()

    def array(self, value: Any) -> Handle:
        """Put a value into the student process, where calls can change it and tests can pass it again."""
        handle = self._child.request("keep", value)
        assert isinstance(handle, Handle)
        return handle

    def __repr__(self) -> str:
        """Made here."""
        return "<the student's notebook>"


def named_alike(handle: Handle, other: Any) -> Any:
    """What has the same name in another student process; a handle of no name stays what it is."""
    if handle._root != NAMESPACE:
        return handle
    for name in handle._names:
        other = getattr(other, name)
    return other


def _attribute(owner: Student | Handle, name: str) -> Any:
    """Look a name up, or take it for a function at once if it was one before in an object of the same type.

    A call of a method then costs one journey.
    """
    if name in Handle.__slots__ or (name.startswith("__") and name.endswith("__")):
        raise AttributeError(name)  # Python and NumPy ask for special names; they must never reach the student
    child, names = owner._child, (*owner._names, name)
    path = Handle(child, owner._root, names, owner._type_name, True, owner)
    if (owner._type_name, names) in child.functions:
        return path
    found = child.request("look", path)
    if isinstance(found, Handle) and found._callable:
        child.functions.add((owner._type_name, names))
        return path
    return found
