"""A machine of its own for what `make cluster` runs.

It is made of Linux namespaces, without rights and without a daemon. In it

* all processes are those of the run, and the kernel ends every one of them when the first
  one ends, however that happens: none can leave its group, its session or its parent;
* the network is its own: nobody outside can reach a port of it, none of its ports is taken,
  and nothing in it reaches further. It has two addresses, that of the loopback device and
  one that stands for the network of a machine, so that it can be told which of the two a
  port is open on;
* ``/run``, ``/dev/shm`` and all temporary files are in memory, and go with it.

The process of whoever calls becomes the one that waits for it, and dies with its parent.
"""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

HOST = "node"  # the name of the machine
OUTER = "192.0.2.1"  # its address in a network: one that is there for documentation
LOOPBACK = "127.0.0.1"

# The second ends the namespaces where their parent is gone; the first ends the second.
_ENTER = [
    *("setpriv", "--pdeathsig", "KILL"),
    *("unshare", "--user", "--map-root-user", "--net", "--mount", "--uts", "--ipc"),
    *("--pid", "--fork", "--kill-child=KILL", "--mount-proc"),
]
NEEDS = ("setpriv", "unshare", "ip", "mount")

HOSTS = f"{LOOPBACK} localhost\n{OUTER} {HOST}\n"
SCRATCH = Path("/run/tmp")


def missing() -> str:
    """Say what this system lacks to make such a machine, or return ""."""
    for command in NEEDS:
        if not shutil.which(command):
            return f"the command {command} (it comes with util-linux or iproute2)"
    tried = subprocess.run(
        [*_ENTER, "true"], capture_output=True, text=True, check=False
    )
    if tried.returncode:
        return f"the right to make namespaces ({tried.stderr.strip()})"
    return ""


def enter(arguments: Sequence[str]) -> None:
    """Become the process that waits for a Python with these arguments in there.

    Does not return.
    """
    sys.stdout.flush()
    # What Python is told of where its modules are goes along; `settle` sets all else.
    command = [*_ENTER, sys.executable, *arguments]
    os.execvp(command[0], command)


def settle() -> dict[str, str]:
    """Furnish the machine; the first process in it calls this once.

    Returns:
        The environment for what runs in it.
    """
    socket.sethostname(HOST)
    for command in (
        ["ip", "link", "set", "lo", "up"],
        ["ip", "address", "add", f"{OUTER}/32", "dev", "lo"],
        ["mount", "-t", "tmpfs", "none", "/run"],
        ["mount", "-t", "tmpfs", "none", "/dev/shm"],
    ):
        subprocess.run(command, check=True)
    home = Path("/run/home")
    for folder in (SCRATCH, home):
        folder.mkdir()
    hosts = Path("/run/hosts")
    hosts.write_text(HOSTS, encoding="utf-8")
    subprocess.run(["mount", "--bind", hosts, "/etc/hosts"], check=True)
    path = [str(Path(sys.executable).parent), "/usr/local/sbin", "/usr/local/bin"]
    path += ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(home),
        "TMPDIR": str(SCRATCH),
        "LANG": "C.UTF-8",
        "HOSTNAME": HOST,
        # On CPUs; how many a process has, an example or its launcher says.
        "JAX_PLATFORMS": "cpu",
        "PYTHONDONTWRITEBYTECODE": "1",
    }
