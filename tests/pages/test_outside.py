"""Links to other sites: a dead one is named, one that was down for a moment is not."""

import http.server
import threading

import pytest

from mapped_axis.pages.api import ADDRESS, meanings
from mapped_axis.pages.outside import TRIES, dead, links
from mapped_axis.project import HERE, Project
from support.sites import lay_out


class Server(http.server.BaseHTTPRequestHandler):
    """Has /here, not /gone, /shy only for people, and /late at the last try."""

    def do_GET(self):
        """Answer with a status alone."""
        self.server.asked.append(self.path)
        late = self.server.asked.count("/late") < TRIES
        answers = {
            "/here": 200,
            "/gone": 404,
            "/shy": 403,
            "/late": 503 if late else 200,
        }
        self.send_response(answers[self.path])
        self.end_headers()

    def log_message(self, *_):
        """Say nothing of each request."""


@pytest.fixture
def server():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Server) as running:
        running.asked = []
        running.address = f"http://127.0.0.1:{running.server_port}"
        threading.Thread(target=running.serve_forever, daemon=True).start()
        yield running
        running.shutdown()


def test_a_dead_link_is_named_with_its_place(server):
    found = {f"{server.address}/{p}": [f"{p}.md:1"] for p in ("here", "shy", "late")}
    assert list(dead(found, pause=0)) == []
    found[f"{server.address}/gone"] = ["a.md:3", "b.md:4"]
    lines = list(dead(found, pause=0))
    assert [line.partition(": ")[0] for line in lines] == ["a.md:3", "b.md:4"]
    assert all("404" in line for line in lines)
    assert server.asked.count("/gone") == TRIES


def test_a_server_that_is_none_is_a_dead_link(server):
    server.shutdown()
    server.server_close()
    assert list(dead({f"{server.address}/here": ["a.md:1"]}, pause=0))


def test_links_are_found_with_their_places(tmp_path):
    text = "# A\n\n[a](https://a.example/b#c), [d](https://a.example/d_(e)) and\n<http://f.example>.\n"
    lay_out(tmp_path, {"docs/a.md": text})
    found = links(Project(tmp_path))
    of_the_api = {ADDRESS.format(name) for name in meanings().values()}
    assert of_the_api <= {*found}
    assert [address for address in found if address not in of_the_api] == [
        "https://a.example/b",
        "https://a.example/d_(e)",
        "http://f.example",
    ]
    assert found["http://f.example"][0].endswith("docs/a.md:4")
    assert len(links(HERE)) > 5
