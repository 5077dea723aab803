"""Grade one submission with hidden pytest tests; and what the files of hidden tests import.

The names load on first use, so that pytest can load the plugin of this room without starting the sandbox's imports.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograder.grading.catches import judge_catcher
    from autograder.grading.compare import (
        Mismatch,
        assert_matches,
        assert_shape,
        assert_unchanged,
        assert_within_z,
        check,
        raises,
    )
    from autograder.grading.lending import expose
    from autograder.sandbox.verbs import (
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

__all__ = [
    "Mismatch",
    "accumulate",
    "assert_matches",
    "assert_shape",
    "assert_unchanged",
    "assert_within_z",
    "check",
    "expose",
    "held_call",
    "held_item",
    "item",
    "judge_catcher",
    "kind",
    "length",
    "operate",
    "raises",
    "repeat",
    "set_attr",
    "set_item",
    "take",
    "value",
]

_HOMES = {"expose": "autograder.grading.lending", "judge_catcher": "autograder.grading.catches"}
_VERBS = [
    "accumulate",
    "held_call",
    "held_item",
    "item",
    "kind",
    "length",
    "operate",
    "repeat",
    "set_attr",
    "set_item",
    "take",
    "value",
]
_HOMES |= dict.fromkeys(_VERBS, "autograder.sandbox.verbs")


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_HOMES.get(name, "autograder.grading.compare")), name)
