"""Commands of the notebook go, Python stays to the letter."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.intake import Unreadable
from autograder.intake.analysis import LONGEST, binds, needs, parsed, split_by_name
from autograder.intake.source import plain_python
from autograder.tests.fuzzing import FUZZ
from autograder.tests.intake_samples import ANSWERS, answered, code, namespace, sources, submit, untouched

PYTHON = [
    "x = 5 % 3\n",
    "x = (17\n     % 5)\n",
    "x = 17 \\\n    % 5\n",
    'x = """\n%matplotlib inline\n!ls\nwhat?\n"""\n',
    "x = '''\n%%bash\nrm -rf /\n'''\n",
    "x = '%d%%' % 7  # !important\n",
    "x = 'a' != 'b'\n",
    "# %matplotlib inline\n# why?\nx = 1\n",
    "x = f'{1!r}'\n",
    "x = [\n    '!', '%', '?'\n]\n",
    "def f():\n    '''Run this:\n\n    %timeit f()\n    '''\n",
    "from math import *\nx = sqrt(4)\n",
    "x = input\n",
    "async def f():\n    await g()\n    async for x in y:\n        pass\n",
    "'''only a docstring?'''\n",
    "",
]
WRONG_PYTHON = [
    "def f(:\n    return 1\n",
    "x = = 1\n",
    "def f(x):\nreturn x\n",
    "print 'hello'\n",
    'x = """never closed\n%matplotlib inline\n',
    "x = (1,\n%matplotlib inline\n",
    "\0",
]


@pytest.mark.parametrize("source", PYTHON + WRONG_PYTHON)
def test_python_right_or_wrong_is_left_alone(source: str) -> None:
    plain = plain_python(source)
    assert (plain.source, plain.dropped) == (source, ())


@pytest.mark.parametrize(
    ("source", "expected", "dropped"),
    [
        ("%matplotlib inline\nx = 1", "pass  # %matplotlib inline\nx = 1", ()),
        ("%load_ext a\n%autoreload 2\nx = 1", "pass  # %load_ext a\npass  # %autoreload 2\nx = 1", ()),
        ("x = 1\n%timeit f(x)\n", "x = 1\npass  # %timeit f(x)\n", ("%timeit",)),
        ("%time x = 1\n", "x = 1\n", ("%time",)),
        ("!pip install 'numpy'\nx = 1", "pass  # !pip install 'numpy'\nx = 1", ("a shell command (!)",)),
        ("!echo \"don't\nx = 1", "pass  # !echo \"don't\nx = 1", ("a shell command (!)",)),
        ("%pip install a \\\n  b\nx = 1", "pass  # %pip install a \\\n# b\nx = 1", ("%pip",)),
        ("pip install torch\nx = 1", "pass  # pip install torch\nx = 1", ("pip without %",)),
        ("files = !ls *.py\nx = 1", "files = None  # files = !ls *.py\nx = 1", ("a shell command (!)",)),
        ("t = %timeit -o f()\nx = 1", "t = None  # t = %timeit -o f()\nx = 1", ("%timeit",)),
        ("np.mean?\nx = 1", "pass  # np.mean?\nx = 1", ()),
        ("?np.mean\nx = 1", "pass  # ?np.mean\nx = 1", ()),
        ("np.mean??  # look\nx = 1", "pass  # np.mean??  # look\nx = 1", ()),
        ("if True:\n    !ls\nx = '%s' % 1", "if True:\n    pass  # !ls\nx = '%s' % 1", ("a shell command (!)",)),
        ("x = '''\n!ls\n'''\n!ls", "x = '''\n!ls\n'''\npass  # !ls", ("a shell command (!)",)),
        ("x = (1\n  % 2)\n%cd ..", "x = (1\n  % 2)\npass  # %cd ..", ("%cd",)),
        ("%%time\nx = 1", "# %%time\nx = 1", ("%%time",)),
        ("\n%%capture out\n!ls\nx = 1", "\n# %%capture out\npass  # !ls\nx = 1", ("%%capture", "a shell command (!)")),
        ("%%bash\nrm -rf /\n", "# %%bash\n# rm -rf /\n", ("%%bash",)),
        ("%%writefile a.py\nx = 1", "# %%writefile a.py\n# x = 1", ("%%writefile",)),
        ("%%", "# %%", ("%%",)),
        ("x = 1\nawait f()\ny = 2", "x = 1\n# await f()\ny = 2", ("await outside a function",)),
        ("get_ipython().system('ls')\nx = 1", "# get_ipython().system('ls')\nx = 1", ("get_ipython()",)),
    ],
)  # fmt: skip
def test_commands_are_left_out_and_line_numbers_stay(source: str, expected: str, dropped: tuple[str, ...]) -> None:
    plain = plain_python(source)
    assert (plain.source, plain.dropped) == (expected, dropped)
    assert plain.source.count("\n") == source.count("\n")
    ast.parse(plain.source)


def test_what_is_left_out_is_noted_with_its_cell(tmp_path: Path) -> None:
    notebook = answered(double=f"!pip install numpy\n{ANSWERS['double']}")
    notebook["cells"].append(code("%%bash\nls"))
    submission = submit(tmp_path, notebook)
    assert namespace(submission)["double"](2) == 4
    assert submission.notices == (
        "commands of the notebook were left out: a shell command (!) in double, %%bash in extra-01",
    )


def test_a_flood_of_commands_is_one_short_notice(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"].append(code("\n".join(f"%{'x' * 500}{number}" for number in range(300))))
    notebook["cells"] += [code(f"%run{number} <script>") for number in range(50)]
    (notice,) = submit(tmp_path, notebook).notices
    assert len(notice) < 400
    assert "<" not in notice
    assert notice.endswith(" more")


def test_data_pasted_into_a_cell_is_refused(tmp_path: Path) -> None:
    notebook = answered()
    notebook["cells"] += [code("x = [" + "1, " * 600_000 + "]")] * 2
    with pytest.raises(Unreadable, match=r"3\.6 million characters in its cells, and at most 2 are read\. Were data"):
        submit(tmp_path, notebook)


def test_harmless_commands_are_not_noted(tmp_path: Path) -> None:
    assert submit(tmp_path, answered(double=f"%matplotlib inline\n{ANSWERS['double']}")).notices == ()


@pytest.mark.fuzz
@FUZZ
@given(st.lists(st.sampled_from([*PYTHON, *WRONG_PYTHON, "%x\n", "!ls\n", "a?\n", "(\n", ")\n", "'", '"""', "\\\n"])))
def test_no_mixture_of_syntax_brings_the_translation_down(parts: list[str]) -> None:
    source = "".join(parts)
    plain = plain_python(source)
    assert plain.source.count("\n") == source.count("\n")
    if parsed(source) is not None and "await" not in source:
        assert plain.source == source


@pytest.mark.parametrize(
    "source",
    [
        "(" * 5_000,
        "-" * 50_000 + "1",
        "not " * 20_000 + "1",
        "a" + ".b" * 50_000,
        "a" + "+a" * 50_000,
        "lambda:" * 20_000 + "1",
        "if a: pass\n" + "elif a: pass\n" * 5_000,
        "x=" * 30_000 + "1",
        "f'" + "{" * 500,
        "!" * 100_000,
        "%" * 100_000,
        '"' * 99_999,
        "a?\n" * 20_000 + "(",
        "x = 1\n" * LONGEST,
    ],
    ids=lambda source: source[:6],
)
def test_hostile_syntax_is_passed_on_unread(tmp_path: Path, source: str) -> None:
    notebook = untouched()
    notebook["cells"].append(code(source))
    assert submit(tmp_path, notebook).missing == ()
    assert isinstance(binds(source), frozenset)
    assert isinstance(needs(source, frozenset({"a", "x"})), frozenset)
    assert split_by_name(source[:1000], ["a"])


def test_odd_escapes_raise_no_warning_here(tmp_path: Path) -> None:
    submission = submit(tmp_path, answered(double="def double(x):\n    '\\d'\n    return 2 * x\n\nwhy?\n"))
    assert "pass  # why?" in sources(submission)["double"]


def test_names_are_found_where_they_are_bound() -> None:
    source = (
        "import a.b, c as d\nfrom e import f\n"
        "try:\n    import g\nexcept ImportError as h:\n    pass\n"
        "with open(i) as j, k as (l, m):\n    n: int = 0\n"
        "for o in p:\n    q += 1\n"
        "if (r := s): pass\n"
        "match t:\n    case {'u': v, **w}: pass\n    case [x, *y] as z: pass\n"
        "def aa(bb=cc):\n    dd = 1\n"
        "class ee(ff):\n    gg = 1\n"
        "hh = [ii for ii in jj]\n"
        "kk.ll = mm[nn] = 1\n"
    )
    expected = {*"adfghjlmnoqrvwxyz", "aa", "ee", "hh"}
    assert binds(source) == expected


def test_of_broken_cells_what_looks_like_definitions_is_found() -> None:
    source = "def f(:\n    g = 1\nclass H:\nk = )\nif k == 1:\nasync def m(): pass\n"
    assert binds(source) == {"f", "H", "k", "m"}


READS_FIG = [
    "print(fig)",
    "fig += 1",
    "def f():\n    return fig",
    "if x:\n    fig = 1\nfig.show()",
    "@fig\ndef f(): pass",
    "[fig for x in y]",
    "class A(fig): pass",
    "class A:\n    y = fig",
    "lambda: fig",
    "f(fig)\nfig = 2",
]
MAKES_FIG = [
    "fig = 1\nprint(fig)",
    "def f(fig):\n    return fig",
    "def f():\n    fig = 1\n    return fig",
    "x.fig = 1",
    "'fig'",
    "fig, ax = f()\nfig.show()\ndef g(): return fig",
    "import fig\nfig.x",
    "def fig(): pass",
]


def test_names_are_needed_if_they_are_read_before_they_are_bound() -> None:
    offered = frozenset({"fig", "curve", "seen"})
    assert {source: set(needs(source, offered)) for source in READS_FIG} == {source: {"fig"} for source in READS_FIG}
    assert {source: set(needs(source, offered)) for source in MAKES_FIG} == {source: set() for source in MAKES_FIG}
