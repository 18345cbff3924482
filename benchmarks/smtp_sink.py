"""An SMTP server that takes every mail and writes down which and when, one JSON line each."""

import asyncio
import json
import sys
import time
from email.parser import BytesHeaderParser
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Sink:
    """Keeps the Message-ID, the recipient and the moment of each mail."""

    def __init__(self, witness: Path) -> None:
        self._file = witness.open("a", buffering=1, encoding="utf-8")

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        """Take a mail."""
        content = envelope.content
        headers = BytesHeaderParser().parsebytes(content if isinstance(content, bytes) else b"")
        message_id = str(headers["Message-ID"]).strip("<>")
        line = {"mail_id": message_id.partition("@")[0], "to": envelope.rcpt_tos, "at": time.time()}
        self._file.write(f"{json.dumps(line)}\n")
        return "250 OK"


async def serve(port: int, witness: Path) -> None:
    """Listen until the process ends."""
    sink = Sink(witness)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname=HOST), HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
