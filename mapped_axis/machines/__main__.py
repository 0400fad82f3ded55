"""Ask JAX anew: ``python -m mapped_axis.machines`` writes the file of each scene."""

from mapped_axis.machines.ask import ask_all
from mapped_axis.machines.table import dump, path_of
from mapped_axis.project import replace_text

if __name__ == "__main__":
    for name, content in ask_all().items():
        replace_text(path_of(name), dump(content))
