"""MkDocs hook: while serving, what an edit did not change is not made again.

MkDocs builds the whole site at each edit. Most of that time goes into turning Markdown
into HTML, and HTML into the texts of the search; so both are kept for each page, with
what they were made from. A build makes everything.
"""

from pathlib import Path

import examples

_rendered = {}
_indexed = {}


def on_config(config):
    """Have the search keep the texts of a page for as long as its HTML stays the same."""
    if not config.extra["serving"]:
        return config
    index = config.plugins["material/search"].search_index
    add = index.add_entry_from_context

    def add_or_keep(page):
        content, entries = _indexed.get(page.url, (None, None))
        if content == page.content:
            index.entries += entries
            return
        made_from, start = page.content, len(index.entries)
        add(page)
        _indexed[page.url] = made_from, index.entries[start:]

    index.add_entry_from_context = add_or_keep
    return config


def on_pre_page(page, config, files):
    """Have a page keep its HTML for as long as what it is made from stays the same."""
    if not config.extra["serving"]:
        return page
    render = page.render

    def render_or_keep(config, files):
        made_from = _sources(page, config, files)
        kept, attributes = _rendered.get(page.url, (None, None))
        if kept != made_from:
            before = {**vars(page)}
            render(config, files)
            attributes = {
                name: value
                for name, value in vars(page).items()
                if name not in before or before[name] is not value
            }
            _rendered[page.url] = made_from, attributes
        vars(page).update(attributes)

    page.render = render_or_keep
    return page


def _sources(page, config, files):
    """Return what the HTML of a page is made from, to be compared."""
    docs = Path(config.docs_dir)
    paths = [Path(config.config_file_path), Path(page.file.abs_src_path)]
    for line in (page.markdown or "").splitlines():
        if include := examples.INCLUDE.fullmatch(line):
            paths.append(docs.parent / "snippets" / include[1])
        elif figure := examples.FIGURE.fullmatch(line):
            paths.append(docs / "_figures" / figure[1])
    links_lead_to = [file.src_uri for file in files]
    return page.markdown, links_lead_to, [path.stat().st_mtime_ns for path in paths]
