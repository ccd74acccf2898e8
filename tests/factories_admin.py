"""People who are logged in to the admin, by group."""

from django.contrib.auth.models import Group
from django.test import Client

from crisiscomm.groups import GroupName
from incidents.models import User
from tests.factories_incidents import person


def member(group: GroupName, username: str = "") -> User:
    """Return a member of staff who is in this one group."""
    user = person(username or group.value.lower().replace(" ", "-"), is_staff=True)
    user.groups.set([Group.objects.get(name=group.value)])
    return user


def client_of(user: User) -> Client:
    """Return a browser in which this person is logged in."""
    client = Client()
    client.force_login(user)
    return client
