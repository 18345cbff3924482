"""The gallery: every kind of mail in both languages, as staff see it."""

from flask.testing import FlaskClient

from services.chassis.i18n import LANGUAGES
from services.chassis.service import Runtime
from services.notify.kinds import KINDS
from services.notify.letterhead import choose_letterhead
from services.notify.samples import sample
from tests.notify.letter_reading import Outline, compose_mail
from tests.notify.test_pages import signed_in
from tests.pages import visit

PATH = "/staff/mail/gallery"


def test_every_kind_has_a_sample_in_each_language_that_fits_its_contract() -> None:
    for kind in KINDS:
        for language in LANGUAGES:
            contract, data = sample(kind, language)
            assert contract.load(contract.dump(data))
            assert data["recipient"]["language"] == language
            assert data["recipient"]["email"].endswith("@example.org")


def test_only_admins_and_coordinators_see_the_gallery(
    runtime: Runtime, client: FlaskClient
) -> None:
    assert client.get(PATH).status_code == 302
    assert signed_in(runtime, client, "facilitator").get(PATH).status_code == 403


def test_the_gallery_shows_every_kind_in_both_languages(
    runtime: Runtime, client: FlaskClient
) -> None:
    page = visit(signed_in(runtime, client), PATH)
    for kind in KINDS:
        for language in LANGUAGES:
            assert f'src="{PATH}/{kind}/{language}"' in page.response.text
            subject = compose_mail(sample(kind, language), kind).subject
            assert " ".join(subject.split()) in page.text
    assert "Nobody reads replies" in page.text


def test_a_mail_of_the_gallery_can_do_nothing(runtime: Runtime, client: FlaskClient) -> None:
    answer = signed_in(runtime, client).get(f"{PATH}/confirmed/fr")
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy
    assert "Vous avez une place" in Outline(answer.text).words
    assert client.get(f"{PATH}/nonsense/fr").status_code == 404
    assert client.get(f"{PATH}/confirmed/de").status_code == 404


def test_the_gallery_has_the_letterhead_of_the_organisation(
    runtime: Runtime, client: FlaskClient
) -> None:
    with runtime.database.writing() as db:
        choose_letterhead(db, {"sender_name": "District 12", "reply_to": "d12@example.org"})
    answer = signed_in(runtime, client).get(f"{PATH}/roster/en")
    assert "District 12" in answer.text
    assert "Answers go to d12@example.org." in answer.text


def test_the_gallery_speaks_french_around_the_mails(runtime: Runtime, client: FlaskClient) -> None:
    page = visit(signed_in(runtime, client), f"{PATH}?lang=fr")
    assert page.language.startswith("fr")
    assert "Toutes les sortes de messages" in page.text
