"""One grade for each student and topic, and who in an LMS's own list it belongs to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from autograder.intake.roster import Person, Roster, folded, invented
from autograder.late import NO_LATES, Lates
from autograder.records import Result
from autograder.reports.clean import counted
from autograder.reports.content import Feedback
from autograder.reports.table import NO_MARKS, Marks, is_final, seen_of


@dataclass(frozen=True)
class Grade:
    """What a student has in a topic, late penalty taken off.

    `fault` says that the grader itself failed, so that the number means nothing; `open` are the points that a person
    still has to give.
    """

    result: Result
    seen: Feedback
    name: str
    final: bool
    fault: bool
    open: float

    @property
    def student(self) -> str:
        """The student's id."""
        return self.result.student

    def scaled(self, most: float | None) -> float:
        """The score on the scale of another system."""
        if most is None or not self.seen.max_score:
            return self.seen.score
        return self.seen.score * most / self.seen.max_score

    @property
    def why_open(self) -> str:
        """Why it is not final, for the instructor."""
        if self.fault:
            return "the grader failed; see the grade table"
        return f"{counted(self.open, 'point')} wait for a marker"


def grades_of(
    results: Sequence[Result], marks: Marks = NO_MARKS, lates: Lates = NO_LATES, roster: Roster | None = None
) -> list[Grade]:
    """The grades, by topic and student."""
    grades = []
    for result in sorted(results, key=lambda item: (item.topic, item.student)):
        seen = seen_of(result, marks, lates)
        name = roster.students.get(result.student, "") if roster else ""
        final = is_final(result, seen)
        failed = result.status == "grader_error" or any(item.waiting for item in seen.exercises)
        grades.append(Grade(result, seen, name, final, failed and not final, seen.waiting))
    return grades


def by_reason(grades: Sequence[Grade]) -> str:
    """Who is not final and why: each reason once, with everybody whom it concerns."""
    reasons: dict[str, list[str]] = {}
    for grade in grades:
        reasons.setdefault(grade.why_open, []).append(shown(grade))
    return "; ".join(f"{', '.join(who)} ({why})" for why, who in reasons.items())


def shown(grade: Grade) -> str:
    """A student for a message: id, and name where it is known and another word."""
    return f"{grade.student} ({grade.name})" if grade.name and grade.name != grade.student else grade.student


@dataclass(frozen=True)
class Finder:
    """Finds the course's student behind what an LMS calls somebody.

    Parameters
    ----------
    roster : Roster or None
        The class list decides, if there is one.
    students : sequence of str
        Everybody who has a grade; found by id or name where the class list does not say.
    numbers : mapping
        Students by the LMS's own number, as the download that was collected had it.
    """

    roster: Roster | None
    students: Sequence[str]
    numbers: Mapping[str, str]

    def find_all(self, people: Sequence[tuple[Person, str]]) -> list[str]:
        """The students behind the rows of a list, each with the LMS's number; "" where nobody could be found.

        Keys come first: whoever is found by one is no longer looked for by name. A name that two rows share, or two
        students, finds nobody, because a grade must not go to the wrong one.
        """
        found = [self._by_key(person, number) for person, number in people]
        claimed = set(found)
        by_name = ["" if student else self._by_name(person) for student, (person, _) in zip(found, people, strict=True)]
        once = {name for name in by_name if name and name not in claimed and by_name.count(name) == 1}
        return [student or (name if name in once else "") for student, name in zip(found, by_name, strict=True)]

    def _by_key(self, person: Person, number: str) -> str:
        if number in self.numbers:
            return self.numbers[number]
        if self.roster is not None:
            student, _ = self.roster.find(Person("", person.keys))
            if student:
                return student
        values = {value.casefold() for _, value in person.keys if value}
        stems = (invented(person), folded(person.name), _turned(person.name))
        values |= {f"{stem}-{number}" for stem in stems if stem and number}
        found = [student for student in self.students if student.casefold() in values]
        return found[0] if len(found) == 1 else ""

    def _by_name(self, person: Person) -> str:
        if self.roster is not None:
            student, _ = self.roster.find(Person(person.name))
            if student:
                return student
        names = {folded(person.name), _turned(person.name)} - {""}
        found = [student for student in self.students if folded(student) in names]
        return found[0] if len(found) == 1 else ""


def _turned(name: str) -> str:
    """`Last, First` as `firstlast`."""
    last, _, first = name.partition(",")
    return folded(first + last)


class Filling:
    """What happened while a list of another system was filled, so that nobody is passed over in silence.

    Parameters
    ----------
    grades : sequence of Grade
        Of one topic.
    unfinished : str
        "leave out" or "mark": what is done with grades that are not final.
    """

    def __init__(self, grades: Sequence[Grade], unfinished: str) -> None:
        self._grades = {grade.student: grade for grade in grades}
        self._mark = unfinished == "mark"
        self._seen: dict[str, int] = {}
        self._left_out: list[Grade] = []
        self._provisional: list[Grade] = []
        self._strangers: list[str] = []
        self._without: list[str] = []
        self._kept: list[str] = []
        self.filled = 0

    def grade_for(self, student: str, label: str) -> Grade | None:
        """The grade that belongs into a row, or None.

        Parameters
        ----------
        student : str
            Whose row it is; "" if nobody could be found.
        label : str
            How the other system calls the row.
        """
        if not student:
            self._strangers.append(label)
            return None
        grade = self._grades.get(student)
        self._seen[student] = self._seen.get(student, 0) + 1
        if grade is None:
            self._without.append(label)
            return None
        if not grade.final and (grade.fault or not self._mark):
            self._left_out.append(grade)
            return None
        if not grade.final:
            self._provisional.append(grade)
        self.filled += 1
        return grade

    def keep(self, student: str, label: str, why: str) -> None:
        """A row that stays as it is, whatever its student has."""
        self._seen[student] = self._seen.get(student, 0) + 1
        self._kept.append(f"{label}: {why}")

    def notes(self, system: str) -> list[str]:
        """What an instructor has to know, one line for each kind of thing."""
        missing = [grade for student, grade in self._grades.items() if student not in self._seen]
        open_grades = [
            ("left out, because they are not final", self._left_out),
            ("written although they are not final", self._provisional),
        ]
        lines = [
            (f"graded, but not in the file of {system}", [shown(grade) for grade in missing]),
            (f"in the file of {system}, but no student of ours", self._strangers),
            (f"in the file of {system}, but nothing is graded", self._without),
            ("left as they are", self._kept),
            ("found twice", [student for student, times in self._seen.items() if student and times > 1]),
        ]
        notes = [f"{len(grades)} {words}: {by_reason(grades)}" for words, grades in open_grades if grades]
        return notes + [f"{len(who)} {words}: {'; '.join(who)}" for words, who in lines if who]
