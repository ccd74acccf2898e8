"""Playbooks, kept as versions."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from workflows.enums import PlaybookKind


class Playbook(models.Model):
    """What a kind of crisis needs in each phase; its content lives in versions."""

    key = models.SlugField(_("key"), max_length=60, unique=True)
    kind = models.CharField(_("kind"), max_length=20, choices=PlaybookKind)
    name = models.JSONField(_("name"))

    class Meta:
        verbose_name = _("playbook")
        verbose_name_plural = _("playbooks")

    def __str__(self) -> str:
        return self.key


class PlaybookVersion(models.Model):
    """One version of a playbook; the newest published one is used for new incidents."""

    playbook = models.ForeignKey(Playbook, models.PROTECT, related_name="versions", verbose_name=_("playbook"))
    number = models.PositiveIntegerField(_("version"))
    content = models.JSONField(_("content"))
    sha256 = models.CharField(_("digest"), max_length=64)
    source = models.CharField(_("came from"), max_length=200)
    duration_divisor = models.PositiveIntegerField(
        _("durations divided by"), default=1, help_text=_("More than 1 only in demonstrations and exercises.")
    )
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("made by"), null=True, blank=True
    )
    created_at = models.DateTimeField(_("made"))

    class Meta:
        verbose_name = _("playbook version")
        verbose_name_plural = _("playbook versions")
        constraints = [models.UniqueConstraint(fields=["playbook", "number"], name="one_playbook_version_per_number")]

    def __str__(self) -> str:
        return f"{self.playbook} v{self.number}"
