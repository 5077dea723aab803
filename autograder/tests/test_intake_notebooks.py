"""A submitted file is either read or refused with one sentence, whatever it is."""

from __future__ import annotations

import codecs
import importlib.util
import json
import os
import re
import resource
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import Submission, Unreadable, read_submission
from autograder.tests.fuzzing import FUZZ
from autograder.tests.intake_samples import (
    ANSWERS,
    answered,
    cell_of,
    code,
    namespace,
    prose,
    release,
    sources,
    submit,
    untouched,
    without_metadata,
)

ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)
CELL_KEYS = ("cell_type", "source", "metadata", "id", "input", "outputs")
ODD_CELL = st.dictionaries(
    st.sampled_from(CELL_KEYS),
    ANY_JSON
    | st.sampled_from(["code", "markdown", "double", "def double(x): return x", "\ud800", "%%bash\nls", "!ls", "f?"])
    | st.just({"nbgrader": {"grade_id": "double", "points": float("nan"), "locked": 7}}),
)


def refusal(folder: Path, content: bytes | str) -> str:
    with pytest.raises(Unreadable) as caught:
        submit(folder, content)
    message = str(caught.value)
    assert message.startswith("hw90_sample.ipynb: ")
    assert str(folder) not in message
    return message


def test_a_complete_notebook_is_read_without_a_notice(tmp_path: Path) -> None:
    submission = submit(tmp_path, answered())
    assert list(sources(submission)) == ["cell-02", "double", "given-offset", "Shift", "guess"]
    assert all(cell.known and cell.cell_type == "code" for cell in submission.cells)
    assert submission.written == {"why": ANSWERS["why"]}
    assert (submission.missing, submission.notices) == ((), ())
    assert namespace(submission)["Shift"]()(4) == 11


def test_an_untouched_notebook_keeps_its_stubs_and_misses_nothing(tmp_path: Path) -> None:
    submission = submit(tmp_path, untouched())
    assert "NotImplementedError" in sources(submission)["double"]
    assert "Your answer here" in submission.written["why"]
    assert (submission.missing, submission.notices) == ((), ())


def test_the_hash_is_that_of_the_bytes(tmp_path: Path) -> None:
    one = submit(tmp_path, json.dumps(answered()))
    other = submit(tmp_path, json.dumps(answered()) + "\n")
    assert one.cells == other.cells
    assert one.sha256 != other.sha256


def test_notebooks_of_old_formats_are_read(tmp_path: Path) -> None:
    notebook = answered()
    without_ids = {**notebook, "nbformat_minor": 4}
    for cell in without_ids["cells"]:
        cell.pop("id")
    assert submit(tmp_path, without_ids).missing == ()
    cells = [
        {"cell_type": "heading", "level": 1, "source": "A sample", "metadata": {}},
        *({**cell, "input": cell.pop("source")} if cell["cell_type"] == "code" else cell for cell in notebook["cells"]),
    ]
    old = {"nbformat": 3, "nbformat_minor": 0, "metadata": {}, "worksheets": [{"cells": cells, "metadata": {}}]}
    submission = submit(tmp_path, old)
    assert namespace(submission)["Shift"]()(4) == 11
    assert submission.notices == ()


def test_a_source_may_be_text_or_lines_with_or_without_their_ends(tmp_path: Path) -> None:
    for shape in (str, lambda text: text.splitlines(keepends=True), str.splitlines):
        notebook = answered()
        for cell in notebook["cells"]:
            cell["source"] = shape("".join(cell["source"]))
        submission = submit(tmp_path, notebook)
        assert (namespace(submission)["double"](4), submission.notices) == (8, ())


def test_windows_line_ends_change_nothing(tmp_path: Path) -> None:
    notebook = answered()
    for cell in notebook["cells"]:
        cell["source"] = "".join(cell["source"]).replace("\n", "\r\n")
    submission = submit(tmp_path, json.dumps(notebook, indent=1).replace("\n", "\r\n"))
    plain = submit(tmp_path, answered())
    assert (submission.cells, submission.written) == (plain.cells, plain.written)
    assert submission.notices == ()


@pytest.mark.parametrize(
    ("encoding", "mark", "notice"),
    [
        ("utf-8", codecs.BOM_UTF8, ""),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16"),
        ("utf-16-le", b"", "UTF-16 without a mark"),
        ("utf-32-le", codecs.BOM_UTF32_LE, "UTF-32"),
        ("latin-1", b"", "Latin-1"),
    ],
)
def test_other_encodings_are_read_and_named(tmp_path: Path, encoding: str, mark: bytes, notice: str) -> None:
    notebook = answered(why="Weil es schöner ist.")
    text = json.dumps(notebook, ensure_ascii=False)
    submission = submit(tmp_path, mark + text.encode(encoding))
    assert submission.written["why"] == "Weil es schöner ist."
    assert bool(submission.notices) == bool(notice)
    assert notice in "".join(submission.notices)


def test_a_few_damaged_bytes_do_not_spoil_the_other_letters(tmp_path: Path) -> None:
    notebook = answered(double="def double(β):\n    return 2 * β  # Größe\n")
    raw = json.dumps(notebook, ensure_ascii=False).encode() + b"\n"
    submission = submit(tmp_path, raw.replace("Größe".encode(), b"Gr\xffe"))
    assert namespace(submission)["double"](4) == 8
    assert "1 characters that are not UTF-8" in submission.notices[0]


def test_half_characters_and_odd_numbers_are_harmless(tmp_path: Path) -> None:
    text = json.dumps(answered(why="half a pair: \ud83d"))
    text = text.replace('"execution_count": null', '"execution_count": NaN', 1)
    text = text.replace('"execution_count": null', '"execution_count": -Infinity', 1)
    text = text.replace('"execution_count": null', f'"execution_count": {"9" * 6000}', 1)
    submission = submit(tmp_path, text)
    assert submission.written["why"] == "half a pair: ?"
    assert submission.missing == ()


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty (0 bytes)"),
        (b" \n\n", "is empty (3 bytes)"),
        (b"Dear teacher, please find my homework attached.\n", "it begins with 'Dear teacher"),
        (b"PK\x03\x04\x14\x00", "this is a zip archive"),
        (b"%PDF-1.7\n", "this is a PDF"),
        (b"\x89PNG\r\n", "this is a picture"),
        (b"\n<!DOCTYPE html><html>", "this is a web page"),
        (b"version https://git-lfs.github.com/spec/v1\n", "pointer of Git LFS"),
        (b'{"cells": [{"cell_type": "co', "ends in the middle"),
        (b'{"cells": [\n<<<<<<< HEAD\n{}\n=======\n>>>>>>> mine\n]}', "merge conflict"),
        (b'{"cells": [],}', "not JSON at line 1"),
        (b"[1, 2]", "JSON, but a list"),
        (b"7", "JSON, but a single value"),
        (b'{"name": "ada", "grade": 100}', "it has 'name', 'grade' and no list of cells"),
        (b'{"cells": 7}', "no list of cells"),
        (b"\xff\xfe{\x00\x00\xd8", "starts as UTF-16"),
        (b"\x00\x01\x02\x03" * 50, "it begins with"),
    ],
)
def test_what_is_no_notebook_is_called_by_its_name(tmp_path: Path, content: bytes, words: str) -> None:
    assert words in refusal(tmp_path, content)


@pytest.mark.parametrize("opening", ["[", '{"cells":[', '{"cells":[{"metadata":{"a":'])
@pytest.mark.parametrize("depth", [300, 900, 100_000])
def test_deep_nesting_is_refused_at_any_depth(tmp_path: Path, opening: str, depth: int) -> None:
    closing = "".join({"[": "]", "{": "}"}[sign] for sign in reversed(opening) if sign in "[{")
    message = refusal(tmp_path, '{"cells": ' + opening * depth + "1" + closing * depth + "}")
    assert "nested more than 200 deep" in message


def test_nesting_as_in_real_outputs_is_read(tmp_path: Path) -> None:
    notebook = answered()
    deep: Any = 1
    for _ in range(60):
        deep = {"layout": [deep]}
    cell_of(notebook, "double")["outputs"] = [{"output_type": "display_data", "data": {"application/x": deep}}]
    assert submit(tmp_path, notebook).notices == ()


def test_a_bomb_of_brackets_is_refused_before_it_is_parsed(tmp_path: Path) -> None:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    assert "brackets" in refusal(tmp_path, '{"cells": [' + "[]," * 3_000_000 + "1]}")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000  # KiB; parsed it takes 250,000


def test_a_file_above_the_limit_is_not_read_at_all(tmp_path: Path) -> None:
    path = tmp_path / "hw90_sample.ipynb"
    with path.open("wb") as file:
        file.truncate(50 * 2**30)  # fifty gibibytes that take no room
    with pytest.raises(Unreadable, match=r"51200\.0 MB, and at most 20 MB are read\. Clear its outputs"):
        read_submission(path, release(), "ada")
    path.write_text(json.dumps(answered()))
    with pytest.raises(Unreadable, match=r"at most 0\.001 MB"):
        read_submission(path, release(), "ada", notebook_mb=0.001)


def test_too_many_cells_are_refused(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"] += [code("pass")] * 2_000
    assert "at most 2,000" in refusal(tmp_path, json.dumps(notebook))


def test_only_a_regular_file_is_opened(tmp_path: Path) -> None:
    real = tmp_path / "hw90_sample.ipynb"
    real.write_text(json.dumps(answered()))
    link, pipe, folder, absent = (tmp_path / f"{name}.ipynb" for name in ("link", "pipe", "folder", "absent"))
    link.symlink_to(real)
    os.mkfifo(pipe)
    folder.mkdir()
    for path, words in (
        (link, "this is a link"),
        (pipe, "this is a named pipe"),
        (folder, "this is a folder"),
        (absent, "there is no such file"),
        (Path("/dev/zero"), "this is a device"),
    ):
        with pytest.raises(Unreadable, match=words):
            read_submission(path, release(), "ada")


def test_a_file_that_may_not_be_read_is_named_with_the_mend(tmp_path: Path) -> None:
    path = tmp_path / "hw90_sample.ipynb"
    path.write_text(json.dumps(answered()))
    script = (
        "import os, sys; os.chmod(sys.argv[1], 0)\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "from pathlib import Path; from autograder.intake.files import read_regular\n"
        "from autograder.intake import Unreadable\n"
        "try: read_regular(Path(sys.argv[1]), 1)\n"
        "except Unreadable as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", "import autograder.intake\n" + script, str(path)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).resolve().parents[2],
    )
    assert re.search(r"(permission denied|no such file)", done.stdout)


@pytest.mark.parametrize("linked", ["ada/hw90_sample", "ada"])
def test_a_link_in_the_submission_folder_hands_in_nothing_of_somebody_else(tmp_path: Path, linked: str) -> None:
    other = tmp_path / "submitted" / "bob" / "hw90_sample"
    other.mkdir(parents=True)
    (other / "hw90_sample.ipynb").write_text(json.dumps(answered()))
    link = tmp_path / "submitted" / linked
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(other if linked.endswith("sample") else other.parent)
    with pytest.raises(Unreadable, match="is a link"):
        read_submission(tmp_path / "submitted/ada/hw90_sample/hw90_sample.ipynb", release(), "ada")


def test_a_notebook_of_another_topic_is_refused_and_named(tmp_path: Path) -> None:
    notebook = {"cells": [prose("# Backpropagation by hand\n"), code("def Adam(): pass")], "nbformat": 4}
    assert "it seems to be hw04_adam" in refusal(tmp_path, json.dumps(notebook))
    notebook["cells"][1]["source"] = "def elsewhere(): pass"  # type: ignore[index]
    notebook["cells"][1]["metadata"] = {"nbgrader": {"grade_id": "elsewhere"}}  # type: ignore[index]
    message = refusal(tmp_path, json.dumps(notebook))
    assert "titled 'Backpropagation by hand'. Hand in the notebook of hw90_sample." in message


def test_a_notebook_without_any_cell_of_the_topic_misses_everything(tmp_path: Path) -> None:
    for cells in ([], [code("print(1)")]):
        submission = submit(tmp_path, {"cells": cells, "nbformat": 4})
        assert submission.missing == ("double", "Shift", "guess", "why")


def test_every_odd_notebook_that_nbgrader_ships_is_read_or_refused() -> None:
    spec = importlib.util.find_spec("nbgrader")
    assert spec is not None
    assert spec.submodule_search_locations
    files = sorted(Path(spec.submodule_search_locations[0]).rglob("*.ipynb"))
    assert len(files) > 50
    for path in files:
        outcome = read_or_refused(path)
        assert isinstance(outcome, Submission) or outcome.startswith(path.name)


@pytest.mark.fuzz
@FUZZ
@given(cells=st.lists(ODD_CELL | ANY_JSON, max_size=6), top=st.dictionaries(st.text(max_size=6), ANY_JSON, max_size=2))
def test_no_structure_brings_the_reader_down(tmp_path: Path, cells: list[Any], top: dict[str, Any]) -> None:
    spoiled(tmp_path, json.dumps({**top, "cells": cells}).encode())
    spoiled(tmp_path, json.dumps({"worksheets": [top, {"cells": cells}]}).encode())


@pytest.mark.fuzz
@FUZZ
@given(raw=st.binary(max_size=200), place=st.integers(0, 5000), cut=st.integers(0, 60))
def test_no_bytes_bring_the_reader_down(tmp_path: Path, raw: bytes, place: int, cut: int) -> None:
    spoiled(tmp_path, raw)
    whole = json.dumps(answered(), ensure_ascii=False).encode()
    spoiled(tmp_path, whole[:place] + raw + whole[place + cut :])


def spoiled(folder: Path, raw: bytes) -> None:
    for suffix in (".ipynb", ".py"):
        path = folder / f"hw90_sample{suffix}"
        path.write_bytes(raw)
        outcome = read_or_refused(path)
        if isinstance(outcome, Submission):
            assert outcome.topic == "hw90_sample"
            assert all(cell.source.encode() is not None for cell in outcome.cells)
            assert len({cell.name for cell in outcome.cells}) == len(outcome.cells)


def read_or_refused(path: Path) -> Submission | str:
    try:
        return read_submission(path, release(), "ada")
    except Unreadable as error:
        return str(error)


def test_a_notebook_that_lost_all_metadata_is_read_by_what_it_defines(tmp_path: Path) -> None:
    submission = submit(tmp_path, without_metadata(answered()))
    assert {"double", "Shift", "guess", "cell-02", "given-offset"} == set(sources(submission))
    assert submission.written == {"why": ANSWERS["why"]}
    assert submission.missing == ()
