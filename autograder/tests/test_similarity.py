"""Similar submissions: copies are found under other names, common and given code is no sign, nothing is graded."""

import json
from pathlib import Path

import pytest

from autograder.config import load_course
from autograder.demo import population
from autograder.demo.sample import material
from autograder.errors import UserError
from autograder.reports.similarity import similar_pairs, write_similarity

STEM = "hw04_adam"
OWN = """
def moving(values, keep):
    state, out = 0.0, []
    for place, item in enumerate(values, start=1):
        state = keep * state + item - keep * item
        scale = 1 / (1 - keep ** place)
        out.append(scale * state if place else state)
    return out
"""
RENAMED = OWN.replace("state", "running").replace("item", "value_now").replace("# ", "")
OTHER = """
def something_else(left, right):
    total = sum(a * b for a, b in zip(left, right))
    while total > 10:
        total //= 2
    return {"total": total, "pairs": list(zip(left, right))[:3]}
"""


def own(texts: dict[str, str]) -> dict[str, dict[str, str]]:
    return {student: {"moving": text} for student, text in texts.items()}


def test_a_copy_with_other_names_and_comments_is_found() -> None:
    pairs = similar_pairs(own({"ada": OWN, "bob": RENAMED + "# my own work\n", "eve": OTHER}), known=())
    assert [(pair.first, pair.second) for pair in pairs] == [("ada", "bob")]
    assert pairs[0].share > 0.9
    assert "".join(text for text, _ in pairs[0].texts["moving"][0]) == OWN
    assert any("keep" in text for text, alike in pairs[0].texts["moving"][1] if alike)


def test_known_code_and_what_many_wrote_are_no_sign() -> None:
    assert not similar_pairs(own({"ada": OWN, "bob": RENAMED}), known=[OWN])
    assert not similar_pairs(own({f"s{number}": OWN for number in range(5)}), known=())
    assert len(similar_pairs(own({f"s{number}": OWN for number in range(3)}), known=())) == 3


def test_the_page_shows_both_texts_escaped_and_says_that_it_is_no_grade(tmp_path: Path) -> None:
    course = load_course()
    made_from = material(course, STEM)
    copied = OWN.replace("moving", "bias_corrected_ema") + "\n# <script>alert(1)</script>\n"
    answers = {"ada": copied, "bob": copied.replace("state", "s"), "eve": made_from.right["bias_corrected_ema"]}
    notebooks = {
        student: population.filled_in(made_from.released, {**made_from.right, "bias_corrected_ema": source})
        for student, source in answers.items()
    }
    population.lay_out(tmp_path, STEM, notebooks)
    page = write_similarity(course, tmp_path, STEM).read_text(encoding="utf-8")
    assert "never a grade" in page
    assert "<strong>ada</strong> and <strong>bob</strong>" in page
    assert "<strong>eve" not in page
    assert "<script>" not in page


def test_a_class_without_two_readable_submissions_is_refused(tmp_path: Path) -> None:
    place = tmp_path / "submitted" / "ada" / STEM
    place.mkdir(parents=True)
    (place / f"{STEM}.ipynb").write_text(json.dumps("no notebook"))
    with pytest.raises(UserError, match="0 readable submissions"):
        write_similarity(load_course(), tmp_path, STEM)
