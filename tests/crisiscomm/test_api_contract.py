"""Whatever is sent to the interface, it answers as its contract says."""

from datetime import timedelta
from typing import Any

import pytest
import schemathesis
from django.core.wsgi import get_wsgi_application
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from crisiscomm.api import api
from incidents import api_tokens, clock, facts
from incidents.enums import ApiScope
from tests import factories_incidents as incidents

HELD = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
OPERATIONS = [(path, method) for path, methods in api.get_openapi_schema()["paths"].items() for method in methods]


@pytest.mark.long
@pytest.mark.usefixtures("committed")
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_generated_request_breaks_the_interface(path: str, method: str) -> None:
    facts.seed(incidents.reported(), definitions=[incidents.definition()])
    now = clock.now()
    grant = api_tokens.Grant("robot", tuple(ApiScope), now + timedelta(days=1))
    headers = {"Authorization": f"Bearer {api_tokens.issue(incidents.person('robot'), grant=grant, now=now)}"}
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())

    @settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
    @given(case=schema[path][method].as_strategy())
    def hold(case: Any) -> None:
        case.validate_response(case.call(headers=headers), checks=HELD)

    hold()
