"""Start a term: the same course with hidden inputs that nobody has seen, in a folder that holds no class yet."""

from __future__ import annotations

import os
import re
from pathlib import Path

from autograder.config import Course, load_course
from autograder.errors import UserError
from autograder.grading.seeds import SECRET_NAME, course_secret

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")
TERM_LINE = re.compile(r'^term = "[^"\n]*"', re.MULTILINE)
ID_LINE = re.compile(r'^id = "[^"\n]*"[^\n]*\n', re.MULTILINE)
OF_A_CLASS = ("submitted", "journal", "gradebook.db", "feedback", "reports", "autograded")


def start_term(course: Course, name: str) -> list[str]:
    """Give the course a term: a new secret, from which every hidden input is drawn, and a line in `course.toml`.

    The old secret is kept beside it under the old term's name, because results of that term can be replayed only
    with the seeds that they carry, and an appeal may come late.

    Returns
    -------
    list of str
        What was done, for the terminal.

    Raises
    ------
    UserError
        If the name is none, the term has begun already, or the folder still holds a class.
    """
    if not NAME.fullmatch(name):
        raise UserError(f"--term {name!r}: use letters, digits, dot, - and _, such as spring-2027.")
    if name == course.term:
        raise UserError(f"course.toml: the term is {name} already. A second secret in one term would be unfair.")
    held = [part for part in OF_A_CLASS if (course.root / part).exists()]
    if held:
        raise UserError(
            f"{course.root}: still holds a class ({', '.join(held)}). Move these to an archive, with {SECRET_NAME} "
            f"copied beside them, then run the same command again."
        )
    done = [_keep_old_secret(course)]
    course_secret(course.root)
    settings = course.root / "course.toml"
    settings.write_text(with_term(settings.read_text(encoding="utf-8"), name), encoding="utf-8")
    load_course(course.root)
    done += [f"{SECRET_NAME}: new; every hidden input is drawn anew", f'course.toml: term = "{name}"']
    return [line for line in done if line]


def with_term(text: str, name: str) -> str:
    """The text of `course.toml` with this term."""
    line = f'term = "{name}"'
    if TERM_LINE.search(text):
        return TERM_LINE.sub(line, text, count=1)
    return ID_LINE.sub(lambda found: f"{found[0]}{line}\n", text, count=1)


def _keep_old_secret(course: Course) -> str:
    path = course.root / SECRET_NAME
    if not path.exists():
        return ""
    kept = Path(f"{path}.{course.term or 'first-term'}")
    if kept.exists():
        raise UserError(f"{kept}: exists already. Move it to that term's archive, then run the same command again.")
    os.rename(path, kept)
    return f"{kept.name}: the old secret; it belongs to the archive of that term"
