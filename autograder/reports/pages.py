"""What the HTML pages share: templates, their filters and their style sheet."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from markupsafe import Markup, escape

from autograder.reports.clean import number

TEMPLATES = Path(__file__).with_name("templates")
CODE = re.compile(r"`([^`\n]{1,200})`")
SIGNS = {"complete": "\N{CHECK MARK}", "partly": "\N{CIRCLE WITH LEFT HALF BLACK}", "wrong": "\N{BALLOT X}"}


@cache
def environment() -> Environment:
    """The template environment: everything is escaped, an unknown name is an error."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES), autoescape=True, undefined=StrictUndefined, keep_trailing_newline=True
    )
    made.filters.update(number=number, inline=inline, percent=percent, figure=figure)
    made.globals["sign"] = sign
    made.globals["css"] = style_sheet("base.css")
    return made


def template(name: str) -> Template:
    """A template by file name."""
    return environment().get_template(name)


@cache
def style_sheet(name: str) -> Markup:
    """A style sheet by file name, to stand in a page."""
    return Markup((TEMPLATES / name).read_text(encoding="utf-8"))


def inline(text: str) -> Markup:
    """Escaped text in which `code` between backticks is set as code."""
    return Markup(CODE.sub(r"<code>\1</code>", str(escape(text))))


def sign(state: str) -> Markup:
    """A mark beside the word for a state; readers of the page's text do without it."""
    return Markup(f'<span aria-hidden="true">{SIGNS.get(state, "?" if state == "checking" else "-")}</span>')


def percent(share: float) -> str:
    """A share between 0 and 1 in words."""
    return f"{round(100 * share)} %"


def figure(value: float | None) -> str:
    """A statistic with two decimals, or a dash where there is none."""
    return "-" if value is None else f"{value:.2f}"
