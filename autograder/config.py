"""Read `course.toml` into frozen records; every complaint names file, key and mend."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from autograder.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
ISOLATION_LEVELS = ("none", "C", "B", "A")  # weakest first


class ConfigError(UserError):
    """`course.toml` cannot be used as it is."""


@dataclass(frozen=True)
class LimitSettings:
    """What a submission may use; students read the same numbers in the notebook."""

    cell_seconds: float = 20.0
    call_seconds: float = 10.0
    exercise_seconds: float = 40.0
    submission_seconds: float = 180.0
    memory_mb: int = 1024
    output_kb: int = 64
    notebook_mb: int = 20


@dataclass(frozen=True)
class TopicSettings:
    """One topic's place in the course."""

    stem: str
    title: str
    due: str = ""


@dataclass(frozen=True)
class Course:
    """The course as configured, and the folders that follow from where it lies."""

    root: Path
    id: str
    title: str
    isolation: str
    limits: LimitSettings
    topics: tuple[TopicSettings, ...]
    notebook_address: str = ""  # of an exercise in the student's notebook, for links in feedback pages

    def topic(self, stem: str) -> TopicSettings:
        """The settings of one topic.

        Raises
        ------
        ConfigError
            If the course has no such topic; the message lists those it has.
        """
        for topic in self.topics:
            if topic.stem == stem:
                return topic
        known = ", ".join(topic.stem for topic in self.topics)
        raise ConfigError(f"no topic {stem!r} in course.toml. It has: {known}.")

    def source(self, stem: str) -> Path:
        """The topic file."""
        return self.root / "solutions" / f"{stem}.py"

    def grader(self, stem: str) -> Path:
        """The hidden tests of a topic."""
        return self.root / "autograder" / "graders" / f"test_{stem}.py"

    def bank(self, stem: str) -> Path:
        """The known mistakes and right answers of a topic."""
        return self.root / "autograder" / "mistakes" / f"{stem}.py"


def load_course(root: Path = ROOT) -> Course:
    """Read and check `course.toml`.

    Raises
    ------
    ConfigError
        Naming the key that is missing, unknown or of the wrong type, and what would do.
    """
    path = root / "course.toml"
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise ConfigError(f"{path} is missing. Restore it: git checkout course.toml") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path}: not valid TOML ({error}). Mend that line.") from error
    _only(data, {"course", "limits", "topic", "late", "collect"}, "course.toml")
    course = data.get("course", {})
    _only(course, {"id", "title", "isolation", "notebook_address"}, "[course]")
    isolation = _typed(course, "isolation", str, "[course]", default="B")
    if isolation not in ISOLATION_LEVELS:
        raise ConfigError(f'course.toml [course] isolation = {isolation!r}: use one of "A", "B", "C", "none".')
    return Course(
        root=root,
        id=_typed(course, "id", str, "[course]"),
        title=_typed(course, "title", str, "[course]"),
        isolation=isolation,
        limits=_limits(data.get("limits", {})),
        topics=_topics(data.get("topic", [])),
        notebook_address=_typed(course, "notebook_address", str, "[course]", default=""),
    )


def _limits(table: Mapping[str, Any]) -> LimitSettings:
    known = {field.name: field.default for field in fields(LimitSettings)}
    _only(table, set(known), "[limits]")
    for key, value in table.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or value <= 0:
            raise ConfigError(f"course.toml [limits] {key} = {value!r}: use a positive number, such as {known[key]}.")
    return LimitSettings(**table)


def _topics(tables: object) -> tuple[TopicSettings, ...]:
    if not isinstance(tables, list) or not tables:
        raise ConfigError('course.toml has no [[topic]]. Add one, with stem = "hw04_adam" and title = "Adam".')
    topics: list[TopicSettings] = []
    for table in tables:
        _only(table, {"stem", "title", "due"}, "[[topic]]")
        stem = _typed(table, "stem", str, "[[topic]]")
        if not stem.isidentifier():
            raise ConfigError(f"course.toml [[topic]] stem = {stem!r}: use letters, digits and _, such as hw04_adam.")
        if stem in {topic.stem for topic in topics}:
            raise ConfigError(f"course.toml has two [[topic]] with stem = {stem!r}: remove one.")
        topics.append(TopicSettings(stem, _typed(table, "title", str, "[[topic]]"), str(table.get("due", ""))))
    return tuple(topics)


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    for key in table:
        if key not in known:
            raise ConfigError(f"course.toml {where}: unknown key {key!r}. Known: {', '.join(sorted(known))}.")


def _typed(table: Mapping[str, Any], key: str, kind: type, where: str, default: str | None = None) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind):
        raise ConfigError(f"course.toml {where} {key} = {value!r}: a {kind.__name__} is needed.")
    return value
