"""An SMTP server that writes down each mail as it takes it, and misbehaves as it is told.

A process of its own: `python -m tests.faults.sink PORT WITNESS MOODS`. MOODS is a file with a
word for each of the next mails: later (451, not taken), no (554, not taken), silent (taken and
never answered), cut (taken and hung up on), slow (taken, answered after a while); `later+` is
for all mails until the file changes. Without one the mail is taken and answered.
"""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from benchmarks.smtp_sink import HOST, Sink

REFUSALS = {"later": "451 4.3.2 Come back later", "no": "554 5.6.0 Not like this"}
SILENT_SECONDS, SLOW_SECONDS = 60, 5


class MoodySink(Sink):
    """Takes a mood from the file for each mail."""

    def __init__(self, witness: Path, moods: Path) -> None:
        super().__init__(witness)
        self._moods = moods

    async def handle_DATA(  # noqa: N802 - aiosmtpd's name
        self, server: SMTP, session: Session, envelope: Envelope
    ) -> str:
        mood = self._next_mood()
        if mood in REFUSALS:
            return REFUSALS[mood]
        answer = await super().handle_DATA(server, session, envelope)
        if mood == "silent":
            await asyncio.sleep(SILENT_SECONDS)
        if mood == "slow":
            await asyncio.sleep(SLOW_SECONDS)
        if mood == "cut":
            server.transport.abort()  # type: ignore[union-attr]
        return answer

    def _next_mood(self) -> str:
        words = self._moods.read_text(encoding="utf-8").split() if self._moods.exists() else []
        if not words:
            return ""
        if words[0].endswith("+"):
            return words[0].removesuffix("+")
        self._moods.write_text(" ".join(words[1:]), encoding="utf-8")
        return words[0]


async def serve(port: int, witness: Path, moods: Path) -> None:
    sink = MoodySink(witness, moods)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(sink, hostname=HOST), HOST, port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2]), Path(sys.argv[3])))
