"""Exports of a form without rules of its own, and of a form in two wordings: what is derived goes by codes."""

from __future__ import annotations

from intake.consultations import catalogue
from intake.consultations.rules import summarise
from intake.exports.columns import GROUPS
from intake.questionnaire.absence import PagesVisited
from intake.questionnaire.model import Questionnaire
from intake.summary.model import SummarySettings
from tests.consultations.patients import pregnancies, pregnancy, said, transfer, transfers
from tests.exports.reading import by_csv, export_row, zipped
from tests.factories import SENT_ON, random_response
from tests.summary.forms import plain_form, reworded

KINDS = ("very-early-loss", "miscarriage", "ectopic", "molar", "unknown-location", "stillbirth")
HISTORY = pregnancies(*(pregnancy(kind, weeks=9) for kind in KINDS), pregnancy("miscarriage", weeks=20))
TREATMENT = transfers(transfer("negative", embryos=2), transfer("miscarriage"))


def test_a_form_without_rules_has_no_derived_columns() -> None:
    form = plain_form()
    rows = [export_row(form, random_response(form, seed), str(seed)) for seed in range(5)]
    files = zipped(form, rows, groups=GROUPS)
    lines = by_csv(files["responses.csv"])
    assert [line["reference"] for line in lines] == ["0", "1", "2", "3", "4"]
    assert list(lines[0])[7:] == [
        "who",
        "born",
        "town",
        *(f"coming___{code}" for code in ("bus", "walk", "none", "declined")),
        "more",
        "sure",
    ]
    assert b"derived" not in b"".join(files.values())
    assert len(by_csv(files["taking.csv"])) == sum(len(row.response.rows("taking")) for row in rows)


def counts_of(questionnaire: Questionnaire) -> dict[str, object]:
    made = summarise(
        questionnaire, said(HISTORY, TREATMENT), settings=SummarySettings(), today=SENT_ON, way=PagesVisited()
    )
    return dict(made.counts)


def test_other_words_for_an_option_change_no_key_no_column_and_no_figure() -> None:
    published, other = catalogue.shipped().active, reworded()
    assert other.item("preg-outcome").option_by_code["stillbirth"].words == "Other words for stillbirth"
    assert counts_of(other) == counts_of(published)
    rows = [export_row(one, said(HISTORY, TREATMENT), one.version, **counts_of(one)) for one in (published, other)]
    for columns_of in (published, other):
        first, second = by_csv(zipped(columns_of, rows, groups=GROUPS)["responses.csv"])
        derived, same = (
            {name: cell for name, cell in line.items() if name.startswith("derived.")} for line in (first, second)
        )
        assert derived == same
        assert {name: cell for name, cell in derived.items() if name.startswith("derived.losses.by_kind.")} == {
            f"derived.losses.by_kind.{kind}": "2" if kind == "miscarriage" else "1" for kind in KINDS
        } | {"derived.losses.by_kind.mixed": "0"}
        assert (derived["derived.losses.total"], derived["derived.transfers.results.miscarriage"]) == ("7", "1")
