"""Bytes of unknown origin to text and to JSON data: any encoding is named, and no file can exhaust memory or stack."""

from __future__ import annotations

import codecs
import json
from typing import Any

from autograder.intake.records import Unreadable

MOST_CONTAINERS = 1_000_000  # each costs about 60 bytes, so three bytes of `[],` would otherwise become sixty
DEEPEST = 200  # notebooks of real life stay below 20

BOMS = (
    (codecs.BOM_UTF8, "utf-8", ""),  # harmless, and Windows editors write it
    (codecs.BOM_UTF32_LE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF32_BE, "utf-32", "UTF-32"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)
LOOKS_LIKE = (
    (b"PK\x03\x04", "a zip archive", "Unpack it and hand in the notebook."),
    (b"%PDF", "a PDF", "Hand in the notebook itself (.ipynb)."),
    (b"\x1f\x8b", "a compressed file", "Unpack it and hand in the notebook."),
    (b"\x89PNG", "a picture", "Hand in the notebook itself (.ipynb)."),
    (b"<!doctype html", "a web page", "Hand in the notebook itself (.ipynb), not its export as HTML."),
    (b"<html", "a web page", "Hand in the notebook itself (.ipynb), not its export as HTML."),
    (b"version https://git-lfs", "a pointer of Git LFS", "Fetch the file (git lfs pull) and hand that in."),
)


def decode(raw: bytes, name: str) -> tuple[str, tuple[str, ...]]:
    """Text of a file in UTF-8, or in what it seems to be.

    Parameters
    ----------
    raw : bytes
    name : str
        The file's name, for the message.

    Returns
    -------
    tuple
        The text, and notices that say what was seen if it was not UTF-8.

    Raises
    ------
    Unreadable
        If a mark at the start promises an encoding that the rest does not keep.
    """
    for mark, encoding, title in BOMS:
        if raw.startswith(mark):
            try:
                text = raw.decode(encoding).removeprefix("\ufeff")
            except UnicodeDecodeError:
                if encoding == "utf-8":
                    return _not_utf8(raw[len(mark) :])
                raise Unreadable(
                    f"{name}: it starts as {title} and goes on as something else. Save it again, as UTF-8."
                ) from None
            return text, ((f"the file is {title}, not UTF-8; it was read as such",) if title else ())
    if b"\0" in raw[:4]:
        for encoding in ("utf-16-le", "utf-16-be"):
            try:
                return raw.decode(encoding), ("the file is UTF-16 without a mark, not UTF-8; it was read as such",)
            except UnicodeDecodeError:
                continue
    try:
        return raw.decode("utf-8"), ()
    except UnicodeDecodeError:
        return _not_utf8(raw)


def _not_utf8(raw: bytes) -> tuple[str, tuple[str, ...]]:
    """Latin-1 if hardly anything beyond ASCII is UTF-8; else UTF-8 with some damage, which must not spoil the rest."""
    text = raw.decode("utf-8", "replace")
    high = len(raw) - len(raw.decode("ascii", "ignore"))
    damaged = text.count("\ufffd")
    if 2 * damaged >= high:
        return raw.decode("cp1252", "replace"), ("the file is not UTF-8; it was read as Latin-1 (Windows-1252)",)
    return text, (f"the file has {damaged} characters that are not UTF-8; they were replaced",)


def parse_json(raw: bytes, name: str) -> tuple[Any, tuple[str, ...]]:
    """JSON data of a file, with Python's NaN and Infinity tolerated.

    Returns
    -------
    tuple
        The data, no deeper than 200 levels, and notices about the encoding.

    Raises
    ------
    Unreadable
        Saying what the file is instead, or where it stops being JSON.
    """
    if not raw.strip():
        raise Unreadable(f"{name}: the file is empty ({len(raw)} bytes). Save the notebook and hand it in again.")
    start = raw.removeprefix(codecs.BOM_UTF8).lstrip()[:40].lower()
    for signature, kind, mend in LOOKS_LIKE:
        if start.startswith(signature.lower()):
            raise Unreadable(f"{name}: this is {kind}, not a notebook. {mend}")
    if raw.count(b"[") + raw.count(b"{") > MOST_CONTAINERS:
        raise Unreadable(f"{name}: more than {MOST_CONTAINERS:,} brackets. Clear its outputs and hand it in again.")
    text, notices = decode(raw, name)
    try:
        data = _loads(text)
    except json.JSONDecodeError as error:
        raise Unreadable(f"{name}: {_where(text, error)}") from None
    except (RecursionError, MemoryError):
        raise Unreadable(_too_deep(name)) from None
    if _deeper_than(data, DEEPEST):
        raise Unreadable(_too_deep(name))
    return data, notices


def _loads(text: str) -> Any:
    try:
        return json.loads(text)
    except json.JSONDecodeError:
        raise
    except ValueError:  # an integer of more digits than Python converts; nothing that is graded is an integer
        return json.loads(text, parse_int=_short_int)


def _short_int(digits: str) -> int:
    return int(digits) if len(digits) < 4000 else 0


def _too_deep(name: str) -> str:
    return f"{name}: brackets nested more than {DEEPEST} deep, as no notebook has them. Save it with Jupyter again."


def _where(text: str, error: json.JSONDecodeError) -> str:
    if "<<<<<<<" in text and ">>>>>>>" in text:
        return "it holds the marks of a merge conflict (<<<<<<<). Choose one version and hand in that."
    again = "Open it in Jupyter; if that fails too, copy your cells into a fresh notebook."
    if not text.lstrip().startswith("{"):
        beginning = ascii(text.strip()[:30])
        return f"not a notebook: it begins with {beginning}, not with {{. Hand in the .ipynb file that Jupyter saves."
    if error.pos >= len(text.rstrip()) or error.msg.startswith("Unterminated string"):
        return (
            f"the file ends in the middle, after {len(text)} characters. Was the upload broken off? Hand it in again."
        )
    return f"not JSON at line {error.lineno}, column {error.colno} ({error.msg}). {again}"


def _deeper_than(data: Any, levels: int) -> bool:
    """Whether containers are nested deeper, found without recursion."""
    layer = [data]
    for _ in range(levels + 1):
        below: list[Any] = []
        for item in layer:
            if type(item) is dict:
                below += [value for value in item.values() if type(value) in (dict, list)]
            elif type(item) is list:
                below += [value for value in item if type(value) in (dict, list)]
        if not below:
            return False
        layer = below
    return True
