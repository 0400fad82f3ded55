"""Whether the entries of the glossary lead to where their terms are shown."""

import re

from mapped_axis.examples.grammar import Problem
from mapped_axis.pages import links
from mapped_axis.pages.headings import heading_of
from mapped_axis.pages.terms import ENTRY, PAGE
from mapped_axis.project import Project


def term_problems(project: Project) -> list[Problem]:
    """Return the entries of the glossary that cannot be read, or lead elsewhere.

    What an entry links to, a section or a page, has each word of its term, or another form
    of it: one that begins with the same letters.
    """
    path = project.docs / PAGE
    if not path.is_file():
        return []
    text = path.read_text(encoding="utf-8")
    entries = {entry.start(): entry for entry in ENTRY.finditer(text)}
    problems = []
    for heading in re.finditer(r"^### ", text, re.MULTILINE):
        line = text.count("\n", 0, heading.start()) + 1
        entry = entries.get(heading.start())
        if entry is None:
            says = (
                "no term; write ### NAME { #name }, and below it Words. [Shown](PAGE)."
            )
            problems.append(Problem(path, line, says))
            continue
        shows = _shown_at(entry["shown"], project)
        stems = _stems(entry["term"])
        if missing := [stem for stem in stems if not re.search(rf"\b{stem}", shows)]:
            says = f"{entry['shown']} does not say {entry['term']!r} ({missing[0]}…); "
            says += "link the section that shows it."
            problems.append(Problem(path, line, says))
    return problems


def _shown_at(link: str, project: Project) -> str:
    """Return what a link of the glossary leads to, as it is written, in small letters."""
    page, name = links.target(PAGE, link) or ("", "")
    path = project.docs / page
    lines = path.read_text("utf-8").splitlines() if path.is_file() else []
    if name:
        inside, found = False, []
        for line in lines:
            if heading := heading_of(line):
                inside = heading[0] == name
            found += [line] if inside else []
        lines = found
    return "\n".join(lines).lower()


def _stems(term: str) -> list[str]:
    """Return how the words of a term begin, without what other forms end in."""
    return [word[:5].rstrip("y") for word in re.findall(r"\w+", term.lower())]
