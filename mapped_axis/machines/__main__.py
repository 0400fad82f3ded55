"""Ask JAX anew: ``python -m mapped_axis.machines`` writes the file of each scene."""

from mapped_axis.machines.ask import ask_all
from mapped_axis.machines.table import dump, path_of

if __name__ == "__main__":
    for name, content in ask_all().items():
        path = path_of(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(dump(content), encoding="utf-8")
