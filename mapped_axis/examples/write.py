"""Writes what `grammar` reads: an example file, or a new output into one."""

from mapped_axis.examples.grammar import CONT, OUTPUT, Block, Example
from mapped_axis.project import replace_text


def example_text(
    *parts: str, output: str | None = None, language: str = "python"
) -> str:
    """Return the text of an example file.

    Args:
        parts: the parts of the program, each ending with a line end.
        output: what it prints, ending with a line end, or None for no output.
        language: ``python`` or ``sh``.
    """
    blocks = [Block(language, 0, 0, part).fenced for part in parts]
    text = f"\n{CONT}\n\n".join(blocks)
    return text if output is None else f"{text}\n{_output(output)}"


def write_output(example: Example, printed: str) -> None:
    """Write what an example prints into its file, and change nothing else.

    Args:
        example: the `Example` as it was read.
        printed: the text, ending with a line end.
    """
    lines = example.path.read_text(encoding="utf-8").splitlines(keepends=True)
    if example.output:
        lines[example.output.line : example.output.end - 1] = [printed]
    else:
        end = example.code[-1].end
        lines[end:end] = [f"\n{_output(printed)}"]
    replace_text(example.path, "".join(lines))


def _output(printed: str) -> str:
    """Return an output with the mark before it."""
    return f"{OUTPUT}\n\n{Block('text', 0, 0, printed).fenced}"
