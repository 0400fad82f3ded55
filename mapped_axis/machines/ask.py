"""Run all scenes on eight simulated devices, in a process of its own.

JAX counts the devices once per process, and the process that asks may have begun.
"""

import json
import subprocess
import sys

from mapped_axis import asking
from mapped_axis.machines.table import DEVICES, SCENES, Scene
from mapped_axis.project import HERE


def ask_all() -> dict[str, Scene]:
    """Return what JAX says now, by the name of the scene.

    Raises:
        subprocess.CalledProcessError: a program of a scene is wrong, or gives other
            values than the collective that it takes apart; stderr has the traceback.
    """
    answered = subprocess.run(
        [sys.executable, "-m", __name__],
        cwd=HERE.root,
        env=asking.environment(DEVICES),
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    scenes: dict[str, Scene] = json.loads(answered.stdout)
    return scenes


def _serve() -> None:
    """Write all scenes as one JSON document."""
    from mapped_axis.machines import scenes

    programs = vars(scenes)
    json.dump({name: programs[name]() for name in SCENES}, sys.stdout)


if __name__ == "__main__":
    _serve()
