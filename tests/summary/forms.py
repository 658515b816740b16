"""Forms for tests of the summary beside the published one: one without rules of its own, and a version in other
words."""

from __future__ import annotations

from dataclasses import replace

from intake.consultations import catalogue
from intake.questionnaire import loader
from intake.questionnaire.model import Item, Questionnaire

PLAIN = """
resourceType: Questionnaire
id: first-visit-test
url: https://example.org/fhir/Questionnaire/first-visit-test
version: 2.3.4
name: FirstVisitTest
title: First visit
status: active
subjectType: [Patient]
language: en
item:
- {linkId: s1, type: group, text: About you, x-kind: section, item: [
    {linkId: p1, type: group, text: You, x-kind: page, item: [
      {linkId: who, type: string, text: Your name, required: 'true', maxLength: '80', x-label: Name, x-role: name},
      {linkId: born, type: date, text: Date of birth, required: 'true', x-min: '1900-01-01', x-max: today, x-label: Born, x-role: birth-date},
      {linkId: town, type: string, text: Where do you live?, required: 'false', maxLength: '80', x-label: Town},
      {linkId: coming, type: choice, text: How do you come?, required: 'false', repeats: 'true', x-label: Comes, x-exclusive: [none],
       answerOption: [{code: bus, display: By bus}, {code: walk, display: I walk, x-short: walking}, {code: none, display: None of these},
                      {code: declined, display: I'd rather not say}]}]}]}
- {linkId: s2, type: group, text: Medicines, x-kind: section, item: [
    {linkId: p2, type: group, text: What you take, x-kind: page, item: [
      {linkId: taking, type: group, text: What do you take?, x-kind: rows, repeats: 'true', x-row-label: Medicine, x-add-label: Add one, x-max-rows: '5', item: [
        {linkId: what, type: string, text: What is it called?, required: 'true', maxLength: '80', x-row-required: 'true', x-label: Called},
        {linkId: since, type: date, text: Since when?, required: 'false', x-partial-date: 'true', x-min: '1900-01-01', x-max: today, x-unknown: 'true', x-label: Since}]},
      {linkId: more, type: text, text: Anything else?, required: 'false', maxLength: '500', x-label: Else}]}]}
- {linkId: s3, type: group, text: Finish, x-kind: section, item: [
    {linkId: p3, type: group, text: Check and send, x-kind: page, item: [
      {linkId: sure, type: boolean, text: This is right., required: 'true', x-must-be-true: 'true', x-label: Statement}]}]}
"""


def plain_form() -> Questionnaire:
    """A form that no rule knows. Raises QuestionnaireError."""
    return loader.loads(PLAIN, "first-visit-test.yaml")


def reworded() -> Questionnaire:
    """The published form as 1.9.0, each way that a pregnancy can end in other words."""

    def in_other_words(item: Item) -> Item:
        options = item.options
        if item.link_id == "preg-outcome":
            options = tuple(replace(one, display=f"Other words for {one.code}", short=None) for one in item.options)
        return replace(item, options=options, items=tuple(map(in_other_words, item.items)))

    published = catalogue.shipped().active
    return replace(published, version="1.9.0", items=tuple(map(in_other_words, published.items)))
