"""What the company does about an incident: each step with its owner and its date."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from incidents.models.incident import Incident


class ActionQuerySet(models.QuerySet["Action"]):
    """Adjectives for actions."""

    def done(self) -> "ActionQuerySet":
        """Return what was finished."""
        return self.filter(done_at__isnull=False)

    def planned(self) -> "ActionQuerySet":
        """Return what is still to do."""
        return self.filter(done_at=None, dropped_at=None)

    def tellable(self) -> "ActionQuerySet":
        """Return what customers may be told of."""
        return self.filter(is_told=True, dropped_at=None)


class Action(models.Model):
    """A step taken or planned: words per language, who does it, by when, and when it was done."""

    incident = models.ForeignKey(Incident, models.CASCADE, related_name="actions", verbose_name=_("incident"))
    text = models.JSONField(_("what is done"), default=dict)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("owner"))
    due_at = models.DateTimeField(_("due"))
    is_told = models.BooleanField(_("told to customers"), default=True)
    done_at = models.DateTimeField(_("done"), null=True, blank=True)
    dropped_at = models.DateTimeField(_("dropped"), null=True, blank=True)
    created_at = models.DateTimeField(_("planned"))

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(done_at=None) | models.Q(dropped_at=None), name="action_is_done_or_dropped"
            )
        ]

    def __str__(self) -> str:
        return str(next(iter(self.text.values()), ""))
