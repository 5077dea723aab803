"""The class report: right statistics, who made which mistake, and the same for three students and ten thousand."""

from __future__ import annotations

import csv
import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from autograder.records import Diagnosis, Result
from autograder.reports.charts import describe, histogram, tenths
from autograder.reports.classreport import (
    FEWEST_NAMES,
    MOST_MISTAKES,
    MOST_NAMES,
    all_statistics,
    names_shown,
    render_class_report,
    write_class_report,
)
from autograder.reports.items import cronbach_alpha, item_total_correlation, topic_statistics, upper_lower_index
from autograder.tests.big_class import TOPICS, big_class
from autograder.tests.sample_results import (
    NO_CORRECTION,
    a_test,
    broken,
    exercise,
    half_right,
    perfect,
    result,
    unreadable,
)
from autograder.tests.test_feedback import Page

EPS = Diagnosis("eps_inside_root", "`eps` stands inside the root.\n\nWhere does the box have it?")
SCORES = np.array(
    [[2, 3, 1], [4, 4, 5], [1, 2, 1], [5, 5, 4], [3, 3, 2], [4, 2, 5], [2, 1, 2], [5, 4, 4], [1, 1, 1], [3, 4, 3]]
)


def scores() -> NDArray[np.float64]:
    return SCORES.astype(float)


def pupil(number: int, passed: int, mistake: Diagnosis | None = None, status: str = "ok") -> Result:
    tests = [a_test(f"t{place}", "passed" if place < passed else "failed", 10.0) for place in range(4)]
    return result(f"s{number:05d}", exercise("Adam", *tests, diagnosis=mistake), status=status)


def class_of(size: int) -> list[Result]:
    return [
        pupil(n, n % 4, [NO_CORRECTION, EPS, None][n % 3], "time_limit" if n % 50 == 7 else "ok") for n in range(size)
    ]


def test_alpha_is_that_of_the_textbook_formula() -> None:
    values = scores()
    covariance = np.cov(values.T)
    items = len(covariance)
    expected = items / (items - 1) * (1 - np.trace(covariance) / covariance.sum())
    assert cronbach_alpha(values) == pytest.approx(expected)


def test_an_item_is_correlated_with_the_total_of_the_others() -> None:
    values = scores()
    expected = np.corrcoef(values[:, 0], values[:, 1] + values[:, 2])[0, 1]
    assert item_total_correlation(values, 0) == pytest.approx(expected)


def test_the_upper_lower_index_compares_the_best_with_the_weakest_quarter() -> None:
    best, weakest = [3, 7, 1], [8, 2, 6]
    order = np.argsort(scores().sum(axis=1), kind="stable")
    assert set(order[-3:]) == set(best)
    assert set(order[:3]) == set(weakest)
    expected = (SCORES[best, 0].mean() - SCORES[weakest, 0].mean()) / 5
    assert upper_lower_index(scores(), 0, 5.0) == pytest.approx(expected)


def test_alpha_of_a_small_example_is_that_worked_out_by_hand() -> None:
    same = np.repeat(np.arange(12.0)[:, None], 3, axis=1)
    assert cronbach_alpha(same) == pytest.approx(1.0)
    # items (0, 0, 1, 1) and (0, 1, 0, 1), three times: both vary by 3/11, the total by 6/11, so nothing is in common
    apart = np.array([[0, 0], [0, 1], [1, 0], [1, 1]] * 3, dtype=float)
    assert cronbach_alpha(apart) == pytest.approx(0.0, abs=1e-12)
    assert item_total_correlation(apart, 0) == pytest.approx(0.0, abs=1e-12)
    assert upper_lower_index(same, 0, 11.0) == pytest.approx((10 - 1) / 11)  # 9, 10, 11 against 0, 1, 2


def test_with_few_submissions_no_correlation_is_claimed() -> None:
    few = scores()[:9]
    assert cronbach_alpha(few) is None
    assert item_total_correlation(few, 0) is None
    assert upper_lower_index(few, 0, 5.0) is None
    assert topic_statistics("hw04_adam", class_of(9)).items[0].flags == ()


def test_an_item_that_does_not_vary_has_no_correlation() -> None:
    values = scores()
    values[:, 1] = 3
    assert item_total_correlation(values, 1) is None
    assert cronbach_alpha(np.ones((12, 3))) is None


def test_flags_point_at_exercises_that_need_a_look() -> None:
    hard = topic_statistics("hw04_adam", [pupil(n, int(n == 0)) for n in range(20)]).items[0]
    easy = topic_statistics("hw04_adam", [pupil(n, 4) for n in range(20)]).items[0]
    assert hard.flags[0].startswith("very hard")
    assert easy.flags == ("very easy: nearly everybody has it",)


def test_mistakes_are_counted_with_who_made_them_most_frequent_first() -> None:
    outcomes = [pupil(1, 1, EPS), pupil(2, 1, NO_CORRECTION), pupil(3, 1, EPS), pupil(4, 4)]
    found = topic_statistics("hw04_adam", outcomes).mistakes
    assert [(count.mistake, count.students) for count in found] == [
        ("eps_inside_root", ("s00001", "s00003")),
        ("no_bias_correction", ("s00002",)),
    ]
    assert found[0].text == "`eps` stands inside the root."


def test_grader_errors_and_unreadable_files_enter_no_figure() -> None:
    seen = topic_statistics("hw04_adam", [perfect(), broken(), unreadable()])
    assert (seen.submissions, seen.counted, seen.scores) == (3, 1, (40.0,))
    assert seen.grader_errors == (("tony", "Adam", "a"),)
    assert seen.trouble == (("unreadable", ("edsger",)),)


def test_a_class_in_which_nothing_can_be_counted_still_has_a_report() -> None:
    text = render_class_report([topic_statistics("hw04_adam", [broken(), unreadable()])])
    assert "The grader failed on 1 place" in text
    assert "Nobody passes" not in text


@pytest.mark.parametrize("size", [1, 3, 60])
def test_the_report_is_one_page_that_fetches_nothing(size: int, tmp_path: Path) -> None:
    outcomes = [*class_of(size), half_right(), broken(), unreadable()]
    path = write_class_report(outcomes, tmp_path, {"hw04_adam": "Adam & co"})[0]
    page = Page(path.read_text())
    assert {tag for tag, _ in page.elements} & {"script", "link", "iframe", "img"} == set()
    assert page.all("html") == [{"lang": "en"}]
    assert [len(page.all(tag)) for tag in ("header", "main", "footer", "h1")] == [1] * 4
    assert all(chart["role"] == "img" and chart["aria-label"] for chart in page.all("svg"))
    assert "Adam & co" in page.words()


def test_from_a_mistake_to_its_students_takes_two_clicks() -> None:
    page = Page(render_class_report([topic_statistics("hw04_adam", [pupil(1, 1, EPS), pupil(2, 1, EPS)])]))
    links = [link["href"] for link in page.all("a")]
    assert "../feedback/s00001/hw04_adam.html" in links
    assert "eps stands inside the root. eps_inside_root" in page.words()


def test_rarer_mistakes_are_folded_and_every_mistake_is_somewhere() -> None:
    many = [pupil(n, 1, Diagnosis(f"mistake_{n % 20}", f"Says {n % 20}.")) for n in range(40)]
    page = Page(render_class_report(all_statistics(many)))
    assert f"{20 - MOST_MISTAKES} rarer mistakes" in page.words()
    assert all(f"Says {number}." in page.words() for number in range(20))


def test_headings_go_down_one_level_at_a_time() -> None:
    page = Page(render_class_report(all_statistics([*class_of(30), replace(class_of(1)[0], topic="hw05")])))
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3", "h4")]
    assert all(after - before <= 1 for before, after in itertools.pairwise(levels))


def test_ten_thousand_students_in_eight_topics_fit_into_one_page(tmp_path: Path) -> None:
    outcomes = list(big_class(10_000, TOPICS[:1]))
    statistics = topic_statistics(TOPICS[0], outcomes)
    write_class_report(outcomes, tmp_path)
    page = (tmp_path / "class_report.html").stat().st_size
    assert page < 1_500_000
    eight = [replace(statistics, topic=f"hw{number:02d}") for number in range(8)]
    assert names_shown(eight) == FEWEST_NAMES
    assert len(render_class_report(eight)) < 3_000_000


def test_ten_thousand_students_make_a_page_of_bearable_size(tmp_path: Path) -> None:
    paths = {path.name: path for path in write_class_report(class_of(10_000), tmp_path)}
    assert paths["class_report.html"].stat().st_size < 200_000
    assert f"and {3334 - MOST_NAMES} more: see mistakes.csv" in paths["class_report.html"].read_text()
    with paths["mistakes.csv"].open(newline="") as file:
        assert sum(1 for _ in csv.DictReader(file)) == 3334 + 3333


def test_names_of_students_are_escaped_and_links_to_them_quoted() -> None:
    odd = replace(pupil(1, 1, EPS), student='<b>../"x"')
    text = render_class_report([topic_statistics("hw04_adam", [odd])])
    assert "<b>" not in text
    assert "../feedback/%3Cb%3E..%2F%22x%22/hw04_adam.html" in text


def test_tests_that_nobody_or_everybody_passes_are_named() -> None:
    words = Page(render_class_report([topic_statistics("hw04_adam", [pupil(n, 1) for n in range(3)])])).words()
    assert "Nobody passes these tests" in words
    assert "Everybody who could be tested passes 1 test" in words


def test_the_histogram_says_in_words_what_it_draws() -> None:
    counts = tenths([0, 5, 9.9, 100, 100], 100)
    assert counts == [3, 0, 0, 0, 0, 0, 0, 0, 0, 2]
    assert describe(counts) == "Submissions by share of the points. 0 to 10 per cent: 3; 90 to 100 per cent: 2."
    assert describe(counts) in histogram([0, 5, 9.9, 100, 100], 100, "Scores")


def test_the_items_csv_holds_the_figures_of_the_page(tmp_path: Path) -> None:
    write_class_report(class_of(60), tmp_path)
    with (tmp_path / "items.csv").open(newline="") as file:
        row = next(csv.DictReader(file))
    assert (row["topic"], row["exercise"], row["points"], row["n"]) == ("hw04_adam", "Adam", "40", "60")
    assert float(row["mean_share"]) == pytest.approx(np.mean([n % 4 / 4 for n in range(60)]))
