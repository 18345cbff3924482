"""The fictional directory of the Maple Workers' Federation, for the demonstration only."""

from __future__ import annotations

from dataclasses import dataclass

FEDERATION_EN = "Maple Workers' Federation"
FEDERATION_FR = "Fédération des travailleuses et travailleurs de l'Érable"


@dataclass(frozen=True, slots=True)
class Local:
    """A local union; `title` is how its people write it, in the language they work in."""

    number: int
    name: str
    area: str
    language: str = "en"
    affiliated: bool = True

    @property
    def title(self) -> str:
        """The full name: kind, number, a dash and the name, in the local's own language."""
        kind = "Section locale" if self.language == "fr" else "Local"
        return f"{kind} {self.number} \u2013 {self.name}"


LOCALS: tuple[Local, ...] = (
    Local(104, "Nickel Basin School Support", "Sudbury"),
    Local(118, "Limestone City Workers", "Kingston"),
    Local(209, "Bluewater Library Workers", "Sarnia", affiliated=False),
    Local(233, "Harbourfront Transit Workers", "Toronto"),
    Local(251, "Don Valley Childcare Workers", "Toronto"),
    Local(307, "Escarpment College Support Staff", "Hamilton"),
    Local(342, "Steeltown Hospital Workers", "Hamilton"),
    Local(415, "Rose City Municipal Workers", "Windsor"),
    Local(468, "Point Pelee Parks Workers", "Leamington", affiliated=False),
    Local(512, "Superior Shore Long-Term Care", "Thunder Bay"),
    Local(533, "Sleeping Giant School Workers", "Thunder Bay"),
    Local(601, "Bridgeview Paramedics", "Sault Ste. Marie"),
    Local(624, "Algoma Community Living", "Sault Ste. Marie"),
    Local(718, "Forest City Social Services", "London"),
    Local(745, "Medway Creek Water Workers", "London", affiliated=False),
    Local(802, "Rideau Canal Home Care", "Ottawa"),
    Local(839, "Gatineau Hills Museum Workers", "Ottawa"),
    Local(905, "Kempenfelt Bay Town Workers", "Barrie"),
    Local(931, "Lakeview Conservation Staff", "Orillia"),
    Local(1044, "Otonabee University Workers", "Peterborough"),
    Local(1090, "Kawartha Shelter Workers", "Peterborough", affiliated=False),
    Local(1163, "Grand River Public Health", "Kitchener"),
    Local(1207, "Riverbend Hospital Workers", "Kitchener"),
    Local(1271, "Speed River City Hall Staff", "Guelph"),
    Local(1318, "Niagara Orchard Inspectors", "St. Catharines", affiliated=False),
    Local(1352, "Welland Lock Housing Workers", "St. Catharines"),
    Local(1409, "Lake Nipissing School Boards", "North Bay"),
    Local(1466, "Porcupine Ridge Health Workers", "Timmins"),
    Local(1523, "Lake of the Woods Airport Staff", "Kenora"),
    Local(1588, "Quinte Shores Custodians", "Belleville"),
    Local(1640, "Upper Valley County Workers", "Renfrew"),
    Local(2015, "Online Services and Call Centres", "Ontario"),
    Local(4410, "Personnel des bibliothèques de l'Est", "Ottawa", "fr"),
    Local(4427, "Écoles de la Vallée", "Hawkesbury", "fr"),
    Local(4438, "Soins à domicile du Nord", "Hearst", "fr"),
    Local(4452, "Services municipaux du Moulin", "Kapuskasing", "fr", affiliated=False),
    Local(4469, "Garderies des Trois-Clochers", "Sudbury", "fr"),
    Local(4481, "Collège des Grandes-Rivières", "Timmins", "fr"),
    Local(5120, "Hôpital de la Baie", "Caraquet", "fr"),
    Local(5136, "Travailleuses et travailleurs du Vieux-Quai", "Caraquet", "fr"),
    Local(5163, "Foyers de la Péninsule", "Tracadie", "fr", affiliated=False),
    Local(5188, "Fundy Tide Hospital Workers", "Moncton"),
)
