"""The run elsewhere: it is red on an example that depends on where it runs."""

import datetime
import subprocess
import sys

import pytest

from mapped_axis.examples import elsewhere, tamper
from mapped_axis.examples.write import example_text
from mapped_axis.project import HERE

YEAR = f"{datetime.date.today().year}\n"

# name: (program, its output here, what the message must say)
DEPENDS = {
    "date": ("import datetime\n\nprint(datetime.date.today().year)\n", YEAR, "-20"),
    "clock": ("import time\n\nprint(time.strftime('%Y'))\n", YEAR, "-20"),
    "date-in-shell": ("date +%Y\n", YEAR, "-20"),
    "cores": ("import os\n\nprint(os.cpu_count() > 1)\n", "True\n", "-True\n+False"),
    "may-use": (
        "import os\n\nprint(len(os.sched_getaffinity(0)) > 1)\n",
        "True\n",
        "-True\n+False",
    ),
    "network": (
        "import socket\n\nprint(len(socket.if_nameindex()) > 1)\n",
        "True\n",
        "-True\n+False",
    ),
    "under-test": (
        "import sys\n\nprint('pytest' in sys.modules)\n",
        "True\n",
        "-True\n+False",
    ),
    "variable": (
        "import os\n\nprint('PYTEST_CURRENT_TEST' in os.environ)\n",
        "True\n",
        "-True\n+False",
    ),
    "at-the-end": (
        "import weakref\n\nweakref.finalize(weakref, print, 'end')\nprint(1)\n",
        "1\n",
        "+end",
    ),
    "raises": ("raise ValueError('no')\n", "1\n", "exit status 1\nTraceback"),
    "stderr": (
        "import sys\n\nprint('oh', file=sys.stderr)\nprint(1)\n",
        "1\n",
        "writes to stderr:\noh",
    ),
}
SAME = {
    "loopback": (
        "from socket import create_connection, create_server\n\n"
        + "with create_server(('127.0.0.1', 0)) as server:\n"
        + "    create_connection(server.getsockname()).close()\nprint('connected')\n",
        "connected\n",
    ),
    "jax": ("import jax.numpy as jnp\n\nprint(jnp.arange(3) + 1)\n", "[1 2 3]\n"),
    "shell": ("echo one\necho two >&2\n", "one\ntwo\n"),
}


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    """Return one run over all examples of this file; None where there is no elsewhere."""
    folder = tmp_path_factory.mktemp("elsewhere")
    for name, (program, output, *_) in (DEPENDS | SAME).items():
        language = "sh" if "shell" in name else "python"
        text = example_text(program, output=output, language=language)
        (folder / f"{name}.md").write_text(text)
    result = subprocess.run(
        [sys.executable, "-m", "mapped_axis.examples.elsewhere", str(folder)],
        cwd=HERE.root,
        capture_output=True,
        text=True,
        check=False,
    )
    try:
        elsewhere.make_world(folder)
    except OSError as error:
        # Where it cannot be had, `make elsewhere` itself must be red, and say why.
        assert result.returncode == 2
        assert f"cannot run the examples elsewhere: {error}" in result.stdout
        return None
    return result


@pytest.mark.parametrize("name", DEPENDS)
@pytest.mark.slow
def test_an_example_that_depends_on_where_it_runs_is_found(said, name):
    if said is None:
        return
    assert said.returncode == 1
    (message,) = (
        part for part in said.stdout.split("\n\n") if f"/{name}.md:1: elsewhere" in part
    )
    assert DEPENDS[name][2] in message


@pytest.mark.slow
def test_what_does_not_depend_on_it_is_fine(said):
    if said is None:
        return
    assert not [name for name in SAME if f"/{name}.md" in said.stdout]
    total = len(DEPENDS) + len(SAME)
    assert f"{len(SAME)} of {total} examples print elsewhere the same" in said.stdout


def test_where_no_other_world_can_be_had_it_says_so(monkeypatch, capsys):
    monkeypatch.setenv("PATH", "/nowhere")
    assert elsewhere.main([]) == 2
    assert "needs cc, which is not here" in capsys.readouterr().out


def test_no_example_is_no_success(tmp_path, capsys):
    assert elsewhere.main([str(tmp_path)]) == 1
    assert "0 of 0 examples" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("# A page\n", "one.md:1: "),
        ("```pyhton\nprint(1)\n```\n", "one.md:1: "),
        ("", "one.md:1: no program"),
        (None, "there is no "),
    ],
)
def test_what_is_no_example_is_refused(tmp_path, capsys, text, says):
    file = tmp_path / "one.md"
    if text is not None:
        file.write_text(text)
    for tool in (elsewhere, tamper):
        with pytest.raises(SystemExit, match="2"):
            tool.main([str(file)])
        assert says in capsys.readouterr().err
