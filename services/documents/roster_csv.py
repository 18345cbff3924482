"""A roster as comma-separated values."""

from services.documents.csv_file import BYTE_ORDER_MARK, csv_lines
from services.documents.roster import Roster
from services.documents.roster_columns import cells, headings


def roster_csv(roster: Roster) -> bytes:
    """Write the table in UTF-8, with the mark that Excel looks for."""
    return (BYTE_ORDER_MARK + csv_lines([headings(roster), *cells(roster)])).encode()
