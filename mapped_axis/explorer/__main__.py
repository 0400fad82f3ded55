"""Ask JAX anew: ``python -m mapped_axis.explorer``, or ``make tables``."""

from mapped_axis.explorer.ask import dump, make
from mapped_axis.explorer.table import PATH

if __name__ == "__main__":
    PATH.write_text(dump(make()[0]), encoding="utf-8")
