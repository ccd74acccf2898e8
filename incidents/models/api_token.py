"""Keys of other systems, and what they asked for already."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiToken(models.Model):
    """A key of another system: it acts as one member of staff, within its scopes; only its digest is kept."""

    name = models.CharField(_("name"), max_length=80)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="api_tokens", verbose_name=_("acts as")
    )
    digest = models.CharField(_("digest"), max_length=64, unique=True)
    scopes = models.JSONField(_("scopes"), default=list)
    networks = models.JSONField(
        _("networks"), default=list, blank=True, help_text=_("Where it may be used from; empty means anywhere.")
    )
    created_at = models.DateTimeField(_("made"))
    expires_at = models.DateTimeField(_("expires"))
    last_used_at = models.DateTimeField(_("last used"), null=True, blank=True)
    is_active = models.BooleanField(_("active"), default=True)

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self) -> str:
        return self.name


class ApiRequest(models.Model):
    """A request that was carried out, by the key its caller gave it; asked again, the same answer is given."""

    token = models.ForeignKey(ApiToken, models.CASCADE, related_name="requests", verbose_name=_("API token"))
    key = models.CharField(_("idempotency key"), max_length=200)
    request_sha256 = models.CharField(_("digest of the request"), max_length=64)
    response = models.JSONField(_("answer"), null=True)
    created_at = models.DateTimeField(_("received"))

    class Meta:
        verbose_name = _("API request")
        verbose_name_plural = _("API requests")
        constraints = [models.UniqueConstraint(fields=["token", "key"], name="one_api_request_per_key")]

    def __str__(self) -> str:
        return f"{self.token_id} {self.key}"
