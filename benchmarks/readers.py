"""Readers of one page behind a few kept connections.

`python -m benchmarks.readers PORT PATH --requests 5000` prints pages a second, and the seconds
of CPU that it took itself; an answer other than 200 ends it.
"""

import asyncio
import time

import click

from benchmarks.clients import CONNECTIONS, HOST, answer


async def read(port: int, path: str, count: int) -> float:
    """Pages a second."""
    left = iter(range(count))
    request = (
        f"GET {path} HTTP/1.1\r\nHost: {HOST}:{port}\r\nAccept-Encoding: gzip\r\n\r\n".encode()
    )

    async def one_after_another() -> None:
        reader, writer = await asyncio.open_connection(HOST, port)
        for _ in left:
            writer.write(request)
            status, _body, goes_on = await answer(reader)
            if status != 200:
                raise SystemExit(f"{path} answers {status}")
            if not goes_on:
                writer.close()
                reader, writer = await asyncio.open_connection(HOST, port)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(one_after_another() for _ in range(CONNECTIONS)))
    return count / (time.perf_counter() - began)


@click.command()
@click.argument("port", type=int)
@click.argument("path")
@click.option("--requests", default=5000, show_default=True)
def main(port: int, path: str, requests: int) -> None:
    """Read a page so often, and print pages a second and the CPU that it took to ask."""
    click.echo(f"{asyncio.run(read(port, path, requests))} {time.process_time()}")


if __name__ == "__main__":
    main()
