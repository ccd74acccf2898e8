"""A company that does not exist, with staff and any number of customers: always the same ones for the same number."""

import csv
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DATA = Path(__file__).with_name("sample_company.yaml")
CUSTOMERS = 2000
# Of a thousand customers, so many come out in tier 1 and in tier 2 when the import is tiered.
TIER_1_IN_1000 = 20
TIER_2_IN_1000 = 230
COLUMNS = (
    "crm_id",
    "name",
    "email",
    "phone",
    "language",
    "time_zone",
    "region",
    "importance",
    "closeness",
    "account_key",
    "account_manager",
    "salutation",
    "preferred_channel",
    "consent_basis",
    "product",
    "harm",
    "degree",
    "affected_items",
)


@dataclass(frozen=True)
class Person:
    """One member of staff; `stands_in_for` are roles held as deputy, `language` is what an account manager speaks."""

    username: str
    first_name: str
    last_name: str
    email: str
    time_zone: str
    groups: tuple[str, ...]
    roles: tuple[str, ...]
    stands_in_for: tuple[str, ...]
    language: str


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(DATA.read_text(encoding="utf-8"))
    return loaded


def company() -> dict[str, Any]:
    """Return the values of the one row of company settings."""
    return dict(_data()["company"])


def staff() -> list[Person]:
    """Return the people of the company; every role of a playbook has a holder and a deputy among them."""
    return [
        Person(
            username=line["username"],
            first_name=line["first_name"],
            last_name=line["last_name"],
            email=f"{line['username']}@nordwind.example.com",
            time_zone=line["zone"],
            groups=tuple(line["groups"]),
            roles=tuple(line.get("roles", ())),
            stands_in_for=tuple(line.get("stands_in_for", ())),
            language=line.get("language", ""),
        )
        for line in _data()["staff"]
    ]


def account_managers() -> list[str]:
    """Return the user names of those who look after customers."""
    return [person.username for person in staff() if person.language]


def write_customers(path: Path, *, number: int = CUSTOMERS, managers: Sequence[str] | None = None) -> Path:
    """Write customers affected by a recall of bearing blocks, as `import_customers` reads them; return the path."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(customers(number, managers=account_managers() if managers is None else managers))
    return path


def customers(number: int, *, managers: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the customers one by one, the same for the same number and managers."""
    chance = random.Random(4711)  # noqa: S311 - the same company every time, no secret
    tiers = _dealt({1: max(1, number * TIER_1_IN_1000 // 1000), 2: number * TIER_2_IN_1000 // 1000}, 3, number, chance)
    shares = {language: number * spec["share"] // 100 for language, spec in _data()["languages"].items()}
    languages = _dealt({name: shares[name] for name in ("zh", "ru")}, "en", number, chance)
    for place, (tier, language) in enumerate(zip(tiers, languages, strict=True), start=1):
        yield _customer(place, tier=tier, language=language, managers=managers, chance=chance)


def _dealt(counts: dict[Any, int], rest: Any, number: int, chance: random.Random) -> list[Any]:
    """Return as many of each as asked, the remainder filled with `rest`, in random order."""
    cards = [name for name, count in counts.items() for _ in range(count)][:number]
    cards += [rest] * (number - len(cards))
    chance.shuffle(cards)
    return cards


def _customer(
    place: int, *, tier: int, language: str, managers: Sequence[str], chance: random.Random
) -> dict[str, Any]:
    words = _data()["languages"][language]
    region, zone = _place(words, chance)
    importance, degree, closeness, harm = chance.choice(_data()["situations"][tier])
    part = chance.choice(_data()["parts"])
    order, pieces = 4000 + place, 20 * chance.randint(1, 40)
    return {
        "crm_id": f"NW-{place:05}",
        "name": _firm(words, place),
        "email": f"purchasing@customer-{place:05}.example",
        "phone": _phone(words, place),
        "language": language,
        "time_zone": zone,
        "region": region,
        "importance": importance,
        "closeness": closeness,
        "account_key": f"A-{place // 3:05}",
        "account_manager": _manager(language, managers=managers, place=place),
        "salutation": _salutation(words, chance),
        "preferred_channel": "phone" if tier == 2 and chance.random() < 0.05 else "",
        "consent_basis": "contract",
        "product": part,
        "harm": harm,
        "degree": degree,
        "affected_items": words["items"].format(order=order, pieces=pieces, part=part),
    }


def _place(words: dict[str, Any], chance: random.Random) -> tuple[str, str]:
    places = words["places"]
    region, zone, _weight = chance.choices(places, [weight for *_where, weight in places])[0]
    return region, zone


def _firm(words: dict[str, Any], place: int) -> str:
    """Walk through all combinations, so that names repeat as late as possible."""
    towns, stems, kinds = words["towns"], words["stems"], words["kinds"]
    town = towns[place % len(towns)]
    stem = stems[place // len(towns) % len(stems)]
    kind = kinds[place // len(towns) // len(stems) % len(kinds)]
    name: str = words["firm"].format(place=town, stem=stem, kind=kind)
    return name


def _phone(words: dict[str, Any], place: int) -> str:
    pattern, count = words["phones"][place % len(words["phones"])]
    number: str = pattern.format(place // len(words["phones"]) % count)
    return number


def _manager(language: str, *, managers: Sequence[str], place: int) -> str:
    """Prefer managers who speak the language."""
    speakers = {person.username for person in staff_by_language(language)}
    able = [manager for manager in managers if manager in speakers] or list(managers)
    return able[place % len(able)] if able else ""


@cache
def staff_by_language(language: str) -> tuple[Person, ...]:
    """Return the account managers who look after customers of one language."""
    return tuple(person for person in staff() if person.language == language)


def _salutation(words: dict[str, Any], chance: random.Random) -> str:
    people, form = chance.choice([("women", "to_women"), ("men", "to_men")])
    greeting: str = words[form].format(person=chance.choice(words[people]))
    return greeting
