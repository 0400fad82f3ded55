"""What stands around the blocks of a page: parts of programs, and the way to their files."""

import pytest

from mapped_axis.examples.grammar import read_example
from mapped_axis.examples.pieces import includes
from mapped_axis.pages.parts import with_parts
from mapped_axis.project import HERE, Project
from support.places import PUBLISHED, SNIPPETS, address_of
from support.sites import EXAMPLE, lay_out

PAGES = [page for page in HERE.pages if includes(page)]


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_the_parts_of_a_page_are_whole_programs(page, pages):
    """What a script joins to be copied is the program that ran."""
    html = pages[address_of(page)]
    for name in dict.fromkeys(include.example for include in includes(page)):
        blocks = html.select(f'[data-example="{name}"]:not(.language-text) code')
        program = "".join(block.get_text() for block in blocks)
        assert program == read_example(SNIPPETS / name).program, name
        if len(blocks) > 1:
            says = [
                block.find_parent(class_="highlight").find_previous_sibling("p").text
                for block in blocks
            ]
            total = len(blocks)
            parts = [f"Part {n} of {total}" for n in range(1, total + 1)]
            if "/exercise-" in name:
                starter = name.endswith("-start.md")
                parts = ["Yours to change" if starter else "The solution", "The check"]
            assert says == parts


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.stem)
def test_each_example_leads_to_its_file(page, pages):
    links = [a["href"] for a in pages[address_of(page)].select(".own-file a")]
    start = f"{PUBLISHED['REPO_URL']}/{PUBLISHED['EDIT_URI'].removesuffix('docs/')}"
    names = {include.example for include in includes(page)}
    assert sorted(links) == [f"{start}snippets/{name}" for name in sorted(names)]


def test_a_block_that_is_not_included_is_refused(tmp_path):
    page = '# Page\n\n--8<-- "page/one.md"\n'
    lay_out(tmp_path, {"docs/page.md": page, "snippets/page/one.md": EXAMPLE})
    project = Project(tmp_path)
    block = '<div class="language-{} highlight"><pre>x</pre></div>'
    two = block.format("python") + block.format("text")
    source = project.docs / "page.md"
    made = with_parts(two, source, project)
    assert made.count('data-example="page/one.md"') == 2
    assert "own-file" not in made  # nothing says where the files are edited
    with pytest.raises(ValueError, match=r"page\.md has other blocks"):
        with_parts(two + block.format("python"), source, project)
