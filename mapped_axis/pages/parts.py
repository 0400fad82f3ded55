"""What a page says around its blocks: the part of a program, what is marked, its file.

The engine has made HTML of the blocks by then; they come in the order of the includes. The
names let a script copy the whole program from any of its parts.
"""

import re
from pathlib import Path

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes, pieces
from mapped_axis.exercises.html import title_of_part
from mapped_axis.pages.marks import as_marks, marks_of, note
from mapped_axis.project import Project

_BLOCK = re.compile(
    r'<div class="(language-(?:python|sh|text|yaml)) highlight">.*?</pre></div>',
    re.DOTALL,
)
_EDIT = re.compile(r'href="([^"]*/)docs/[^"]*"[^>]* rel="edit"')


def with_parts(html: str, page: Path, project: Project) -> str:
    """Return a page whose blocks say what they are a part of.

    Args:
        html: the page as the engine made it.
        page: its source, a Markdown file.
        project: its project.

    Raises:
        ValueError: the page has other blocks than its source includes.
    """
    edit = _EDIT.search(html)
    around = []
    marks = marks_of(pieces(page), project)
    for include in includes(page):
        says = note(marks.get(include.line))
        example = read_example(project.snippets / include.example)
        for block in example.part(include.section):
            before, after = says, ""
            says = ""
            if example.file and len(example.code) == 1:
                name = f"<code>{example.file}</code>"
                before += f'<p class="part" data-search-exclude>{name}</p>'
            if block is (example.output or example.blocks[-1]) and edit:
                address = f"{edit[1]}snippets/{include.example}"
                after = (
                    '<p class="own-file" data-search-exclude>'
                    f'<a href="{address}">Edit this example</a></p>'
                )
            if block is not example.output and len(example.code) > 1:
                number = [id(part) for part in example.code].index(id(block)) + 1
                part = f"Part {number} of {len(example.code)}"
                part = title_of_part(include.example, number) or part
                before += f'<p class="part" data-search-exclude>{part}</p>'
            around.append((include.example, before, after))
    if len(around) != len(_BLOCK.findall(html)):
        raise ValueError(f"{page.name} has other blocks than its source includes.")
    each = iter(around)

    def say(match: re.Match[str]) -> str:
        name, before, after = next(each)
        head = f'<div class="{match[1]} highlight"'
        named = f'{head} data-example="{name}"{as_marks(match[0].removeprefix(head))}'
        return f"{before}{named}{after}"

    return _BLOCK.sub(say, html)
