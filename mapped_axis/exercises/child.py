"""Runs what a reader wrote, and the check after it: a script for a process of its own.

`attempt` starts it, isolated from the folder that it runs in, so it imports nothing of
this project. It reads what to run from its input, and writes its verdict to the file
descriptor that it is told. What a program does to its process is for `attempt` to see.
"""

import contextlib
import json
import os
import sys
import traceback
import types
from typing import TextIO, cast

MOST = 2000  # characters of an error, and of the end of what the check prints


class Heard:
    """A stream that passes on what is written, and keeps the end of it."""

    def __init__(self, stream: TextIO) -> None:
        """Write to ``stream``."""
        self.stream = stream
        self.end = ""

    def write(self, text: str) -> int:
        """Write a text."""
        self.end = (self.end + text)[-MOST:]
        return self.stream.write(text)

    def __getattr__(self, name: str) -> object:
        """Be the stream in all else."""
        return getattr(self.stream, name)


def said(error: BaseException, texts: dict[str, str]) -> str:
    """Return an error in words, with the places in the reader's program that led to it.

    Args:
        error: what was raised.
        texts: by the name of each program, its text.
    """
    says = "".join(traceback.format_exception_only(error)).strip()[:MOST]
    if isinstance(error, SyntaxError):
        return f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    places = []
    for frame in traceback.extract_tb(error.__traceback__):
        if frame.filename in texts and frame.lineno:
            line = texts[frame.filename].splitlines()[frame.lineno - 1].strip()
            places.append(f"  {frame.filename}, line {frame.lineno}: {line}")
    return "\n".join([says, *places[-4:]])


def main() -> None:
    """Run the two programs that the input names, and write the verdict."""
    told = json.load(sys.stdin)
    name, written, check = told["name"], told["written"], told["check"]
    verdict = os.fdopen(told["verdict"], "w")
    module = types.ModuleType("__main__")
    module.__file__ = told["file"]
    sys.modules["__main__"] = module
    sys.argv = [told["file"]]
    texts = {name: written, "the check": check}
    solved, says = False, ""
    heard = Heard(sys.stdout)
    try:
        for file, text in texts.items():
            sys.stdout = cast(TextIO, heard)
            heard.end = ""
            # The check is made of assertions, which -O would leave out.
            program = compile(text, file, "exec", dont_inherit=True, optimize=0)
            exec(program, vars(module))  # noqa: S102
        solved = heard.end.splitlines()[-1:] == ["solved"]
    except BaseException as error:  # noqa: BLE001 - sys.exit is one
        says = said(error, texts)
    with contextlib.suppress(ValueError):  # it is closed
        heard.stream.flush()
    json.dump({"solved": solved, "says": says}, verdict)
    verdict.close()
    os._exit(0)  # without waiting for threads


if __name__ == "__main__":
    main()
