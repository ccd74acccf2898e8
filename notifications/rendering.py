"""Renders message texts: strict Liquid over flat strings from a closed list, and moments as their reader says them."""

import re
import unicodedata
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, TextIO
from zoneinfo import ZoneInfo

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from liquid import Environment, FalsyStrictUndefined
from liquid.ast import Node
from liquid.builtin.expressions import FilteredExpression
from liquid.builtin.expressions import Path as VariablePath
from liquid.builtin.expressions.primitive import RangeLiteral
from liquid.builtin.output import Output, OutputNode
from liquid.context import RenderContext
from liquid.exceptions import LiquidError, UndefinedError
from liquid.expression import Expression
from liquid.stringify import to_liquid_string
from liquid.template import BoundTemplate

from incidents.errors import Refusal

HERE = Path(__file__).parent
PHRASES: dict[str, Any] = yaml.safe_load((HERE / "phrases.yaml").read_text(encoding="utf-8"))
LABELS: dict[str, dict[str, str]] = {
    entry["name"]: entry["label"]
    for entry in yaml.safe_load((HERE / "variables.yaml").read_text(encoding="utf-8"))["variables"]
}
MOMENTS = frozenset(
    entry["name"]
    for entry in yaml.safe_load((HERE / "variables.yaml").read_text(encoding="utf-8"))["variables"]
    if entry["type"] == "datetime"
)
PERSONAL = frozenset(
    {
        "customer.salutation",
        "customer.affected_items",
        "contact.person_name",
        "commitment.status_summary",
        "commitment.open_summary",
        "survey.url",
    }
)
LINKS = frozenset({"link.portal", "link.unsubscribe"})
# Private-use characters: no customer text holds them (`clean` drops them), so splicing cannot be fooled.
MARKER_OPEN, MARKER_CLOSE = "\ue000", "\ue001"
TAGS = {"if", "unless", "case", "comment", "content", "output", "illegal"}
FILTERS = {"default", "upcase", "downcase", "capitalize", "truncate", "escape", "strip"}
PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")
LONGEST_SOURCE = 20_000
LONGEST_OUTPUT = 200_000
DEEPEST_NESTING = 20


class MissingValue(Refusal):
    """A text prints a variable that has no value; a gap blocks sending, it never prints as blank."""

    def __init__(self, variable: str) -> None:
        self.variable = variable
        super().__init__(
            _("“%(label)s” (%(variable)s) has no value: fill it in, or put it inside an if.")
            % {"label": label(variable), "variable": variable}
        )


class BadText(Refusal):
    """A text that cannot be a message: syntax, an unknown variable, or a construct that is not allowed."""

    def __init__(self, problem: str, *, source: str = "", index: int = -1) -> None:
        self.index = index
        place = ""
        if index >= 0:
            line = source.count("\n", 0, index) + 1
            column = index - (source.rfind("\n", 0, index) + 1) + 1
            place = " " + _("(line %(line)d, column %(column)d)") % {"line": line, "column": column}
        super().__init__(problem + place)


@dataclass(frozen=True)
class Use:
    """One place where a text names a variable: printed, or only asked about in a condition."""

    variable: str
    index: int
    is_printed: bool
    is_plain: bool


def label(variable: str) -> str:
    """Return a variable's name in the language of the screen."""
    names = LABELS.get(variable, {})
    return names.get((get_language() or "en")[:2]) or names.get("en") or variable


def phrase(name: str, language: str) -> str:
    """Return one of the sentences every message shares."""
    texts: dict[str, str] = PHRASES[name]
    return texts.get(language) or texts["en"]


def marker(variable: str) -> str:
    """Return the place-holder that sending replaces with a recipient's own value."""
    return f"{MARKER_OPEN}{variable}{MARKER_CLOSE}"


def escape_markdown(value: str) -> str:
    """Return a value so that Markdown shows it as it is; its lines stay lines, never blocks."""
    lines = (PUNCTUATION.sub(r"\\\1", line.strip()) for line in value.split("\n"))
    return "\n".join(line for line in lines if line)


class _EscapedNode(OutputNode):
    """Prints a value so that it cannot become Markdown; conditions still see it as it is."""

    def render_to_output(self, context: RenderContext, buffer: TextIO) -> int:
        value = to_liquid_string(self.expression.evaluate(context), context.autoescape)
        return buffer.write(escape_markdown(value))


class _EscapedOutput(Output):
    node_class = _EscapedNode


class _BoundedEnvironment(Environment):
    output_stream_limit = LONGEST_OUTPUT
    context_depth_limit = DEEPEST_NESTING


def _environment() -> Environment:
    environment = _BoundedEnvironment(undefined=FalsyStrictUndefined, strict_filters=True)
    environment.tags = {name: tag for name, tag in environment.tags.items() if name in TAGS}
    environment.filters = {name: one for name, one in environment.filters.items() if name in FILTERS}
    return environment


def _markdown_environment() -> Environment:
    environment = _environment()
    environment.add_tag(_EscapedOutput)
    return environment


PLAIN, MARKDOWN = _environment(), _markdown_environment()


@lru_cache(maxsize=1024)
def _parse(source: str, environment: Environment = PLAIN) -> tuple[BoundTemplate, tuple[Use, ...]]:
    if len(source.encode("utf-8", "replace")) > LONGEST_SOURCE:
        raise BadText(_("The text is longer than 20 kB."))
    if max(_depths(source), default=0) > DEEPEST_NESTING:
        raise BadText(_("The conditions are nested too deeply."))
    try:
        template = environment.from_string(source)
    except LiquidError as error:
        index = error.token.start_index if error.token else -1
        raise BadText(str(error.message), source=source, index=index) from error
    uses = tuple(use for node in template.nodes for use in _uses(node, source))
    return template, uses


def _depths(source: str) -> Iterator[int]:
    depth = 0
    for tag in re.findall(r"{%-?\s*(end)?(?:if|unless|case)\b", source):
        depth += -1 if tag else 1
        yield depth


def _uses(node: Node, source: str) -> Iterator[Use]:
    for expression in node.expressions():
        yield from _named(expression, node, source)
    for child in node.children(None):  # type: ignore[arg-type]
        yield from _uses(child, source)


def _named(expression: Expression, node: Node, source: str) -> Iterator[Use]:
    if isinstance(expression, RangeLiteral):
        raise BadText(_("Ranges are not allowed in a message."), source=source, index=node.token.start_index)
    is_printed = isinstance(node, OutputNode)
    is_plain = is_printed and isinstance(expression, FilteredExpression) and not expression.filters
    for name, index in _paths(expression, source):
        yield Use(variable=name, index=index, is_printed=is_printed, is_plain=is_plain)
    if isinstance(expression, FilteredExpression):
        _refuse_filters(expression, source)


def _refuse_filters(expression: FilteredExpression, source: str) -> None:
    for one in expression.filters or []:
        if one.name not in FILTERS:
            raise BadText(
                _("The filter “%s” is not allowed in a message.") % one.name, source=source, index=one.token.start_index
            )


def _paths(expression: Expression, source: str) -> Iterator[tuple[str, int]]:
    if isinstance(expression, RangeLiteral):
        raise BadText(_("Ranges are not allowed in a message."), source=source, index=expression.token.start_index)
    if isinstance(expression, VariablePath):
        yield ".".join(str(segment) for segment in expression.path), expression.token.start_index
    for child in expression.children():
        yield from _paths(child, source)


def analyse(source: str) -> tuple[Use, ...]:
    """Return every use of a variable, in order; refuses what no message may contain."""
    return _parse(source)[1]


def check(source: str, *, facts: Collection[str] = ()) -> None:
    """Refuse a text that names an unknown variable, or does more with a personal one than print it."""
    for use in analyse(source):
        if use.variable not in LABELS and use.variable not in facts:
            raise BadText(_("“%s” is not a variable of this incident.") % use.variable, source=source, index=use.index)
        if use.variable in PERSONAL and not use.is_plain:
            raise BadText(
                _("“%s” differs for every customer: it can only be printed as it is, without if and filters.")
                % label(use.variable),
                source=source,
                index=use.index,
            )


def render(source: str, values: Mapping[str, str]) -> str:
    """Return the text with its values; empty counts as missing."""
    return _render(source, values, PLAIN)


def render_markdown(source: str, values: Mapping[str, str]) -> str:
    """Return the text as Markdown in which every value stands as it is, whatever it contains."""
    return _render(source, values, MARKDOWN)


def _render(source: str, values: Mapping[str, str], environment: Environment) -> str:
    template, uses = _parse(source, environment)
    try:
        return template.render(**_nested(values))
    except UndefinedError as error:
        index = error.token.start_index if error.token else -1
        named = next((use.variable for use in uses if use.index == index), "?")
        raise MissingValue(named) from error
    except LiquidError as error:
        raise BadText(str(error.message), source=source) from error


def _nested(values: Mapping[str, str]) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for name, value in values.items():
        if value in ("", None):
            continue
        *groups, leaf = name.split(".")
        branch = tree
        for group in groups:
            branch = branch.setdefault(group, {})
        branch[leaf] = value
    return tree


def clean(text: str) -> str:
    """Return a value without control, invisible, direction-changing and private-use characters."""
    normal = unicodedata.normalize("NFC", text.replace("\r\n", "\n").replace("\t", " "))
    return "".join(one for one in normal if one == "\n" or unicodedata.category(one) not in ("Cc", "Cf", "Co", "Cs"))


@lru_cache(maxsize=256)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return ZoneInfo("UTC")


def format_moment(moment: datetime, *, language: str, time_zone: str) -> str:
    """Return a moment as its reader says it, in their zone and naming it; an unknown zone reads as UTC."""
    zone = _zone(time_zone)
    local = moment.astimezone(zone)
    named = PHRASES["zones"].get(language, {}).get(zone.key, zone.key)
    if local.replace(fold=0).utcoffset() != local.replace(fold=1).utcoffset():
        offset = f"{local:%z}"
        named = f"{named}, UTC{offset[:3]}:{offset[3:]}"
    return phrase("moment", language).format(
        day=local.day,
        month=PHRASES["months"].get(language, PHRASES["months"]["en"])[local.month - 1],
        year=local.year,
        time=f"{local:%H:%M}",
        zone=named,
    )
