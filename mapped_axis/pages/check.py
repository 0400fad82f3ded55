"""MkDocs hook: a page with a broken example says what is wrong, where, and what to do.

A build stops with every fault of the page. `mkdocs serve` logs them, shows them in the
page and keeps serving, so that an author never looks at a stale or an empty block.
"""

import html
import logging
from pathlib import Path

import examples
from mkdocs.exceptions import PluginError

log = logging.getLogger("mkdocs.hooks.check_pages")


def on_page_markdown(markdown, page, config, files):
    """Check the examples that a page includes.

    Raises:
        PluginError: something is wrong with them, and this is a build.
    """
    source = Path(page.file.abs_src_path)
    if source.suffix != ".md":
        return markdown
    docs = Path(config.docs_dir)
    problems = examples.page_problems(source, docs, docs.parent / "snippets")
    if not problems:
        return markdown
    text = "\n".join(map(str, problems))
    if not config.extra["serving"]:
        raise PluginError(text)
    log.error(text)
    items = "".join(f"<li>{html.escape(str(problem))}</li>" for problem in problems)
    # Without its includes: one that cannot be resolved would end the build.
    rest = [line for line in markdown.splitlines() if "8<--" not in line]
    notice = f'<div class="admonition failure"><ul>{items}</ul></div>'
    return "\n".join([notice, "", *rest])
