"""What all of the machinery is built on: a file is replaced whole, or not at all."""

import ast
from pathlib import Path

import pytest

from mapped_axis.project import HERE, replace_text


def test_a_file_is_replaced_and_its_folder_made(tmp_path):
    path = tmp_path / "new/file.json"
    replace_text(path, "één\n")
    replace_text(path, "two\n")
    assert path.read_text(encoding="utf-8") == "two\n"
    assert [*path.parent.iterdir()] == [path]


def test_an_interruption_leaves_a_file_as_it_was(tmp_path, monkeypatch):
    path = tmp_path / "file.json"
    path.write_text("before\n")
    write = Path.write_text

    def interrupted(self, text, **options):
        write(self, text[: len(text) // 2], **options)
        raise KeyboardInterrupt

    monkeypatch.setattr(Path, "write_text", interrupted)
    with pytest.raises(KeyboardInterrupt):
        replace_text(path, "after\n")
    assert path.read_text() == "before\n"
    assert [*tmp_path.iterdir()] == [path]


# What is committed or kept between runs is written by these.
KEEPS = [
    "bench/store",
    "cluster/record",
    "examples/record",
    "examples/write",
    "exercises/workshop",
    "explorer/__main__",
    "machines/__main__",
    "operations/table",
    "phrasebook/__main__",
]


def plain_writes(source):
    """Return the lines of a source that write a text in place."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr == "write_text"
    ]


@pytest.mark.parametrize("name", KEEPS)
def test_what_is_kept_is_written_in_one_step(name):
    path = HERE.root / f"mapped_axis/{name}.py"
    assert plain_writes(path.read_text(encoding="utf-8")) == []


def test_a_plain_write_is_found():
    assert plain_writes("x = 1\npath.write_text(x)\n") == [2]
