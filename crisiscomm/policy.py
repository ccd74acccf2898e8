"""The Content-Security-Policy: strict everywhere, relaxed only where the admin's own scripts need it."""

from csp.middleware import CSPMiddleware, PolicyParts
from django.http import HttpRequest, HttpResponseBase

# Unfold is built on Alpine, which evaluates expressions in the page and sets styles.
RELAXED_PREFIXES = ("/admin/",)
# A message is shown in a frame from our own address.
RELAXATION = {"script-src": ["'unsafe-eval'"], "style-src": ["'unsafe-inline'"], "frame-src": ["'self'"]}


class ContentSecurityPolicyMiddleware(CSPMiddleware):
    def get_policy_parts(
        self, request: HttpRequest, response: HttpResponseBase, report_only: bool = False
    ) -> PolicyParts:
        parts = super().get_policy_parts(request, response, report_only)
        if parts.update is None and parts.replace is None and request.path_info.startswith(RELAXED_PREFIXES):
            parts.update = dict(RELAXATION)
        return parts
