"""The place cell of a listing: online or a town, its venue, province and time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

from services.catalog.listing.dates import folded

_PROVINCES = {
    "ON": "ontario ont on",
    "QC": "quebec que qc pq",
    "NB": "new_brunswick nouveau_brunswick nb",
    "NS": "nova_scotia nouvelle_ecosse ns",
    "PE": "prince_edward_island ile_du_prince_edouard pei pe ipe",
    "NL": "newfoundland_and_labrador newfoundland_&_labrador newfoundland labrador "
    "terre_neuve_et_labrador terre_neuve nl nfld",
    "MB": "manitoba man mb",
    "SK": "saskatchewan sask sk",
    "AB": "alberta alta ab",
    "BC": "british_columbia colombie_britannique bc cb",
    "YT": "yukon yukon_territory yt",
    "NT": "northwest_territories territoires_du_nord_ouest nt nwt",
    "NU": "nunavut nu",
}
_ZONES = {
    "ON": "America/Toronto",
    "QC": "America/Toronto",
    "NB": "America/Moncton",
    "NS": "America/Halifax",
    "PE": "America/Halifax",
    "NL": "America/St_Johns",
    "MB": "America/Winnipeg",
    "SK": "America/Regina",
    "AB": "America/Edmonton",
    "BC": "America/Vancouver",
    "YT": "America/Whitehorse",
    "NT": "America/Edmonton",
    "NU": "America/Iqaluit",
}
# Towns whose clocks differ from those of most of their province.
_OTHER_ZONES = {
    (
        "ON",
        "America/Winnipeg",
    ): "kenora, dryden, sioux lookout, red lake, fort frances, rainy river",
    ("QC", "America/Halifax"): "iles de la madeleine, cap aux meules",
    ("NL", "America/Goose_Bay"): "happy valley goose bay, goose bay, labrador city, wabush, nain",
    ("SK", "America/Edmonton"): "lloydminster",
    ("BC", "America/Edmonton"): "cranbrook, fernie, golden, invermere, kimberley, sparwood",
    ("BC", "America/Dawson_Creek"): "dawson creek, fort st john",
    ("BC", "America/Fort_Nelson"): "fort nelson",
}
_CODES = {
    name.replace("_", " "): code for code, names in _PROVINCES.items() for name in names.split()
}
_TOWN_ZONES = {
    (code, town): zone for (code, zone), towns in _OTHER_ZONES.items() for town in towns.split(", ")
}
_ONLINE_WORD = r"(?:online|on line|en ligne|virtual|virtuel|virtuelle|webinar|webinaire|zoom)"
_ONLINE = re.compile(rf"\b{_ONLINE_WORD}\b")
_ONLY_ONLINE = re.compile(
    rf"(?:(?:live|via|by|par|on|sur) )?{_ONLINE_WORD}"
    r"(?: ?\(?(?:on|via|by|par|sur)? ?(?:zoom|teams|webinar|only|seulement)\)?)?"
)
_HYBRID = re.compile(r"\b(?:hybrid|hybride)\b")
_VENUE_NOT_TOWN = re.compile(
    r"\b(?:(?:office|hotel|hall|inn|library|building|college|university|suites|resort|bureau)$"
    r"|(?:local|section locale|room|salle) [0-9]|hotel |bureau )"
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where an entry is listed; `online` is None where that is missing or both at once."""

    online: bool | None = None
    venue: str = ""
    city: str = ""
    province: str = ""
    contradictory: bool = False

    @property
    def zone(self) -> str:
        """The IANA time zone of the town, else of the province, else ""."""
        town = (self.province, _plain(self.city))
        return _TOWN_ZONES.get(town, _ZONES.get(self.province, ""))

    @property
    def missing(self) -> bool:
        """Whether neither a town nor "online" is named."""
        return not self.online and not self.contradictory and not self.city


def read_place(cell: str) -> Place:
    """Read "Venue, City, Province", "City, Province" or "ONLINE, Province"."""
    parts = [part for part in (part.strip(" ;") for part in cell.split(",")) if part]
    if len(parts) > 1 and _plain(parts[-1]) == "canada":
        parts.pop()
    parts, province = _without_province(parts)
    return replace(_town_or_online(parts), province=province)


def _plain(part: str) -> str:
    return " ".join(folded(part).replace(".", "").replace("-", " ").replace("\u2019", "'").split())


def _without_province(parts: list[str]) -> tuple[list[str], str]:
    """Take the province off the end, also where its comma was forgotten ("Renfrew Ontario")."""
    if not parts:
        return parts, ""
    words = parts[-1].split()
    for length in range(min(4, len(words)), 0, -1):
        code = _CODES.get(_plain(" ".join(words[-length:])), "")
        if code and (length == len(words) or len(words[-1]) > 3):
            rest = " ".join(words[:-length])
            return [*parts[:-1], *([rest] if rest else [])], code
    return parts, ""


def _town_or_online(parts: list[str]) -> Place:
    plain = [_plain(part) for part in parts]
    if any(_HYBRID.search(part) for part in plain):
        return Place(None, *_venue_and_city(parts), contradictory=True)
    towns = [part for part in parts if not _ONLY_ONLINE.fullmatch(_plain(part))]
    online = len(towns) < len(parts) or any(_ONLINE.search(name) for name in plain)
    if online and towns:
        return Place(None, *_venue_and_city(towns), contradictory=True)
    if online:
        return Place(online=True)
    venue, city = _venue_and_city(parts)
    return Place(False if city else None, venue, city)


def _venue_and_city(parts: list[str]) -> tuple[str, str]:
    """The last part is the town; a lone part that can only be a venue leaves the town open."""
    if not parts:
        return "", ""
    if len(parts) == 1 and _VENUE_NOT_TOWN.search(_plain(parts[0])):
        return parts[0], ""
    return ", ".join(parts[:-1]), parts[-1]
