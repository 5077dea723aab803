"""Look at a page with Chromium and axe-core, where Chromium is installed; nothing is fetched from anywhere."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import tempfile
from html import unescape
from importlib.util import find_spec
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
POLICY = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>')
ANSWER = re.compile(r'<pre id="axe-answer">(.*?)</pre>', re.DOTALL)
PROGRAM = """
axe.run(document).then(found => {
  const answer = document.createElement("pre");
  answer.id = "axe-answer";
  answer.textContent = JSON.stringify({
    passes: found.passes.length,
    violations: found.violations.map(
      rule => rule.id + ": " + rule.nodes.map(node => node.html).slice(0, 3).join(" | ")
    ),
  });
  document.body.append(answer);
});
"""


def why_no_browser() -> str:
    """Why pages cannot be looked at here; empty if they can."""
    if not any(shutil.which(name) for name in NAMES):
        return "Chromium is not installed"
    if find_spec("axe_core_python") is None:
        return "the package axe-core-python is not installed"
    return ""


def violations(page: str, dark: bool = False) -> list[str]:
    """What axe-core objects to in a page.

    Parameters
    ----------
    page : str
        A self-contained page.
    dark : bool
        Whether the reader prefers a dark scheme.
    """
    program = next(path for name in NAMES if (path := shutil.which(name)))
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder) / "page.html"
        copy.write_text(_with_axe(page), encoding="utf-8")
        command = [program, "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}/profile"]
        command += [f"--blink-settings=preferredColorScheme={0 if dark else 1}", "--virtual-time-budget=20000"]
        command += ["--dump-dom", copy.as_uri()]
        done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    answer = ANSWER.search(done.stdout)
    assert answer, f"axe did not answer: {done.stderr[-2000:]}"
    found = json.loads(unescape(answer[1]))
    assert found["passes"] > 10, found
    return [*found["violations"]]


def _with_axe(page: str) -> str:
    """The page with axe in it; its policy, which allows no script, is left out."""
    spec = find_spec("axe_core_python")
    assert spec is not None
    assert spec.origin is not None
    axe = (Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8")
    body = POLICY.sub("", page)
    assert body != page
    return body.replace("</body>", f"<script>{axe}</script><script>{PROGRAM}</script></body>")
