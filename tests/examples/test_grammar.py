"""An example file: what it may hold, and that all else is refused."""

import pytest

from mapped_axis.examples.grammar import CONT, OUTPUT, read_example
from mapped_axis.examples.write import example_text
from support.texts import GOOD, SECTIONS


@pytest.mark.parametrize(
    "text", [GOOD, SECTIONS, GOOD.replace("1 + 1)", "1 + 1)  # why, not what")]
)
def test_a_good_example_has_no_problem(house, text):
    project = house({"snippets/page/one.md": text})
    assert read_example(project.snippets / "page/one.md").problems == []


def fenced(opening, closing="```"):
    return GOOD.replace("```python\nprint(1 + 1)\n```", f"{opening}\npass\n{closing}")


def remark(text):
    return GOOD.replace("print", f"{text}\nprint")


@pytest.mark.parametrize(
    "text",
    [
        remark("# why 1 + 1 is 2"),
        remark("# the second of 2, a pair"),
        remark("# the reason for this"),
        remark("# of all the rows there are 122").replace("print", "a = 122\nprint"),
        # Before it ran for the first time, nothing is known of what it prints.
        "```python\n# it gives 122 in the end\nprint(100 + 22)\n```\n",
        GOOD.replace("1 + 1)", '1 + 1, "# 122")'),
    ],
)
def test_a_remark_on_what_is_shown_is_fine(house, text):
    project = house({"snippets/page/one.md": text})
    assert read_example(project.snippets / "page/one.md").problems == []


@pytest.mark.parametrize(
    ("text", "line", "says"),
    [
        (fenced('```python title="a"'), 1, "would not run the fence"),
        (fenced("```python hl_lines=1"), 1, "would not run the fence"),
        (fenced("``` python"), 1, "would not run the fence"),
        (fenced("```py"), 1, "would not run the fence"),
        (fenced("```{.python}"), 1, "would not run the fence"),
        (fenced("``` {.python}"), 1, "would not run the fence"),
        (fenced("~~~python", "~~~"), 1, "would not run the fence"),
        (fenced("```console"), 1, "would not run the fence"),
        (fenced("```zsh"), 1, "would not run the fence"),
        (fenced("```bash"), 1, "would not run the fence"),
        (fenced("```"), 1, "would not run the fence"),
        (fenced("````python", "````"), 1, "would not run the fence"),
        (fenced("  ```python"), 1, "would not run the fence"),
        (fenced("> ```python"), 1, "would not run the fence"),
        (GOOD + "Prose.\n", 10, "prose belongs in the page"),
        (GOOD + "    print(3)\n", 10, "prose belongs in the page"),
        ("<!--pytest.mark.skip-->\n" + GOOD, 1, "is not allowed"),
        ("<!--pytest-codeblocks:skipfile-->\n" + GOOD, 1, "is not allowed"),
        ("<!--pytest-codeblocks:importorskip(x)-->\n" + GOOD, 1, "is not allowed"),
        ("```python\nprint(1)\n", 1, "never closed"),
        ("```python\nprint(1)\n ```\n", 3, "closing fence"),
        ("```python\n\n```\n", 1, "is empty"),
        ("", 1, "no program"),
        ("```text\n2\n```\n", 1, "a text block is an output"),
        (GOOD[GOOD.index("<!--") :], 3, "an output without a program"),
        (GOOD + GOOD[GOOD.index("<!--") :], 12, "a second output"),
        (GOOD.replace("```text", "```python"), 7, "an output is a ```text block"),
        (GOOD + "```python\nprint(3)\n```\n", 10, "code after the output"),
        ("```python\na = 1\n```\n" + GOOD, 4, "a second program"),
        (f"{CONT}\n{GOOD}", 2, "without a program before it"),
        (GOOD + OUTPUT + "\n", 10, "has no block after it"),
        (
            f"```sh\ntrue\n```\n{CONT}\n{GOOD}",
            5,
            "a program is in one language",
        ),
        (GOOD.replace("1 + 1", "1 + " + "1" * 88), 2, "columns"),
        (GOOD.replace("1 + 1)", "1 + 1"), 2, "SyntaxError"),
        (GOOD.replace("print", "\tprint"), 2, "the character U+0009"),
        (GOOD.replace("1 + 1)", "1 + 1)  # 2"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # (3, 2)"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # [1 2]"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # float32"), 2, "states a value"),
        (GOOD.replace("1 + 1)", "1 + 1)  # -> float32"), 2, "states a value"),
        (remark("# -> [50 122]"), 2, "states a value"),
        (remark("# => 122"), 2, "states a value"),
        (remark("# Output: [50 122]"), 2, "states a value"),
        (remark("# >>> 2.5"), 2, "states a value"),
        (remark("# of all the rows there are 122"), 2, "['122'] in a comment"),
        (remark("# of all the rows there are 21"), 2, "['21'] in a comment"),
        (remark("# its shape is then (2, 1)"), 2, "['(2, 1)'] in a comment"),
        (remark("'It gives 122 in the end.'"), 2, "['122'] in a comment"),
        (remark('"""Gives 122.\\n\\n>>> f(1)\\n122"""'), 2, "states a value"),
        (remark("# its values are [50 122] here"), 2, "['[50 122]', '50', '122'] in"),
        (
            remark("# the text 21 [2 2] is no value").replace("1 + 1", "2, 21"),
            2,
            "[2 2]",
        ),
        (remark("def f():\n    'Give 122, as is said.'"), 3, "['122'] in a comment"),
        (GOOD.replace("python\n", "sh\n# of them 122 are\n"), 2, "['122'] in a comm"),
        (GOOD.replace("\n", "\r\n"), 1, "CRLF"),
        (GOOD.encode("utf-16"), 1, "not UTF-8"),
        (b"\xef\xbb\xbf" + GOOD.encode(), 1, "byte order mark"),
        (GOOD.removesuffix("\n"), 9, "no line end"),
        (GOOD.replace("2\n", "\u200b2\n"), 8, "column 1: the character ZERO WIDTH SP"),
        (GOOD.replace("2\n", "2\u202e\n"), 8, "column 2: the character RIGHT-TO-LEFT"),
        (GOOD.replace("print", "\u0440rint"), 2, "the character CYRILLIC SMALL LET"),
        (GOOD.replace("1 + 1", "1\u00a0+ 1"), 2, "column 8: the character NO-BREAK SP"),
        (GOOD.replace("1 + 1", "1 +\t1"), 2, "column 10: the character U+0009"),
        (GOOD.replace("1 + 1", "1 +\f1"), 2, "column 10: the character U+000C"),
        (SECTIONS.replace("[end:second]", "[end:third]"), 17, "is not open here"),
        (SECTIONS.replace("<!-- --8<-- [end:second] -->\n", ""), 6, "never closed"),
        (
            SECTIONS.replace("<!-- --8<-- [end:first] -->\n", ""),
            5,
            "starts inside 'first'",
        ),
        (SECTIONS.replace("second", "first"), 6, "a second section"),
        ("```python\nimport os\n```\n" + SECTIONS, 1, "outside the sections"),
        (SECTIONS + GOOD[GOOD.index("```text") :], 18, "in no section"),
    ],
)
def test_a_bad_example_is_refused(house, text, line, says):
    path = house({"snippets/page/one.md": text}).snippets / "page/one.md"
    problems = read_example(path).problems
    assert (line, True) in {(p.line, says in p.text) for p in problems}, problems


@pytest.mark.parametrize("opening", ["```python ", "```Python", "```py", "~~~python"])
def test_what_follows_from_a_fence_is_no_fault_of_its_own(house, opening):
    text = GOOD.replace("```python", opening)
    path = house({"snippets/page/one.md": text}).snippets / "page/one.md"
    assert [problem.line for problem in read_example(path).problems] == [1]


def test_what_is_written_can_be_read(house):
    text = example_text("a = 1\n", "print(a)\n", output="1\n")
    example = read_example(
        house({"snippets/page/one.md": text}).snippets / "page/one.md"
    )
    assert example.problems == []
    assert [block.text for block in example.blocks] == ["a = 1\n", "print(a)\n", "1\n"]
    assert example_text("print(1 + 1)\n", output="2\n") == GOOD
