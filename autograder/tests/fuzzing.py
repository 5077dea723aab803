"""How many examples a fuzz test tries: few and always the same in the suite, many new ones in `./course fuzz`."""

import os

from hypothesis import HealthCheck, settings

LONG = int(os.environ.get("COURSE_FUZZ_EXAMPLES", "0"))
FUZZ = settings(
    max_examples=LONG or 120,
    deadline=None,
    derandomize=not LONG,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
