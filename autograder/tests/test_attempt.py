"""One run of a submission's cells: what they may take together."""

from __future__ import annotations

from autograder.grading.attempt import Attempt
from autograder.sandbox import Limits, Zygote


def test_many_slow_cells_cannot_hold_a_worker_for_longer_than_a_submission_may_take() -> None:
    slow = [(f"extra-{number:02}", "import time\ntime.sleep(0.4)\n") for number in range(9)]
    with Zygote(Limits(cell_seconds=5, cpu_seconds=1), plotting=False) as zygote:
        attempt = Attempt(zygote, [*slow, ("last", "x = 1\n")], {}, 0)
        attempt.start()
        assert attempt.outcomes["extra-00"].status == "ok"
        assert attempt.outcomes["last"].status == "time_limit"
        assert not attempt.student().has("x")
        attempt.close()
