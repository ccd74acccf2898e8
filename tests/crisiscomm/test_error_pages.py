"""Pages for what went wrong say what to do, and the one for our own fault needs no database."""

import pytest
from django.http import Http404
from django.test import RequestFactory
from django.views import defaults


@pytest.mark.parametrize(
    ("view", "status", "heading"),
    [
        (lambda asked: defaults.permission_denied(asked, PermissionError()), 403, "You may not do this"),
        (lambda asked: defaults.page_not_found(asked, Http404()), 404, "There is nothing at this address"),
        (defaults.server_error, 500, "This did not work, and it is our fault"),
    ],
)
def test_error_page_says_what_to_do_without_a_database(view: object, status: int, heading: str) -> None:
    """No mark for the database: a query would fail this test."""
    shown = view(RequestFactory().get("/nowhere/"))  # type: ignore[operator]

    page = shown.content.decode()
    assert (shown.status_code, heading in page, "To the start page" in page) == (status, True, True)
