"""A member of staff who can log in."""

import re

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.utils.translation import gettext_lazy as _

_HAN = re.compile(r"[\u4e00-\u9fff]")


class User(AbstractUser):
    """A member of staff; what they may do comes from groups, what they must do from the roster."""

    phone = models.CharField(_("telephone"), max_length=40, blank=True)
    time_zone = models.CharField(_("time zone"), max_length=64, default="UTC")

    languages = models.JSONField(
        _("languages read as a native"),
        default=list,
        blank=True,
        help_text=_("Translations of messages are approved by somebody who reads them so."),
    )

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")

    def __str__(self) -> str:
        return self.get_full_name() or self.username

    def get_full_name(self) -> str:
        """Return the name as its bearer writes it: in Chinese the family name leads, without a space."""
        if _HAN.search(self.last_name):
            return f"{self.last_name}{self.first_name}".strip()
        return super().get_full_name()
