"""What several kinds of mail servers send back, written after their forms."""

from uuid import UUID

HOST = "turnout.test"


def postfix(mail: UUID, *, status: str = "5.1.1", action: str = "failed", said: str = "") -> bytes:
    """Postfix: a notification, the status, and the headers of the mail."""
    said = said or f"smtp; 550 {status} <ann.lee@example.org>: Recipient address rejected"
    return _report(
        "From: MAILER-DAEMON@mail.example.net (Mail Delivery System)\r\n"
        f"Subject: Undelivered Mail Returned to Sender\r\nMessage-Id: <20260210151.{status}@mx>",
        "This is the mail system at host mail.example.net.\r\n\r\n"
        "I'm sorry to have to inform you that your message could not be delivered.",
        "Reporting-MTA: dns; mail.example.net\r\n"
        "X-Postfix-Queue-ID: 4F1C2A0B3C\r\n"
        f"X-Postfix-Sender: rfc822; bounces@{HOST}\r\n"
        "Arrival-Date: Tue, 10 Feb 2026 15:00:00 +0000 (UTC)\r\n\r\n"
        "Final-Recipient: rfc822; ann.lee@example.org\r\n"
        "Original-Recipient: rfc822;ann.lee@example.org\r\n"
        f"Action: {action}\r\nStatus: {status}\r\n"
        "Remote-MTA: dns; mx.example.org\r\n"
        f"Diagnostic-Code: {said}\r\n",
        f"Content-Type: text/rfc822-headers\r\n\r\n{_headers(mail)}",
    )


def exchange(mail: UUID) -> bytes:
    """Exchange: its own code, a whole mail returned, folded diagnosis."""
    return _report(
        "From: Microsoft Outlook <postmaster@example.onmicrosoft.com>\r\n"
        "Subject: Undeliverable: You have a place\r\nMessage-ID: <exchange-1@example.org>\r\n"
        f"In-Reply-To: <{mail}@{HOST}>",
        "Your message to ann.lee@example.org couldn't be delivered.",
        "Reporting-MTA: dns;DM6PR01.prod.exchangelabs.com\r\n"
        "Arrival-Date: Tue, 10 Feb 2026 15:00:02 +0000\r\n\r\n"
        "Final-Recipient: rfc822;ann.lee@example.org\r\nAction: failed\r\nStatus: 5.1.10\r\n"
        "Diagnostic-Code: smtp;550 5.1.10 RESOLVER.ADR.RecipientNotFound;\r\n"
        " Recipient ann.lee@example.org not found by SMTP address lookup\r\n",
        f"Content-Type: message/rfc822\r\n\r\n{_headers(mail)}\r\n\r\nHello Ann,\r\n",
    )


def gmail(mail: UUID) -> bytes:
    """Gmail: related HTML beside the text, a mailbox that is full for now."""
    return _report(
        "From: Mail Delivery Subsystem <mailer-daemon@googlemail.example>\r\n"
        "Subject: Delivery Status Notification (Failure)\r\nMessage-ID: <gmail-1@mx.example>\r\n"
        f"References: <{mail}@{HOST}>\r\nX-Failed-Recipients: ann.lee@example.org",
        "** Message not delivered **\r\n\r\nThe recipient's inbox is full.",
        "Reporting-MTA: dns; googlemail.example\r\nReceived-From-MTA: dns; bounces@turnout.test\r\n"
        f"X-Original-Message-ID: <{mail}@{HOST}>\r\n\r\n"
        "Final-Recipient: rfc822; ann.lee@example.org\r\nAction: failed\r\nStatus: 5.2.2\r\n"
        "Diagnostic-Code: smtp; 552-5.2.2 The email account that you tried to reach is over\r\n"
        " 552 5.2.2 quota.\r\n"
        "Last-Attempt-Date: Tue, 10 Feb 2026 07:00:03 -0800 (PST)\r\n",
        f"Content-Type: message/rfc822\r\n\r\n{_headers(mail)}\r\n",
    )


def french(mail: UUID) -> bytes:
    """A server that says nothing in codes and all in French, in Latin letters of its own."""
    return _report(
        "From: =?iso-8859-1?Q?Syst=E8me_de_messagerie?= <postmaster@courriel.example>\r\n"
        "Subject: =?iso-8859-1?Q?Message_non_distribu=E9?=\r\nMessage-ID: <fr-1@courriel.example>",
        "Votre message n'a pas pu =EAtre remis.",
        "Reporting-MTA: dns; courriel.example\r\n\r\n"
        "Final-Recipient: rfc822; ann.lee@example.org\r\nAction: Failed\r\nStatus: 5.0.0\r\n"
        "Diagnostic-Code: smtp; 550 Destinataire inconnu dans notre organisation\r\n",
        f"Content-Type: message/rfc822\r\n\r\n{_headers(mail)}\r\n",
    )


def by_envelope(mail: UUID) -> bytes:
    """A server that knows the envelope's id (RFC 3461) and returns nothing of the mail."""
    return _report(
        "From: <MAILER-DAEMON@mx.example.org>\r\nSubject: Returned\r\nMessage-ID: <env-1@mx>",
        "Not delivered.",
        f"Original-Envelope-Id: {mail}\r\nReporting-MTA: dns; mx.example.org\r\n\r\n"
        "Final-Recipient: rfc822; ann.lee@example.org\r\nAction: failed\r\nStatus: 5.7.1\r\n"
        "Diagnostic-Code: smtp; 550 5.7.1 Message rejected as spam by content filter\r\n",
        "Content-Type: text/plain\r\n\r\nNothing.",
    )


def international(mail: UUID) -> bytes:
    """The form for addresses beyond ASCII (RFC 6533)."""
    return _report(
        "From: <postmaster@mx.example.org>\r\nSubject: Failure\r\nMessage-ID: <global-1@mx>",
        "Not delivered.",
        "Reporting-MTA: dns; mx.example.org\r\n\r\n"
        "Final-Recipient: utf-8; élodie@exämple.org\r\nAction: failed\r\nStatus: 5.1.1\r\n"
        "Diagnostic-Code: smtp; 550 5.1.1 no such user\r\n",
        f"Content-Type: message/global-headers\r\n\r\n{_headers(mail)}",
        status_type="message/global-delivery-status",
    )


def in_prose(mail: UUID) -> bytes:
    """qmail: no parts at all, and the mail quoted below."""
    return (
        "Return-Path: <>\r\nFrom: MAILER-DAEMON@old.example.org\r\nSubject: failure notice\r\n"
        f"To: bounces@{HOST}\r\nMessage-ID: <qmail-1@old.example.org>\r\n"
        "Date: Tue, 10 Feb 2026 16:00:00 +0000\r\n\r\n"
        "Hi. This is the qmail-send program at old.example.org.\r\n"
        "<ann.lee@example.org>:\r\nSorry, no mailbox here by that name. (#5.1.1)\r\n\r\n"
        f"--- Below this line is a copy of the message.\r\n\r\n{_headers(mail)}\r\n"
    ).encode()


def absence(mail: UUID) -> bytes:
    """Somebody's absence assistant, which answers our mail and quotes its id."""
    return (
        "Return-Path: <>\r\nFrom: Ann Lee <ann.lee@example.org>\r\nSubject: Out of office\r\n"
        f"In-Reply-To: <{mail}@{HOST}>\r\nAuto-Submitted: auto-replied\r\n"
        "Message-ID: <away-1@example.org>\r\n\r\nI am back on Monday.\r\n"
    ).encode()


JUNK = (
    b"From: offers@example.net\r\nSubject: Great offers\r\nMessage-ID: <junk@example.net>\r\n"
    b"\r\nBuy now.\r\n"
)


def _headers(mail: UUID) -> str:
    return (
        "From: Turnout <no-reply@turnout.test>\r\nTo: Ann Lee <ann.lee@example.org>\r\n"
        f"Subject: You have a place\r\nMessage-ID:\r\n <{mail}@{HOST}>\r\n"
    )


def _report(
    headers: str,
    prose: str,
    status: str,
    returned: str,
    *,
    status_type: str = "message/delivery-status",
) -> bytes:
    return (
        f"Return-Path: <>\r\n{headers}\r\nTo: bounces@{HOST}\r\n"
        "Date: Tue, 10 Feb 2026 15:00:05 +0000\r\nAuto-Submitted: auto-replied\r\n"
        "MIME-Version: 1.0\r\n"
        'Content-Type: multipart/report; report-type=delivery-status; boundary="=-x"\r\n\r\n'
        f"--=-x\r\nContent-Type: text/plain; charset=iso-8859-1\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n{prose}\r\n\r\n"
        f"--=-x\r\nContent-Type: {status_type}\r\n\r\n{status}\r\n"
        f"--=-x\r\n{returned}\r\n--=-x--\r\n"
    ).encode()
