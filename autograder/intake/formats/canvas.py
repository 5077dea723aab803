"""Canvas, "Download submissions": flat names `<name>[_LATE]_<user id>_<attachment id>_<file>`."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from autograder.intake.archives import Entry
from autograder.intake.formats.found import Found
from autograder.intake.roster import Person

NAME = re.compile(r"(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<user>\d+)_(?P<upload>\d+)_(?P<file>[^/]+)")
ANONYMOUS = re.compile(r"anon_(?P<user>[A-Za-z0-9]+)(?P<late>_LATE)?_(?P<upload>\d+)_(?P<file>[^/]+)")
TYPED = re.compile(r"(?P<name>[^/]+?)(?P<late>_LATE)?_(?P<user>[A-Za-z0-9]+)_(?P<kind>text|link)\.html")

NOBODY = "anonymous grading hides whose it is; show the names in Canvas and download again"


def matches(entries: Sequence[Entry]) -> bool:
    """Whether most names look like Canvas'."""
    ours = sum(any(shape.fullmatch(entry.name) for shape in (NAME, ANONYMOUS, TYPED)) for entry in entries)
    return ours * 2 > len(entries)


def found(entries: Sequence[Entry]) -> Iterator[Found]:
    """Everything in a Canvas download; the attachment's number says which of two uploads is the later one."""
    for entry in entries:
        if anonymous := ANONYMOUS.fullmatch(entry.name):
            late, upload = bool(anonymous["late"]), int(anonymous["upload"])
            person = Person(f"anonymous {anonymous['user']}")
            yield Found(entry, person, anonymous["file"], late, order=upload, problem=NOBODY)
        elif match := NAME.fullmatch(entry.name):
            yield Found(
                entry,
                _person(match),
                match["file"],
                bool(match["late"]),
                order=int(match["upload"]),
                number=match["user"],
            )
        elif typed := TYPED.fullmatch(entry.name):
            what = "a text typed into Canvas" if typed["kind"] == "text" else "a link, not a file"
            yield Found(entry, _person(typed), entry.file, bool(typed["late"]), problem=f"{what}; ask for the notebook")
        else:
            yield Found(entry, Person(""), entry.file, problem="not a name that Canvas gives; put it in place by hand")


def _person(match: re.Match[str]) -> Person:
    if match["name"] == "anon":
        return Person(f"anonymous {match['user']}")
    return Person(match["name"], (("canvas_id", match["user"]),))
