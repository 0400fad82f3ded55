"""MkDocs hook: what is done to the built site as a whole.

* A Content-Security-Policy for every page. An inline script may run only if it has the
  exact text that the build wrote. All pages have the same policy, because instant
  navigation shows them all under that of the first. While serving there is none:
  `mkdocs serve` puts a script of its own into each page that it sends.
* The texts of the search index in a file of their own, which ``assets/search.js`` fetches
  when someone searches.
* No date of the build, so that two builds of one commit are the same.
"""

import base64
import hashlib
import json
import re
from pathlib import Path

_INLINE = re.compile(r"<script>(.+?)</script>", re.DOTALL)
_HEAD = '<meta charset="utf-8">'


def on_post_build(config):
    """Change what was built."""
    site = Path(config.site_dir)
    _split_search_index(site / "search")
    # It holds the day of the build; a server compresses the sitemap itself.
    (site / "sitemap.xml.gz").unlink(missing_ok=True)
    if not config.extra["serving"]:
        _set_policy(sorted(site.rglob("*.html")))


def _split_search_index(folder):
    """Leave in the index only its settings, which each page reads."""
    index = json.loads((folder / "search_index.json").read_text(encoding="utf-8"))
    for name, content in (
        ("docs.json", index.pop("docs")),
        ("search_index.json", index | {"docs": []}),
    ):
        text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        (folder / name).write_text(text, encoding="utf-8")


def _set_policy(paths):
    """Write one policy into all pages."""
    texts = {path: path.read_text(encoding="utf-8") for path in paths}
    hashes = {
        f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"
        for text in texts.values()
        for script in _INLINE.findall(text)
    }
    policy = "; ".join(
        [
            "default-src 'none'",
            " ".join(["script-src 'self'", *sorted(hashes)]),
            "style-src 'self'",
            "img-src 'self' data:",  # Material's icons are in its stylesheet
            "connect-src 'self'",
            "worker-src 'self'",
            "base-uri 'none'",
            "form-action 'none'",
        ]
    )
    tag = f'<meta http-equiv="Content-Security-Policy" content="{policy}">'
    for path, text in texts.items():
        path.write_text(text.replace(_HEAD, _HEAD + tag, 1), encoding="utf-8")
