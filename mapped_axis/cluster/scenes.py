"""The tables of `make cluster`: each row is made by runs, none is typed.

A table is a list of scenes. A scene is a function that is given a running ground, with the
files of the table's page in its folder, and returns its rows: their cells by their column.
"""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import NamedTuple, TypeAlias

from mapped_axis.cluster import faults, launchers
from mapped_axis.cluster.grounds import Running

Row: TypeAlias = dict[str, str]


class Scene(NamedTuple):
    """What makes rows of a table.

    Args:
        ground: the name of what it runs on.
        rows: makes the rows.
    """

    ground: str
    rows: Callable[[Running], list[Row]]


class Table(NamedTuple):
    """A table whose rows come from runs.

    Args:
        page: the page that shows it, such as ``devices/launchers``: the files that lie
            beside its examples are those of its scenes too.
        scenes: what makes its rows, in order.
        sources: what else its rows depend on: files, by their path below the root.
    """

    page: str
    scenes: tuple[Scene, ...]
    sources: tuple[str, ...] = ()


_PAGE = "devices/launchers"
_SOURCES = ("mapped_axis/cluster/launchers.py", "mapped_axis/cluster/probe.py")

TABLES: Mapping[str, Table] = MappingProxyType(
    {
        "launchers": Table(
            _PAGE,
            tuple(Scene(name, decides) for name, decides in launchers.DECIDES.items()),
            _SOURCES,
        ),
        "ports": Table(
            _PAGE,
            tuple(Scene(name, ports) for name, ports in launchers.PORTS),
            _SOURCES,
        ),
        "faults": Table(
            "devices/faults",
            tuple(Scene("mpi", function) for function in faults.FUNCTIONS),
            ("mapped_axis/cluster/faults.py",),
        ),
    }
)
