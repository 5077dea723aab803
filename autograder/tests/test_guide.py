"""The guide and the README: every command in them exists, and so does every file that they point at."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from autograder.cli import parser
from autograder.config import ROOT

PAGES = ("README.md", "GUIDE.md", "CONTRIBUTING.md", "ARCHITECTURE.md")
COMMAND = re.compile(r"\./course ([a-z][^`\n|#]*)")
LINK = re.compile(r"\]\((?!https?:)([^)#\s]+)")


@pytest.mark.parametrize("page", PAGES)
def test_every_command_of_a_page_is_one(page: str) -> None:
    commands = COMMAND.findall((ROOT / page).read_text(encoding="utf-8"))
    assert commands
    for command in commands:
        words = shlex.split(command.split(" ;")[0].split(", ")[0])
        parser().parse_known_args([re.sub(r"\$[A-Z_]+", "1", word) for word in words])


@pytest.mark.parametrize("page", PAGES)
def test_every_file_that_a_page_points_at_is_there(page: str) -> None:
    folder = (ROOT / page).parent
    missing = [
        link for link in LINK.findall((ROOT / page).read_text(encoding="utf-8")) if not Path(folder, link).exists()
    ]
    assert missing == []
