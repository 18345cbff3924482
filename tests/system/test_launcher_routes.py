"""Every page and every door of the API is reached at the service that has it."""

import re

import pytest

from infra.composition import begin
from infra.site import owner
from services.chassis.web import create_app
from services.contracts import SERVICES
from tests.databases import settings_for

SHARED = ("/static/", "/healthz")
ASKED_OF_EACH = "/readyz"
PART = re.compile("<[^>]+>")


@pytest.mark.parametrize("service", SERVICES)
def test_each_path_of_a_service_leads_to_it(tmp_path, service):
    app = create_app(begin(service, settings_for(tmp_path)))
    paths = {PART.sub("something", rule.rule) for rule in app.url_map.iter_rules()}
    own = {path for path in paths if not path.startswith(SHARED) and path != ASKED_OF_EACH}
    assert len(own) > 3
    assert {path for path in own if owner(path) != service} == set()
