"""Feedback says what to do next, in a page that everybody can read, and shows nothing that it should not."""

from __future__ import annotations

import itertools
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from autograder.records import STATUSES, Diagnosis, ExerciseResult, Result
from autograder.reports.clean import clean, clean_line, number
from autograder.reports.content import STATUS_SENTENCES, Mark, view
from autograder.reports.feedback import render_feedback, write_feedback
from autograder.reports.pages import TEMPLATES, inline
from autograder.reports.text import comment_text, exercise_text, render_markdown, render_text
from autograder.tests.sample_results import a_test, broken, exercise, half_right, perfect, result, unreadable

MARKS = (
    Mark("why_divide", 10.0, waiting=True, written=True),
    Mark("why_fast", 5.0, score=3.5, comment="Good, but\nsay what v is.", written=True),
)
HOSTILE = "</code><script>alert(1)</script>\x1b[31mred\x1b]0;title\x07\u202egnp.exe\x00 & \ud800 `a<b`"
EVERYTHING = (half_right(), perfect(), broken(), unreadable())
VOID = {"meta", "br", "img", "link", "hr", "input"}


class Page(HTMLParser):
    """Elements with their attributes, the text, and whether tags are closed in order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.text = ""
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if not {"style", "title"} & set(self.open):
            self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attributes for name, attributes in self.elements if name == tag]

    def words(self) -> str:
        return " ".join(self.text.split())


def hostile_result() -> Result:
    message = f"{HOSTILE} " + "x" * 5000
    diagnosis = Diagnosis("odd", f"{HOSTILE}\n\n{HOSTILE}")
    return result(HOSTILE, exercise("Adam", a_test("a", "failed", message=message, title=HOSTILE), diagnosis=diagnosis))


def test_the_page_leads_from_the_sentence_to_what_was_seen_to_the_question() -> None:
    words = Page(render_feedback(half_right(), "Adam and its bias correction", MARKS)).words()
    order = [
        "Adam and its bias correction",
        "15.5 of 55 points so far; 10 still wait for a person",
        "What to do next 2 exercises are left to mend or to write.",
        "Adam (20 points open)",
        "partly right. 1 of 3 tests passed.",
        "Asked for: The first step has the length of the learning rate.",
        "Seen: the largest error is 0.37 (relative), in the case: first step, large eps",
        "It behaves like a known mistake: The moving averages are used as they are",
        "To think about: How large is the first average of a constant gradient g",
        "The test that passed",
        "not tested. adam_first_step is not written yet.",
        "Complete ema_weights",
        "Waiting for a marker. A person reads this answer; its points are not in the score yet.",
        "Comment of a marker: Good, but say what v is.",
        "Adam: The moving averages are used as they are",
    ]
    places = [words.find(text) for text in order]
    assert -1 not in places
    assert places == sorted(places)


@pytest.mark.parametrize("outcome", EVERYTHING, ids=lambda outcome: outcome.student)
def test_the_page_has_what_a_screen_reader_needs(outcome: Result) -> None:
    page = Page(render_feedback(outcome, "Adam", MARKS))
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("title", "header", "main", "nav", "footer", "h1")] == [1] * 6
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    targets = {str(link["href"]).removeprefix("#") for link in page.all("a")}
    assert targets <= set(ids)
    assert page.all("a")[0] == {"class": "skip", "href": "#content"}
    assert all(cell.get("scope") == "col" for cell in page.all("th"))
    levels = [int(tag[1]) for tag, _ in page.elements if re.fullmatch(r"h[1-6]", tag)]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


@pytest.mark.parametrize("outcome", EVERYTHING, ids=lambda outcome: outcome.student)
def test_the_page_fetches_nothing_and_runs_nothing(outcome: Result) -> None:
    text = render_feedback(outcome, "Adam", MARKS)
    page = Page(text)
    assert {tag for tag, _ in page.elements} & {"base", "script", "link", "iframe", "img", "object", "form"} == set()
    assert not re.search(r"https?:|url\(|@import| on\w+=", text)
    assert {"http-equiv": "Content-Security-Policy", "content": "default-src 'none'; style-src 'unsafe-inline'"} in (
        page.all("meta")
    )


def test_an_exercise_is_linked_to_its_cell_in_the_notebook_if_there_is_an_address() -> None:
    address = "http://localhost:8888/lab/tree/assignments/{topic}/{topic}.ipynb#cell-id={exercise}"
    page = Page(render_feedback(half_right(), "Adam", notebook=address))
    links = {link.get("aria-label"): str(link["href"]) for link in page.all("a")}
    assert links["open the notebook at Adam"] == (
        "http://localhost:8888/lab/tree/assignments/hw04_adam/hw04_adam.ipynb#cell-id=Adam"
    )
    assert "while jupyter lab runs in the folder of the course" in page.words()
    assert "open the notebook at Adam" not in render_feedback(half_right(), "Adam")
    assert "open the notebook" not in Page(render_feedback(unreadable(), notebook=address)).words()


def test_what_is_left_to_do_stands_before_what_is_done() -> None:
    headings = re.findall(r"<h[23][^>]*>(?:<code>)?([^<]+)", render_feedback(half_right(), "Adam"))
    assert headings[2:7] == ["To work on", "Adam", "adam_first_step", "Complete", "ema_weights"]


def test_a_passed_test_says_so_if_it_counts_only_with_the_parts_of_the_course() -> None:
    words = "Passed with the course's own ema_weights in place of yours."
    outcome = result("ada", exercise("Adam", a_test("a", message=words)))
    assert words in Page(render_feedback(outcome)).words()


def luminance(colour: str) -> float:
    channels = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@pytest.mark.parametrize("scheme", [0, 1], ids=["light", "dark"])
def test_every_text_colour_has_contrast_enough_on_every_background(scheme: int) -> None:
    blocks = re.findall(r":root \{(.*?)\}", (TEMPLATES / "base.css").read_text(), re.DOTALL)
    colours = dict(re.findall(r"--(\w+): (#[0-9a-f]{6})", blocks[scheme]))
    assert len(colours) == 12
    poor = []
    for text in set(colours) - {"paper", "box", "line"}:
        for ground in ("paper", "box"):
            light, dark = sorted((luminance(colours[text]), luminance(colours[ground])), reverse=True)
            ratio = (light + 0.05) / (dark + 0.05)
            if ratio < 4.5:
                poor.append(f"{text} on {ground}: {ratio:.2f}")
    assert poor == []


def test_states_are_said_in_words_and_not_by_colour_alone() -> None:
    page = Page(render_feedback(half_right()))
    states = [
        attributes for tag, attributes in page.elements if tag == "span" and "state" in str(attributes.get("class"))
    ]
    assert len(states) == 3
    assert {"complete.", "partly right.", "not tested."} <= set(re.findall(r"\w+(?: \w+)?\.", page.words()))


def test_text_of_a_student_is_escaped_stripped_and_cut_everywhere() -> None:
    outcome = hostile_result()
    marks = (Mark(HOSTILE, 5.0, 1.0, comment=HOSTILE, written=True),)
    for text in (render_feedback(outcome, HOSTILE, marks), render_markdown(outcome, HOSTILE, marks)):
        assert "<script>" not in text
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", text)
        assert len(text) < 20_000
    plain = render_text(outcome, HOSTILE, marks)
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e\ud800-\udfff]", plain)
    assert "x" * 700 not in plain
    assert "... (cut)" in plain


def test_a_grader_error_is_called_our_fault_and_never_a_wrong_answer() -> None:
    for text in (Page(render_feedback(broken())).words(), " ".join(render_text(broken()).split())):
        assert "being checked by a person" in text
        assert "That is our fault, not yours" in text
        assert "KeyError" not in text
        assert "20 of 40 points so far; 22 still wait for a person" in text


def test_an_unreadable_file_is_explained_once_and_not_for_every_exercise() -> None:
    for text in (render_feedback(unreadable()), render_text(unreadable())):
        assert " ".join(text.split()).count("hand in the file that Jupyter saved") == 1


def test_every_status_that_a_result_can_have_has_its_sentence() -> None:
    assert set(STATUS_SENTENCES) == set(STATUSES)
    for status in STATUSES:
        text = " ".join(render_text(replace(half_right(), status=status)).split())
        assert STATUS_SENTENCES[status] in text


def test_text_page_and_markdown_say_the_same() -> None:
    plain = " ".join(render_text(half_right(), "Adam", MARKS).split())
    page = Page(render_feedback(half_right(), "Adam", MARKS)).words()
    markdown = render_markdown(half_right(), "Adam", MARKS)
    for sentence in (
        "15.5 of 55 points so far; 10 still wait for a person",
        "The first step has the length of the learning rate.",
        "the largest error is 0.37 (relative), in the case: first step, large eps",
        "How large is the first average of a constant gradient g, and how large should it be?",
        "waiting for a marker",
    ):
        assert sentence in plain
        assert sentence in markdown
        assert sentence.lower() in page.lower()


def test_a_stub_is_told_its_reason_once_and_not_for_every_test() -> None:
    text = exercise_text(half_right().exercises[2])
    assert text.count("is not written yet") == 1
    assert comment_text(half_right().exercises[2]) == (
        "0 of 8 points: not tested. `adam_first_step` is not written yet."
    )


@pytest.mark.parametrize(
    ("states", "sentence"),
    [
        (["passed"], "The test passed."),
        (["passed", "passed"], "Both tests passed."),
        (["passed"] * 3, "All 3 tests passed."),
        (["failed"], "The test did not pass."),
        (["failed"] * 2, "Neither test passed."),
        (["failed"] * 3, "None of the 3 tests passed."),
        (["passed", "failed", "not_run"], "1 of 3 tests passed, 1 could not be run."),
        (["not_run"] * 2, "The tests before it left nothing to test."),
    ],
)
def test_the_summary_of_an_exercise_reads_well(states: list[str], sentence: str) -> None:
    outcome = exercise("Adam", *(a_test(f"t{place}", state) for place, state in enumerate(states)))
    assert view(result("ada", outcome)).exercises[0].summary == sentence


def test_partial_credit_of_a_failed_test_is_said() -> None:
    caught = replace(a_test("catches", "failed", 8.0, "3 of 5 mistakes caught, no false alarm"), score=4.8)
    outcome = ExerciseResult("catches_adam", 4.8, 8.0, None, (caught,))
    text = exercise_text(outcome)
    assert "[~] catches_adam: 4.8 of 8 points, partly right" in text
    assert "Earned 4.8 of 8 points." in text


def test_a_small_slip_is_called_nearly_complete() -> None:
    outcome = exercise("Adam", a_test("formula", points=30.0), a_test("inputs", "failed", 4.0))
    assert "Adam: 30 of 34 points, nearly complete" in exercise_text(outcome)


def test_a_mark_of_a_person_replaces_the_automatic_score() -> None:
    marks = (Mark("Adam", 22.0, score=21.0, extra=1.0, comment="A slip."),)
    seen = view(half_right(), marks=marks)
    assert seen.score == 10 + 22
    assert seen.exercises[1].word == "marked by a person"
    assert "Comment: A slip." in render_text(half_right(), marks=marks)


def test_the_error_diary_lists_the_mistakes_of_this_student_only_if_there_are_any() -> None:
    assert "For your error diary" in render_feedback(half_right())
    for text in (render_feedback(perfect()), render_text(perfect()), render_markdown(perfect())):
        assert "error diary" not in text


def test_passed_tests_are_folded_away() -> None:
    text = render_feedback(perfect())
    assert re.search(r"<details><summary>The test that passed</summary><ul><li>The property", text)


def test_the_page_replaces_an_old_one_whole_and_lies_beside_nbgraders(tmp_path: Path) -> None:
    first = write_feedback(half_right(), tmp_path)
    second = write_feedback(replace(half_right(), score=0.0), tmp_path, "Adam", MARKS)
    assert first == second == tmp_path / "grace" / "hw04_adam.html"
    assert first.read_text() == render_feedback(half_right(), "Adam", MARKS)
    assert first.with_suffix(".md").read_text() == render_markdown(half_right(), "Adam", MARKS)
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["grace", "hw04_adam.html", "hw04_adam.md"]


def test_code_between_backticks_is_set_as_code_and_everything_is_escaped() -> None:
    assert str(inline("`a<b` & <i>")) == "<code>a&lt;b</code> &amp; &lt;i&gt;"


@pytest.mark.parametrize(
    ("value", "text"), [(30.0, "30"), (7.5, "7.5"), (20 / 3, "6.67"), (0.0, "0"), (-0.001, "0"), (100.0, "100")]
)
def test_scores_have_no_more_decimals_than_they_need(value: float, text: str) -> None:
    assert number(value) == text


def test_cleaning_keeps_lines_and_letters_of_every_alphabet() -> None:
    assert clean("Grüße,\r\n\tδ ≤ 0,5\u200b") == "Grüße,\n    δ ≤ 0,5"
    assert clean_line("a\n b", 10) == "a b"
    assert clean("x" * 100, 20) == "x" * 10 + " ... (cut)"
