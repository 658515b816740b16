"""A new version is for new forms: one that was begun stays with the version it was begun with, to its end."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from intake.accounts.staff import Role
from intake.consultations import catalogue
from tests.patient.test_in_person import SKIP, offers
from tests.patient.visitor import Visitor
from tests.staffroom import House

Publish = Callable[[str], None]


@pytest.fixture
def publish(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, house: House) -> Iterator[Publish]:
    """Publishes a version beside the first, which is the only one until then."""
    published, folder = catalogue.SHIPPED, tmp_path / "published"
    folder.mkdir()
    monkeypatch.setattr(catalogue, "SHIPPED", folder)

    def version(number: str) -> None:
        name = f"nk-intake-{number}.yaml"
        (folder / name).write_bytes((published / name).read_bytes())
        catalogue.shipped.cache_clear()
        house.app.extensions["intake"] = replace(house.intake, forms=catalogue.shipped())

    version("1.0.0")
    yield version
    catalogue.shipped.cache_clear()


def test_a_form_begun_before_a_new_version_is_sent_with_its_own(
    publish: Publish, visit: Callable[[], Visitor], house: House
) -> None:
    before = visit().begin()
    publish("1.1.0")
    after = visit().begin()
    assert (offers(before.go("page-life")), offers(after.go("page-life"))) == (False, True)
    assert before.fill(button=SKIP).status == 400
    assert after.fill(button=SKIP).path == "/questionnaire/page-last"
    versions = {}
    for visitor in (before, after):
        visitor.get("/check")
        reference = visitor.send()
        [(versions[reference],)] = house.rows(
            "SELECT questionnaire FROM questionnaire_response WHERE reference = :one", one=reference
        )
    assert [canonical.rpartition("|")[2] for canonical in versions.values()] == ["1.0.0", "1.1.0"]
    clinician = house.signed_in(Role.CLINICIAN)
    for (id,) in house.rows("SELECT id FROM questionnaire_response"):
        assert clinician.get(f"/clinician/responses/{id}/answers").status_code == 200
