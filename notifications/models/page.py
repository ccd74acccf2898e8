"""The public page: a read model of its own, written when a message is published."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models import Incident
from notifications.enums import MessageKind
from notifications.models.message import Message


class PagePost(models.Model):
    """One published text on the status page; `texts` is `{language: {"title", "html", "text"}}`."""

    incident = models.ForeignKey(Incident, models.PROTECT, related_name="page_posts", verbose_name=_("incident"))
    message = models.OneToOneField(Message, models.PROTECT, related_name="page_post", verbose_name=_("message"))
    kind = models.CharField(_("kind"), max_length=24, choices=MessageKind)
    incident_title = models.JSONField(_("incident's public title"), default=dict)
    texts = models.JSONField(_("texts"))
    status = models.CharField(
        _("public status"),
        max_length=14,
        default="investigating",
        help_text=_("investigating, identified, monitoring, resolved"),
    )
    impact = models.CharField(_("public impact"), max_length=10, default="minor")
    next_update_at = models.DateTimeField(_("next update"), null=True, blank=True)
    published_at = models.DateTimeField(_("published"))
    superseded_at = models.DateTimeField(_("corrected"), null=True, blank=True)
    repeats = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="repeated_by",
        verbose_name=_("repeats"),
        help_text=_("the notice that said the same at the same time to another tier; the page shows it once"),
    )

    class Meta:
        verbose_name = _("public notice")
        verbose_name_plural = _("public notices")
        indexes = [models.Index(fields=["incident", "-published_at"])]

    def __str__(self) -> str:
        return f"{self.incident_id} {self.kind}"
