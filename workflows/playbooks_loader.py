"""Reads playbook files, tells what is wrong in them, and keeps them as versions."""

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.db import transaction
from django.db.models import Max

from incidents.enums import Language
from incidents.errors import Refusal
from incidents.models import Incident, User
from workflows import durations, playbook_rules, playbooks
from workflows.gates import in_reader_language
from workflows.models import Playbook, PlaybookVersion


class PlaybookFaulty(Refusal):
    """A playbook cannot be loaded; `faults` holds one sentence for each thing to mend."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("\n".join(faults))


def validate(path: Path) -> list[str]:
    """Return what is wrong in a playbook file, or in every file of a folder; the shipped ones need every language."""
    return [sentence for file in _files(path) for sentence in _checked(file)[1]]


def load(
    *, now: datetime, path: Path = playbooks.FOLDER, by: User | None = None, divisor: int = 1
) -> list[PlaybookVersion]:
    """Make a new version of every playbook that differs from its newest one, and return the new versions.

    `divisor` divides the playbook's own durations, for demonstrations and exercises. Raises PlaybookFaulty.
    """
    contents = [(file, content) for file, content in _read_all(path)]
    with transaction.atomic():
        made = [_publish(file.name, content, now=now, by=by, divisor=divisor) for file, content in contents]
    return [version for version in made if version is not None]


def install(*, now: datetime) -> list[PlaybookVersion]:
    """Load the shipped playbooks, but leave alone those whose newest version somebody made on purpose."""
    with transaction.atomic():
        made = [
            _publish(file.name, content, now=now, by=None, divisor=1)
            for file, content in _read_all(playbooks.FOLDER)
            if _is_ours(content["id"])
        ]
    return [version for version in made if version is not None]


def newest(key: str) -> PlaybookVersion | None:
    """Return the newest version of a playbook: the one new incidents use."""
    return PlaybookVersion.objects.select_related("playbook").filter(playbook__key=key).order_by("-number").first()


def classification(incident: Incident) -> str:
    """Return type, subtype and relationship type by the names of their playbooks, in the reader's language."""
    names = []
    for key in filter(None, (incident.type, incident.relationship_type)):
        version = newest(key)
        names.append(in_reader_language(version.playbook.name) if version else key)
        subtypes = version.content["subtypes"] if version and key == incident.type else []
        names += [in_reader_language(item["name"]) for item in subtypes if item["id"] == incident.subtype]
    return " · ".join(names)


def digest(content: Any) -> str:
    """Return the SHA-256 of a value in its one canonical JSON form."""
    canonical = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def _publish(
    source: str, content: dict[str, Any], *, now: datetime, by: User | None, divisor: int
) -> PlaybookVersion | None:
    playbook, _made = Playbook.objects.update_or_create(
        key=content["id"], defaults={"kind": content["kind"], "name": content["name"]}
    )
    sha256 = digest([content, divisor])
    # The row is locked, so that two loads at once number their versions one after the other.
    Playbook.objects.select_for_update(no_key=True).get(pk=playbook.pk)
    present = newest(playbook.key)
    if present is not None and present.sha256 == sha256:
        return None
    last = playbook.versions.aggregate(last=Max("number"))["last"] or 0
    return PlaybookVersion.objects.create(
        playbook=playbook,
        number=last + 1,
        content=durations.divide(content, divisor=divisor),
        sha256=sha256,
        source=source,
        duration_divisor=divisor,
        created_by=by,
        created_at=now,
    )


def _is_ours(key: str) -> bool:
    present = newest(key)
    return present is None or (present.created_by_id is None and present.duration_divisor == 1)


def _read_all(path: Path) -> list[tuple[Path, dict[str, Any]]]:
    checked = [(file, *_checked(file)) for file in _files(path)]
    wrong = [sentence for _file, _content, faults in checked for sentence in faults]
    if wrong:
        raise PlaybookFaulty(wrong)
    return [(file, content) for file, content, _faults in checked]


def _files(path: Path) -> list[Path]:
    found = playbooks.files(path) if path.is_dir() else [path]
    if not found:
        raise PlaybookFaulty([f"{path}: expected playbook files (*.yaml), found none"])
    return found


def _checked(path: Path) -> tuple[Any, list[str]]:
    return _checked_shipped(path) if path.parent == playbooks.FOLDER else _check(path, ())


@cache
def _checked_shipped(path: Path) -> tuple[Any, list[str]]:
    return _check(path, tuple(Language.values))


def _check(path: Path, languages: tuple[str, ...]) -> tuple[Any, list[str]]:
    try:
        content = playbooks.read(path)
    except OSError as error:
        return None, [f"{path.name}: cannot be read: {error.strerror}"]
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return None, [f"{path.name}: expected YAML in UTF-8: {error}"]
    return content, [f"{path.name}: {sentence}" for sentence in playbook_rules.faults(content, languages=languages)]
