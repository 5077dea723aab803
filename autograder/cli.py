"""The command line: which verbs there are and what they take. The work is done in `verbs`."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from autograder.classroom.shard import Shard, shard_from_text
from autograder.config import ROOT
from autograder.errors import RefusedError, UserError

USAGE_ERROR = 2
REFUSED = 3


def parser() -> argparse.ArgumentParser:
    """All verbs and their arguments."""
    top = argparse.ArgumentParser(prog="course", description="Build, grade and prove the course.")
    verbs = top.add_subparsers(dest="verb", required=True, metavar="VERB")
    _everyday(verbs)
    _authoring(verbs)
    _exchange(verbs)
    _appeals(verbs)
    return top


def _everyday(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    demo = verbs.add_parser("demo", help="grade a sample class through the whole pipeline")
    demo.add_argument("folder", nargs="?", type=Path, help="a folder of its own (default: demo/)")
    demo.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1)
    demo.add_argument("--class-only", action="store_true", help="lay the class out and leave the grading to you")
    verbs.add_parser("test", help="run the whole test suite; what follows goes to pytest", add_help=False)
    grade = verbs.add_parser("grade", help="grade what is in submitted/")
    grade.add_argument("topics", nargs="*", metavar="TOPIC")
    grade.add_argument("--student", help="only this student")
    grade.add_argument("--jobs", type=_jobs, default=os.cpu_count() or 1, help="grading processes (default: cores)")
    grade.add_argument("--force", action="store_true", help="grade again what is graded already")
    elsewhere = grade.add_mutually_exclusive_group()
    elsewhere.add_argument("--scheduler", default="", metavar="tcp://HOST:PORT", help="grade on a Dask cluster")
    elsewhere.add_argument("--shard", type=_shard, metavar="i/N", help="grade part i of N, to be merged later")
    _class_dir(grade)
    _unsafe(grade)
    merge = verbs.add_parser("merge", help="bring the results of shards together")
    merge.add_argument("shards", nargs="+", type=Path, metavar="SHARD", help="a shard's journal, or a folder of them")
    _class_dir(merge)
    once = verbs.add_parser("try", help="grade one notebook or topic-style .py, without the gradebook")
    once.add_argument("topic")
    once.add_argument("file", type=Path)
    once.add_argument("--json", action="store_true", help="print the result record")
    actions = "also write junit.xml and summary.md there; in GitHub Actions the summary goes onto the run's page"
    once.add_argument("--github", type=Path, metavar="FOLDER", help=actions)
    once.add_argument("--student", default="", help="whose seed to use (default: the file's name)")
    _unsafe(once)
    verbs.add_parser("doctor", help="say how well student code is isolated on this machine, and how to mend it")
    similar = verbs.add_parser("similar", help="write a page of submissions that are alike, for review")
    similar.add_argument("topics", nargs="+", metavar="TOPIC")
    _class_dir(similar)
    report = verbs.add_parser("report", help="write the class report")
    _class_dir(report)


def _authoring(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    build = verbs.add_parser("build", help="make the students' notebooks from the topic files")
    build.add_argument("topics", nargs="*", metavar="TOPIC")
    build.add_argument("--check", action="store_true", help="only say whether they are up to date")
    check = verbs.add_parser("check", help="lint the course and prove its graders")
    check.add_argument("topics", nargs="*", metavar="TOPIC")
    check.add_argument("--seeds", type=_jobs, default=1, help="student seeds to prove the verdicts for")
    check.add_argument("--text-only", action="store_true", help="leave out the measured half")
    new = verbs.add_parser("new", help="start a topic: its three files and its line in course.toml")
    new.add_argument("topic")
    mutants = verbs.add_parser("mutants", help="change the references mechanically; every change must be noticed")
    mutants.add_argument("topics", nargs="*", metavar="TOPIC")
    milestone = verbs.add_parser("milestone", help="measure the figure and the spread of a topic's milestone")
    milestone.add_argument("topics", nargs="*", metavar="TOPIC")
    milestone.add_argument("--seeds", type=_jobs, default=20)
    variant = verbs.add_parser("variant", help="start a term: draw every hidden input anew")
    variant.add_argument("--term", required=True, help="its name, such as spring-2027")
    fuzz = verbs.add_parser("fuzz", help="try the wire, the protocol and intake with many inputs made by chance")
    fuzz.add_argument("--examples", type=_jobs, default=5000, help="how many for each test")
    bench = verbs.add_parser("bench", help="measure the grading; prints ratios")
    parts = "compare, growth, breakdown, try, course, budgets, test (default: all)"
    bench.add_argument("parts", nargs="*", metavar="PART", help=parts)
    bench.add_argument(
        "--students", type=_jobs, default=1000, help="class size of growth (also / 10 and * 10) and course"
    )


def _exchange(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    publish = verbs.add_parser("publish", help="write the students' tree, from a white list")
    publish.add_argument("folder", type=Path)
    publish.add_argument("--through", metavar="TOPIC", help="the last topic that students may see")
    collect = verbs.add_parser("collect", help="take in archives of an LMS")
    collect.add_argument("topic")
    collect.add_argument("archives", nargs="+", type=Path, metavar="ZIP")
    _class_dir(collect)
    export = verbs.add_parser("export", help="write the grades for other programs")
    export.add_argument("folder", nargs="?", type=Path, help="where to (default: reports/ of the class)")
    forms = ("csv", "json", "canvas", "moodle", "gradescope", "autograder", "github")
    export.add_argument("--format", choices=forms, help="default: csv and json, or what the template looks like")
    export.add_argument("--template", type=Path, metavar="FILE", help="the file of Canvas or Moodle that is filled")
    export.add_argument("--topic", action="append", default=[], metavar="TOPIC", help="only this; may be repeated")
    export.add_argument("--column", default="", metavar="HEADING", help="the template's column, if names don't say it")
    _class_dir(export)


def _appeals(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    explain = verbs.add_parser("explain", help="for instructors: replay an exercise and show what its tests saw")
    explain.add_argument("student")
    explain.add_argument("topic")
    explain.add_argument("exercise")
    explain.add_argument("--test", default="", metavar="NAME", help="only this test, also if it was passed")
    _class_dir(explain)
    _unsafe(explain)


def _class_dir(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--class-dir", type=Path, default=ROOT, help="folder with submitted/ (default: the course)")


def _unsafe(verb: argparse.ArgumentParser) -> None:
    verb.add_argument("--unsafe", action="store_true", help="grade below the configured isolation level")


def _jobs(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"{text}: use 1 or more")
    return number


def _shard(text: str) -> Shard:
    try:
        return shard_from_text(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb; 0 means that it did its job, whatever the grades are."""
    top = parser()
    options, others = top.parse_known_args(arguments)
    if others and options.verb != "test":
        top.error(f"unrecognized arguments: {' '.join(others)}")
    options.arguments = others
    from autograder import verbs

    try:
        code = verbs.VERBS[options.verb](options)
        sys.stdout.flush()
        return code
    except RefusedError as error:
        print(f"course: refused: {error}", file=sys.stderr)
        return REFUSED
    except UserError as error:
        print(f"course: {error}", file=sys.stderr)
        return USAGE_ERROR
    except BrokenPipeError:  # whoever reads what we print has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except OSError as error:  # a read-only folder, a full disk: nothing that was written before is lost
        print(
            f"course: {error.filename or 'a file'}: {error.strerror or error}. Make room or choose another folder, "
            "then run the same command again.",
            file=sys.stderr,
        )
        return USAGE_ERROR
    except KeyboardInterrupt:
        print("course: stopped. What was finished is kept; the same command does the rest.", file=sys.stderr)
        return 130
