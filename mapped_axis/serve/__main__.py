"""MkDocs hook: `mkdocs serve` says so to the other hooks, and refuses a busy port.

They read ``config.extra["serving"]``.
"""

import errno
import socket

from mkdocs.exceptions import Abort

_serving = False
_port_checked = False


def on_startup(command, dirty):
    """Remember whether this is ``mkdocs serve``."""
    global _serving
    _serving = command == "serve"


def on_config(config):
    """Tell the other hooks; refuse a busy port at once, and not after the first build.

    Raises:
        Abort: the address of the server is in use.
    """
    global _port_checked
    config.extra["serving"] = _serving
    if _serving and not _port_checked:
        _check_port(*config.dev_addr)
        _port_checked = True
    return config


def _check_port(host, port):
    """Refuse an address that the server could not have."""
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
