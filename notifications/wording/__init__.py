"""Checks a text against the message rules of its language; needs no database and stops nobody."""

from notifications.wording.findings import Finding, check, check_message, is_deterministic
from notifications.wording.revisions import check_revision
from notifications.wording.rulebook import Rule, Scope, categories, rules
from notifications.wording.texts import LANGUAGES, UnknownLanguage

__all__ = [
    "LANGUAGES",
    "Finding",
    "Rule",
    "Scope",
    "UnknownLanguage",
    "categories",
    "check",
    "check_message",
    "check_revision",
    "is_deterministic",
    "rules",
]
