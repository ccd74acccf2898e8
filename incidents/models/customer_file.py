"""Files of customers that people uploaded, kept until they are imported."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class CustomerFile(models.Model):
    """One uploaded list; its content goes when it was imported, the report of the import stays.

    In the database and not on a disk: the page that imports may be served by another machine than the upload.
    """

    name = models.CharField(_("file"), max_length=200)
    content = models.BinaryField(_("content"), default=bytes)
    size = models.PositiveIntegerField(_("bytes"), default=0)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, related_name="+", verbose_name=_("uploaded by")
    )
    uploaded_at = models.DateTimeField(_("uploaded"))
    imported_at = models.DateTimeField(_("imported"), null=True, blank=True)
    report = models.JSONField(_("report"), default=dict, blank=True)

    class Meta:
        verbose_name = _("customer import")
        verbose_name_plural = _("customer imports")

    def __str__(self) -> str:
        return self.name
