"""The rows of the page of error messages can be linked to."""

import re

from mapped_axis.pages.messages import with_addresses
from support.places import DOCS, address_of

PAGE = DOCS / "reference/errors.md"


def test_each_row_has_an_address_of_its_own_and_a_link_to_it(pages):
    html = pages[address_of(PAGE)]
    rows = html.select("article tbody tr")
    listed = re.findall(
        r"^\| (?!---|The message|JAX said|What you)",
        PAGE.read_text("utf-8"),
        re.MULTILINE,
    )
    assert len(rows) == len(listed) > 60
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row.td.select_one(".headerlink")["href"][1:] for row in rows] == [
        row["id"] for row in rows
    ]
    assert len({tag["id"] for tag in html.select("[id]")}) == len(html.select("[id]"))


def test_only_what_is_quoted_is_code(pages):
    for table in pages[address_of(PAGE)].select("table.messages"):
        first = [row.td.find(True).name for row in table.select("tbody tr")]
        if table.th.text in ("The message says", "JAX said"):
            assert {*first} == {"code"}
            assert not table.select("code code")
        else:
            assert "a" in first  # of words, the first mark is the link of the row


def test_rows_of_one_beginning_get_different_addresses():
    row = "<tr>\n<td>vmap got … axes</td>\n<td>why</td>\n</tr>\n"
    head = "<table>\n<thead>\n<tr>\n<th>The message says</th>\n</tr>\n</thead>\n"
    html = with_addresses(f"{head}<tbody>\n{row}{row}</tbody>\n</table>")
    assert re.findall(r'<tr id="([^"]+)"', html) == [
        "says-vmap-got-axes",
        "says-vmap-got-axes-1",
    ]
    other = head.replace("The message says", "Old call") + row + "</table>"
    assert with_addresses(other) == other
