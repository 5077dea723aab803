"""Measure the grading against stock nbgrader and against the floor; `./course bench` prints ratios."""
