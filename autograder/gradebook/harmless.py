"""Take the teeth out of a student's Markdown: nbgrader renders it, HTML and all, in the instructor's own session.

A script in a written answer would run in formgrader with the right to change every grade.
"""

from __future__ import annotations

import re

TAG = re.compile(r"<(?=[A-Za-z/!?])")
LINK = re.compile(r"\](?=[(:\[])")
MATHS_COMMANDS = re.compile(r"\\(?=(?:href|style|class|cssId|require|unicode|html\w*)\b)")


def harmless_markdown(source: str) -> str:
    r"""The same text without HTML tags, links, images and the few maths commands that reach out of a formula.

    A space after `<` or `]` is enough, and changes neither what a reader sees of a formula nor of code.

    Parameters
    ----------
    source : str
        Markdown as handed in.

    Examples
    --------
    >>> harmless_markdown("if a <b then <script>alert(1)</script>")
    'if a < b then < script>alert(1)< /script>'
    >>> harmless_markdown("[my notes](javascript:alert(1)), $m[i](t) < \\beta^t$")
    '[my notes] (javascript:alert(1)), $m[i] (t) < \\beta^t$'
    """
    return MATHS_COMMANDS.sub(r"\\ ", LINK.sub("] ", TAG.sub("< ", source)))
