"""All that is kept about somebody as files: JSON, and a page in each language."""

import json
from collections.abc import Iterator
from uuid import UUID

from flask import render_template

from services.chassis.i18n import LANGUAGES
from services.chassis.service import Runtime
from services.chassis.web import create_app
from services.registration.data_words import sections
from services.registration.findings import everything
from services.registration.person_models import PersonRequest


def data_files(registration: Runtime, request_id: UUID) -> Iterator[tuple[str, str]]:
    """Each file's name and content."""
    with registration.database.reading() as db:
        found = everything(db, db.get_one(PersonRequest, request_id))
    yield "person.json", json.dumps(found, indent=2, ensure_ascii=False) + "\n"
    app = create_app(registration)
    for language in LANGUAGES:
        with app.test_request_context("/", query_string={"lang": language}):
            page = render_template(
                "registration/data_file.html",
                email=found["email"],
                delayed=found["delayed"],
                sections=sections(found["found"]),
            )
        yield f"person.{language}.html", page
