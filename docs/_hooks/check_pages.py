"""MkDocs hook: a page with a broken example says what is wrong, where, and what to do.

A build stops with every fault of the page. `mkdocs serve` logs them, shows them in the
page and keeps serving, so that an author never looks at a stale or an empty block.
"""

import errno
import html
import logging
import socket
from pathlib import Path

import examples
from mkdocs.exceptions import Abort, PluginError

log = logging.getLogger("mkdocs.hooks.check_pages")

_serving = False
_port_checked = False


def on_startup(command, dirty):
    """Remember whether this is ``mkdocs serve``."""
    global _serving
    _serving = command == "serve"


def on_config(config):
    """Refuse a busy port at once, and not after the first build.

    Raises:
        Abort: the address of the server is in use.
    """
    global _port_checked
    if not _serving:
        return config
    if not _port_checked:
        host, port = config.dev_addr
        with socket.socket() as probe:
            # As the server itself will do: a port that was left a moment ago is free.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((host, port))
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise Abort(f"cannot serve at {host}:{port}: {error}") from error
                raise Abort(
                    f"port {port} is in use; stop what uses it, or choose another: "
                    "make serve PORT=8001"
                ) from error
        _port_checked = True
    return config


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
    if not _serving:
        raise PluginError(text)
    log.error(text)
    items = "".join(f"<li>{html.escape(str(problem))}</li>" for problem in problems)
    # Without its includes: one that cannot be resolved would end the build.
    rest = [line for line in markdown.splitlines() if "8<--" not in line]
    notice = f'<div class="admonition failure"><ul>{items}</ul></div>'
    return "\n".join([notice, "", *rest])
