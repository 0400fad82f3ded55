"""What asks JAX says in one sentence that it got no answer."""

import os

import pytest

from mapped_axis.asking import answer_of, environment, keeping_compiled
from mapped_axis.project import Project


def test_a_process_that_fails_is_named():
    with pytest.raises(
        RuntimeError, match=r"^the process mapped_axis\.nowhere ended wi"
    ):
        answer_of("mapped_axis.nowhere", os.environ)


def test_a_process_that_never_ends_is_ended():
    with pytest.raises(
        RuntimeError, match=r"^the process this is not done after 0\.01 "
    ):
        answer_of("this", os.environ, limit=0.01)


def test_what_is_compiled_lies_in_the_cache_unless_the_environment_says_where(
    tmp_path, monkeypatch
):
    name = "JAX_COMPILATION_CACHE_DIR"
    monkeypatch.delenv(name, raising=False)
    assert keeping_compiled(Project(tmp_path))[name] == f"{tmp_path}/.cache/compiled"
    monkeypatch.setenv(name, "/there")
    assert keeping_compiled(Project(tmp_path))[name] == "/there"


def test_devices_are_simulated_only_where_they_are_asked_for(monkeypatch):
    monkeypatch.delenv("JAX_NUM_CPU_DEVICES", raising=False)
    assert environment(8)["JAX_NUM_CPU_DEVICES"] == "8"
    assert "JAX_NUM_CPU_DEVICES" not in environment()
