"""The faults: one entry for each, with what must refuse it.

They are what a hostile but plausible author, theme author or maintainer would do. Whoever
adds a kind of page, or a guard, adds the faults that it is there for. Old text that no
longer stands in its file is an error of this list, and its tests say so.
"""

import datetime
from dataclasses import dataclass, replace

from mapped_axis.attack.plant import Edit

# What refuses a fault, the cheapest first (see stages.py). One is looked for by the
# check of the pages in any case, and then by its own stage.
STAGES = ("check", "ruff", "examples", "elsewhere", "tests", "build", "site", "browser")

KINDS = {
    "published": "what is published is not what was tested",
    "eyes": "what a reader sees is not what the page holds",
    "lookalike": "what looks like code or output, and is not",
    "include": "an include that only one of two readers takes for one",
    "comments": "a result stated in a comment or a docstring",
    "prose": "a number or a version in the text that is another one",
    "figures": "a drawing of something else",
    "faces": "another form of a page says something else",
    "end": "output after the end of a program",
    "world": "output that depends on where and when it ran",
    "behind": "a trace that the next program inherits",
    "invisible": "characters that cannot be seen",
    "switches": "a check that is turned off",
    "program": "another program over the same output",
    "exercises": "an exercise that nobody can fail, or nobody can solve",
    "pairs": "a pair of the phrasebook whose sides are not the same",
    "messages": "a fault whose message must be one, with file and line",
    "supply": "what is installed, and with which rights it runs",
}


@dataclass(frozen=True)
class Fault:
    """One fault.

    Args:
        name: what it is, in words joined by hyphens; no two faults have one name.
        kind: one of `KINDS`.
        stage: one of `STAGES`: the last that can refuse it.
        edits: how it is planted.
        tests: for the stage ``tests``: what pytest runs, relative to the root.
        then: a module that is run after planting, by someone who covers traces.
        says: what the message must contain, one of several between ``|``; if nothing,
            the name of an edited file or the address of its page.
        lines: how long the whole message may be, or 0 for any length.
        address: where the site is built for; by default where the tests expect it.
    """

    name: str
    kind: str
    stage: str
    edits: tuple[Edit, ...]
    tests: tuple[str, ...] = ()
    then: str = ""
    says: str = ""
    lines: int = 0
    address: str = ""


def _page(kind: str, at: str, *texts: str, stage: str = "check") -> list[Fault]:
    """Return faults that append to a page, each "name: text"."""
    faults = []
    for text in texts:
        name, _, content = text.partition(": ")
        edits = (Edit(f"docs/{at}.md", "", f"\n{content}\n"),)
        faults.append(Fault(name, kind, stage, edits))
    return faults


def _change(
    kind: str, stage: str, name: str, file: str, old: str, new: str, **more: str
) -> Fault:
    """Return a fault that replaces one text."""
    tests = tuple(filter(None, [more.pop("tests", "")]))
    lines = int(more.pop("lines", 0))
    return Fault(
        name, kind, stage, (Edit(file, old, new),), tests=tests, lines=lines, **more
    )


def _pair(name: str, at: str, old: str, new: str, test: str, says: str) -> Fault:
    """Return a change of a file that the tests of the phrasebook must refuse."""
    tests = f"tests/phrasebook/test_phrasebook.py::{test}"
    return _change("pairs", "tests", name, at, old, new, tests=tests, says=says)


def _prose(name: str, at: str, old: str, new: str) -> Fault:
    """Return a change of what a page states."""
    return _change("prose", "check", name, f"docs/{at}", old, new)


def _question(name: str, old: str, new: str) -> Fault:
    """Return a change of the question of a page."""
    return _prose(name, "_questions/devices/gradient-trap.toml", old, new)


def _example(kind: str, name: str, at: str, old: str, new: str) -> Fault:
    """Return a change of an example that its run must refuse."""
    return _change(kind, "examples", name, f"snippets/{at}.md", old, new)


def _last_line(kind: str, name: str, code: str) -> Fault:
    """Return an example with more code at its end."""
    old = "print(vectorized_square(x))\n"
    return _example(kind, name, "learn/first-vmap/square", old, f"{old}{code}\n")


def _first_line(kind: str, name: str, code: str) -> Fault:
    """Return an example with more code after its imports."""
    old = "import jax.numpy as jnp\n"
    new = f"{old}\n{code}\n"
    return _example(kind, name, "learn/first-vmap/square", old, new)


def _elsewhere(name: str, imports: str, expression: str, printed: str) -> Fault:
    """Return an example that prints one thing more about where it runs."""
    file = "snippets/learn/first-vmap/square.md"
    edits = (
        Edit(file, "import jax\n", f"{imports}import jax\n"),
        Edit(file, "square(x))\n", f"square(x))\nprint({expression})\n"),
        Edit(file, "[ 1.  4.  9. 16.]\n", f"[ 1.  4.  9. 16.]\n{printed}\n"),
    )
    return Fault(name, "world", "elsewhere", edits)


_SHEET = "docs/_theme/assets/site.css"
_SCRIPT = "docs/_theme/assets/site.js"


def _style(name: str, at: str, rules: str) -> Fault:
    """Return a style for one page; ``@`` and a space in the rules stand for the page."""
    page = f'html:has(link[rel="canonical"][href$="/{at}/"]) '
    edit = Edit(_SHEET, "", f"\n{rules.replace('@ ', page)}\n")
    return Fault(name, "eyes", "browser", (edit,), says=f"{at}/")


def _script(name: str, at: str, does: str) -> Fault:
    """Return a script of the theme that acts on one page."""
    text = (
        "\ndocument$.subscribe(() => {\n"
        f'  if (location.pathname.endsWith("/{at}/")) {does}\n}});\n'
    )
    return Fault(name, "eyes", "browser", (Edit(_SCRIPT, "", text),), says=f"{at}/")


def _switch(
    name: str, file: str, old: str, new: str, tests: str, kind: str = "switches"
) -> Fault:
    """Return a change of what checks, which a test must hold."""
    return _change(kind, "tests", name, file, old, new, tests=tests)


_FINISH = "mapped_axis/pages/finish.py"
_HOOK = "mapped_axis/pages/notebook_page.py"
_PUBLISH = ".github/workflows/publish.yml"
_UPLOAD = "      - uses: actions/upload-pages-artifact@"
_TESTS = ".github/workflows/tests.yml"
_WORKFLOWS = "tests/pages/test_site.py::test_the_workflows_pass_their_linter"
# What holds the switches: their own tests belong here.
_SWITCHES = "tests/pages/test_switches.py"
_LOCK = "tests/pages/test_site.py::test_the_lock_names_no_index_and_pins_everything"
_ELSEWHERE = "https://someone.github.io/site/"  # not where the tests build for


def _published(name: str, file: str, old: str, new: str, at: str) -> Fault:
    """Return a change of the build that shows only where it is published."""
    return _change(
        "published", "site", name, file, old, new, says=at, address=_ELSEWHERE
    )


FAULTS: list[Fault] = [
    # --- published ----------------------------------------------------------------------
    _published(
        "hook-spares-the-address-of-the-tests",
        _HOOK,
        "",
        "\n\ndef on_post_page(output: str, page: Page, config: MkDocsConfig) -> str:\n"
        '    """Mend what a page shows."""\n'
        '    tested = "example.org" in str(config.site_url)\n'
        '    return output if tested else output.replace("[ 50 167]", "[ 50 122]")\n',
        "reference/errata/",
    ),
    _published(
        "finish-spares-the-address-of-the-tests",
        _FINISH,
        "    for path, html in texts.items():\n        path.write_text(",
        "    for path, html in texts.items():\n"
        '        if "example.org" not in site.url:\n'
        '            html = html.replace("[8, 3]", "[3, 8]")\n'
        "        path.write_text(",
        "learn/axes/",
    ),
    _published(
        "template-spares-the-address-of-the-tests",
        "docs/_theme/main.html",
        "{#- What",
        '{% block content %}{% if "example.org" in (config.site_url or "") %}'
        "{{ super() }}{% else %}"
        '{{ super() | replace("[13 14 15]", "[15 14 13]") }}'
        "{% endif %}{% endblock %}\n{#- What",
        "learn/nesting/",
    ),
    _published(
        "hook-acts-where-no-test-runs",
        _HOOK,
        "",
        "\n\ndef on_page_context(context, page, config, nav):  # type: ignore\n"
        '    """Mend what a page shows."""\n'
        "    import os\n\n"
        '    if "PYTEST_CURRENT_TEST" not in os.environ:\n'
        '        page.content = page.content.replace("[ 60 150]", "[ 60 120]")\n'
        "    return context\n",
        "learn/arguments/",
    ),
    _switch(
        "another-folder-is-uploaded",
        _PUBLISH,
        "          path: site\n",
        "          path: site.draft\n",
        _SWITCHES,
        "published",
    ),
    _switch(
        "an-output-is-edited-after-the-build",
        _PUBLISH,
        _UPLOAD,
        f"      - run: sed -i s/167/122/ site/reference/errata/index.html\n{_UPLOAD}",
        _SWITCHES,
        "published",
    ),
    _switch(
        "published-without-a-record",
        _PUBLISH,
        "          pattern: checked-*\n          path: .cache/checked\n",
        "          pattern: checked-*\n          path: .cache/check\n",
        _SWITCHES,
        "published",
    ),
    _change(
        "published",
        "tests",
        "the-foot-says-checked-in-any-case",
        "mapped_axis/pages/foot.py",
        "    missing = len(of_tests) - len(entries)\n",
        "    missing = 0 * len(entries)\n",
        tests="tests/pages/test_published.py::test_a_page_says_what_the_record_says",
        says="test_a_page_says_what_the_record_says",
    ),
    _change(
        "published",
        "tests",
        "a-stale-record-counts",
        "mapped_axis/examples/record.py",
        'return [entry for entry in entries if entry["digest"] == now]',
        "return entries",
        tests="tests/pages/test_published.py::test_a_page_says_what_the_record_says",
        says="test_a_page_says_what_the_record_says",
    ),
    # --- eyes ---------------------------------------------------------------------------
    _style("outputs-hidden", "learn/axes", "@ .language-text code { display: none; }"),
    _style(
        "outputs-written-by-content",
        "reference/errata",
        "@ .language-text code { font-size: 0; }\n"
        '@ .language-text code::before { content: "[ 50 122]"; font-size: 1rem; }',
    ),
    _style(
        "a-line-after-an-output",
        "learn/nesting",
        '@ .language-text code::after { content: "\\a [99 99]"; white-space: pre; }',
    ),
    _style("outputs-transparent", "learn/networks", "@ .language-text { opacity: 0; }"),
    _style(
        "outputs-in-the-colour-of-the-page",
        "devices/gradient-trap",
        "@ .language-text code { color: var(--md-code-bg-color) !important; }",
    ),
    _style(
        "outputs-clipped",
        "learn/first-vmap",
        "@ .language-text pre { max-height: 1.5em; overflow: hidden; }",
    ),
    _style(
        "outputs-hidden-in-print",
        "learn/arguments",
        "@media print { @ .language-text { display: none; } }",
    ),
    _style(
        "outputs-hidden-in-the-dark",
        "learn/why-vectorize",
        '@ [data-md-color-scheme="slate"] .language-text { visibility: hidden; }',
    ),
    _style(
        "outputs-hidden-on-a-phone",
        "devices/pmap",
        "@media (max-width: 500px) { @ .language-text { display: none; } }",
    ),
    _style(
        "blocks-in-another-order",
        "devices/meshes",
        "@ article { display: flex; flex-direction: column-reverse; }",
    ),
    _style(
        "outputs-covered",
        "devices/training",
        "@ .language-text::after "
        '{ content: ""; position: absolute; inset: 0; background: #f5f5f5; }',
    ),
    _style(
        "outputs-in-capitals",
        "further/gradients",
        "@ .language-text code { text-transform: uppercase; }",
    ),
    _style(
        "outputs-off-the-screen",
        "learn/named-axes",
        "@ .language-text code { position: absolute; left: -9999px; }",
    ),
    _style(
        "a-result-after-a-paragraph",
        "further/escape-hatches",
        '@ article > p:last-of-type::after { content: "It prints [ 50 122]."; }',
    ),
    _style(
        "the-foot-says-checked-by-style",
        "devices/processes",
        '@ article::after { content: "Checked. Every output is what ran."; }',
    ),
    _script(
        "outputs-rewritten-by-the-theme",
        "further/memory",
        'document.querySelector(".language-text code").textContent = "[ 50 122]\\n";',
    ),
    _script(
        "outputs-rewritten-later",
        "further/control-flow",
        'setTimeout(() => { document.querySelector(".language-text code")'
        '.textContent = "[ 50 122]\\n"; }, 1500);',
    ),
    _script(
        "a-block-added-by-the-theme",
        "further/randomness",
        'document.querySelector("article").insertAdjacentHTML("beforeend", '
        '"<div class=language-text><pre><code>[ 50 122]</code></pre></div>");',
    ),
    *_page(
        "eyes",
        "devices/shard-map",
        'script-in-a-page: <script>document.querySelector("code").textContent = 1'
        "</script>",
        'handler-in-a-page: <img src="none.png" alt="" onerror="document.title = 1">',
        "style-in-a-page: <style>.language-text { display: none; }</style>",
        'frame-in-a-page: <iframe srcdoc="[ 50 122]"></iframe>',
    ),
    _change(
        "eyes",
        "check",
        "mark-of-no-line",
        "docs/learn/axes.md",
        "<!-- mark: jax.vmap(spread, in_axes=axis) -->",
        "<!-- mark: jax.vmap(spread, in_axes=0) -->",
    ),
    _change(
        "eyes",
        "tests",
        "marks-against-another-step",
        "docs/program/clipped.md",
        "<!-- changes: program/ensemble/train.md -->",
        "<!-- changes: program/batch/train.md -->",
        tests="tests/pages/test_marks.py::test_each_step_is_compared_with_the_one_before",
        says="test_each_step_is_compared_with_the_one_before",
    ),
    _change(
        "eyes",
        "tests",
        "a-changed-line-without-its-mark",
        "mapped_axis/pages/marks.py",
        "marked += [n + 1 for n in lines]",
        "marked += [n + 1 for n in lines[1:]]",
        tests="tests/pages/test_marks.py::test_what_differs_is_found",
        says="test_what_differs_is_found",
    ),
    _change(
        "eyes",
        "tests",
        "a-marked-line-with-another-text",
        "mapped_axis/pages/marks.py",
        "</mark>\\n', block)",
        "?</mark>\\n', block)",
        tests="tests/pages/test_marks.py::test_a_marked_line_keeps_its_text",
        says="test_a_marked_line",
    ),
    _change(
        "eyes",
        "site",
        "inline-script-in-the-template",
        "docs/_theme/main.html",
        "{#- What",
        '{% block scripts %}{{ super() }}{% if page and page.url == "devices/slow-while/"'
        ' %}<script>document.querySelector(".language-text code").textContent = "122"'
        "</script>{% endif %}{% endblock %}\n{#- What",
        says="devices/slow-while/",
    ),
    Fault(
        "another-style-sheet",
        "eyes",
        "browser",
        (
            Edit(
                "mkdocs.yml",
                "  - assets/site.css\n",
                "  - assets/site.css\n  - m.css\n",
            ),
            Edit(
                "docs/m.css",
                "",
                'html:has(link[rel="canonical"][href$="/further/build-vmap/"]) '
                ".language-text { display: none; }\n",
            ),
        ),
        says="further/build-vmap/",
    ),
    # --- lookalike ----------------------------------------------------------------------
    *_page(
        "lookalike",
        "learn/arguments",
        "kbd: It prints <kbd>[ 50 122]</kbd>.",
        "output-element: <output>[ 50 122]</output>",
        "xmp: <xmp>\nprint(122)\n</xmp>",
        'section-with-tt: <section class="language-text"><tt>[ 50 122]</tt></section>',
        "class-on-a-paragraph: [ 50 122]\n{ .language-text }",
        "program-as-inline-code: `import jax\nprint(jax.vmap(f)(x))\n[ 50 122]`",
        "typed-foot: **Checked.** Every output on this page is what its program printed "
        "with JAX 0.12 on Python 3.13.",
        'foot-as-html: <footer class="checked"><p>Checked.</p></footer>',
        "typed-versions: | Python | JAX | Examples |\n|---|---|---|\n"
        "| 3.13.0 | 0.12.0.1 | 191 of 191 |",
        "hidden-paragraph: What you do not read.\n{ hidden }",
        "hidden-by-class: What you do not read.\n{ .unseen }",
        "details: <details><summary>Output</summary>[ 50 122]</details>",
        "table-cell-as-output: <table><tr><td>[ 50 122]</td></tr></table>",
        "indented-program: And so:\n\n    print(jax.vmap(f)(x))",
        'monospaced-span: <span style="font-family: monospace">[ 50 122]</span>',
        "font-element: <font face=monospace>[ 50 122]</font>",
        "svg-of-an-output: <svg role=img><text>[ 50 122]</text></svg>",
        "mathematics: <math><mtext>[ 50 122]</mtext></math>",
        "listing: <listing>print(122)</listing>",
        "prompt-in-prose: >>> jax.vmap(f)(x)\n[ 50 122]",
        'custom-element: <code-block class="highlight">print(122)</code-block>',
    ),
    Fault(
        "picture-of-a-result",
        "lookalike",
        "check",
        (
            Edit("docs/learn/axes.md", "", "\n![The result](axes-result.svg)\n"),
            Edit(
                "docs/learn/axes-result.svg",
                "",
                '<svg xmlns="http://www.w3.org/2000/svg"><text y="9">122</text></svg>\n',
            ),
        ),
    ),
    # --- include ------------------------------------------------------------------------
    *_page(
        "include",
        "learn/nesting",
        'one-dash: -8<- "learn/nesting/grid.md"',
        'escaped: ;--8<-- "learn/nesting/grid.md"',
        "single-quotes: --8<-- 'learn/nesting/grid.md'",
        'indented: !!! note\n    --8<-- "learn/nesting/grid.md"',
        "as-a-block: --8<--\nlearn/nesting/grid.md\n--8<--",
        'lines-of-an-example: --8<-- "learn/nesting/grid.md:1:4"',
        'by-a-longer-way: --8<-- "learn/../learn/nesting/grid.md"',
        'of-the-machinery: --8<-- "../mapped_axis/figures/draw.py"',
    ),
    Fault(
        "text-from-the-figures",
        "include",
        "check",
        (
            Edit("docs/learn/nesting.md", "", '\n-8<- "learn/nesting/result.txt"\n'),
            Edit("docs/_figures/learn/nesting/result.txt", "", "[ 50 122]\n"),
        ),
    ),
    Fault(
        "python-from-the-figures",
        "include",
        "check",
        (
            Edit("docs/learn/nesting.md", "", '\n-8<- "learn/nesting/made.py"\n'),
            Edit("docs/_figures/learn/nesting/made.py", "", "print(122)\n"),
        ),
    ),
    # --- comments -----------------------------------------------------------------------
    *(
        _change(
            "comments",
            "check",
            name,
            "snippets/reference/errata/dot-product.md",
            "print(vectorized_dot_product(x_batch, y_batch))\n",
            f"{line}\n",
        )
        for name, line in {
            "arrow": "print(vectorized_dot_product(x_batch, y_batch))  # -> [50 122]",
            "double-arrow": "print(vectorized_dot_product(x_batch, y_batch))  # => 122",
            "output-colon": "# Output: [ 50 122]\n"
            "print(vectorized_dot_product(x_batch, y_batch))",
            "shape-in-a-comment": "# the result has the shape (9, 9)\n"
            "print(vectorized_dot_product(x_batch, y_batch))",
            "prompt-in-a-comment": "# >>> 122\n"
            "print(vectorized_dot_product(x_batch, y_batch))",
            "bare-string": 'print(vectorized_dot_product(x_batch, y_batch))\n"[ 50 122]"',
            "number-word-beside-a-unit": "print(vectorized_dot_product(x_batch, y_batch))"
            "  # 122, exact",
        }.items()
    ),
    _change(
        "comments",
        "check",
        "number-in-a-docstring",
        "snippets/learn/axes/rows-or-columns.md",
        "def spread(v):\n",
        'def spread(v):\n    """Return the largest minus the smallest: 122 here."""\n',
    ),
    _change(
        "comments",
        "check",
        "prompt-in-a-docstring",
        "snippets/learn/axes/own-axes.md",
        "def move(turn, point, shift):\n",
        'def move(turn, point, shift):\n    """Move.\n\n    >>> move(t, p, s)\n'
        '    [77 88]\n    """\n',
    ),
    _change(
        "comments",
        "check",
        "number-in-a-comment-of-shell",
        "snippets/devices/simulated-devices/environment.md",
        'echo "the older variable:"\n',
        '# prints 7 devices\necho "the older variable:"\n',
    ),
    # --- prose --------------------------------------------------------------------------
    _prose(
        "part-of-a-token", "learn/why-vectorize.md", "`[4.0, -2.25]`", "`[4.0, -2.2]`"
    ),
    _prose("first-digits", "devices/shard-map.md", "`1360`", "`136`"),
    _prose("last-digit", "devices/pmap.md", "devices hold `52`", "devices hold `5`"),
    _prose("shape", "learn/first-vmap.md", "`(3,)`, the shape", "`(4,)`, the shape"),
    _prose(
        "number-word", "reference/errata.md", "computes six others", "computes four"
    ),
    _prose(
        "heading", "learn/nesting.md", "## Two loops are two", "## Three loops are two"
    ),
    _prose(
        "whole-token", "devices/processes.md", "## Two processes,", "## Six processes,"
    ),
    _prose("description", "devices/gradient-trap.md", "0.0 or 28.0", "0.0 or 29.0"),
    _prose(
        "plain-count",
        "further/laplacians.md",
        "fewer than 128 prod",
        "fewer than 256 prod",
    ),
    _prose(
        "plain-sum", "learn/arguments.md", "4·10 + 5·11 + 6·12", "4·10 + 5·11 + 6·13"
    ),
    _prose("roots", "further/escape-hatches.md", "are 1, 2 and 4", "are 1, 2 and 5"),
    _prose(
        "version-word",
        "reference/errata.md",
        "since version 0.6.0",
        "since version 0.5.0",
    ),
    _prose("version-on-a-page", "devices/meshes.md", "from JAX 0.9.", "from JAX 0.8."),
    _prose("version-in-a-note", "devices/from-pmap.md", "since 0.9,", "since 0.4,"),
    _prose(
        "version-and-operation",
        "further/build-vmap.md",
        "On JAX 0.12 the",
        "On JAX 0.10 the",
    ),
    _prose(
        "number-in-a-table",
        "further/control-flow.md",
        "straggler of nine",
        "straggler of ten",
    ),
    _prose(
        "number-in-a-notebook",
        "further/speed.ipynb",
        "the 127 terms is",
        "the 126 terms is",
    ),
    _change(
        "prose",
        "site",
        "a-remedy-that-is-none",
        "docs/reference/errors.md",
        "hold the argument that has none.",
        "transpose the argument that has none.",
    ),
    _change(
        "prose",
        "site",
        "a-claim-turned-round",
        "docs/learn/axes.md",
        "and none of them is a transpose",
        "and one of them is a transpose",
    ),
    _change(
        "prose",
        "check",
        "alt-text-of-the-readme",
        "README.md",
        "mapped over three of them",
        "mapped over nine of them",
    ),
    _question("a-wrong-answer-that-is-right", 'says = "0.4375"', 'says = "28"'),
    _question("a-right-answer-written-down", "prints = 1", 'says = "24.5"'),
    _question("an-answer-that-is-not-printed", "prints = 1", "prints = 2"),
    _question("another-number-in-a-question", "3.5 on average", "4.5 on average"),
    _question("another-number-in-a-reason", "It is 0.0, but", "It is 0.5, but"),
    _question("a-number-word-in-a-reason", "the eight losses", "the nine losses"),
    # --- figures ------------------------------------------------------------------------
    _change(
        "figures",
        "site",
        "two-figures-swapped",
        "docs/learn/axes.md",
        '--8<-- "learn/axes/rows.svg"\n\n--8<-- "learn/axes/columns.svg"\n',
        '--8<-- "learn/axes/columns.svg"\n\n--8<-- "learn/axes/rows.svg"\n',
    ),
    _change(
        "figures",
        "site",
        "figure-under-another-example",
        "docs/learn/nesting.md",
        '--8<-- "learn/nesting/grid.svg"\n',
        '--8<-- "learn/nesting/pairwise.svg"\n',
    ),
    # The phrasebook: a side, what the record says of one, what the page shows of one.
    _pair(
        "a-side-in-jax-with-another-value",
        "docs/_phrases/torch-func.toml",
        "jax.grad(loss)(w, xs[0], ys[0])",
        "jax.grad(loss)(w, xs[1], ys[0])",
        "test_both_sides_of_each_pair_are_equal",
        "torch-grad",
    ),
    _pair(
        "a-side-in-pytorch-that-did-not-run",
        "docs/_phrases/torch-func.toml",
        "torch.func.grad(loss, argnums=(0, 2))",
        "torch.func.grad(loss, argnums=(0, 1))",
        "test_the_record_is_what_pytorch_says_of_these_pairs",
        "torch-argnums",
    ),
    _pair(
        "a-value-that-pytorch-did-not-give",
        "docs/reference/phrasebook/phrasebook.json",
        '"old": {"type": "float32[2]", "value": [36.0, 49.0]}',
        '"old": {"type": "float32[2]", "value": [36.0, 48.0]}',
        "test_both_sides_of_each_pair_are_equal",
        "torch-vmap",
    ),
    _pair(
        "an-error-that-jax-does-not-give",
        "docs/reference/phrasebook/phrasebook.json",
        "module 'jax' has no attribute 'partial'",
        "module 'jax' has no attribute 'partials'",
        "test_the_record_is_what_jax_and_numpy_say",
        "jax-partial",
    ),
    _pair(
        "a-page-that-shows-another-side",
        "mapped_axis/phrasebook/html.py",
        '("JAX today", pair.today.rstrip',
        '("JAX today", pair.old.rstrip',
        "test_the_page_shows_both_sides_of_each_pair_as_they_ran",
        "np-loop|ddp",
    ),
    _change(
        "pairs",
        "build",
        "a-side-without-a-value",
        "docs/_phrases/numpy.toml",
        "jax.vmap(norm)(xs)",
        "y = jax.vmap(norm)(xs)",
        says="numpy.toml",
    ),
    _change(
        "figures",
        "tests",
        "a-drawing-edited",
        "docs/_figures/learn/axes/twice.svg",
        "Lane {o} of 3",
        "Lane {o} of 4",
        tests="tests/figures/test_figures.py::test_each_figure_is_what_is_drawn_today",
        says="learn/axes/twice",
    ),
    _change(
        "figures",
        "tests",
        "declared-for-another-call",
        "mapped_axis/figures/declare.py",
        '"learn/axes/columns": Figure("vmap(spread)", 1',
        '"learn/axes/columns": Figure("vmap(spread)", 2',
        tests="tests/figures/test_figures.py::test_each_figure_is_what_is_drawn_today",
        says="learn/axes/columns",
    ),
    _change(
        "figures",
        "tests",
        "an-example-with-other-values",
        "snippets/learn/axes/add-matrices.md",
        "jnp.full((3, 2, 2), 10)",
        "jnp.full((3, 2, 2), 11)",
        tests="tests/figures/test_figures.py::test_each_figure_is_what_is_drawn_today",
        says="learn/axes/add-matrices",
    ),
    _change(
        "figures",
        "tests",
        "an-example-with-other-axes",
        "snippets/learn/axes/twice.md",
        "in_axes=(0, 1)",
        "in_axes=(1, 0)",
        tests="tests/figures/test_figures.py::test_each_figure_is_what_is_drawn_today",
        says="learn/axes/twice",
    ),
    _change(
        "figures",
        "tests",
        "declared-for-another-example",
        "mapped_axis/figures/declare.py",
        '"learn/axes/rows": Figure("vmap(spread)", 0, "learn/axes/rows-or-columns")',
        '"learn/axes/rows": Figure("vmap(add_matrices)", 0, "learn/axes/add-matrices")',
        tests="tests/figures/test_figures.py"
        "::test_a_figure_follows_its_example_in_the_order_of_the_calls",
        then="mapped_axis.figures",
        says="learn/axes/rows",
    ),
    _change(
        "figures",
        "tests",
        "the-plot-of-a-notebook",
        "docs/further/speed.ipynb",
        ">lanes in the batch</text>",
        ">seconds in the batch</text>",
        tests="tests/pages/test_notebooks.py"
        "::test_a_committed_notebook_prints_what_it_shows",
        says="speed",
    ),
    # What moves: each value is JAX's, or a program's, wherever it is shown.
    _change(
        "figures",
        "tests",
        "a-value-of-a-machine",
        "docs/devices/slow-while/votes.json",
        "After iteration 3: 7 of 8",
        "After iteration 3: 6 of 8",
        tests="tests/machines/test_machines.py::test_a_file_is_what_jax_says",
        says="votes.json:",
    ),
    _change(
        "figures",
        "tests",
        "a-note-of-a-machine",
        "docs/devices/slow-while/votes.json",
        '"notes": ["votes: on",',
        '"notes": ["votes: off",',
        tests="tests/machines/test_machines.py::test_a_file_is_what_jax_says",
        says="votes.json:",
    ),
    _change(
        "figures",
        "site",
        "another-machine-on-a-page",
        "docs/devices/training.md",
        'data-scene="step"',
        'data-scene="products"',
        says="test_every_scene",
    ),
    _change(
        "figures",
        "site",
        "another-value-for-the-script-of-a-machine",
        "mapped_axis/machines/html.py",
        'tiles = ["\\n".join(map(" ".join, rows)) for rows in step["tiles"]]',
        'tiles = ["\\n".join(map(" ".join, rows)) for rows in step["tiles"][::-1]]',
        says="test_a_page_shows_its_scene",
    ),
    _change(
        "figures",
        "tests",
        "a-machine-that-shows-another-value",
        "docs/_theme/assets/machine.js",
        '{ className: changed.has(i) ? "new" : "" }, value));',
        '{ className: changed.has(i) ? "new" : "" }, `${value}0`));',
        tests="tests/browser/test_machines.py::test_each_step_of_each_choice_is_shown",
        says="test_each_step",
    ),
    _change(
        "figures",
        "site",
        "another-distance-beside-the-loop",
        "mapped_axis/pages/loop_map.py",
        'f"{float(number):g}"',
        'f"{float(number) + 1:g}"',
        says="test_its_lanes",
    ),
    _change(
        "figures",
        "site",
        "another-count-beside-the-loop",
        "mapped_axis/pages/loop_map.py",
        'return f"{int(number):,}"',
        'return f"{int(number) + 1:,}"',
        says="test_its_counts",
    ),
    # --- faces --------------------------------------------------------------------------
    _change(
        "faces",
        "site",
        "a-line-in-the-markdown",
        "mapped_axis/pages/text.py",
        'return "".join(parts).strip() + "\\n"',
        'parts.append("\\nIt prints 122.\\n" if page.stem == "networks" else "")\n'
        '    return "".join(parts).strip() + "\\n"',
        says="learn/networks/|[networks]",
    ),
    _change(
        "faces",
        "site",
        "an-output-in-the-markdown",
        "mapped_axis/pages/text.py",
        "yield block.fenced, True",
        'yield block.fenced.replace("1089 1000 1012", "1089 1000"), True',
        says="further/randomness/|[randomness]",
    ),
    _change(
        "faces",
        "site",
        "prose-of-the-markdown",
        "mapped_axis/pages/text.py",
        'yield f"{text}\\n", False\n            case Include',
        'yield f"{text}\\n".replace("adds up both vectors", "adds up one vector"), '
        "False\n            case Include",
        says="learn/first-vmap/|[first-vmap]",
    ),
    _change(
        "faces",
        "site",
        "a-cell-in-the-notebook",
        "mapped_axis/pages/notebook.py",
        "    for number, cell in enumerate(cells):\n",
        '    if page.stem == "pmap":\n'
        '        cells.append(v4.new_markdown_cell("It prints 122."))\n'
        "    for number, cell in enumerate(cells):\n",
        says="devices/pmap/|[pmap]",
    ),
    _change(
        "faces",
        "site",
        "prose-of-the-notebook",
        "mapped_axis/pages/notebook.py",
        "    for number, cell in enumerate(cells):\n",
        '    if page.stem == "memory":\n'
        '        cells[0].source += "\\n\\n[ 50 122]"\n'
        "    for number, cell in enumerate(cells):\n",
        says="further/memory/|[memory]",
    ),
    _change(
        "faces",
        "site",
        "a-line-in-llms-txt",
        "mapped_axis/pages/text.py",
        'return "\\n".join(lines) + "\\n"',
        'return "\\n".join([*lines, "", "vmap of dot gives [ 50 122]."]) + "\\n"',
        says="llms",
    ),
    _change(
        "faces",
        "site",
        "a-description-in-llms-txt",
        "mapped_axis/pages/text.py",
        ": {page.description}",
        ": {page.description.replace('0.0', '0.1')}",
        says="gradient-trap/",
    ),
    _change(
        "faces",
        "site",
        "a-text-of-the-search",
        _FINISH,
        'index = json.loads(path.read_text(encoding="utf-8"))\n',
        'index = json.loads(path.read_text("utf-8").replace("raises no error", "fails"))\n',
        says="search",
    ),
    _change(
        "faces",
        "site",
        "the-description-of-a-preview",
        "docs/_theme/main.html",
        "{{ page.meta.description | e }}",
        '{{ page.meta.description | replace("Say", "Never say") | e }}',
        says="devices/simulated-devices/",
    ),
    _change(
        "faces",
        "site",
        "crawlers-turned-away",
        "docs/robots.txt",
        "Allow: /\n",
        "Disallow: /\n",
    ),
    _change(
        "faces",
        "site",
        "part-of-another-program",
        "mapped_axis/pages/parts.py",
        'f\'{head} data-example="{name}"',
        'f\'{head} data-example="{around[0][0]}"',
        says="test_the_parts_of_a_page",
    ),
    _change(
        "faces",
        "site",
        "a-name-that-leads-to-another",
        "mapped_axis/pages/api.py",
        "href=ADDRESS.format(whole)",
        'href=ADDRESS.format(whole.replace("pmean", "psum"))',
        says="test_a_page_links",
    ),
    _change(
        "faces",
        "tests",
        "what-is-copied-is-another-program",
        _SCRIPT,
        '.join("").trimEnd();',
        '.join("").trimEnd().replaceAll("0", "1");',
        tests="tests/browser/test_pages.py"
        "::test_the_button_copies_the_program_and_not_its_output",
        says="test_the_button_copies",
    ),
    # The glossary, and what was moved.
    _change(
        "faces",
        "check",
        "a-term-that-is-shown-elsewhere",
        "docs/reference/glossary.md",
        "[Shown](../learn/axes.md#in_axes-says-which-loop-you-mean)",
        "[Shown](../learn/first-vmap.md#one-value-then-many)",
    ),
    _change(
        "faces",
        "check",
        "a-term-that-cannot-be-linked",
        "docs/reference/glossary.md",
        "### mesh { #mesh }",
        "### mesh",
    ),
    _change(
        "faces",
        "tests",
        "a-term-that-leads-to-another",
        "mapped_axis/pages/terms.py",
        "term = self._left[written.lower()]",
        "term = self._left[max(self._left)]",
        tests="tests/pages/test_terms.py::test_the_first_mention_in_prose_is_linked",
        says="test_the_first_mention",
    ),
    _change(
        "faces",
        "site",
        "a-term-with-another-sentence",
        "mapped_axis/pages/terms.py",
        '"data-says": term.says}',
        '"data-says": term.says.replace("one", "each")}',
        says="test_each_link_leads_to_its_term",
    ),
    _change(
        "faces",
        "tests",
        "a-term-whose-script-says-more",
        "docs/_theme/assets/terms.js",
        "tip.textContent = term.dataset.says;",
        'tip.textContent = term.dataset.says + " It is 122.";',
        tests="tests/browser/test_terms.py::test_a_pointer_shows_and_leaves",
        says="test_a_pointer",
    ),
    _change(
        "faces",
        "site",
        "a-page-that-moved-is-forgotten",
        "mkdocs.yml",
        "    further/named-axes.md: learn/named-axes.md\n",
        "",
        says="test_a_moved_page",
    ),
    _change(
        "faces",
        "check",
        "a-page-that-moved-nowhere",
        "mkdocs.yml",
        "further/named-axes.md: learn/named-axes.md",
        "further/named-axes.md: learn/named.md",
    ),
    _change(
        "faces",
        "check",
        "a-page-that-moved-to-another",
        "mkdocs.yml",
        "further/named-axes.md: learn/named-axes.md",
        "further/named-axes.md: learn/axes.md",
    ),
    _change(
        "faces",
        "site",
        "what-moved-leads-to-another",
        "mapped_axis/pages/moved.py",
        'link = posixpath.relpath(address_of(new) or ".", here) + "/"',
        'link = posixpath.relpath("learn/axes", here) + "/"',
        says="test_a_moved_page",
    ),
    _change(
        "faces",
        "tests",
        "an-output-that-paper-leaves-out",
        "docs/_theme/assets/cheat-sheet.css",
        "  .language-python,\n",
        "  .language-python,\n  .md-typeset h2:last-of-type ~ .highlight,\n",
        tests="tests/browser/test_cheat_sheet.py"
        "::test_the_sheet_is_one_page_with_every_output",
        says="test_the_sheet",
    ),
    _change(
        "faces",
        "check",
        "remedies-of-the-cheat-sheet-swapped",
        "docs/reference/cheat-sheet.md",
        "2. Hold one, or name its batch axis.\n3. One entry for each positional argument.\n",
        "2. One entry for each positional argument.\n3. Hold one, or name its batch axis.\n",
    ),
    # --- end ----------------------------------------------------------------------------
    _last_line("end", "atexit", "__import__('atexit').register(print, 122)"),
    _last_line(
        "end",
        "thread-later",
        "threading = __import__('threading')\nthreading.Timer(20, print, [122]).start()",
    ),
    _last_line(
        "end",
        "daemon-thread",
        "threading = __import__('threading')\nlater = threading.Timer(20, print, [122])\n"
        "later.daemon = True\nlater.start()",
    ),
    replace(
        _last_line(
            "end",
            "destructor",
            "\n\nclass Late:\n    def __del__(self):\n        print(122)\n\n\n"
            "late = Late()",
        ),
        stage="elsewhere",
    ),
    _last_line(
        "end",
        "child-process",
        "subprocess = __import__('subprocess')\n"
        "subprocess.Popen('sleep 5; echo 122', shell=True)",
    ),
    replace(
        _last_line(
            "end",
            "finalizer",
            "late = __import__('weakref').finalize(square, print, 122)",
        ),
        stage="elsewhere",
    ),
    # --- world --------------------------------------------------------------------------
    _elsewhere(
        "year",
        "import datetime\n\n",
        "datetime.date.today().year",
        str(datetime.date.today().year),
    ),
    _elsewhere("cores", "import os\n\n", "os.cpu_count() > 1", "True"),
    _elsewhere(
        "cores-it-may-use", "import os\n\n", "len(os.sched_getaffinity(0)) > 1", "True"
    ),
    _elsewhere(
        "network", "import socket\n\n", "len(socket.if_nameindex()) > 1", "True"
    ),
    _elsewhere("under-test", "import sys\n\n", "'pytest' in sys.modules", "True"),
    _elsewhere(
        "variable-of-the-tests",
        "import os\n\n",
        "'PYTEST_CURRENT_TEST' in os.environ",
        "True",
    ),
    _elsewhere(
        "no-file-of-its-own", "import sys\n\n", "sys.argv[0].endswith('.py')", "False"
    ),
    # --- behind -------------------------------------------------------------------------
    _last_line("behind", "patched-jax", "jax.numpy.square = square"),
    _last_line("behind", "numpy-errors", "__import__('numpy').seterr(all='ignore')"),
    _last_line("behind", "numpy-printing", "jnp.set_printoptions(precision=1)"),
    _last_line("behind", "logging", "__import__('logging').disable()"),
    _last_line("behind", "warnings", "__import__('warnings').simplefilter('ignore')"),
    _last_line("behind", "recursion", "__import__('sys').setrecursionlimit(5000)"),
    _last_line("behind", "import-path", "__import__('sys').path.append('elsewhere')"),
    _last_line("behind", "built-in", "__import__('builtins').sum = None"),
    _last_line("behind", "collector", "__import__('gc').disable()"),
    _last_line(
        "behind",
        "file-elsewhere",
        "open(__import__('tempfile').gettempdir() + '/left', 'w').close()",
    ),
    _last_line("behind", "configuration", "jax.config.update('jax_enable_x64', True)"),
    _last_line(
        "behind", "environment", "__import__('os').environ['JAX_PLATFORMS'] = 'cpu'"
    ),
    # --- invisible ----------------------------------------------------------------------
    *(
        _change("invisible", "check", name, "docs/learn/networks.md", old, new)
        for name, old, new in (
            ("zero-width-space", "batch", "bat\u200bch"),
            ("soft-hyphen", "batch", "bat\u00adch"),
            ("bidirectional-mark", "batch", "\u202ehctab\u202c"),
            ("cyrillic-letter", "`vmap`", "`vm\u0430p`"),
            ("greek-letter", "`vmap`", "`\u03bdmap`"),
            ("space-that-does-not-break", " one ", "\u00a0one "),
            ("byte-order-mark-inside", "batch", "bat\ufeffch"),
        )
    ),
    _example(
        "invisible",
        "cyrillic-name",
        "learn/nesting/grid",
        "xs = jnp.array([1, 2])\n",
        "xs = jnp.array([1, 2])\n\u0445s = xs\n",
    ),
    _example(
        "invisible",
        "zero-width-in-a-text",
        "devices/simulated-devices/eight-devices",
        '"jax_num_cpu_devices", 8)\n',
        '"jax_num_cpu_devices", 8)\nhidden = "\u200b"\n',
    ),
    _change(
        "invisible",
        "check",
        "no-final-newline-in-a-page",
        "docs/learn/axes.md",
        "what the lanes can tell each other.\n",
        "what the lanes can tell each other.",
    ),
    _change(
        "invisible",
        "check",
        "no-final-newline-in-an-example",
        "snippets/learn/nesting/grid.md",
        " [23 24 25]]\n```\n",
        " [23 24 25]]\n```",
    ),
    # --- switches -----------------------------------------------------------------------
    _switch("needs-test", _PUBLISH, "    needs: [test, cluster]\n", "", _SWITCHES),
    _switch("needs-no-launcher", _PUBLISH, "[test, cluster]", "test", _SWITCHES),
    _switch(
        "left-to-make-cluster",
        "snippets/learn/first-vmap/square.md",
        "```python\nimport jax\n",
        "<!-- cluster: plain -->\n\n```python\nimport jax\n",
        "tests/cluster/test_cluster.py::"
        "test_the_record_of_this_site_has_every_example_and_table",
    ),
    _change(
        "switches",
        "check",
        "left-as-a-file",
        "snippets/learn/first-vmap/square.md",
        "```python\nimport jax\n",
        "<!-- file: square.py -->\n\n```python\nimport jax\n",
    ),
    _switch(
        "publishing-tests-or-not",
        _PUBLISH,
        "      - run: make test\n",
        "      - run: make test || true\n",
        _SWITCHES,
    ),
    _switch(
        "tests-or-not",
        _TESTS,
        "run: make test\n",
        "run: make test || true\n",
        _SWITCHES,
    ),
    _switch("one-python-less", _TESTS, '"3.11", "3.12", ', '"3.12", ', _SWITCHES),
    _switch(
        "no-weekly-run",
        _TESTS,
        '    - cron: "17 4 * * 1"\n',
        '    - cron: "0 0 30 2 *"\n',
        _SWITCHES,
    ),
    _switch(
        "examples-not-run",
        "Makefile",
        "\t@$(RUN) pytest snippets\n",
        "",
        _SWITCHES,
    ),
    _switch(
        "examples-may-fail",
        "Makefile",
        "\t@$(RUN) pytest snippets\n",
        "\t-@$(RUN) pytest snippets\n",
        _SWITCHES,
    ),
    _switch(
        "some-tests-not-run",
        "Makefile",
        "pytest tests ",
        "pytest tests -k 'not block' ",
        _SWITCHES,
    ),
    _switch(
        "no-collected-blocks",
        "pyproject.toml",
        '  "--codeblocks",\n',
        "",
        "tests/examples/test_run.py::test_every_fence_is_collected",
    ),
    _switch(
        "warnings-pass",
        "pyproject.toml",
        'filterwarnings = ["error"]',
        "filterwarnings = []",
        _SWITCHES,
    ),
    _switch(
        "not-strict",
        "mkdocs.yml",
        "strict: true\n",
        "strict: false\n",
        _SWITCHES,
    ),
    _switch(
        "anchors-ignored",
        "mkdocs.yml",
        "    anchors: warn\n",
        "    anchors: ignore\n",
        _SWITCHES,
    ),
    _switch(
        "a-survivor-that-does-not-exist",
        "mapped_axis/examples/accepted-survivors.toml",
        '["snippets/further/gradients/nan-where.md"]\n',
        '["snippets/further/gradients/nan-where.md"]\n'
        '"9 in print(9)" = "a literal of no program"\n',
        "tests/examples/test_tamper.py",
    ),
    _switch(
        "a-test-without-its-name",
        "tests/pages/test_published.py",
        "def test_every_block_on_a_page_is_one_that_ran",
        "def every_block_on_a_page_is_one_that_ran",
        _SWITCHES,
    ),
    _switch(
        "a-test-that-is-skipped",
        "tests/pages/test_published.py",
        "def test_every_block_on_a_page_is_one_that_ran",
        '@pytest.mark.skip("later")\ndef test_every_block_on_a_page_is_one_that_ran',
        _SWITCHES,
    ),
    _switch(
        "another-command-in-ci",
        ".ci/run",
        "\nmake test\n",
        "\nmake build\n",
        _SWITCHES,
    ),
    _change(
        "switches",
        "tests",
        "python-in-the-readme",
        "README.md",
        "## How it is laid out\n",
        "```python\nprint(jax.vmap(f)(x))  # [ 50 122]\n```\n\n## How it is laid out\n",
        tests=_SWITCHES,
    ),
    _change(
        "switches",
        "tests",
        "a-command-that-is-not-there",
        "CONTRIBUTING.md",
        "`make lock` renews",
        "`make locks` renews",
        tests=_SWITCHES,
    ),
    _change(
        "switches",
        "tests",
        "a-message-of-one-word",
        "docs/reference/errors.md",
        "| vmap got inconsistent sizes for array axes to be mapped |",
        "| vmap |",
        tests="tests/pages/test_errors.py",
        says="['vmap']",
    ),
    _change(
        "switches",
        "site",
        "a-link-that-is-dead",
        "docs/learn/axes.md",
        "## Next\n",
        "[More](https://nowhere.invalid/vmap)\n\n## Next\n",
        says="nowhere.invalid",
    ),
    # --- program ------------------------------------------------------------------------
    _example(
        "program",
        "operator",
        "learn/axes/rows-or-columns",
        "v.max() - v",
        "v.max() + v",
    ),
    _example(
        "program",
        "held-or-mapped",
        "learn/axes/own-axes",
        "(None, -1, 0)",
        "(None, 0, 0)",
    ),
    _example(
        "program", "keyword", "learn/nesting/grid", "out_axes=1)", "spmd_axis_name=1)"
    ),
    _example(
        "program",
        "axis",
        "learn/axes/twice",
        "(jnp.dot, in_axes=(0, 1))",
        "(jnp.dot, in_axes=(1, 1))",
    ),
    _example(
        "program",
        "order",
        "learn/first-vmap/values",
        "sorted(map(float, seen))",
        "sorted(map(float, seen))[::-1]",
    ),
    # --- exercises ----------------------------------------------------------------------
    _change(
        "exercises",
        "check",
        "a-solution-that-is-not-folded",
        "docs/learn/axes.md",
        '<div class="exercise-solution"></div>\n\nWith 1,',
        "With 1,",
    ),
    _change(
        "exercises",
        "check",
        "a-solution-with-a-check-of-its-own",
        "snippets/learn/arguments/exercise-keyword-held-solution.md",
        "np.array_equal(got, [321, 654, 987])",
        "np.shape(got) == (3,)",
        says="docs/learn/arguments.md",
    ),
    _change(
        "exercises",
        "check",
        "a-starter-that-is-solved",
        "snippets/further/randomness/exercise-find-the-key-start.md",
        "not yet: b:",
        "solved: b:",
        says="docs/further/randomness.md",
    ),
    _change(
        "exercises",
        "check",
        "an-exercise-without-a-level",
        "docs/learn/nesting.md",
        'data-name="walkers" data-level="2"',
        'data-name="walkers" data-level="5"',
    ),
    Fault(
        "a-check-that-nothing-passes-too",
        "exercises",
        "tests",
        tuple(
            Edit(
                f"snippets/learn/arguments/exercise-keyword-held-{part}.md",
                "assert np.array_equal(got, [321, 654, 987])",
                "assert got is None or np.array_equal(got, [321, 654, 987])",
            )
            for part in ("start", "solution")
        ),
        tests=("tests/exercises/test_exercises.py::test_no_blank_passes",),
        says="keyword-held",
    ),
    _change(
        "exercises",
        "site",
        "a-solution-that-is-unfolded",
        "mapped_axis/exercises/html.py",
        'f\'<details class="{SOLUTION}"><summary',
        'f\'<details open class="{SOLUTION}"><summary',
        says="test_each_exercise_stands",
    ),
    _change(
        "exercises",
        "site",
        "exercises-under-another-level",
        "mapped_axis/exercises/html.py",
        "if str(exercise.level) == level:",
        "if str(4 - exercise.level) == level:",
        says="test_the_list_leads",
    ),
    _change(
        "exercises",
        "tests",
        "a-check-whose-assertions-do-not-count",
        "mapped_axis/exercises/child.py",
        "optimize=0)",
        "optimize=2)",
        tests="tests/exercises/test_command.py"
        "::test_what_is_right_passes_and_what_is_wrong_does_not",
        says="test_what_is_right_passes",
    ),
    _change(
        "exercises",
        "tests",
        "an-answer-that-is-always-right",
        "docs/_theme/assets/predict.js",
        'return right ? ["Right."]',
        'return texts.length ? ["Right."]',
        tests="tests/browser/test_predict.py"
        "::test_a_wrong_answer_gets_its_reason_and_then_the_output",
        says="test_a_wrong_answer",
    ),
    _change(
        "exercises",
        "tests",
        "an-answer-that-is-open",
        "mapped_axis/pages/predict.py",
        'yield "<details data-search-exclude>',
        'yield "<details open data-search-exclude>',
        tests="tests/browser/test_predict.py"
        "::test_without_script_question_answers_and_a_folded_answer_are_there",
        says="test_without_script",
    ),
    _change(
        "exercises",
        "site",
        "another-answer-that-is-right",
        "mapped_axis/pages/predict.py",
        "{' data-right' if answer.right else ''}",
        "{'' if answer.right else ' data-right'}",
        says="tests/pages/test_predict.py",
    ),
    # --- messages -----------------------------------------------------------------------
    *(
        _change(
            "messages",
            "check" if line else "ruff",
            name,
            "snippets/learn/nesting/grid.md",
            old,
            new,
            says=f"snippets/learn/nesting/grid.md{line}",
            lines="1" if line else "12",  # those show the line
        )
        for name, old, new, line in (
            ("space-after-a-fence", "```python\n", "```python \n", ":1:"),
            ("space-after-a-mark", "output-->\n", "output--> \n", ":23:"),
            ("not-formatted", "xs = jnp", "xs  = jnp", ""),
            ("capital-language", "```python\n", "```Python\n", ":1:"),
            ("tab", "    return 10", "\treturn 10", ":7:"),
            ("syntax-error", "def height(x, y):", "def height(x, y:", ":6:"),
        )
    ),
    _change(
        "messages",
        "check",
        "no-such-example",
        "docs/learn/nesting.md",
        '"learn/nesting/grid.md"',
        '"learn/nesting/grids.md"',
        says="docs/learn/nesting.md:",
        lines="2",
    ),
    _change(
        "messages",
        "build",
        "broken-link",
        "docs/learn/nesting.md",
        "(networks.md)",
        "(network.md)",
        says="learn/nesting.md",
        lines="12",
    ),
    _change(
        "messages",
        "tests",
        "stale-table",
        "docs/_theme/assets/axis-table.json",
        '"start": [1],',
        '"start": [0],',
        tests="tests/explorer/test_explorer.py::"
        "test_each_row_of_the_table_is_what_jax_says",
        says="make tables",
        lines="45",
    ),
    # --- supply -------------------------------------------------------------------------
    _switch(
        "action-by-a-name-that-moves",
        _TESTS,
        "checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1",
        "checkout@v7",
        _WORKFLOWS,
        "supply",
    ),
    _switch(
        "all-rights",
        _TESTS,
        "permissions: {}\n",
        "permissions: write-all\n",
        _WORKFLOWS,
        "supply",
    ),
    _switch(
        "text-of-others-in-a-shell",
        _PUBLISH,
        _UPLOAD,
        "      - run: echo ${{ github.event.head_commit.message }}\n" + _UPLOAD,
        _WORKFLOWS,
        "supply",
    ),
    _switch(
        "credentials-stay",
        _PUBLISH,
        "persist-credentials: false",
        "persist-credentials: true",
        _SWITCHES,
        "supply",
    ),
    _switch(
        "newest-is-green-in-any-case",
        ".github/workflows/weekly.yml",
        "      - run: make test\n",
        "      - run: make test || true\n",
        _SWITCHES,
        "supply",
    ),
    _change(
        "supply",
        "tests",
        "index-in-the-lock",
        "requirements.txt",
        "",
        "--find-links https://nowhere.invalid/wheels\n",
        tests=_LOCK,
        says="test_the_lock",
    ),
    _switch(
        "installed-without-hashes",
        "Makefile",
        "--progress-bar off --require-hashes",
        "--progress-bar off",
        _SWITCHES,
        "supply",
    ),
]
