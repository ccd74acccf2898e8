"""The words people write into cells for the closed lists, in three languages."""

import unicodedata
from functools import cache
from zoneinfo import available_timezones

from incidents.enums import ConsentBasis, Harm, Language

_SCORES = {
    1: "1 low c 低 一般 c级 низкая низкий низкое",
    2: "2 medium middle mid b 中 中等 b级 средняя средний среднее",
    3: "3 high a 高 重要 a级 высокая высокий высокое",
}
_LANGUAGES = {
    Language.EN: "en eng english en-gb en-us 英语 英文 английский",
    Language.ZH: "zh zho chi cn chinese mandarin zh-cn zh-hans zh-hans-cn zh-sg 中文 汉语 普通话 简体中文 китайский",
    Language.RU: "ru rus russian ru-ru 俄语 俄文 русский",
}
_CONSENTS = {
    ConsentBasis.CONTRACT: "contract 合同 договор контракт",
    ConsentBasis.CONSENT: "consent 同意 согласие",
    ConsentBasis.LEGAL_DUTY: "legal-duty law 法定义务 法律义务 закон правовая-обязанность",
}
_HARMS = {
    Harm.NONE: "none no 无 нет",
    Harm.INCONVENIENCE: "inconvenience 不便 неудобство",
    Harm.FINANCIAL: "financial financial-loss money 经济损失 财务 финансовый финансовый-ущерб финансы",
    Harm.OPERATIONAL: "operational operations-stop line-stop 停产 停线 运营 остановка остановка-производства",
    Harm.LEGAL_RIGHT: "legal-right legal 法定权利 合法权益 право законное-право",
    Harm.SAFETY: "safety risk-to-safety 安全 人身安全 безопасность",
}
_CHANNELS = {
    "email": "email e-mail mail 邮件 电子邮件 почта письмо",
    "phone": "phone call telephone 电话 телефон звонок",
    "video": "video video-call 视频 видео видеозвонок",
    "in_person": "in-person visit 拜访 当面 визит лично личная-встреча",
    "sms": "sms text 短信 смс",
}


QUOTED_ON_EXPORT = tuple(f"'{sign}" for sign in "=+-@\t\r＝＋－＠")


def tidy(cell: str) -> str:
    """Return a cell on one line, without the quotation mark our own exports put before a formula."""
    text = cell if cell.isprintable() and cell == cell.strip() else " ".join(cell.split())
    return text[1:] if text.startswith(QUOTED_ON_EXPORT) else text


def plain(word: str) -> str:
    """Return one spelling of a word: full-width narrowed, lower case, `_`, `-` and blanks alike."""
    return " ".join(unicodedata.normalize("NFKC", word).casefold().replace("_", " ").replace("-", " ").split())


SCORES = {plain(word): score for score, words in _SCORES.items() for word in words.split()}
LANGUAGES = {plain(word): language for language, words in _LANGUAGES.items() for word in words.split()}
CONSENTS = {plain(word): basis for basis, words in _CONSENTS.items() for word in words.split()}
HARMS = {plain(word): harm for harm, words in _HARMS.items() for word in words.split()}
CHANNELS = {plain(word): channel for channel, words in _CHANNELS.items() for word in words.split()}


@cache
def time_zones() -> dict[str, str]:
    """Return the names of all time zones by their lower-case spelling."""
    return {name.casefold(): name for name in available_timezones()}
