"""How log lines look: one JSON object each, on standard error, with ids and never with a person's data."""

import re
from typing import Any

import structlog
from structlog.typing import EventDict, WrappedLogger

# Whoever has a customer's link has the customer's page: it is a key, and keys are not written down.
LINKS = re.compile(r"/(c|unsubscribe)/[^/\s\"']+")


def without_links(_logger: WrappedLogger, _method: str, event: EventDict) -> EventDict:
    """Take the customers' keys out of a line that names an address, such as Django's warnings about requests."""
    event["event"] = LINKS.sub(r"/\1/…", str(event.get("event", "")))
    return event


SHARED: list[Any] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_logger_name,
    structlog.stdlib.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    without_links,
]


def logging_configuration(level: str) -> dict[str, Any]:
    """Both `structlog` and plain `logging` end in the same formatter."""
    structlog.configure(
        processors=[*SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "json": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": SHARED,
                "processors": [
                    structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                    structlog.processors.format_exc_info,
                    structlog.processors.JSONRenderer(ensure_ascii=False),
                ],
            }
        },
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            # Django would mail its errors, with all they hold, and print every request's path.
            "django": {"handlers": [], "level": "WARNING", "propagate": True},
            # It tells on every start which dictionary it read.
            "pymorphy3": {"handlers": [], "level": "WARNING", "propagate": True},
            "django.server": {"handlers": [], "level": "WARNING", "propagate": True},
            "celery": {"level": "WARNING"},
            "celery.beat": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "psycopg.pool": {"level": "WARNING"},
        },
    }
