"""Serve the site to an author, and run each example that is edited."""

import argparse
import errno
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import NoReturn

from mapped_axis.pages.extension import SERVING
from mapped_axis.project import Project

HOST = "127.0.0.1"


def port_of(text: str) -> int:
    """Return a port that somebody wrote.

    Raises:
        argparse.ArgumentTypeError: it is none.
    """
    if not (text.isdecimal() and 0 < int(text) < 2**16):
        raise argparse.ArgumentTypeError(
            f"{text} is no port; choose one up to 65535: make serve PORT=8001"
        )
    return int(text)


def check_port(port: int) -> None:
    """Refuse a port that the server could not have, before anything is built.

    Raises:
        SystemExit: the port is in use, or not for us.
    """
    with socket.socket() as probe:
        # As the server itself will do: a port that was left a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise SystemExit(f"cannot serve at {HOST}:{port}: {error}") from error
            raise SystemExit(
                f"port {port} is in use; stop what uses it, or choose another: "
                f"make serve PORT={port + 1}"
            ) from error


def main() -> NoReturn:
    """Start the process that runs edited examples, and become the server."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--port", type=port_of, default=8000)
    port = parser.parse_args().port
    check_port(port)
    failures = Project(Path.cwd()).cache / "failures" / "failures.json"
    failures.parent.mkdir(parents=True, exist_ok=True)
    failures.unlink(missing_ok=True)  # of an earlier server
    os.environ |= {"NO_MKDOCS_2_WARNING": "1", SERVING: str(failures)}
    subprocess.Popen([sys.executable, "-m", "mapped_axis.serve.watch", failures])
    serve = [sys.executable, "-m", "mkdocs", "serve", "--no-strict"]
    serve += ["--dev-addr", f"{HOST}:{port}", "--watch", str(failures.parent)]
    # Ctrl-C is the server's own affair, and what watches ends when the server does. A
    # script that starts this in the background has it ignored: then it would never end.
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    os.execv(serve[0], serve)


if __name__ == "__main__":
    main()
