"""Texts of examples."""

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
