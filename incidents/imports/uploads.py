"""Lists that people upload in their browser: kept in the database, looked at, imported, and then forgotten."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path, PurePath
from tempfile import TemporaryDirectory

from django.db import transaction
from django.utils.translation import gettext as _

from incidents.imports import importing
from incidents.imports.report import ImportRefused, Report
from incidents.models import CustomerFile, User

LARGEST_UPLOAD = 20 << 20
KEPT_UNIMPORTED = timedelta(days=1)


def store(name: str, *, chunks: Iterable[bytes], by: User, now: datetime) -> CustomerFile:
    """Keep an uploaded file; those that nobody imported within a day are forgotten meanwhile."""
    content = b"".join(_limited(chunks))
    stale = CustomerFile.objects.filter(imported_at=None, uploaded_at__lt=now - KEPT_UNIMPORTED)
    stale.exclude(content=b"").update(content=b"")
    plain = PurePath(name.replace("\\", "/")).name[-200:]
    return CustomerFile.objects.create(name=plain, content=content, size=len(content), uploaded_by=by, uploaded_at=now)


def view(file: CustomerFile, *, encoding: str | None) -> importing.FileView:
    """Show the head of the uploaded file, or the encodings to choose from; raise ImportRefused if it is no list."""
    with _unpacked(file) as path:
        return importing.preview(path, encoding=encoding)


def rehearse(file: CustomerFile, *, encoding: str | None, now: datetime) -> Report:
    """Report what an import would do; write nothing."""
    with _unpacked(file) as path:
        return importing.run(path, encoding=encoding, is_dry_run=True, now=now)


def run(file: CustomerFile, *, encoding: str | None, by: User, now: datetime) -> CustomerFile:
    """Import the uploaded file once, keep the report and forget the content."""
    with transaction.atomic():
        locked = CustomerFile.objects.select_for_update(no_key=True).get(pk=file.pk)
        with _unpacked(locked) as path:
            report = importing.run(path, encoding=encoding, by=by, now=now)
        locked.report = {**report.as_json(), "summary": report.summary}
        locked.imported_at = now
        locked.content = b""
        locked.save(update_fields=["report", "imported_at", "content"])
    file.refresh_from_db()
    return file


def _limited(chunks: Iterable[bytes]) -> Iterator[bytes]:
    size = 0
    for chunk in chunks:
        size += len(chunk)
        if size > LARGEST_UPLOAD:
            sentence = _("The file is larger than %(size)s MB; import it with manage.py import_customers, or split it.")
            raise ImportRefused(sentence % {"size": LARGEST_UPLOAD >> 20})
        yield chunk


@contextmanager
def _unpacked(file: CustomerFile) -> Iterator[Path]:
    """Give the file a place on this machine's disk for as long as it is read; only we may look there."""
    if file.imported_at is not None:
        raise ImportRefused(_("This file was imported already; upload it again to import it again."))
    if not file.content:
        raise ImportRefused(_("This file was not imported within a day and is forgotten; upload it again."))
    with TemporaryDirectory(prefix="crisiscomm-import-") as directory:
        path = Path(directory) / (file.name or "list.csv")
        path.write_bytes(bytes(file.content))
        yield path
