"""Tiny questionnaires, written as YAML in the tests that need them."""

from __future__ import annotations

import textwrap

from intake.questionnaire.loader import loads
from intake.questionnaire.model import Questionnaire

HEAD = """\
resourceType: Questionnaire
id: tiny
url: https://example.org/fhir/Questionnaire/tiny
version: 1.0.0
name: Tiny
title: Tiny
status: active
language: en
item:
  - linkId: section
    type: group
    text: Section
    x-kind: section
    item:
"""


def page(name: str, items: str) -> str:
    """The YAML of one page; `items` is the YAML list of what stands on it."""
    head = f"- linkId: {name}\n  type: group\n  text: {name}\n  x-kind: page\n  item:\n"
    return textwrap.indent(head + textwrap.indent(textwrap.dedent(items).strip("\n"), "    "), "      ") + "\n"


def question(link_id: str, kind: str = "string", **keys: str) -> str:
    """The YAML of one question; keys are written with `_` for `-`, and their values as YAML."""
    if kind in ("string", "text"):
        keys.setdefault("maxLength", "100")
    keys.setdefault("x_label", f"label of {link_id}")
    lines = [f"- linkId: {link_id}", f"type: {kind}", f"text: {link_id}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in keys.items()]
    return "\n  ".join(lines) + "\n"


CHECK = page("page-check", question("declare", "boolean", x_must_be_true="true"))


def tiny(*pages: str) -> Questionnaire:
    """A questionnaire of these pages and a check page."""
    return loads(HEAD + "".join(pages) + CHECK, "tiny.yaml")
