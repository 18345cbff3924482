"""What mail servers mean by the codes and words with which they refuse a mail."""

import re

_STATUS = re.compile(r"\b[245]\.\d{1,3}\.\d{1,3}\b")
_NO_SUCH_ADDRESS = frozenset({"5.1.0", "5.1.1", "5.1.2", "5.1.3", "5.1.6", "5.1.10"})
_SAYS_LITTLE = frozenset({"", "5.0.0", "5.2.1", "5.4.1", "5.5.0"})
"""Codes that servers use for more than one thing, so that their words decide."""

_SAID_OF_NO_ADDRESS = re.compile(
    r"user (?:is )?unknown|unknown (?:user|recipient)|no such (?:user|recipient|mailbox|address)"
    r"|recipient (?:address )?(?:rejected: access denied|not found|unknown)"
    r"|(?:user|mailbox|recipient|address|account) (?:does not|doesn.t) exist"
    r"|(?:account|mailbox)[\w ,']* (?:disabled|inactive)"
    r"|(?:utilisateur|utilisatrice|destinataire|adresse|bo[iî]te(?: aux lettres)?)"
    r" (?:est )?(?:inconnue?|introuvable|inexistante?)"
    r"|n.existe pas",
    re.IGNORECASE,
)


def status_in(words: str) -> str:
    """The first enhanced status code (RFC 3463) among a server's words; empty without one."""
    found = _STATUS.search(words)
    return found[0] if found else ""


def is_no_such_address(words: str, status: str = "") -> bool:
    """Whether a final refusal means that the address is wrong, for any mail at any time.

    The code decides, and where it says little, the words.
    """
    decisive = status_in(words) if status in _SAYS_LITTLE else status
    if decisive in _NO_SUCH_ADDRESS:
        return True
    return decisive in _SAYS_LITTLE and _SAID_OF_NO_ADDRESS.search(words) is not None
