"""Which column of a file holds what, in the words of three languages."""

import unicodedata
from dataclasses import dataclass

from django.utils.translation import gettext as _

from incidents.imports import words
from incidents.imports.report import ImportRefused, shorten

CRM_ID, AFFECTED_ITEMS, DEGREE, HARM = "crm_id", "affected_items", "degree", "harm"
IMPACT_FIELDS = (DEGREE, HARM, AFFECTED_ITEMS)
MOST_COLUMNS = 200
LONGEST_HEADING = 80

SYNONYMS = {
    "crm_id": (
        "crm id|customer id|customer number|customer no|client id|客户编号|客户号|客户代码|客户id|"
        "код клиента|номер клиента|id клиента|код контрагента"
    ),
    "name": (
        "customer|customer name|full name|company|客户名称|客户姓名|客户|姓名|名称|公司名称|имя|фио|название|"
        "наименование|клиент|имя клиента|название клиента|контрагент"
    ),
    "email": (
        "e-mail|mail|email address|e-mail address|电子邮件|电子邮箱|邮箱|邮件|邮箱地址|почта|эл. почта|"
        "электронная почта|адрес электронной почты|имейл"
    ),
    "phone": (
        "telephone|phone number|mobile|tel|电话|电话号码|手机|手机号|手机号码|联系电话|телефон|номер телефона|"
        "мобильный|мобильный телефон|тел"
    ),
    "language": "lang|语言|язык",
    "time_zone": "timezone|time zone|tz|时区|часовой пояс",
    "region": "country|地区|区域|国家|регион|страна",
    "importance": "priority|重要性|重要程度|客户等级|важность|значимость|приоритет",
    "closeness": "relationship|亲密度|关系密切度|紧密程度|关系|близость|близость отношений|отношения",
    "account_key": "account|household|group|账户|帐户|客户账户|集团|家庭|аккаунт|группа|домохозяйство|холдинг",
    "account_manager": "manager|客户经理|负责人|менеджер|менеджер клиента|ответственный менеджер|персональный менеджер",
    "salutation": "greeting|称呼|称谓|обращение|приветствие",
    "preferred_channel": "channel|preferred channel|首选渠道|偏好渠道|联系方式|канал|предпочтительный канал",
    "consent_basis": "consent|legal basis|同意依据|法律依据|основание|правовое основание|согласие",
    "degree": "degree affected|impact|受影响程度|影响程度|степень|степень воздействия|степень влияния",
    "harm": "kind of harm|损害|损害类型|危害|ущерб|вред|вид ущерба",
    "affected_items": "affected items|items|受影响项目|受影响订单|受影响产品|затронутые позиции|затронутые заказы",
}


def _plain(heading: str) -> str:
    """One spelling of a heading: full-width narrowed, lower case, `_`, `-` and blanks alike, no closing dot."""
    text = unicodedata.normalize("NFKC", heading).casefold().replace("_", " ").replace("-", " ")
    return " ".join(text.split()).rstrip(".:")


def vocabulary(synonyms: dict[str, str]) -> dict[str, str]:
    """Return the field each heading means."""
    return {_plain(word): name for name, words in synonyms.items() for word in (name, *words.split("|"))}


FIELD_OF = vocabulary(SYNONYMS)


@dataclass(frozen=True)
class Columns:
    """The headings of a file, matched: `fields` and `attributes` name the place of each column, counted from 0."""

    headings: tuple[str, ...]
    fields: dict[str, int]
    attributes: dict[str, int]

    @property
    def width(self) -> int:
        """How many columns the file has."""
        return len(self.headings)

    def headings_of(self, names: tuple[str, ...]) -> list[str]:
        """Return the file's own headings for these fields, as far as it has them."""
        return [self.headings[self.fields[name]] for name in names if name in self.fields]


def known(headings: list[str], *, meaning: dict[str, str] = FIELD_OF) -> int:
    """Return how many headings are fields we know; a customer id weighs most."""
    found = {meaning.get(_plain(heading)) for heading in headings} - {None}
    return len(found) + (1000 if CRM_ID in found else 0)


def match(headings: list[str], *, meaning: dict[str, str] = FIELD_OF) -> Columns:
    """Return the columns of a file by its first line; raise ImportRefused when customers could not be told apart."""
    names = _without_empty_end(headings)
    _refuse_odd(names)
    fields: dict[str, int] = {}
    attributes: dict[str, int] = {}
    for place, heading in enumerate(names):
        field = meaning.get(_plain(heading))
        target, name = (attributes, heading) if field is None else (fields, field)
        if name in target:
            sentence = _("The columns “%(first)s” and “%(second)s” both mean %(name)s; keep one of them.")
            raise ImportRefused(sentence % {"first": names[target[name]], "second": heading, "name": name})
        target[name] = place
    if CRM_ID not in fields:
        raise ImportRefused(_no_crm_id(names))
    return Columns(tuple(names), fields, attributes)


def _without_empty_end(headings: list[str]) -> list[str]:
    names = [words.tidy(heading) for heading in headings]
    while names and not names[-1]:
        names.pop()
    return names


def _refuse_odd(names: list[str]) -> None:
    if len(names) > MOST_COLUMNS:
        sentence = _("The file has %(count)s columns; at most %(most)s can be imported.")
        raise ImportRefused(sentence % {"count": len(names), "most": MOST_COLUMNS})
    for place, name in enumerate(names, start=1):
        if not name or "\0" in name or len(name) > LONGEST_HEADING:
            sentence = _("Column %(place)s has no usable heading (“%(heading)s”); name it in the first line.")
            raise ImportRefused(sentence % {"place": place, "heading": shorten(name)})


def _no_crm_id(names: list[str]) -> str:
    found = ", ".join(f"“{shorten(name)}”" for name in names[:12]) or "–"
    return _(
        "No column holds the customer's id, so that customers cannot be told apart. Name one column crm_id, 客户编号 "
        "or код клиента in the first line; the first line read is: %(found)s."
    ) % {"found": found}
