"""`./course test`: two pytest runs side by side, one with banks and attacks, the other with all the rest."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence

from autograder.config import ROOT

TESTS = "autograder/tests"
# They take about as long as all others together.
LONG = ("test_all_ways", "test_attacks", "test_banks_hold", "test_cluster", "test_demo_class")


def run_suite(arguments: Sequence[str]) -> int:
    """Run the suite, or with arguments just what pytest makes of them.

    Returns
    -------
    int
        0 if every test passed; else pytest's exit code.
    """
    if arguments or (os.cpu_count() or 1) < 2:
        return _pytest(arguments).wait()
    names = [f"{TESTS}/{name}.py" for name in LONG]
    with tempfile.TemporaryFile() as said:
        beside = _pytest(names, said.fileno())
        code = _pytest([f"--ignore={name}" for name in names]).wait()
        print(f"The tests of {', '.join(LONG)}:", flush=True)
        code = beside.wait() or code
        said.seek(0)
        sys.stdout.write(said.read().decode(errors="replace"))
    return code


def _pytest(arguments: Sequence[str], output: int | None = None) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        [sys.executable, "-m", "pytest", "-q", *arguments],
        cwd=ROOT,
        env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        stdout=output,
        stderr=subprocess.STDOUT if output is not None else None,
    )
