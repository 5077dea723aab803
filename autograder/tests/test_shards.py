"""A class graded in parts: each submission in exactly one, and merged as if it had been graded whole."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.classroom.grade import Graded, grade_class
from autograder.classroom.journal import Journal, journal_path, read_journal
from autograder.classroom.merge import merge_shards
from autograder.classroom.shard import Shard, shard_from_text
from autograder.cli import parser
from autograder.config import Course
from autograder.errors import RefusedError, UserError
from autograder.grading.graderhash import grader_sha256
from autograder.grading.seeds import course_secret, submission_seed
from autograder.records import Result
from autograder.tests.restless_class import hand_in, restless_course, rows, stem_of
from autograder.tests.test_journal import a_result

NAMES = ("ada", "bob", "cyd", "dan", "eve", "fay", "gil", "hal", "ida", "jon", "kai", "lea")  # no part is empty
PARTS = (Shard(1, 2), Shard(2, 2))


@pytest.fixture
def course(tmp_path: Path) -> Course:
    return restless_course(tmp_path / "course")


@pytest.fixture
def class_dir(course: Course, tmp_path: Path) -> Path:
    hand_in(course, tmp_path, **dict.fromkeys(NAMES, "plain"))
    return tmp_path


def result_of(course: Course, class_dir: Path, student: str, level: str = "A") -> Result:
    """A result as this course's grader could have written it."""
    stem = stem_of(course)
    sha256 = hashlib.sha256((class_dir / "submitted" / student / stem / f"{stem}.ipynb").read_bytes()).hexdigest()
    return replace(
        a_result(student),
        topic=stem,
        submission_sha256=sha256,
        grader_sha256=grader_sha256(course, stem, level),
        isolation=level,
        seed=submission_seed(course_secret(course.root), stem, student, sha256),
    )


def write_shards(
    course: Course, class_dir: Path, change: Callable[[Result], Result] = lambda result: result
) -> list[Path]:
    """The journals of two shards, each result passed through `change`."""
    for part in PARTS:
        with Journal(class_dir, part.journal) as journal:
            for name in members(course, part):
                journal.append(change(result_of(course, class_dir, name)))
    return [journal_path(class_dir, part.journal) for part in PARTS]


def members(course: Course, part: Shard) -> list[str]:
    """Who belongs to a part."""
    return [name for name in NAMES if part.takes(name, stem_of(course))]


def merge(course: Course, class_dir: Path, *sources: Path) -> Graded:
    with Journal(class_dir) as journal:
        return merge_shards(course, journal, sources or [class_dir / "journal"])


def test_every_submission_belongs_to_exactly_one_part_and_the_parts_are_of_similar_size() -> None:
    for of in (1, 2, 3, 7):
        sizes = [0] * of
        for number in range(700):
            takers = [part for part in range(1, of + 1) if Shard(part, of).takes(f"s{number}", "hw04_adam")]
            assert len(takers) == 1
            sizes[takers[0] - 1] += 1
        assert min(sizes) > 0.6 * 700 / of


def test_the_split_is_the_same_on_every_machine() -> None:
    assert [Shard(1, 2).takes(name, "hw04_adam") for name in NAMES[:6]] == [True, True, False, False, True, False]


@pytest.mark.parametrize("text", ["0/2", "3/2", "1", "1/0", "a/b", "-1/2", "1/2/3"])
def test_a_part_that_cannot_be_is_a_usage_error_that_shows_the_form(
    text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        parser().parse_args(["grade", f"--shard={text}"])
    assert stopped.value.code == 2
    assert "write i/N with i from 1 to N, such as 2/5" in capsys.readouterr().err
    assert shard_from_text("2/5") == Shard(2, 5)


def test_two_shards_grade_each_submission_once_and_merge_to_the_whole_class(course: Course, class_dir: Path) -> None:
    stem = stem_of(course)
    parts = [grade_class(course, class_dir, [stem], shard=part) for part in PARTS]
    assert not journal_path(class_dir).exists()
    assert sorted(result.student for graded in parts for result in graded.fresh) == list(NAMES)
    assert grade_class(course, class_dir, [stem], shard=PARTS[0]).fresh == ()
    merged = merge(course, class_dir)
    assert rows(class_dir) == list(NAMES)
    assert merged.pending == ()
    assert merged.notes == ()
    assert grade_class(course, class_dir, [stem]).fresh == ()
    assert grade_class(course, class_dir, [stem], shard=PARTS[1], force=False).fresh == ()


def test_merging_again_changes_nothing(course: Course, class_dir: Path) -> None:
    shards = write_shards(course, class_dir)
    merge(course, class_dir, *shards)
    before = journal_path(class_dir).read_bytes()
    again = merge(course, class_dir, *reversed(shards), class_dir)
    assert again.fresh == ()
    assert again.notes == ()
    assert len(again.results) == len(NAMES)
    assert journal_path(class_dir).read_bytes() == before


def test_a_missing_shard_leaves_its_submissions_pending(course: Course, class_dir: Path) -> None:
    first, _ = write_shards(course, class_dir)
    merged = merge(course, class_dir, first)
    assert [handed.student for handed in merged.pending] == members(course, PARTS[1])


def test_results_that_disagree_are_reported_and_the_journals_own_stays(course: Course, class_dir: Path) -> None:
    first, second = write_shards(course, class_dir)
    merge(course, class_dir, first, second)
    first.unlink()
    with Journal(class_dir, first.name) as journal:
        journal.append(replace(result_of(course, class_dir, "ada"), score=1.0))
        journal.append(replace(result_of(course, class_dir, "bob"), seconds=99.0))
    merged = merge(course, class_dir, first)
    assert rows(class_dir) == list(NAMES)
    assert {result.student: result.score for result in merged.results}["ada"] == 3.0
    (note,) = merged.notes
    assert "shard-1-of-2.jsonl says 1 of 5 points (ok), the journal says 3 of 5 points (ok), which stays" in note
    assert note.endswith(f"Settle it: ./course grade {stem_of(course)} --student ada --force")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda result: replace(result, grader_sha256="0" * 64), "with grader 000000000000, and this checkout has"),
        (lambda result: replace(result, seed=result.seed + 1), r"graded \w+ with another course\.secret"),
    ],
    ids=["another grader", "another secret"],
)
def test_a_shard_of_another_grader_or_secret_is_refused_whole(
    course: Course, class_dir: Path, change: Callable[[Result], Result], words: str
) -> None:
    write_shards(course, class_dir, lambda result: change(result) if result.student == "dan" else result)
    with pytest.raises(RefusedError, match=words):
        merge(course, class_dir)
    assert read_journal(class_dir).results == ()


def test_shards_of_two_isolation_levels_are_refused(course: Course, class_dir: Path) -> None:
    first, _ = write_shards(course, class_dir)
    other = journal_path(class_dir, "shard-2-of-3.jsonl")
    with Journal(class_dir, other.name) as journal:
        journal.append(result_of(course, class_dir, NAMES[0], level="B"))
    with pytest.raises(RefusedError, match=r"at isolation level B, and .*shard-1-of-2\.jsonl at another one"):
        merge(course, class_dir, first, other)


def test_a_damaged_line_is_named_and_a_line_cut_short_is_passed_over(course: Course, class_dir: Path) -> None:
    first, _ = write_shards(course, class_dir)
    first.write_bytes(b"{}\n" + first.read_bytes()[:-20])
    merged = merge(course, class_dir, first)
    assert [result.student for result in merged.fresh] == members(course, PARTS[0])[:-1]
    assert "shard-1-of-2.jsonl line 1 is damaged" in merged.notes[0]


def test_nothing_to_merge_says_how_to_make_a_shard(course: Course, class_dir: Path) -> None:
    for source in (class_dir / "nowhere.jsonl", class_dir):
        with pytest.raises(UserError, match=r"holds no shard-\*-of-\*\.jsonl\. Make one: \./course grade --shard 1/2"):
            merge(course, class_dir, source)
