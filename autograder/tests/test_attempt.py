"""One run of a submission's cells: what they may take together."""

from __future__ import annotations

import pytest

from autograder.grading.attempt import Attempt
from autograder.sandbox import Limits, Stopped, Zygote


def test_many_slow_cells_cannot_hold_a_worker_for_longer_than_a_submission_may_take() -> None:
    slow = [(f"extra-{number:02}", "import time\ntime.sleep(0.4)\n") for number in range(9)]
    with Zygote(Limits(cell_seconds=5, cpu_seconds=1), plotting=False) as zygote:
        attempt = Attempt(zygote, [*slow, ("last", "x = 1\n")], {}, 0)
        attempt.start()
        assert attempt.outcomes["extra-00"].status == "ok"
        assert attempt.outcomes["last"].status == "time_limit"
        assert not attempt.student().has("x")
        attempt.close()


def test_a_twin_runs_the_same_cells_and_shares_nothing() -> None:
    counts = "seen = []\n\n\ndef count():\n    seen.append(1)\n    return len(seen)\n"
    with Zygote(plotting=False) as zygote:
        attempt = Attempt(zygote, [("count", counts)], {}, 0)
        student = attempt.student()
        assert [student.count(), student.count()] == [1, 2]
        with attempt.twin() as other:
            assert [other.count(), student.count()] == [1, 3]
        with pytest.raises(Stopped), attempt.twin() as other:
            raise Stopped("crashed")
        assert student.count() == 4
        assert not other._child.alive
        attempt.close()


def test_what_is_left_of_a_submissions_time_is_all_that_its_cells_get() -> None:
    with Zygote(plotting=False) as zygote:
        attempt = Attempt(zygote, [("first", "x = 1\n")], {}, 0)
        attempt.spare(0.0)
        assert not attempt.student().has("x")
        with attempt.twin() as other:
            assert not other.has("x")
        assert attempt.outcomes["first"].status == "time_limit"
        attempt.close()
