"""Form fields that ask for people of the house."""

from typing import Any

from django import forms

from incidents.models import User


def staff() -> Any:
    """Return who can log in, by log-in name."""
    return User.objects.filter(is_active=True, is_staff=True).order_by("username")


class Person(forms.ModelChoiceField):  # type: ignore[type-arg]  # takes none at run time
    """One person who can log in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=staff(), **kwargs)


class People(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Several people who can log in."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(queryset=staff(), **kwargs)
