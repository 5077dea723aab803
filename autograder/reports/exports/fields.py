"""A CSV file whose single fields can be replaced while every other byte stays as it is."""

from __future__ import annotations

import codecs
import csv
import io
from dataclasses import dataclass

ENCODINGS = ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))


@dataclass(frozen=True)
class Field:
    """One field: its value, and where in the text it stands, quotes included."""

    value: str
    start: int
    end: int
    quoted: bool


@dataclass(frozen=True)
class Fields:
    """The fields of a file, with the text that they stand in."""

    text: str
    encoding: str
    separator: str
    rows: tuple[tuple[Field, ...], ...]

    def replaced(self, values: dict[Field, str]) -> bytes:
        """The file with some fields replaced; a field keeps its quotes, and gets some where it needs them."""
        parts, place = [], 0
        for field in sorted(values, key=lambda one: one.start):
            value = values[field]
            needed = field.quoted or any(sign in value for sign in (self.separator, '"', "\n", "\r"))
            doubled = value.replace('"', '""')
            parts += [self.text[place : field.start], f'"{doubled}"' if needed else value]
            place = field.end
        return "".join([*parts, self.text[place:]]).encode(self.encoding)


def read_fields(raw: bytes) -> Fields:
    """Read a CSV file in UTF-8, UTF-16 or Windows' western encoding; its first line tells the separator.

    Raises
    ------
    ValueError
        If it is in none of them.
    """
    encoding = next((name for mark, name in ENCODINGS if raw.startswith(mark)), "")
    for attempt in (encoding,) if encoding else ("utf-8", "cp1252", "latin-1"):
        try:
            text = raw.decode(attempt)
        except UnicodeDecodeError:
            continue
        separator = max(",;\t", key=lambda mark: len(next(csv.reader(io.StringIO(text), delimiter=mark), [])))
        return Fields(text, attempt, separator, _rows(text, separator))
    raise ValueError("it starts as UTF-16 and goes on as something else")


def _rows(text: str, separator: str) -> tuple[tuple[Field, ...], ...]:
    rows: list[tuple[Field, ...]] = []
    row: list[Field] = []
    place = 1 if text.startswith("\ufeff") else 0
    while place < len(text):
        field = _field(text, place, separator)
        row.append(field)
        place = field.end
        if place < len(text) and text[place] == separator:
            place += 1
            if place == len(text):
                row.append(Field("", place, place, quoted=False))
            continue
        place += 2 if text[place : place + 2] == "\r\n" else 1
        rows.append(tuple(row))
        row = []
    return (*rows, tuple(row)) if row else tuple(rows)


def _field(text: str, start: int, separator: str) -> Field:
    if text[start : start + 1] != '"':
        end = start
        while end < len(text) and text[end] not in (separator, "\n", "\r"):
            end += 1
        return Field(text[start:end], start, end, quoted=False)
    end = start + 1
    while end < len(text):
        if text[end] == '"':
            if text[end + 1 : end + 2] != '"':
                break
            end += 1
        end += 1
    value = text[start + 1 : end].replace('""', '"')
    end = min(end + 1, len(text))
    while end < len(text) and text[end] not in (separator, "\n", "\r"):  # signs after the closing quote
        end += 1
    return Field(value, start, end, quoted=True)
