"""Form fields as the admin draws them: dressed in the theme's classes, with one text per language where needed."""

from typing import Any, cast
from zoneinfo import available_timezones

from django import forms
from django.core.validators import validate_email
from unfold.widgets import (
    INPUT_CLASSES,
    UnfoldAdminEmailInputWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminIntegerFieldWidget,
    UnfoldAdminPasswordWidget,
    UnfoldAdminSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
    UnfoldBooleanWidget,
)

from incidents.enums import Language

DRESSED: dict[type[forms.Widget], type[forms.Widget]] = {
    forms.TextInput: UnfoldAdminTextInputWidget,
    forms.Textarea: UnfoldAdminTextareaWidget,
    forms.EmailInput: UnfoldAdminEmailInputWidget,
    forms.NumberInput: UnfoldAdminIntegerFieldWidget,
    forms.PasswordInput: UnfoldAdminPasswordWidget,
    forms.Select: UnfoldAdminSelectWidget,
    forms.SelectMultiple: UnfoldAdminSelectMultipleWidget,
    forms.CheckboxInput: UnfoldBooleanWidget,
    forms.ClearableFileInput: UnfoldAdminFileFieldWidget,
}


class MomentInput(forms.DateTimeInput):
    """The browser's own date and time picker: works by keyboard and on a phone, needs no script of ours."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__({"class": " ".join(INPUT_CLASSES), "step": "60", **(attrs or {})}, format="%Y-%m-%dT%H:%M")


def dress(field: forms.Field) -> None:
    """Replace a plain Django widget by the theme's; widgets of any other class stay as they are."""
    plain = type(field.widget)
    if plain is forms.DateTimeInput:
        _exchange(field, MomentInput(field.widget.attrs))
    elif plain in DRESSED:
        _exchange(field, DRESSED[plain](attrs=field.widget.attrs))


def _exchange(field: forms.Field, widget: forms.Widget) -> None:
    widget.is_required = field.widget.is_required
    widget.is_localized = field.widget.is_localized
    if isinstance(field, forms.ChoiceField | forms.ModelChoiceField) and isinstance(widget, forms.Select):
        field.widget = widget
        widget.choices = cast(Any, field.choices)
    else:
        field.widget = widget


class LocalisedInput(forms.MultiWidget):
    """One input for each language, each labelled with its language."""

    template_name = "admin/localised_input.html"

    def __init__(self, widget: type[forms.Widget] = UnfoldAdminTextInputWidget) -> None:
        super().__init__({language: widget(attrs={"lang": language}) for language in Language.values})

    def decompress(self, value: dict[str, str] | None) -> list[str]:
        return [(value or {}).get(language, "") for language in Language.values]

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        for part, language in zip(context["widget"]["subwidgets"], Language, strict=True):
            part["language_label"] = language.label
        return context


class LocalisedField(forms.MultiValueField):
    """A text per language, `{"en": …, "zh": …, "ru": …}`; languages left empty are not kept."""

    def __init__(self, *, is_long: bool = False, **kwargs: Any) -> None:
        widget = LocalisedInput(UnfoldAdminTextareaWidget if is_long else UnfoldAdminTextInputWidget)
        parts = [forms.CharField(required=False) for _language in Language.values]
        super().__init__(parts, widget=widget, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> dict[str, str]:
        return {language: text for language, text in zip(Language.values, data_list or [], strict=False) if text}


class TimeZoneField(forms.ChoiceField):
    """One of the world's time zones, by name."""

    def __init__(self, **kwargs: Any) -> None:
        names = [(name, name) for name in sorted(available_timezones())]
        super().__init__(choices=names, widget=UnfoldAdminSelectWidget, **kwargs)


class OrderedLanguagesField(forms.MultiValueField):
    """Languages in order of preference, as a list; the first is the fallback."""

    def __init__(self, **kwargs: Any) -> None:
        choices = [("", "–"), *Language.choices]
        parts = [forms.ChoiceField(choices=choices, required=False) for _language in Language]
        widget = _OrderedLanguages([UnfoldAdminSelectWidget(choices=choices) for _language in Language])
        super().__init__(parts, widget=widget, require_all_fields=False, **kwargs)

    def compress(self, data_list: list[str]) -> list[str]:
        return list(dict.fromkeys(filter(None, data_list or [])))


class _OrderedLanguages(forms.MultiWidget):
    template_name = "admin/ordered_input.html"

    def decompress(self, value: list[str] | None) -> list[str]:
        return [*(value or []), "", "", ""][: len(Language)]


class LinesField(forms.CharField):
    """Several mailboxes, one a line, kept as a list."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=UnfoldAdminTextareaWidget(attrs={"rows": 3}), **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> list[str]:
        lines = [line.strip() for line in str(super().clean(value) or "").splitlines() if line.strip()]
        for line in lines:
            validate_email(line)
        return lines
