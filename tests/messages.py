"""Messages that a worker has taken from a service's queue, carried out without a broker."""

from typing import Any

from services.chassis.service import Runtime


def carry_out(runtime: Runtime, task: str, message: Any, **headers: Any) -> None:
    """Run a task of the service's Celery application, as for a message from its queue."""
    found = runtime.celery.tasks[task]
    found.push_request(delivery_info={"routing_key": runtime.service.name}, **headers)
    try:
        found.run(message)
    finally:
        found.pop_request()
