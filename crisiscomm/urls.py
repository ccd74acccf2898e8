"""Every address of the site."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import include, path
from django.views.defaults import page_not_found
from django.views.generic import RedirectView

from crisiscomm.api import api
from crisiscomm.dashboard import fragment
from crisiscomm.health import healthz, readyz
from crisiscomm.metrics import metrics

admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("", RedirectView.as_view(pattern_name="admin:index"), name="home"),
    path("admin/now/", admin.site.admin_view(fragment), name="now"),
    path("admin/", admin.site.urls),
    path("accounts/", include("allauth.urls")),
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
    path("healthz", healthz, name="healthz"),
    path("readyz", readyz, name="readyz"),
    path("metrics", metrics, name="metrics"),
    path("", include("notifications.urls")),
    path("", include("workflows.urls")),
]


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Programs get JSON, people get a page."""
    if request.path_info.startswith("/api/"):
        return JsonResponse({"error": "Not found."}, status=404)
    return page_not_found(request, exception)


handler404 = not_found
