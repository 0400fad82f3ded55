"""Ask JAX anew: ``python -m mapped_axis.explorer``, or ``make tables``."""

from mapped_axis.explorer.ask import dump, make
from mapped_axis.explorer.table import PATH
from mapped_axis.project import replace_text

if __name__ == "__main__":
    replace_text(PATH, dump(make()[0]))
