"""Draw one figure of each topic for the README: `python -m autograder.demo.pictures`."""

from __future__ import annotations

import ast
import io
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from autograder.config import ROOT, load_course
from autograder.course.percent import read_topic, solution_source

CHOSEN = {
    "hw01_mle_losses": "likelihood",
    "hw02_backprop": "graph",
    "hw03_sgd_variants": "ravine",
    "hw04_adam": "bias_of_the_average",
    "hw05_initialization": "histograms",
    "hw06_dropout": "label_noise",
    "hw07_batchnorm": "rates",
    "hw08_cross_validation": "leak",
}
FOLDER = ROOT / ".github" / "topics"
PIXELS = 640


def draw(stem: str, see: str, path: Path) -> None:
    """Run the solutions of a topic up to one *see it* cell, and save the figure that the cell shows."""
    namespace: dict[str, Any] = {"__name__": stem}
    for cell in read_topic(load_course().source(stem)).cells:
        if not cell.is_code:
            continue
        tree = ast.parse(solution_source(cell))
        if cell.id == f"see-{see}":
            last = tree.body.pop()
            assert isinstance(last, ast.Expr)
            exec(compile(tree, cell.id, "exec"), namespace)
            shown = eval(compile(ast.Expression(last.value), cell.id, "eval"), namespace)
            if not hasattr(shown, "figure"):
                raise SystemExit(f"{stem}: see={see!r} shows no figure, but: {shown}")
            figure = shown.figure
            path.parent.mkdir(parents=True, exist_ok=True)
            figure.savefig(path, dpi=PIXELS / figure.get_figwidth(), metadata={"Software": None})
            return
        with redirect_stdout(io.StringIO()):
            exec(compile(tree, cell.id, "exec"), namespace)
    raise SystemExit(f"{stem} has no cell see={see!r}: name another one in {Path(__file__).name}.")


def main() -> None:
    """All of them."""
    sys.path.insert(0, str(ROOT / "assignments"))
    for stem, see in CHOSEN.items():
        draw(stem, see, FOLDER / f"{stem}.png")
        print(FOLDER / f"{stem}.png")


if __name__ == "__main__":
    main()
