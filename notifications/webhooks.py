"""The door of providers: /hooks/<channel>/ checks the signature and stores the event once; the work comes later."""

import json

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from incidents import clock
from notifications import channels, inbound, tasks, throttle

LARGEST_BODY = 1024 * 1024
LONGEST_ID = 120
REFUSED = "hook:"
REASONS = ("size", "signature", "content")


@csrf_exempt
@require_POST
def receive(request: HttpRequest, hook: str) -> HttpResponse:
    """Take one event of one provider."""
    channel = channels.by_hook(hook)
    if channel is None:
        return HttpResponse(status=404)
    if int(request.headers.get("content-length") or 0) > LARGEST_BODY:
        return _refuse("size", 413)
    body = request.body
    event_id = request.headers.get("webhook-id", "")
    if not _is_signed(body, request) or len(event_id) > LONGEST_ID:
        return _refuse("signature", 401)
    try:
        receipt = channel.parse(json.loads(body))
    except (KeyError, TypeError, ValueError):
        return _refuse("content", 400)
    if inbound.store(hook, event_id=event_id, receipt=receipt, now=clock.now()):
        tasks.ring_work_off()
    return HttpResponse(status=204)


def _is_signed(body: bytes, request: HttpRequest) -> bool:
    if not settings.CRISISCOMM_HOOK_SECRET:
        return False
    try:
        Webhook(settings.CRISISCOMM_HOOK_SECRET).verify(body, dict(request.headers.items()))
    except WebhookVerificationError:
        return False
    except (ValueError, RuntimeError):
        return False
    return True


def _refuse(reason: str, status: int) -> HttpResponse:
    throttle.note(f"{REFUSED}{reason}", now=clock.now())
    return HttpResponse(status=status)
