"""What the tests of examples need: a project of its own, from texts."""

import pytest

from mapped_axis.project import Project
from support.sites import lay_out


@pytest.fixture
def house(tmp_path):
    """Return a function that lays out a project from a dictionary of texts."""

    def build(files):
        project = Project(tmp_path)
        project.docs.mkdir()
        project.snippets.mkdir()
        lay_out(tmp_path, files)
        return project

    return build
