"""Times as Moodle writes them for people: in the language of the site, and without their zone."""

from __future__ import annotations

import re
from datetime import UTC, datetime, tzinfo

from autograder.intake.roster import folded

MONTHS = """
    january januar janvier enero gennaio januari janeiro
    february februar fevrier febrero febbraio februari fevereiro
    march marz mars marzo maart marco
    april avril abril aprile
    may mai mayo maggio mei maio
    june juni juin junio giugno junho
    july juli juillet julio luglio julho
    august aout agosto augustus
    september septembre septiembre settembre setembro
    october oktober octobre octubre ottobre outubro
    november novembre noviembre novembro
    december dezember decembre diciembre dicembre dezembro
""".strip().splitlines()
NUMBERS = {name: number for number, line in enumerate(MONTHS, start=1) for name in line.split()}
SPOKEN = re.compile(
    r"(?:[^\d,]+,? )?(?P<day>\d{1,2})\.? (?:de )?(?P<month>[^\W\d]+) (?:de )?(?P<year>\d{4})\D{1,6}"
    r"(?P<hour>\d{1,2})[:.](?P<minute>\d\d)(?: ?(?P<half>AM|PM))?",
    re.IGNORECASE,
)
ISO = re.compile(r"\d{4}-\d\d-\d\d[ T]\d\d:\d\d")  # and no bare number, which would be somebody's


def moodle_time(cell: str, zone: tzinfo) -> datetime | None:
    """The time in a cell, in UTC; None where it holds none, or one in a language that is not known here.

    Parameters
    ----------
    cell : str
        Such as `Monday, 5 October 2026, 11:00 PM`, `Montag, 5. Oktober 2026, 23:00` or `2026-10-05 23:00`.
    zone : tzinfo
        The zone of whoever downloaded the sheet.
    """
    match = SPOKEN.fullmatch(cell)
    try:
        found = _spoken(match) if match else datetime.fromisoformat(cell if ISO.match(cell) else "")
    except ValueError:
        return None
    return None if found is None else found.replace(tzinfo=found.tzinfo or zone).astimezone(UTC)


def _spoken(match: re.Match[str]) -> datetime | None:
    month = NUMBERS.get(folded(match["month"]))
    if month is None:
        return None
    hour = int(match["hour"])
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].upper() == "PM" else 0)
    return datetime(int(match["year"]), month, int(match["day"]), hour, int(match["minute"]))
