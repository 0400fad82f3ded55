"""Texts of examples."""

from mapped_axis.examples.write import example_text

GOOD = """\
```python
print(1 + 1)
```

<!--pytest-codeblocks:expected-output-->

```text
2
```
"""

SECTIONS = """\
<!-- --8<-- [start:first] -->
```python
a = 1
```
<!-- --8<-- [end:first] -->
<!-- --8<-- [start:second] -->
<!--pytest-codeblocks:cont-->
```python
print(a)
```

<!--pytest-codeblocks:expected-output-->

```text
1
```
<!-- --8<-- [end:second] -->
"""


def exercise_page(**checks):
    """Return the files of a page with an exercise for each name, by path.

    Args:
        checks: by name, an assertion on ``x`` or ``y``, which its starter sets to 1.
    """
    page, files = "# Page\n", {}
    for name, claim in checks.items():
        variable, _, right = claim.partition(" == ")
        page += f'''
### {name} {{ #exercise-{name} }}

<div class="exercise-head" data-name="{name}" data-level="1" data-minutes="5"></div>

Do {name}.

--8<-- "page/exercise-{name}-start.md"

<div class="exercise-solution"></div>

--8<-- "page/exercise-{name}-solution.md"

<div class="exercise-end"></div>
'''
        check = f'try:\n    assert {claim}, "{claim}"\n    print("solved")\n'
        check += 'except AssertionError as error:\n    print("not yet:", error)\n'
        for part, value, says in (
            ("start", "1", f"not yet: {claim}\n"),
            ("solution", right, "solved\n"),
        ):
            text = example_text(f"{variable} = {value}\n", check, output=says)
            files[f"snippets/page/exercise-{name}-{part}.md"] = text
    return {"docs/page.md": page, **files}
