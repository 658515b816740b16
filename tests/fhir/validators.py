"""Two validators of FHIR R4 that others made: HL7's own JSON schema, and fhirkit."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

import fhirkit
import jsonschema

from tests.factories import CONTENT

Json = dict[str, Any]


@cache
def _schema(resource_type: str) -> jsonschema.Draft6Validator:
    """HL7's schema, beginning at one resource, so that an error is named where it stands."""
    whole = json.loads((CONTENT / "fhir-r4-questionnaire.schema.json").read_text(encoding="utf-8"))
    return jsonschema.Draft6Validator(
        {"$schema": whole["$schema"], "definitions": whole["definitions"], "$ref": f"#/definitions/{resource_type}"}
    )


def by_schema(resource: Json, resource_type: str) -> list[str]:
    """What HL7's JSON schema finds."""
    return [f"{error.json_path}: {error.message}" for error in _schema(resource_type).iter_errors(resource)]


def by_fhirkit(resource: Json) -> list[str]:
    """What fhirkit finds."""
    return [f"{issue.path}: {issue.message}" for issue in fhirkit.validate(resource)]
