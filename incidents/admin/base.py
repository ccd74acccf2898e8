"""What every page of the admin shares: nothing is deleted, states change only through doors (see `doors`)."""

from collections.abc import Callable
from typing import Any, TypeVar, cast

from django.contrib.admin.utils import unquote
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from unfold.admin import ModelAdmin, TabularInline
from unfold.decorators import display as unfold_display

from incidents import audit, clock, embargo
from incidents.admin.doors import Door
from incidents.models import User

NOT_SET = "–"
F = TypeVar("F", bound=Callable[..., Any])
# Unfold's decorator for list columns, with the type it leaves out.
display: Callable[..., Callable[[F], F]] = unfold_display


class Admin(ModelAdmin):
    """A page whose rows are never deleted and whose lists cost the same for one row and for many.

    `state_fields` are shown, never written: they belong to domain functions. Say `ordering`, and name in
    `list_select_related` what the list's columns follow.
    """

    state_fields: tuple[str, ...] = ()
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 200
    list_select_related: tuple[str, ...] | bool = ()
    ordering: tuple[str, ...] = ("-pk",)
    empty_value_display = NOT_SET
    actions = None
    list_fullwidth = True
    warn_unsaved_form = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """Leave out what belongs to an incident that is kept from this person; every list and address begins here."""
        return embargo.visible(super().get_queryset(request), to=request.user)

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        found = super().get_object(request, object_id, from_field)
        if found is not None:
            embargo.note_sight(found, by=cast(User, request.user), now=clock.now())
        return found

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer no incident that is kept from this person."""
        field = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None and getattr(field, "queryset", None) is not None:
            field.queryset = embargo.visible(field.queryset, to=request.user)
        return field

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Save what a person wrote on the page; the audit trail keeps who, which row and which fields, no values."""
        super().save_model(request, obj, form, change)
        verb = "changed" if change else "added"
        data = {"id": obj.pk, "fields": sorted(form.changed_data)}
        by = cast(User, request.user)
        audit.record(None, action=f"{obj._meta.model_name}.{verb}", actor=by, now=clock.now(), data=data)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> list[str]:
        return [*super().get_readonly_fields(request, obj), *self.state_fields]

    def get_actions_list(self, request: HttpRequest) -> list[Any]:
        return [action for action in super().get_actions_list(request) if _is_open(action, request)]

    def get_actions_row(self, request: HttpRequest) -> list[Any]:
        return [action for action in super().get_actions_row(request) if _is_open(action, request)]

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> list[Any]:
        """Leave out the doors that are closed to this person or do not apply to this row."""
        actions = [action for action in super().get_actions_detail(request, object_id) if _is_open(action, request)]
        doors = [_door(action) for action in actions]
        if not any(door and door.shown for door in doors):
            return actions
        subject = self.get_object(request, unquote(str(object_id)))
        if subject is None:
            return []
        return [action for action, door in zip(actions, doors, strict=True) if not door or door.applies_to(subject)]


class ReadOnlyAdmin(Admin):
    """A page that only tells."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


class ReadOnlyInline(TabularInline):
    """Rows under another row that only tell."""

    extra = 0
    can_delete = False
    show_change_link = True
    tab = True

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return embargo.visible(super().get_queryset(request), to=request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def _door(action: Any) -> Door | None:
    return getattr(action.method, "door", None)


def _is_open(action: Any, request: HttpRequest) -> bool:
    door = _door(action)
    return door is None or door.is_open_to(request)
