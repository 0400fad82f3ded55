"""The one form of a file of measured times, which `pages.tables` and a notebook draw.

A file holds what `measured` returns. A script that measures lies beside the page that
shows its times: docs/devices/slow-while/measure.py, docs/further/speed/measure.py.
"""

import datetime
import os
import platform
from collections.abc import Mapping
from typing import Any

import jax
import numpy as np

# By what is measured; then by the value that is varied, and by the form of the program.
Seconds = Mapping[str, Mapping[str, Mapping[str, float]]]


def measured(
    seconds: Seconds, rounds: int, load: float, **settings: int
) -> dict[str, Any]:
    """Return times with when and where they were measured.

    Args:
        seconds: medians in seconds.
        rounds: how often each was measured.
        load: how many programs were at work, on average in the minute before.
        settings: what was the same for all of them.
    """
    return {
        "date": datetime.date.today().isoformat(),
        "machine": {
            "cores": os.cpu_count(),
            "system": platform.system(),
            "architecture": platform.machine(),
            "device": jax.default_backend(),
            "load": round(load, 1),
        },
        "versions": {
            "Python": platform.python_version(),
            "JAX": jax.__version__,
            "NumPy": np.__version__,
        },
        "rounds": rounds,
        "settings": settings,
        "seconds": seconds,
    }
