"""Notebook language to Python: IPython's commands are left out, and everything that is Python stays as it is.

Strings may hold `%` and `!`: a cell that parses as Python is not touched at all, and in one that does not, commands
are looked for only where a logical line begins.
"""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import lru_cache

from autograder.intake.analysis import LONGEST, parsed

SIGNS = ("%", "!", "?", "pip", "conda", "mamba")
SUSPECT = re.compile(
    r"^[ \t]*(?:[%!?]|[\w.]+\?{1,2}[ \t]*(?:[;#].*)?$|(?:pip3?|conda|mamba)[ \t])|=[ \t]*[%!]", re.MULTILINE
)
LINE = re.compile(
    r"""[ \t]*(?:
        (?P<magic>%%?\w[\w.]*)[ \t]*(?P<rest>.*)
      | (?P<shell>!!?.*)
      | (?P<help>\?{1,2}[ \t]*[%\w][^\n]*|[%\w][\w.\[\]*]*\?{1,2})[ \t]*;?[ \t]*(?:\#.*)?$
      | (?P<target>[A-Za-z_][\w.,\[\] \t]*?)[ \t]*=[ \t]*(?P<command>[%!]\w?.*)
      | (?P<auto>(?:pip3?|conda|mamba)[ \t]+(?:install|uninstall|list|show|freeze|update|create)\b.*)
    )""",
    re.VERBOSE | re.MULTILINE,
)
TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?(?:\"{3}|\Z)|'{3}(?:\\.|[^\\])*?(?:'{3}|\Z)
      |"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?)
      |(?P<comment>\#[^\n]*)|(?P<joined>\\\n)|(?P<newline>\n)|(?P<open>[(\[{])|(?P<close>[)\]}])
      |(?P<other>[^\"'\#\\\n()\[\]{}]+|\\)""",
    re.VERBOSE | re.DOTALL,
)
SHELL = "a shell command (!)"
SILENT = {"matplotlib", "config", "load_ext", "autoreload", "reload_ext", "precision", "pprint", "xmode", "colors"}
RUNS_ITS_CELL = {"time", "timeit", "capture", "prun", "memit", "mprun", "snakeviz", "debug"}
ASYNCHRONOUS = (ast.Await, ast.AsyncFor, ast.AsyncWith)


@dataclass(frozen=True)
class Plain:
    """A cell as Python, and the commands that were left out of it."""

    source: str
    dropped: tuple[str, ...] = ()


@lru_cache(maxsize=256)
def plain_python(source: str) -> Plain:
    """Leave IPython's commands out of a cell; line numbers stay as they are.

    Python, right or wrong, is kept to the letter: a syntax error is for the student process to report.
    """
    if len(source) > LONGEST:
        return Plain(source)
    if any(sign in source for sign in SIGNS) and SUSPECT.search(source) and parsed(source) is None:
        whole = _cell_magic(source)
        return whole if whole is not None else _without_commands(source)
    if "await" in source or "async" in source or "get_ipython" in source:
        return _without_statements(source)
    return Plain(source)


def _cell_magic(source: str) -> Plain | None:
    """A cell whose first line is `%%something`; None for others."""
    lines = source.split("\n")
    first = next((number for number, line in enumerate(lines) if line.strip()), 0)
    command = lines[first].strip()
    if not command.startswith("%%"):
        return None
    name = re.match(r"%%(\w*)", command)[1]  # type: ignore[index]
    lines[first] = f"# {command}"
    if name in RUNS_ITS_CELL:
        inner = plain_python("\n".join(lines))
        return Plain(inner.source, (f"%%{name}", *inner.dropped))
    return Plain(
        "\n".join(f"# {line}" if line and not line.startswith("#") else line for line in lines), (f"%%{name}",)
    )


def _without_commands(source: str) -> Plain:
    """Replace each line that is a command by `pass`, so that an indented block does not lose its only line."""
    dropped: list[str] = []
    parts: list[str] = []
    position = kept = depth = 0
    at_start = True
    while position < len(source):
        match = LINE.match(source, position) if at_start and depth == 0 else None
        if match is not None:
            end = _end_of_line(source, position)
            parts += [source[kept:position], _instead(source[position:end], match, dropped)]
            position = kept = end
            at_start = False  # the line end itself comes next
            continue
        token = TOKEN.match(source, position)
        if token is None:  # cannot be: every character begins some token
            break
        depth = max(0, depth + (token.lastgroup == "open") - (token.lastgroup == "close"))
        at_start = token.lastgroup == "newline"
        position = token.end()
    return Plain("".join([*parts, source[kept:]]), tuple(dropped))


def _end_of_line(source: str, position: int) -> int:
    """Where a command ends: at the line's end, or later if that is escaped."""
    while True:
        end = source.find("\n", position)
        if end < 0:
            return len(source)
        if source[end - 1] != "\\":
            return end
        position = end + 1


def _instead(text: str, match: re.Match[str], dropped: list[str]) -> str:
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    comment = "\n".join(f"# {line.strip()}" for line in text.split("\n"))
    if match["magic"]:
        name = match["magic"].lstrip("%")
        if name not in SILENT:
            dropped.append(f"%{name}")
        if name == "time" and match["rest"].strip():
            return indent + text[match.start("rest") - match.start() :]
    elif match["target"]:
        word = match["command"]
        magic = re.match(r"%\w*", word)
        dropped.append(magic[0] if magic else SHELL)
        return f"{indent}{match['target'].strip()} = None  {comment}"
    elif not match["help"]:
        dropped.append(f"{match['auto'].split()[0]} without %" if match["auto"] else SHELL)
    return f"{indent}pass  {comment}"


def _without_statements(source: str) -> Plain:
    """Leave out top-level statements that only a notebook can run: `await`, and calls of `get_ipython()`."""
    tree = parsed(source)
    if tree is None:
        return Plain(source)
    lines = source.split("\n")
    dropped: list[str] = []
    for statement in tree.body:
        reason = _only_in_notebooks(statement)
        if reason:
            dropped.append(reason)
            for number in range(statement.lineno - 1, statement.end_lineno or statement.lineno):
                lines[number] = f"# {lines[number]}"
    return Plain("\n".join(lines), tuple(dropped))


def _only_in_notebooks(statement: ast.stmt) -> str:
    if isinstance(statement, ast.Expr) and ast.unparse(statement).startswith("get_ipython()."):
        return "get_ipython()"
    stack: list[ast.AST] = [statement]
    while stack:
        node = stack.pop()
        if isinstance(node, ASYNCHRONOUS):
            return "await outside a function"
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | ast.Lambda):
            stack += ast.iter_child_nodes(node)
    return ""
