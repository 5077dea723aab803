"""The container file: what it runs is run here too, without an engine, and it carries no class and no secret."""

from __future__ import annotations

import json
import re
import shlex
import subprocess

from autograder.cli import parser
from autograder.config import ROOT

LINES = (ROOT / "Dockerfile").read_text(encoding="utf-8").splitlines()


def instructions(name: str) -> list[str]:
    return [line.removeprefix(name).strip() for line in LINES if line.startswith(f"{name} ")]


def test_the_course_commands_of_the_container_work() -> None:
    commands = [shlex.split(line) for line in instructions("RUN") if line.startswith("./course ")]
    assert [command[1] for command in commands] == ["build", "doctor"]
    for command in commands:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_the_entry_point_and_the_documented_call_are_verbs() -> None:
    (entry,), (default,) = instructions("ENTRYPOINT"), instructions("CMD")
    assert json.loads(entry) == ["./course"]
    assert parser().parse_args(json.loads(default)).verb == "doctor"
    (call,) = (line for line in LINES if line.startswith("#   docker run"))
    assert parser().parse_args(shlex.split(call.rpartition(" course ")[2])).verb == "grade"


def test_no_class_and_no_secret_is_copied_into_the_image() -> None:
    left_out = set((ROOT / ".dockerignore").read_text(encoding="utf-8").split())
    ignored = re.findall(r"^/?([^*\n/]+\*?)/?$", (ROOT / ".gitignore").read_text(encoding="utf-8"), re.MULTILINE)
    private = {name for name in ignored if not name.startswith((".", "__"))}
    assert private >= {"submitted", "journal", "course.secret*"}
    assert private <= left_out
