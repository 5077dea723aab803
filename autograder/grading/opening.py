"""Open the sandbox for a topic: limits, what its cells may read and import, and no less isolation than configured."""

from __future__ import annotations

from autograder.config import ISOLATION_LEVELS, Course
from autograder.course.percent import Topic, read_topic
from autograder.course.reference import earlier_source
from autograder.errors import RefusedError
from autograder.sandbox import Limits, Zygote
from autograder.sandbox.confine.levels import observed_level


def open_zygote(course: Course, topic: Topic, *, unsafe: bool = False) -> Zygote:
    """A warm interpreter for the submissions of one topic.

    Parameters
    ----------
    course : Course
    topic : Topic
    unsafe : bool
        Go on below the configured isolation level; the level is in every result all the same.

    Raises
    ------
    RefusedError
        If the isolation that this machine gives is weaker than the course asks for.
    """
    public = (course.root / "assignments" / "coursekit", course.root / "datasets")
    zygote = Zygote(limits_of(course), [path for path in public if path.is_dir()], _modules(course, topic))
    try:
        require_isolation(course, unsafe=unsafe, level=str(zygote.isolation))
    except RefusedError:
        zygote.close()
        raise
    return zygote


def require_isolation(course: Course, *, unsafe: bool, level: str = "") -> str:
    """The level at which this machine isolates student code, if that is what the course asks for.

    Parameters
    ----------
    course : Course
    unsafe : bool
        Accept any level.
    level : str
        A level that was observed already; without one it is probed.

    Raises
    ------
    RefusedError
        Naming the command that says what is missing.
    """
    level = level or observed_level()
    if ISOLATION_LEVELS.index(level) < ISOLATION_LEVELS.index(course.isolation) and not unsafe:
        raise RefusedError(
            f"this machine isolates students' code at level {level}, and course.toml asks for {course.isolation}. "
            "See what is missing: ./course doctor. To grade all the same, for instance your own files: --unsafe"
        )
    return level


def limits_of(course: Course) -> Limits:
    """The sandbox's limits as the course sets them."""
    limits = course.limits
    return Limits(
        cell_seconds=limits.cell_seconds,
        call_seconds=limits.call_seconds,
        cpu_seconds=limits.submission_seconds,
        memory_mb=limits.memory_mb,
        output_kb=limits.output_kb,
    )


def _modules(course: Course, topic: Topic) -> dict[str, str]:
    """The module `earlier` for topics that have one before them, and one that has the whole kit imported.

    What the warm interpreter has imported costs no submission anything: the kit's parts take 15 ms otherwise.
    """
    parts = sorted(path.stem for path in (course.root / "assignments" / "coursekit").glob("[!_]*.py"))
    modules = {"whole_coursekit": "".join(f"import coursekit.{part}\n" for part in parts)} if parts else {}
    stems = [settings.stem for settings in course.topics]
    before = stems[: stems.index(topic.stem)] if topic.stem in stems else []
    before = [stem for stem in before if course.source(stem).is_file()]
    if before:
        modules["earlier"] = earlier_source([read_topic(course.source(stem)) for stem in before], topic.stem)
    return modules
