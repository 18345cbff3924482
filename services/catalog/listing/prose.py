"""What the sentences of a description say: hours, prerequisites, series, online or in person."""

from __future__ import annotations

import re

_NUMBER_WORDS = {
    word: float(number)
    for number, words in enumerate(
        (
            "one un une",
            "two deux",
            "three trois",
            "four quatre",
            "five cinq",
            "six",
            "seven sept",
            "eight huit",
            "nine neuf",
            "ten dix",
            "eleven onze",
            "twelve douze",
        ),
        1,
    )
    for word in words.split()
}
_NUMBER = rf"(?P<number>[0-9]{{1,2}}(?:[.,][0-9]{{1,2}}|½)?|{'|'.join(_NUMBER_WORDS)})"
_HALF = r"(?P<half>[- ]and[- ]a[- ]half| et demie?)?"
_UNIT = r"(?:hours?|hrs?|heures?|h)\b"
_HOURS_NOUN = r"(?:workshop|course|session|class|training|webinar|program|programme|module)s?\b"
_NOT_A_LENGTH = r"(?!,? ?(?:shifts?|days?|weeks?|notice|deadline|clock|before|after|in advance)\b)"
_HOURS = (
    # "In this 9-hour workshop", "this 3-hours interactive online workshop".
    re.compile(
        rf"\b{_NUMBER}{_HALF}[- ]?{_UNIT}{_NOT_A_LENGTH}"
        rf"(?:,? [\w'\u2019-]{{1,20}}){{0,3}} {_HOURS_NOUN}",
        re.IGNORECASE,
    ),
    # "Duration: 3 hours", "lasts six hours", "a total of 9 hours".
    re.compile(
        rf"\b(?:duration|length|durée|lasts?|dure|total)(?: of| is| est| de)? ?:? ?"
        rf"(?:about |environ )?{_NUMBER}{_HALF}[- ]?{_UNIT}",
        re.IGNORECASE,
    ),
    re.compile(rf"\b{_NUMBER}{_HALF}[- ]?{_UNIT} long\b", re.IGNORECASE),
    # "Cet atelier de 6 heures", "une formation d'une durée de trois heures".
    re.compile(
        rf"\b(?:atelier|cours|formation|séance|session|webinaire)(?: [\w'\u2019-]{{1,20}}){{0,2}}"
        rf" (?:de|d['\u2019]une durée de) {_NUMBER}{_HALF} ?{_UNIT}",
        re.IGNORECASE,
    ),
    re.compile(rf"\({_NUMBER}{_HALF}[- ]?{_UNIT}\)", re.IGNORECASE),
)

_REQUIRED = r"(?P<required>[^.;!?\n]{2,150}?)"
_PREREQUISITES = (
    re.compile(
        r"(?:following|after|upon|on) (?:the )?(?:successful )?(?:completion of|completing) "
        r"(?P<required>[^.,;!?\n]{2,150})",
        re.IGNORECASE,
    ),
    re.compile(
        rf"\b(?:must|should|need to) (?:already )?have (?:already )?(?:completed|taken|attended) "
        rf"{_REQUIRED}"
        r"(?: before | prior to | in order to | to (?:attend|take|register)|[.;!?\n]|$)",
        re.IGNORECASE,
    ),
    re.compile(rf"\b(?:pre-?requisites?|préalables?) ?: ?{_REQUIRED}(?:[.;!?\n]|$)", re.IGNORECASE),
    re.compile(
        r"(?:^|[.!?\n] ?)(?P<required>[^.,;:!?\n]{2,120}) (?:is|are) (?:a )?(?:pre-?requisites?) "
        r"(?:for|of|to) (?:this|the present)\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:^|[.!?\n] ?)(?:the )?completion of (?P<required>[^.,;!?\n]{2,120}?) is required\b",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?:après avoir|il faut avoir|doivent avoir|devez avoir) (?:suivi|terminé|réussi) "
        rf"{_REQUIRED}(?: avant |[.,;!?\n]|$)",
        re.IGNORECASE,
    ),
)
_SERIES = re.compile(
    r"(?:passport (?:for|of)|passeport (?:de|pour)) (?:the |la |le )?"
    r"(?P<series>[^.,;!?\n]{0,80}?\bSeries\b(?: \([^()\n]{1,12}\))?"
    r"|Série [^.,;!?()\n]{1,80}?(?: \([^()\n]{1,12}\)|(?= pour |[.,;!?\n]|$)))"
)
_ONLINE = re.compile(
    r"\bthis (?:[\w-]{1,15} ){0,2}(?:online|virtual) (?:[\w-]{1,15} ){0,2}"
    r"(?:workshop|course|session|class|training|webinar)\b|\bthis webinar\b"
    r"|\b(?:held|offered|delivered|given|takes? place|meets?) (?:entirely |fully )?"
    r"(?:online|virtually|(?:on|over|via) zoom)\b"
    r"|\b(?:cet atelier|ce cours|cette (?:formation|séance|session)) (?:[\w'\u2019-]{1,15} ){0,3}?"
    r"(?:en ligne|virtuel(?:le)?)\b|\bce webinaire\b"
    r"|\b(?:aura lieu|se tient|se tiendra|se donne|sera donnée?|offerte?) en ligne\b",
    re.IGNORECASE,
)
_IN_PERSON = re.compile(
    r"\bthis (?:[\w-]{1,15} ){0,2}(?:in[- ]person|face[- ]to[- ]face)\b"
    r"|\b(?:held|offered|delivered|given|takes? place|meets?|attend) (?:entirely |fully )?"
    r"in[- ]person\b"
    r"|\b(?:cet atelier|ce cours|cette (?:formation|séance|session)) (?:[\w'\u2019-]{1,15} ){0,3}?"
    r"(?:en personne|en présentiel)\b"
    r"|\b(?:aura lieu|se tient|se tiendra|se donne|sera donnée?|offerte?) "
    r"en (?:personne|présentiel)\b",
    re.IGNORECASE,
)
_ONLINE_TITLE = re.compile(
    r"(?:\(|[-\u2013\u2014:] )(?:online|virtual|en ligne|virtuel)\)?$", re.IGNORECASE
)


def hours_in(text: str) -> tuple[float, ...]:
    """Return the different lengths in hours that a text states for its workshop, in order."""
    found = [match for pattern in _HOURS for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(_hours(match) for match in found))


def _hours(match: re.Match[str]) -> float:
    number = match["number"].lower()
    half = 0.5 if match["half"] or number.endswith("½") else 0.0
    whole = _NUMBER_WORDS.get(number)
    return (float(number.rstrip("½").replace(",", ".")) if whole is None else whole) + half


def prerequisites_in(text: str) -> tuple[str, ...]:
    """Return the workshops that a text requires; being required by others is none of them."""
    found = [match["required"] for pattern in _PREREQUISITES for match in pattern.finditer(text)]
    return tuple(dict.fromkeys(name.strip(" *_:,") for name in found if name.strip(" *_:,")))


def series_in(text: str) -> str:
    """Return the series whose passport gets a stamp, or ""."""
    match = _SERIES.search(text)
    return match["series"].strip() if match else ""


def says_online(title: str, text: str) -> str:
    """Return the words by which an entry calls itself online, or ""."""
    match = _ONLINE.search(text) or _ONLINE_TITLE.search(title)
    return match.group() if match else ""


def says_in_person(text: str) -> str:
    """Return the words by which an entry calls itself in person, or ""."""
    match = _IN_PERSON.search(text)
    return match.group() if match else ""
