"""Gradescope, "Export submissions": `submission_metadata.yml` and one folder `submission_<id>/` each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from autograder.errors import UserError
from autograder.intake.archives import Entry
from autograder.intake.formats.found import Found
from autograder.intake.records import Unreadable
from autograder.intake.roster import Person

METADATA = "submission_metadata.yml"
KEYS = ("sid", "email")
MOST_MB = 100
FOLDER = re.compile(r"(?:.*/)?(?P<folder>submission_(?P<number>\d+))/(?P<file>.+)")


def matches(entries: Sequence[Entry]) -> bool:
    """Whether the list of submissions is there."""
    return any(entry.file == METADATA for entry in entries)


def found(entries: Sequence[Entry]) -> Iterator[Found]:
    """Everything in a Gradescope export; the submission of a group is found once for each member.

    Raises
    ------
    UserError
        If the list of submissions cannot be read.
    """
    listed = next(entry for entry in entries if entry.file == METADATA)
    try:
        submissions = _load(listed.read(MOST_MB))
    except Unreadable as error:
        raise UserError(f"{listed.name}: {error}. Export the submissions again.") from None
    for entry in entries:
        match = FOLDER.fullmatch(entry.name)
        if match is None:
            continue
        about = submissions.get(match["folder"], {})
        people = list(_people(about)) or [Person("")]
        for person in people:
            nobody = "" if person.name or person.keys else f"{METADATA} does not say whose it is (anonymous export?)"
            handed_in = _time(about.get(":created_at"))
            yield Found(entry, person, entry.file, False, handed_in, int(match["number"]), nobody)


def _load(raw: bytes) -> Mapping[str, Mapping[str, Any]]:
    import yaml  # type: ignore[import-untyped]

    base = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    loader = type("Loader", (base,), {})
    loader.add_multi_constructor("!ruby/", _ruby)  # type: ignore[attr-defined]
    try:
        data = yaml.load(raw, Loader=loader)  # built on the safe loader
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        line = getattr(getattr(error, "problem_mark", None), "line", 0) + 1
        raise Unreadable(f"not YAML at line {line}") from None
    if not isinstance(data, dict):
        raise Unreadable("no list of submissions in it")
    return {str(key): value for key, value in data.items() if isinstance(value, dict)}


def _ruby(loader: Any, _tag: str, node: Any) -> Any:
    """Ruby's own objects as plain data: a time with its zone is a mapping with `utc`."""
    if hasattr(node.value, "upper"):
        return node.value
    return loader.construct_mapping(node) if node.id == "mapping" else loader.construct_sequence(node)


def _people(about: Mapping[str, Any]) -> Iterator[Person]:
    submitters = about.get(":submitters")
    for submitter in submitters if isinstance(submitters, list) else []:
        if isinstance(submitter, dict):
            keys = tuple((column, str(submitter[f":{column}"])) for column in KEYS if submitter.get(f":{column}"))
            yield Person(str(submitter.get(":name") or ""), keys)


def _time(value: Any) -> datetime | None:
    """A time as the export writes it: a time, a mapping around one, or text; in UTC where no zone is given."""
    if isinstance(value, dict):
        value = value.get("utc") or value.get("time")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value.replace(" UTC", "+00:00").strip())
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
