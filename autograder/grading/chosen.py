"""Which letter a prediction commits to, read from the cell's text; nothing is asked of the student's process."""

from __future__ import annotations

import re

LETTER = r"""\s*=\s*['"]\s*([A-Za-z])\s*['"]\s*(?:#.*)?$"""


def chosen(name: str, source: str) -> str:
    """What the record says of a prediction that counts; nothing for any other exercise.

    Parameters
    ----------
    name : str
        The exercise, which for a prediction is the name of the variable.
    source : str
        The cell as it was handed in.

    Examples
    --------
    >>> chosen("predict_race", 'predict_race = "B"  # the longer steps')
    'You chose b.'
    >>> chosen("predict_race", "predict_race = pick()")
    ''
    """
    letters = re.findall(rf"^{re.escape(name)}{LETTER}", source, re.MULTILINE)
    return f"You chose {letters[-1].lower()}." if letters else ""
