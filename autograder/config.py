"""Read `course.toml` into frozen records; every complaint names file, key and mend."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from autograder.errors import UserError

ROOT = Path(__file__).resolve().parents[1]
ISOLATION_LEVELS = ("none", "C", "B", "A")  # weakest first
RESUBMISSIONS = ("latest", "best")  # which of several submissions counts
UNFINISHED = ("leave out", "mark")  # what an export does with a grade that a person still has to settle
KINDS = ("lesson", "capstone")  # of topics; the first is the default


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
class LateSettings:
    """What handing in late costs; as it stands, nothing.

    Each started day after the deadline costs `penalty_per_day` of the points that were earned, but `floor` of them
    always stay. What comes within `grace_minutes` is not late; what comes after `max_days` earns nothing at all.
    """

    grace_minutes: float = 0.0
    penalty_per_day: float = 0.0
    max_days: float = float("inf")
    floor: float = 0.0


@dataclass(frozen=True)
class TopicSettings:
    """One topic's place in the course; `lms` is its name in the LMS, where that is neither stem nor title.

    A lesson teaches; a capstone asks for the causes of faults, which are right or wrong, and teaches nothing new.
    """

    stem: str
    title: str
    due: str = ""
    lms: str = ""
    kind: str = KINDS[0]


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
    timezone: str = "UTC"
    late: LateSettings = LateSettings()
    resubmissions: str = "latest"
    unfinished: str = "leave out"
    term: str = ""

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

    @property
    def zone(self) -> ZoneInfo:
        """The zone of every time that names none."""
        return ZoneInfo(self.timezone)

    def deadline(self, stem: str) -> datetime | None:
        """When a topic is due, in UTC."""
        due = self.topic(stem).due
        return moment(due, self.zone) if due else None

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
    _only(data, {"course", "limits", "topic", "late", "collect", "export"}, "course.toml")
    course = data.get("course", {})
    _only(course, {"id", "title", "term", "isolation", "notebook_address", "timezone"}, "[course]")
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
        timezone=_timezone(course),
        late=_late(data.get("late", {})),
        resubmissions=_choice(data, "collect", "resubmissions", RESUBMISSIONS),
        unfinished=_choice(data, "export", "unfinished", UNFINISHED),
        term=_typed(course, "term", str, "[course]", default=""),
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
        _only(table, {"stem", "title", "due", "lms", "kind"}, "[[topic]]")
        stem = _typed(table, "stem", str, "[[topic]]")
        if not stem.isidentifier():
            raise ConfigError(f"course.toml [[topic]] stem = {stem!r}: use letters, digits and _, such as hw04_adam.")
        if stem in {topic.stem for topic in topics}:
            raise ConfigError(f"course.toml has two [[topic]] with stem = {stem!r}: remove one.")
        due, lms = str(table.get("due", "")), _typed(table, "lms", str, "[[topic]]", default="")
        try:
            datetime.fromisoformat(due or "2026-10-05")
        except ValueError:
            mend = 'Write "2026-10-05 23:59+02:00".'
            raise ConfigError(f"course.toml [[topic]] {stem}: due = {due!r} is no time. {mend}") from None
        kind = _typed(table, "kind", str, "[[topic]]", default=KINDS[0])
        if kind not in KINDS:
            raise ConfigError(f"course.toml [[topic]] kind = {kind!r}: use one of {', '.join(KINDS)}.")
        topics.append(TopicSettings(stem, _typed(table, "title", str, "[[topic]]"), due, lms, kind))
    return tuple(topics)


def moment(text: str, zone: ZoneInfo) -> datetime:
    """A deadline in UTC; one that names no zone is in the course's, and a day alone means its end.

    Raises
    ------
    ValueError
        If the text is no time.
    """
    due = datetime.fromisoformat(text)
    if len(text) == len("2026-10-05"):
        due = due.replace(hour=23, minute=59, second=59)
    return (due.replace(tzinfo=zone) if due.tzinfo is None else due).astimezone(UTC)


def _timezone(course: Mapping[str, Any]) -> str:
    name = str(_typed(course, "timezone", str, "[course]", default="UTC"))
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        mend = 'Use one like "Europe/Berlin" (it needs the system package tzdata) or "UTC".'
        raise ConfigError(f"course.toml [course] timezone = {name!r} is not known here. {mend}") from None
    return name


def _late(table: Mapping[str, Any]) -> LateSettings:
    _only(table, {field.name for field in fields(LateSettings)}, "[late]")
    for key, value in table.items():
        share = key in ("penalty_per_day", "floor")
        number = not isinstance(value, bool) and isinstance(value, int | float)
        if not number or value < 0 or (share and value > 1):
            wanted = "a share between 0 and 1, such as 0.1" if share else "0 or a positive number"
            raise ConfigError(f"course.toml [late] {key} = {value!r}: use {wanted}.")
    return LateSettings(**{key: float(value) for key, value in table.items()})


def _choice(data: Mapping[str, Any], table: str, key: str, choices: tuple[str, ...]) -> str:
    """The value of a table's only key, which is one of a few words; the first of them by default."""
    settings = data.get(table, {})
    _only(settings, {key}, f"[{table}]")
    value = settings.get(key, choices[0])
    if value not in choices:
        words = " or ".join(f'"{choice}"' for choice in choices)
        raise ConfigError(f"course.toml [{table}] {key} = {value!r}: use {words}.")
    return str(value)


def _only(table: Mapping[str, Any], known: set[str], where: str) -> None:
    if not isinstance(table, Mapping):
        raise ConfigError(f"course.toml {where} = {table!r}: a table is needed, with {', '.join(sorted(known))}.")
    for key in table:
        if key not in known:
            raise ConfigError(f"course.toml {where}: unknown key {key!r}. Known: {', '.join(sorted(known))}.")


def _typed(table: Mapping[str, Any], key: str, kind: type, where: str, default: str | None = None) -> Any:
    value = table.get(key, default)
    if not isinstance(value, kind):
        raise ConfigError(f"course.toml {where} {key} = {value!r}: a {kind.__name__} is needed.")
    return value
