"""How JAX is asked: in a process of its own, and in which environment.

JAX counts the devices once per process, and the process that asks may have begun.
"""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from typing import Any

from mapped_axis.project import HERE, Project

TIME_LIMIT = 1800.0  # seconds for all that a process is asked; most takes a few minutes


def keeping_compiled(project: Project) -> dict[str, str]:
    """Return the variables that make JAX keep what XLA compiled, however small it is.

    Args:
        project: in whose cache it lies, unless the environment names another folder.
    """
    folder = os.environ.get("JAX_COMPILATION_CACHE_DIR", project.cache / "compiled")
    return {
        "JAX_COMPILATION_CACHE_DIR": str(folder),
        "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
        "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
        # What these caches hold is for GPUs; their folder would be a part of every key.
        "JAX_PERSISTENT_CACHE_ENABLE_XLA_CACHES": "none",
    }


def environment(devices: int | None = None) -> dict[str, str]:
    """Return the environment of a process that asks JAX, on the CPU.

    Args:
        devices: how many simulated devices it has, or None if what it runs says so.
    """
    simulated = {} if devices is None else {"JAX_NUM_CPU_DEVICES": str(devices)}
    return {
        **os.environ,
        **keeping_compiled(HERE),
        "JAX_PLATFORMS": "cpu",
        **simulated,
        "TF_CPP_MIN_LOG_LEVEL": "2",  # XLA would speak of what costs it much
    }


def answer_of(
    module: str,
    environment: Mapping[str, str],
    question: Any = None,
    limit: float = TIME_LIMIT,
) -> Any:
    """Return what a module answers that is run in a process of its own.

    Args:
        module: its name. It reads one JSON document and prints another.
        environment: that of the process.
        question: what it reads.
        limit: seconds that it may take.

    Raises:
        RuntimeError: it failed, or was not done in time. What it said of that stands on
            stderr.
    """
    try:
        answered = subprocess.run(
            [sys.executable, "-m", module],
            cwd=HERE.root,
            env=environment,
            input=json.dumps(question),
            stdout=subprocess.PIPE,
            text=True,
            timeout=limit,
            check=True,
        )
    except subprocess.CalledProcessError as error:
        says = f"the process {module} ended with {error.returncode}"
        raise RuntimeError(f"{says}; what it said stands above.") from error
    except subprocess.TimeoutExpired as error:
        says = f"the process {module} is not done after {limit:g} seconds"
        raise RuntimeError(f"{says}; find what never ends.") from error
    return json.loads(answered.stdout)
