"""Which encoding a text file is in: accepted where only one reading makes sense, otherwise for a person to choose."""

import codecs
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.utils.translation import gettext as _

from incidents.imports.report import Candidate, ImportRefused, shorten

UTF_8, UTF_16_LE, UTF_16_BE, GB18030, CP1251 = "utf-8", "utf-16-le", "utf-16-be", "gb18030", "cp1251"
SUPPORTED = (UTF_8, GB18030, CP1251, UTF_16_LE, UTF_16_BE)
ALIASES = {
    "utf8": UTF_8,
    "utf-8-sig": UTF_8,
    "utf-16le": UTF_16_LE,
    "utf-16be": UTF_16_BE,
    "gbk": GB18030,
    "gb2312": GB18030,
    "cp936": GB18030,
    "gb-18030": GB18030,
    "windows-1251": CP1251,
    "win-1251": CP1251,
    "cp-1251": CP1251,
}
MARKS = [(codecs.BOM_UTF8, UTF_8), (codecs.BOM_UTF16_LE, UTF_16_LE), (codecs.BOM_UTF16_BE, UTF_16_BE)]
UTF_32_MARKS = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
CHUNK = 1 << 20
HEAD = 1 << 16
SAMPLED_LINES = 2000
SAMPLED_LENGTH = 2000
SAMPLE_SHOWN = 100
HANZI = re.compile(r"[\u3400-\u9fff]+")
RUSSIAN = re.compile(r"[А-яЁё№]")


@dataclass(frozen=True)
class Decision:
    """The encoding to read a file in; `has_mark` says that a byte order mark comes first and is skipped."""

    encoding: str
    has_mark: bool

    @property
    def codec(self) -> str:
        """The name Python opens the file with."""
        if not self.has_mark:
            return self.encoding
        return "utf-8-sig" if self.encoding == UTF_8 else "utf-16"


def decide(path: Path, *, stated: str | None = None) -> Decision:
    """Return the encoding of the file; raise ImportRefused with candidates where a person must say which it is."""
    mark = _mark(path)
    wanted = _known(stated, mark=mark) if stated else mark
    if wanted is None:
        return _unmarked(path)
    if mark and wanted != mark:
        sentence = _("The file begins with the mark of %(mark)s, so it is not in %(stated)s; leave --encoding out.")
        raise ImportRefused(sentence % {"mark": mark, "stated": stated})
    _refuse_unreadable(path, encoding=wanted)
    return Decision(wanted, has_mark=mark is not None)


def candidates(path: Path) -> list[Candidate]:
    """Return every supported encoding the whole file can be read in, the likely ones first."""
    offered = (UTF_16_LE, UTF_16_BE) if _looks_wide(path) else (UTF_8, GB18030, CP1251)
    lines = telling_lines(path, is_wide=UTF_16_LE in offered)
    found = [
        Candidate(
            encoding,
            sample=shorten(lines[0].decode(encoding, "replace").strip("\ufeff\r\n"), length=SAMPLE_SHOWN)
            if lines
            else "",
            is_plausible=is_plausible(b"\n".join(lines), encoding=encoding),
        )
        for encoding in offered
        if first_bad_line(path, encoding=encoding) is None
    ]
    return sorted(found, key=lambda candidate: not candidate.is_plausible)


def _mark(path: Path) -> str | None:
    with path.open("rb") as file:
        head = file.read(4)
    if head.startswith(UTF_32_MARKS):
        raise ImportRefused(_("The file is in UTF-32; save it as UTF-8 and import it again."))
    return next((encoding for mark, encoding in MARKS if head.startswith(mark)), None)


def _known(stated: str, *, mark: str | None) -> str:
    name = stated.strip().lower().replace("_", "-")
    if name in {"utf-16", "utf16"} and mark in {UTF_16_LE, UTF_16_BE}:
        return mark
    if ALIASES.get(name, name) not in SUPPORTED:
        sentence = _("The encoding “%(stated)s” is not supported; choose one of %(supported)s.")
        raise ImportRefused(sentence % {"stated": stated, "supported": ", ".join(SUPPORTED)})
    return ALIASES.get(name, name)


def _unmarked(path: Path) -> Decision:
    if _is_ascii(path):
        return Decision(UTF_8, has_mark=False)
    found = candidates(path)
    likely = [candidate.encoding for candidate in found if candidate.is_plausible]
    if likely == [UTF_8]:
        return Decision(UTF_8, has_mark=False)
    if not found:
        sentence = _("The file is in none of the encodings %(supported)s; save it as UTF-8 and import it again.")
        raise ImportRefused(sentence % {"supported": ", ".join(SUPPORTED)})
    raise ImportRefused(_question(path, found), candidates=found)


def _question(path: Path, found: list[Candidate]) -> str:
    opening = _("The file does not say which encoding it is in. Choose the one whose line reads well and repeat:")
    readings = [
        f"  {candidate.sample}\n    manage.py import_customers {shlex.quote(str(path))} --encoding {candidate.encoding}"
        for candidate in found
    ]
    return "\n".join([opening, *readings])


def _refuse_unreadable(path: Path, *, encoding: str) -> None:
    line = first_bad_line(path, encoding=encoding)
    if line is not None:
        sentence = _("The file cannot be read as %(encoding)s: line %(line)s holds bytes that do not exist in it.")
        raise ImportRefused(sentence % {"encoding": encoding, "line": line}, candidates=candidates(path))


# --- reading bytes ---------------------------------------------------------------------------------


def _chunks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            yield chunk


def _is_ascii(path: Path) -> bool:
    return all(chunk.isascii() and b"\0" not in chunk for chunk in _chunks(path))


def _looks_wide(path: Path) -> bool:
    """Whether the file is UTF-16: every comma and digit of it brings a zero byte along."""
    with path.open("rb") as file:
        head = file.read(HEAD)
    return head.count(0) > len(head) * 0.05


def first_bad_line(path: Path, *, encoding: str) -> int | None:
    """Return the number of the first line that is not in this encoding, None if the whole file is."""
    decoder = codecs.getincrementaldecoder(encoding)()
    lines = 1
    try:
        for chunk in _chunks(path):
            lines += decoder.decode(chunk).count("\n")
        decoder.decode(b"", final=True)
    except UnicodeDecodeError as error:
        return lines + error.object[: error.start].decode(encoding, "replace").count("\n")
    return None


def telling_lines(path: Path, *, is_wide: bool = False) -> list[bytes]:
    """Return the first lines that differ between encodings: those with bytes outside ASCII."""
    if is_wide:
        with path.open("rb") as file:
            return [file.read(SAMPLED_LENGTH)]
    lines: list[bytes] = []
    with path.open("rb") as file:
        while len(lines) < SAMPLED_LINES and (line := file.readline(CHUNK)):
            if not line.isascii():
                lines.append(line)
    return lines or [b""]


# --- does it read like a language? -----------------------------------------------------------------


def is_plausible(raw: bytes, *, encoding: str) -> bool:
    """Whether these bytes, read in this encoding, look like what people write."""
    text = raw.decode(encoding, "ignore")
    judge = {GB18030: _reads_chinese, CP1251: _reads_russian, UTF_16_LE: _reads_wide, UTF_16_BE: _reads_wide}
    return judge[encoding](text) if encoding in judge else True


def _reads_chinese(text: str) -> bool:
    """Common characters, several in a row: `é` of another encoding becomes one rare or lonely character."""
    runs = HANZI.findall(text)
    characters = "".join(runs)
    if not characters:
        return False
    common = len(characters.encode("gb2312", "ignore")) / 2 / len(characters)
    return common >= 0.9 and len(characters) / len(runs) >= 1.5


def _reads_russian(text: str) -> bool:
    """Nearly all letters outside ASCII are Russian: UTF-8 read so gives a symbol after every Р or С."""
    foreign = [character for character in text if not character.isascii()]
    return bool(foreign) and len(RUSSIAN.findall(text)) / len(foreign) >= 0.75 and _is_cased_like_russian(text)


def _is_cased_like_russian(text: str) -> bool:
    """Chinese bytes read as Russian mix capitals and small letters without sense (`ЦРНД№ъ`)."""
    words = re.findall(r"[А-яЁё]{2,}", text)
    sensible = sum(word[1:].islower() or word.isupper() for word in words)
    return bool(words) and sensible / len(words) >= 0.7


def _reads_wide(text: str) -> bool:
    """Line ends and digits are where they should be."""
    return text.count("\n") > 0 and not re.search(r"[\u0a00\u0d00\u2c00\u3b00]", text)
