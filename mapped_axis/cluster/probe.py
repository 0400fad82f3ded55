"""What a process under a launcher sees of itself, and leaves as a file: run, not imported.

It stands in for the training program of `docs/devices/launchers.md`: it takes nothing but
what `jax.distributed.initialize()` finds, computes across all processes, and writes
``seen-RANK.json`` into the folder that ``PROBE`` names. Process 1 ends with the exit status
``PROBE_STATUS``, so that it can be seen what its launcher makes of it.
"""

import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import jax
from jax._src.clusters import k8s_cluster, ompi_cluster, slurm_cluster
from jax._src.distributed import global_state
from jax.experimental import multihost_utils

from mapped_axis.cluster.world import OUTER

if not jax.distributed.is_initialized():
    jax.distributed.initialize()

# What JAX reads the rank of a process from, where a launcher says it by a variable.
RANKS = [
    ompi_cluster._PROCESS_ID,
    slurm_cluster._PROCESS_ID,
    "JOB_COMPLETION_INDEX",
]
assert "JOB_COMPLETION_INDEX" in Path(k8s_cluster.__file__).read_text()


# An IPv4 address as a socket of IPv6 has it.
_MAPPED = re.compile(r"\[::ffff:([\d.]+)\]")


def reached(port: int) -> bool:
    """Return whether a port answers on the address of this machine in a network."""
    try:
        socket.create_connection((OUTER, port), timeout=5).close()
    except OSError:
        return False
    return True


def listening() -> list[dict[str, object]]:
    """Return each port that is open on this machine."""
    command = ["ss", "--no-header", "--listening", "--tcp", "--numeric", "--processes"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: list[dict[str, object]] = []
    for line in said.splitlines():
        local, users = line.split()[3], line.partition('users:(("')[2]
        address, _, port = local.rpartition(":")
        found.append(
            {
                "address": _MAPPED.sub(r"\1", address),
                "port": int(port),
                "program": users.partition('"')[0],
                "reached": reached(int(port)),
            }
        )
    return found


rank = jax.process_index()
multihost_utils.sync_global_devices("all are connected")
seen = {
    "rank": rank,
    "variables": [name for name in RANKS if os.environ.get(name) == str(rank)],
    "coordinator": global_state.coordinator_address,
    "local devices": jax.local_device_count(),
    "devices": jax.device_count(),
    "listening": listening() if rank == 0 else [],
}
(Path(os.environ["PROBE"]) / f"seen-{rank}.json").write_text(json.dumps(seen))
multihost_utils.sync_global_devices("all have looked")
print(f"written to stdout by process {rank}")
sys.stdout.flush()
if rank == 1:
    sys.exit(int(os.environ.get("PROBE_STATUS", "0")))
