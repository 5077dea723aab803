"""`./course new TOPIC`: the three files of a topic and its line in course.toml, for an author to fill in."""

from __future__ import annotations

import re
from pathlib import Path
from string import Template

from autograder.config import Course
from autograder.course.build import write
from autograder.errors import UserError

TEMPLATES = Path(__file__).with_name("templates")
STEM = re.compile(r"[a-z][a-z0-9]*_[a-z0-9_]*[a-z0-9]")
ENTRY = '\n[[topic]]\nstem = "{stem}"\ntitle = "{title}"\n'


def new(course: Course, stem: str) -> int:
    """Write what a topic still lacks; files that are there stay as they are.

    Raises
    ------
    UserError
        If the name will not do.
    """
    if not STEM.fullmatch(stem) or len(stem) > 40:
        raise UserError(
            f"{stem!r} will not do as a topic. Use small letters, digits and _, such as hw09_label_smoothing."
        )
    name = stem.partition("_")[2]
    titles = {topic.stem: topic.title for topic in course.topics}
    title = titles.get(stem, name.replace("_", " ").capitalize())
    values = {"stem": stem, "name": name if name.isidentifier() else f"topic_{name}", "title": title}
    made = []
    for template, path in (
        ("topic.txt", course.source(stem)),
        ("grader.txt", course.grader(stem)),
        ("bank.txt", course.bank(stem)),
    ):
        if not path.exists():
            text = (TEMPLATES / template).read_text(encoding="utf-8")
            write(path, Template(text).substitute(values))
            made.append(path.relative_to(course.root).as_posix())
    if stem not in titles:
        _append(course.root / "course.toml", ENTRY.format(stem=stem, title=title))
        made.append("course.toml")
    print("\n".join(f"wrote {name}" for name in made) if made else f"{stem} is complete already; nothing written.")
    print(f"Next: fill in solutions/{stem}.py. What is missing: ./course check {stem}")
    return 0


def _append(path: Path, text: str) -> None:
    before = path.read_text(encoding="utf-8")
    write(path, before.rstrip("\n") + "\n" + text)
