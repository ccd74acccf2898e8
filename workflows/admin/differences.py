"""What differs between two revisions of a message, as an approver reads it."""

from difflib import unified_diff

from notifications.models import MessageRevision


def difference(old: MessageRevision | None, new: MessageRevision) -> list[tuple[str, str]]:
    """Return what differs between two revisions line by line: `add`, `del` or `same`, and the line."""
    before, after = _lines(old), _lines(new)
    kinds = {"+": "add", "-": "del"}
    lines = list(unified_diff(before, after, lineterm="", n=2))[2:]
    return [(kinds.get(line[:1], "same"), line[1:] if not line.startswith("@@") else "…") for line in lines]


def _lines(revision: MessageRevision | None) -> list[str]:
    if revision is None:
        return []
    found = []
    for code, text in sorted(revision.content["texts"].items()):
        found.append(f"[{code}] {text['subject']}")
        found += [f"[{code}] {line}" for one in text["sections"] for line in one["text"].splitlines()]
        found.append(f"[{code}] {text['short_text']}")
    for code, values in sorted(revision.content["values"].items()):
        found += [f"[{code}] {name} = {value}" for name, value in sorted(values.items())]
    found += [f"{name} = {value}" for name, value in sorted(revision.content["times"].items())]
    found += [f"audience = {revision.content['audience']}", f"promises = {revision.content['promises']}"]
    return found
