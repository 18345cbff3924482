"""Every fixed word that stands on a document, in each language a document can be written in."""

from typing import TypedDict


class Labels(TypedDict):
    """One language's words; a language that lacks one does not pass the type check."""

    as_of: str
    bring: str
    confirmed: str
    contact: str
    count_of: str
    each_day: str
    email: str
    facilitators: str
    from_time: str
    host: str
    hours: str
    local: str
    mail_fails: str
    moment: str
    name: str
    needs: str
    people_with_needs: str
    nobody_yet: str
    note: str
    number: str
    online: str
    page_of: str
    phone: str
    place: str
    privacy: str
    role: str
    roster: str
    sign_in: str
    status: str
    status_attended: str
    status_absent: str
    status_cancelled: str
    status_confirmed: str
    status_declined: str
    status_lapsed: str
    status_offered: str
    status_waiting: str
    times_to_be_announced: str
    tomorrow: str
    until_time: str
    walk_ins: str
    when: str


ENGLISH: Labels = {
    "as_of": "As of",
    "bring": "To bring",
    "confirmed": "Confirmed",
    "contact": "Contact",
    "count_of": "{count} of {total}",
    "each_day": "{hours} each day",
    "email": "E-mail",
    "facilitators": "Facilitators",
    "from_time": "From {start}",
    "host": "Host",
    "hours": "{start} to {end}",
    "local": "Local",
    "mail_fails": "mail does not arrive",
    "moment": "{day} at {time}",
    "name": "Name",
    "needs": "Needs",
    "people_with_needs": "people who wrote that they need something",
    "nobody_yet": "Nobody is confirmed yet.",
    "note": "Note",
    "number": "No.",
    "online": "Online",
    "page_of": "Page {page} of {pages}",
    "phone": "Phone",
    "place": "Place",
    "privacy": "Personal information: destroy after the workshop.",
    "role": "Role",
    "roster": "Roster",
    "sign_in": "Sign-in",
    "status": "Status",
    "status_attended": "Attended",
    "status_absent": "Absent",
    "status_cancelled": "Cancelled",
    "status_confirmed": "Confirmed",
    "status_declined": "Declined",
    "status_lapsed": "Lapsed",
    "status_offered": "Offered a seat",
    "status_waiting": "Waiting list",
    "times_to_be_announced": "Times to be announced",
    "tomorrow": "Tomorrow: {title}",
    "until_time": "Until {end}",
    "walk_ins": "Added on the day",
    "when": "When",
}

FRENCH: Labels = {
    "as_of": "En date du",
    "bring": "À apporter",
    "confirmed": "Confirmations",
    "contact": "Coordonnées",
    "count_of": "{count} sur {total}",
    "each_day": "{hours} chaque jour",
    "email": "Courriel",
    "facilitators": "Animation",
    "from_time": "À partir de {start}",
    "host": "Organisme hôte",
    "hours": "{start} à {end}",
    "local": "Section locale",
    "mail_fails": "le courriel n’arrive pas",
    "moment": "{day} à {time}",
    "name": "Nom",
    "needs": "Besoins",
    "people_with_needs": "personnes ayant indiqué un besoin",
    "nobody_yet": "Aucune inscription confirmée pour le moment.",
    "note": "Note",
    "number": "N°",
    "online": "En ligne",
    "page_of": "Page {page} sur {pages}",
    "phone": "Téléphone",
    "place": "Lieu",
    "privacy": "Renseignements personnels\u00a0: à détruire après l’atelier.",
    "role": "Fonction",
    "roster": "Personnes inscrites",
    "sign_in": "Signature",
    "status": "État",
    "status_attended": "Présence",
    "status_absent": "Absence",
    "status_cancelled": "Annulation",
    "status_confirmed": "Confirmation",
    "status_declined": "Refus",
    "status_lapsed": "Offre expirée",
    "status_offered": "Place offerte",
    "status_waiting": "Liste d’attente",
    "times_to_be_announced": "Heures à confirmer",
    "tomorrow": "Demain\u00a0: {title}",
    "until_time": "Jusqu’à {end}",
    "walk_ins": "Ajouts le jour même",
    "when": "Quand",
}

LABELS: dict[str, Labels] = {"en": ENGLISH, "fr": FRENCH}


def labels_in(language: str) -> Labels:
    """Raise ValueError for a language that no document is written in."""
    if language not in LABELS:
        raise ValueError(f"no document is written in the language {language!r}")
    return LABELS[language]


def status_text(status: str, language: str) -> str:
    """Say a state in words; one that this table does not know is shown as it came."""
    return str(labels_in(language).get(f"status_{status}", status))
