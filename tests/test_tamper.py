"""The tool that changes the examples: what it changes, and that it sees a survivor."""

import examples
import pytest
import tamper

EXAMPLE = f"""\
```python
unused = 5
text = "a"
print(text, 1.5, True)
```

{examples.OUTPUT}

```text
a 1.5 True
```
"""


@pytest.fixture
def example(tmp_path):
    path = tmp_path / "one.md"
    path.write_text(EXAMPLE)
    return examples.read_example(path)


def test_an_output_is_changed_and_removed(example):
    changed, removed = tamper.output_changes(example)
    assert sum(a != b for a, b in zip(EXAMPLE, changed.text, strict=True)) == 1
    assert changed.line == 10
    assert "```text" not in removed.text
    assert removed.text.startswith(EXAMPLE[: EXAMPLE.index("\n\n<!--")])


def test_each_literal_is_changed_once(example):
    changes = list(tamper.literal_changes(example))
    assert [(change.line, change.what) for change in changes] == [
        (2, "5 to 6"),
        (3, "'a' to 'az'"),
        (4, "1.5 to 2.5"),
        (4, "True to False"),
    ]


def test_a_survivor_is_seen_and_an_output_never_is_one(example):
    changes = [*tamper.output_changes(example), *tamper.literal_changes(example)]
    assert [change.what for change in tamper.survivors(changes)] == ["5 to 6"]


def test_the_score_names_the_survivor(example, capsys):
    assert tamper.main([str(example.path)]) == 0
    said = capsys.readouterr().out
    assert "outputs: 2 of 2 changes noticed" in said
    assert "literals: 3 of 4 changes noticed" in said
    assert "one.md:2: 5 to 6" in said
