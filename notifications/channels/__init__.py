"""The ways a message travels; which class carries a channel is said by settings.CRISISCOMM_CHANNELS."""

from functools import cache

from django.conf import settings
from django.utils.module_loading import import_string

from incidents.enums import ContactKind
from notifications.channels.base import Channel
from notifications.enums import ChannelName

# What only a machine can carry: where none is set up, nobody is told this way.
BY_MACHINE = frozenset({ChannelName.SMS, ChannelName.MESSENGER, ChannelName.IN_APP})


@cache
def _instance(path: str) -> Channel:
    # One object a process: it may keep a connection open between batches.
    channel: Channel = import_string(path)()
    return channel


def carrier(name: str) -> Channel | None:
    """Return what carries the channel `name`, or None where people do (call, visit, letter)."""
    path = settings.CRISISCOMM_CHANNELS.get(name)
    return _instance(path) if path else None


def addressed_by(kind: ContactKind) -> list[str]:
    """Return the names of the channels that need an address of this kind."""
    return [name for name, path in settings.CRISISCOMM_CHANNELS.items() if _instance(path).address_kind == kind]


def published() -> list[str]:
    """Return the names of the channels that are published once instead of sent to each customer."""
    return [name for name, path in settings.CRISISCOMM_CHANNELS.items() if _instance(path).is_published]


def not_set_up() -> frozenset[str]:
    """Return the names of the channels that no class carries and no person can."""
    return frozenset(str(name) for name in BY_MACHINE if name not in settings.CRISISCOMM_CHANNELS)


def by_hook(hook: str) -> Channel | None:
    """Return the channel whose provider reports at /hooks/<hook>/."""
    paths = dict.fromkeys(settings.CRISISCOMM_CHANNELS.values())
    return next((channel for channel in map(_instance, paths) if hook and channel.hook == hook), None)


def close_all() -> None:
    """Say goodbye on every open connection of this process."""
    for path in set(settings.CRISISCOMM_CHANNELS.values()):
        _instance(path).close()
