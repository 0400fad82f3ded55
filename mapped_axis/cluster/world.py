"""A machine of its own for what `make cluster` runs.

It is made of Linux namespaces, which needs no rights and no daemon. In it

* all processes are those of the run, and the kernel ends every one of them when the first
  one ends, however that happens: none can leave its group, its session or its parent;
* what runs is an ordinary user of it, and not root, so that each launcher is as it is where
  people use it;
* the network is its own: nobody outside can reach a port of it, none of its ports is taken,
  and nothing in it reaches further. It has two addresses, that of the loopback device and
  one that stands for the network of a machine, so that it can be told which of the two a
  port is open on;
* ``/run``, ``/dev/shm`` and all temporary files are in memory, and go with it.

It ends with the process that made it, whatever ends that, and however.
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

# Before a command: it is run by an ordinary user of that machine.
AS_USER = ("unshare", "--user", "--map-user=1000", "--map-group=1000")
USER = "me"
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

# What programs look up there, and find.
_ETC = {
    "hosts": f"{LOOPBACK} localhost {HOST}\n",
    "passwd": f"root:x:0:0::/root:/bin/sh\n{USER}:x:1000:1000::/run/home:/bin/sh\n",
    "group": f"root:x:0:\n{USER}:x:1000:\n",
}
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


def enter(arguments: Sequence[str]) -> int:
    """Run a Python with these arguments in there, to its end or to a signal.

    Returns:
        Its exit status; of one that a signal ended, 128 and the number of the signal, as
        a shell has it.
    """
    sys.stdout.flush()
    # What Python is told of where its modules are goes along; `settle` sets all else. In
    # a session of its own: a signal from a terminal comes to this process alone.
    process = subprocess.Popen(
        [*_ENTER, sys.executable, *arguments], start_new_session=True
    )
    ended: list[int] = []

    def end(number: int, _: object) -> None:
        ended.append(number)
        process.kill()  # and with it all that is in there

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, end)
    status = process.wait()
    if ended:
        return 128 + ended[0]
    return status if status >= 0 else 128 - status


def settle() -> dict[str, str]:
    """Furnish the machine; the first process in it calls this once.

    Returns:
        The environment for what runs in it.
    """
    socket.sethostname(HOST)
    for command in (
        ["ip", "link", "set", "lo", "up"],
        # A cable whose other end is plugged into nothing.
        ["ip", "link", "add", "eth0", "type", "veth", "peer", "name", "away"],
        ["ip", "address", "add", f"{OUTER}/24", "dev", "eth0"],
        ["ip", "link", "set", "eth0", "up"],
        ["ip", "link", "set", "away", "up"],
        ["mount", "-t", "tmpfs", "none", "/run"],
        ["mount", "-t", "tmpfs", "none", "/dev/shm"],
    ):
        subprocess.run(command, check=True)
    home = Path("/run/home")
    for folder in (SCRATCH, home):
        folder.mkdir()
    for name, text in _ETC.items():
        file = Path("/run/etc") / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
        subprocess.run(["mount", "--bind", file, Path("/etc") / name], check=True)
    path = [str(Path(sys.executable).parent), "/usr/local/sbin", "/usr/local/bin"]
    path += ["/usr/sbin", "/usr/bin", "/sbin", "/bin"]
    return {
        "PATH": os.pathsep.join(path),
        "HOME": str(home),
        "TMPDIR": str(SCRATCH),
        "USER": USER,
        "LANG": "C.UTF-8",
        "HOSTNAME": HOST,
        # On CPUs; how many a process has, an example or its launcher says.
        "JAX_PLATFORMS": "cpu",
    }
