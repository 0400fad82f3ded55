"""Run all scenes on eight simulated devices, in a process of its own.

JAX counts the devices once per process, and the process that asks may have begun.
"""

import json
import sys
import traceback
from pathlib import Path

from mapped_axis import asking
from mapped_axis.machines.table import DEVICES, SCENES, Scene
from mapped_axis.project import shown


def ask_all() -> dict[str, Scene]:
    """Return what JAX says now, by the name of the scene.

    Raises:
        RuntimeError: a program of a scene is wrong, or gives other values than the
            collective that it takes apart, or is not done in time.
    """
    scenes: dict[str, Scene] = asking.answer_of(__name__, asking.environment(DEVICES))
    faults = [scene["fault"] for scene in scenes.values() if "fault" in scene]
    if faults:
        raise RuntimeError("\n".join(faults))
    return scenes


def recorded(name: str) -> Scene:
    """Return a scene as its program returns it, or only a ``fault``: what is wrong, where.

    Args:
        name: one of `SCENES`.
    """
    from mapped_axis.machines import scenes

    file = Path(scenes.__file__)
    try:
        if name not in vars(scenes):
            return {"fault": f"{shown(file)}:1: no function {name}; write it."}
        scene: Scene = vars(scenes)[name]()
        return scene
    except Exception as error:  # noqa: BLE001 - of any kind: the parent reports it
        frames = traceback.extract_tb(error.__traceback__)
        line = [frame.lineno for frame in frames if frame.filename == str(file)][-1]
        says = f"the scene {name}: {type(error).__name__}: {error}; mend it."
        return {"fault": f"{shown(file)}:{line}: {says}"}


def _serve() -> None:
    """Write all scenes as one JSON document."""
    json.dump({name: recorded(name) for name in SCENES}, sys.stdout)


if __name__ == "__main__":
    _serve()
