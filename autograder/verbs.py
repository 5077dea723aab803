"""What each verb of the command line does; every function takes the parsed arguments and returns an exit code."""

from __future__ import annotations

import os
import subprocess
import sys
from argparse import Namespace
from collections.abc import Callable, Sequence

from autograder.config import ISOLATION_LEVELS, ROOT, Course, load_course
from autograder.errors import UserError


def demo(options: Namespace) -> int:
    """Lay out the sample class in a folder of its own and grade it through the real pipeline."""
    from autograder.demo.run import run_demo

    course = load_course()
    _say_if_unsafe(course, unsafe=False)
    return run_demo(course, options.folder or ROOT / "demo", options.jobs, grade=not options.class_only)


def test(options: Namespace) -> int:
    """Run pytest over engine, graders and repository."""
    from autograder.suite import run_suite

    return run_suite(options.arguments)


def fuzz(options: Namespace) -> int:
    """Run the tests that try inputs made by chance, with many new ones."""
    command = [sys.executable, "-m", "pytest", "-q", "-m", "fuzz", "--hypothesis-show-statistics"]
    env = {**os.environ, "OPENBLAS_NUM_THREADS": "1", "COURSE_FUZZ_EXAMPLES": str(options.examples)}
    return subprocess.run(command, cwd=ROOT, env=env, check=False).returncode


def grade(options: Namespace) -> int:
    """Grade what is in `submitted/`, then bring gradebook, feedback and table up to date.

    The journal stays locked to the end, so that of two runs at once the second changes nothing.
    """
    from autograder.classroom.grade import grade_class
    from autograder.classroom.journal import RESULTS, Journal
    from autograder.handout import hand_out
    from autograder.reports.summary import shard_summary

    course = load_course()
    if not options.scheduler:
        _say_if_unsafe(course, options.unsafe)
    with Journal(options.class_dir, options.shard.journal if options.shard else RESULTS) as journal:
        graded = grade_class(
            course,
            options.class_dir,
            _stems(course, options.topics),
            student=options.student,
            jobs=options.jobs,
            force=options.force,
            unsafe=options.unsafe,
            shard=options.shard,
            scheduler=options.scheduler,
            journal=journal,
        )
        if options.shard:
            print(shard_summary(graded, options.shard, journal.path))
        else:
            hand_out(course, options.class_dir, graded)
    return 130 if graded.pending else 0


def merge(options: Namespace) -> int:
    """Bring the results of shards into the journal, then gradebook, feedback and table up to date."""
    from autograder.classroom.journal import Journal
    from autograder.classroom.merge import merge_shards
    from autograder.handout import hand_out

    course = load_course()
    with Journal(options.class_dir) as journal:
        hand_out(course, options.class_dir, merge_shards(course, journal, options.shards))
    return 0


def try_once(options: Namespace) -> int:
    """Grade one file without the gradebook and print what its author would see."""
    from autograder.classroom.worker import Graders
    from autograder.reports.text import render_text
    from autograder.sandbox.confine import harden_self

    course = load_course()
    title = course.topic(options.topic).title
    if not options.file.exists():
        raise UserError(f"{options.file}: there is no such file. Give the path of a notebook or a topic-style .py.")
    _say_if_unsafe(course, options.unsafe)
    harden_self()
    graders = Graders(course, options.unsafe)
    try:
        result = graders.grade(options.topic, options.student or options.file.stem, options.file)
    finally:
        graders.close()
    print(result.to_json() if options.json else render_text(result, title))
    if options.github:
        from autograder.reports.exports.github import write_for_actions
        from autograder.reports.text import render_markdown

        write_for_actions([result], render_markdown(result, title), options.github)
    return 0


def doctor(_options: Namespace) -> int:
    """Probe how well student code is confined here."""
    from autograder.sandbox.confine.doctor import doctor as examine

    diagnosis = examine()
    print(diagnosis.text())
    return 0


def report(options: Namespace) -> int:
    """Write the class report."""
    from autograder.classroom.journal import read_journal
    from autograder.handout import questions, titles
    from autograder.reports.classreport import write_class_report

    course = load_course()
    results = list(read_journal(options.class_dir).latest().values())
    if not results:
        raise UserError(f"{options.class_dir}: nothing is graded yet. First: ./course grade")
    for path in write_class_report(
        results, options.class_dir / "reports", titles(course), questions=questions(course, results)
    ):
        print(path)
    return 0


def similar(options: Namespace) -> int:
    """Write a page of pairs of submissions that are alike."""
    from autograder.reports.similarity import write_similarity

    course = load_course()
    for stem in _stems(course, options.topics):
        print(write_similarity(course, options.class_dir, stem))
    return 0


def build(options: Namespace) -> int:
    """Make the students' notebooks."""
    from autograder.course.build import build as run
    from autograder.gradebook.assign import generate_assignments

    course = load_course()
    return run(course, _stems(course, options.topics), options.check, generate_assignments)


def check(options: Namespace) -> int:
    """Lint the course, then prove its graders by measurement."""
    from autograder.course.check import check as lint

    course = load_course()
    stems = _stems(course, options.topics)
    code = lint(course, stems)
    if code or options.text_only:
        return code
    from autograder.grading.proof import prove

    return prove(course, stems, options.seeds)


def new(options: Namespace) -> int:
    """Start a topic."""
    from autograder.course.scaffold import new as run

    return run(load_course(), options.topic)


def mutants(options: Namespace) -> int:
    """Change the references mechanically and see whether the hidden tests notice."""
    from autograder.grading.mutants import mutants as run

    course = load_course()
    return run(course, _stems(course, options.topics))


def milestone(options: Namespace) -> int:
    """Measure the milestones' figures over many seeds."""
    import importlib

    course = load_course()
    for stem in _stems(course, options.topics):
        figures = importlib.import_module(f"autograder.course.milestones.{stem}").measure(range(options.seeds))
        print(f"{stem}, {options.seeds} seeds")
        for name, row in figures.items():
            print(f"  {name:<52}" + "  ".join(f"{key} {value:.4g}" for key, value in row.items()))
    return 0


def bench(options: Namespace) -> int:
    """Measure the grading and print ratios."""
    from autograder.bench.run import PARTS
    from autograder.bench.run import bench as run

    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        raise UserError(f"no part {', '.join(unknown)}. There are: {', '.join(PARTS)}.")
    return run(load_course(), options.parts, options.students)


def publish(options: Namespace) -> int:
    """Write the students' tree."""
    from autograder.course.publish import publish as run

    return run(load_course(), options.folder, options.through)


def collect(options: Namespace) -> int:
    """Take in archives of an LMS."""
    from autograder.intake.collect import collect as run

    course = load_course()
    stem = course.topic(options.topic).stem
    if course.resubmissions == "latest":
        return run(course, options.class_dir, stem, options.archives)
    from autograder.classroom.resubmissions import Scorer

    _say_if_unsafe(course, unsafe=False)
    with Scorer(course, stem) as score:
        return run(course, options.class_dir, stem, options.archives, score)


def export(options: Namespace) -> int:
    """Write the grades for other programs."""
    from autograder.export import Wanted
    from autograder.export import export as run

    folder = options.folder or options.class_dir / "reports"
    wanted = Wanted(folder, options.format or "", options.template, tuple(options.topic), options.column)
    return run(load_course(), options.class_dir, wanted)


def variant(options: Namespace) -> int:
    """Start a term with new hidden inputs."""
    from autograder.classroom.term import start_term

    for line in start_term(load_course(), options.term):
        print(line)
    return 0


def explain(options: Namespace) -> int:
    """Replay one exercise of one student and print what its tests saw, for instructors."""
    from autograder.explain import Asked
    from autograder.explain import explain as run
    from autograder.sandbox.confine import harden_self

    course = load_course()
    asked = Asked(options.student, course.topic(options.topic).stem, options.exercise, options.test)
    _say_if_unsafe(course, options.unsafe)
    harden_self()
    print(run(course, options.class_dir, asked, unsafe=options.unsafe), end="")
    return 0


def _stems(course: Course, asked: Sequence[str]) -> list[str]:
    """The topics asked for, or all that the course has."""
    return [course.topic(stem).stem for stem in asked] or [topic.stem for topic in course.topics]


def _say_if_unsafe(course: Course, unsafe: bool) -> None:
    """Refuse to go on below the configured isolation level, or say loudly that it was asked for."""
    from autograder.grading.opening import require_isolation

    level = require_isolation(course, unsafe=unsafe)
    if ISOLATION_LEVELS.index(level) < ISOLATION_LEVELS.index(course.isolation):
        print(f"course: UNSAFE: grading at isolation level {level}; every result says so.", file=sys.stderr)


VERBS: dict[str, Callable[[Namespace], int]] = {
    "demo": demo,
    "test": test,
    "fuzz": fuzz,
    "grade": grade,
    "merge": merge,
    "try": try_once,
    "doctor": doctor,
    "report": report,
    "similar": similar,
    "build": build,
    "check": check,
    "new": new,
    "mutants": mutants,
    "milestone": milestone,
    "bench": bench,
    "publish": publish,
    "collect": collect,
    "export": export,
    "explain": explain,
    "variant": variant,
}
