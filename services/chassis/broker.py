"""How Celery is set up on Redis or Valkey; `docs/decisions` gives the reason of each setting."""

from celery import Celery
from kombu.entity import Queue

from services.chassis.config import Settings
from services.chassis.keys import EVENTS, keys_for
from services.contracts import SERVICES

VISIBILITY_TIMEOUT_SECONDS = 120


def make_celery(name: str, settings: Settings) -> Celery:
    """A Celery application, of a service or of the worker for all; it knows the queue of each."""
    celery = Celery(name, broker=settings.broker_url, set_as_current=False)
    celery.conf.update(
        accept_content=["json"],
        broker_connection_max_retries=None,
        broker_connection_retry_on_startup=True,
        broker_pool_acquire_timeout=5,
        broker_transport_options=_transport(name),
        result_backend=None,
        seal_keys=keys_for(settings, EVENTS),
        task_acks_late=True,
        task_acks_on_failure=True,
        task_acks_on_timeout=True,
        task_create_missing_queues=False,
        task_default_queue=name,
        task_ignore_result=True,
        task_publish_retry_policy={
            "max_retries": 1,
            "interval_start": 0,
            "interval_step": 0.2,
            "interval_max": 0.2,
        },
        task_queues=[Queue(name) for name in SERVICES],
        task_reject_on_worker_lost=True,
        task_serializer="json",
        worker_hijack_root_logger=False,
        worker_prefetch_multiplier=1,
        worker_soft_shutdown_timeout=8.0,
    )
    return celery


def _transport(name: str) -> dict[str, object]:
    """Short time-outs, and keys of its own for what it has taken but not finished."""
    return {
        "visibility_timeout": VISIBILITY_TIMEOUT_SECONDS,
        "unacked_restore_interval": 2,
        "unacked_restore_throttle": 1,
        "socket_timeout": 5,
        "socket_connect_timeout": 2,
        "socket_keepalive": True,
        "health_check_interval": 10,
        "unacked_key": f"{name}.unacked",
        "unacked_index_key": f"{name}.unacked_index",
        "unacked_mutex_key": f"{name}.unacked_mutex",
    }
