"""A file of data that cannot be read is one message, with its file and line."""

import pytest

from mapped_axis.examples.data import (
    FaultyFileError,
    parse_yaml,
    read_json,
    read_toml,
)
from mapped_axis.project import HERE
from support.sites import pages


def read_yaml(path):
    return parse_yaml(path.read_text(), path)


@pytest.mark.parametrize(
    ("read", "name", "good", "bad", "says"),
    [
        (
            read_json,
            "a.json",
            '{"a": 1}\n',
            '{"a": 1}\n<<<<<<< HEAD',
            "2: no JSON: Extra",
        ),
        (read_toml, "a.toml", "a = 1\n", "a = 1\n<<<<<<< HEAD", "2: no TOML: Invalid"),
        (
            read_toml,
            "a.toml",
            "a = 1\n",
            'a = """',
            "1: no TOML: ",
        ),  # it ends too early
        (
            read_yaml,
            "a.yml",
            "a: 1\n",
            "a: 1\n- 2\n",
            "2: no YAML: expected <block end>",
        ),
        (read_yaml, "a.yml", "a: 1\n", "a: 1\nb: \0", "1: no YAML: unacceptable"),
        (read_yaml, "a.yml", "a: 1\n", "a: 2026-02-31\n", "1: no YAML: day is out"),
    ],
)
def test_what_cannot_be_read_is_said_with_its_line(
    tmp_path, read, name, good, bad, says
):
    path = tmp_path / name
    path.write_text(good)
    assert read(path) == {"a": 1}
    path.write_text(bad)
    with pytest.raises(FaultyFileError) as error:
        read(path)
    assert f"{name}:{says}" in str(error.value)
    assert "column" not in str(error.value)


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    return HERE.copy_to(tmp_path_factory.mktemp("data") / "copy")


@pytest.mark.parametrize(
    ("file", "old", "new", "says"),
    [
        # What a merge leaves: in a list of the checks, in an answer, in a notebook.
        ("mapped_axis/pages/claims.toml", "", "\n<<<<<<< HEAD\n", "no TOML"),
        ("docs/reference/versions/versions.json", "", "\n<<<<<<< HEAD\n", "no JSON"),
        ("docs/further/speed.ipynb", "", "\n<<<<<<< HEAD\n", "no JSON"),
        ("docs/further/speed.ipynb", '\n "metadata"', '\n "data"', "no notebook"),
        ("docs/learn/axes.md", "\nbefore: [", "\nbefore: [[", "axes.md:4: no YAML"),
        ("mkdocs.yml", "\n      - learn/axes", "\n     - learn/axes", "no YAML"),
        ("mkdocs.yml", "\nnav:", "\nnaw:", "no nav"),
        ("mkdocs.yml", "\n  - Learn:", "\n  - Learn: 3\n  - Next:", "no page"),
        ("mapped_axis/pages/claims.toml", "\nsays", "\nsay", "nothing is called 'say'"),
        # Several elements show it, and the prose is compared with what they show.
        ("docs/_phrases/numpy.toml", "\ntitle", "\nheading", "nothing is called"),
        # Numbers of the page's prose stand in the output of this one.
        (
            "snippets/learn/nesting/grid.md",
            "```python",
            "```Python",
            "not run the fence",
        ),
    ],
)
@pytest.mark.slow
def test_a_faulty_file_is_one_message_of_the_check(copy, file, old, new, says):
    path = copy.root / file
    before = path.read_text()
    path.write_text(before.replace(old, new, 1) if old else before + new)
    try:
        result = pages("check", cwd=copy.root)
    finally:
        path.write_text(before)
    (line,) = (result.stdout + result.stderr).splitlines()
    assert line.startswith(f"{file}:")
    assert says in line
    assert result.returncode == 1
