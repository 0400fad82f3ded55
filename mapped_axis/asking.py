"""How JAX is asked: in which environment, for a process of its own.

JAX counts the devices once per process, and the process that asks may have begun.
"""

import os

from mapped_axis.project import HERE, Project


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
