"""Playbook files: what is right, what is wrong and in which words, and versions that nobody changes."""

import copy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.core.management import CommandError, call_command

from tests.factories_incidents import NOW, person
from workflows import durations, playbook_rules, playbooks, playbooks_loader
from workflows.models import PlaybookVersion

NAME = "supply-chain-operations"
Change = Callable[[dict[str, Any]], Any]


@pytest.fixture(scope="module")
def original() -> dict[str, Any]:
    content: dict[str, Any] = playbooks.read(playbooks.FOLDER / f"{NAME}.yaml")
    return content


def written(folder: Path, content: object, name: str = f"{NAME}.yaml") -> Path:
    path = folder / name
    path.write_text(yaml.dump(content, allow_unicode=True, Dumper=getattr(yaml, "CSafeDumper", yaml.SafeDumper)))
    return path


def in_one_language(content: Any, language: str) -> Any:
    if isinstance(content, dict):
        return {key: in_one_language(item, language) for key, item in content.items() if key not in others(language)}
    return [in_one_language(item, language) for item in content] if isinstance(content, list) else content


def others(language: str) -> set[str]:
    return {"en", "zh", "ru"} - {language}


@pytest.mark.parametrize("path", playbooks.files(), ids=lambda path: path.stem)
def test_every_shipped_playbook_is_right_in_three_languages(path: Path) -> None:
    assert playbooks_loader.validate(path) == []


def test_ten_playbooks_are_shipped() -> None:
    assert len(playbooks.files()) == 10


def first_notice(content: dict[str, Any]) -> dict[str, Any]:
    letter: dict[str, Any] = content["message_templates"]["first_notice"]["en"]
    return letter


MISTAKES: list[tuple[Change, str]] = [
    (
        lambda c: c["gates"]["analyze"][1].update(enforcement="strong"),
        'gates.analyze[1].enforcement: expected one of hard, waivable, advice, found "strong"',
    ),
    (
        lambda c: c["gates"]["plan"][0].update(id="AN-01"),
        'gates.plan[0].id: expected a name used once, found "AN-01"',
    ),
    (
        lambda c: c["gates"]["analyze"][5]["params"].update(field="facts.gone"),
        'gates.analyze[5].params.field: expected a key of facts_to_collect, found "facts.gone"',
    ),
    (
        lambda c: c["gates"]["follow_up"][2]["params"].update(min_window="5 days"),
        'gates.follow_up[2].params.min_window: expected an ISO 8601 duration such as PT2H or P14D, found "5 days"',
    ),
    (
        lambda c: c["gates"]["follow_up"][1]["params"].update(min_ratio=95),
        "gates.follow_up[1].params.min_ratio: expected a ratio between 0 and 1, found 95",
    ),
    (lambda c: c["gates"].pop("evaluate"), "gates.evaluate: expected, but missing"),
    (
        lambda c: c["cadence"]["by_severity"]["SEV1"]["tier_2"].update(update_every="8h"),
        'cadence.by_severity.SEV1.tier_2.update_every: expected an ISO 8601 duration such as PT2H or P14D, found "8h"',
    ),
    (
        lambda c: c["cadence"]["by_severity"].update(SEV5={}),
        "cadence.by_severity.SEV5: unknown field, expected one of SEV1, SEV2, SEV3, SEV4",
    ),
    (
        lambda c: c["channel_matrix"]["tier_1"].update(primary=[]),
        "channel_matrix.tier_1.primary: expected a list of 1 or more, found []",
    ),
    (
        lambda c: c["approvals"]["resolution"].update(author_may_approve=True),
        "approvals.resolution.author_may_approve: expected false (the author never approves), found true",
    ),
    (
        lambda c: c["definition"].pop("ru"),
        "definition.ru: expected, but missing",
    ),
    (
        lambda c: c["clock_refs"].append("sundial"),
        'clock_refs[3]: expected an id of clocks.yaml, found "sundial"',
    ),
    (
        lambda c: c["metrics_focus"].append("applause"),
        'metrics_focus[5]: expected an id of metrics.yaml, found "applause"',
    ),
    (
        lambda c: first_notice(c).update(subject="{{ incident.titel }}"),
        "message_templates.first_notice.en.subject: expected a variable of variables.yaml or of facts_to_collect, "
        'found "incident.titel"',
    ),
    (
        lambda c: first_notice(c).update(subject="{{ incident.title | upcase }}"),
        "message_templates.first_notice.en.subject: expected only {{ variable }}, {% if variable %}, {% else %} and "
        '{% endif %}, found "{{ incident.title | upcase }}"',
    ),
    (
        lambda c: first_notice(c).update(subject="{% if incident.eta %}soon"),
        "message_templates.first_notice.en.subject: expected an {% endif %} for every {% if %}, "
        'found "{% if incident.eta %}soon"',
    ),
    (
        lambda c: first_notice(c)["sections"].pop(3),
        "message_templates.first_notice.en.sections: expected a section for the element solution, but missing",
    ),
    (
        lambda c: first_notice(c)["sections"][0].update(text=""),
        'message_templates.first_notice.en.sections[0].text: expected a text, found ""',
    ),
]


@pytest.mark.parametrize(("spoil", "sentence"), MISTAKES, ids=[sentence[:50] for _spoil, sentence in MISTAKES])
def test_a_mistake_is_told_in_one_exact_sentence(original: dict[str, Any], spoil: Change, sentence: str) -> None:
    content = copy.deepcopy(original)
    spoil(content)

    assert playbook_rules.faults(content, languages=("en", "zh", "ru")) == [sentence]


@pytest.mark.parametrize(
    ("place", "allowed"),
    [
        (("approvals", "resolution", "approvers"), "roles"),
        (("channel_matrix", "tier_3", "updates"), "channels"),
        (("message_templates", "resolution", "elements_required"), "message_elements"),
    ],
)
def test_words_outside_the_vocabulary_are_refused(
    original: dict[str, Any], place: tuple[str, ...], allowed: str
) -> None:
    content = copy.deepcopy(original)
    part: Any = content
    for key in place:
        part = part[key]
    part[0] = "nonsense"

    known = ", ".join(playbooks.words(allowed))
    path = ".".join(place)
    assert playbook_rules.faults(content) == [f'{path}[0]: expected one of {known}, found "nonsense"']


def test_a_gate_kind_nobody_judges_is_refused(original: dict[str, Any]) -> None:
    content = copy.deepcopy(original)
    content["gates"]["identify"][0]["kind"] = "horoscope"

    [sentence] = playbook_rules.faults(content)

    assert sentence.startswith("gates.identify[0].kind: expected one of acknowledged, ")
    assert sentence.endswith(', found "horoscope"')


@pytest.mark.parametrize("language", ["en", "zh", "ru"])
def test_one_language_is_enough_for_a_companys_own_playbook(
    original: dict[str, Any], tmp_path: Path, language: str
) -> None:
    path = written(tmp_path, in_one_language(original, language))

    assert playbooks_loader.validate(path) == []


def test_a_text_in_no_language_is_refused(original: dict[str, Any], tmp_path: Path) -> None:
    path = written(tmp_path, {**original, "name": {"fr": "Panne"}})

    assert playbooks_loader.validate(path) == [
        f'{NAME}.yaml: name: expected at least one language of en, zh, ru, found ["fr"]'
    ]


def test_a_file_that_is_no_playbook_is_told_by_name(tmp_path: Path) -> None:
    (tmp_path / "list.yaml").write_text("- 1\n")
    (tmp_path / "broken.yaml").write_text("a: [\n")

    broken, listed = playbooks_loader.validate(tmp_path)

    assert broken.startswith("broken.yaml: expected YAML in UTF-8: ")
    assert listed.startswith("list.yaml: expected a mapping with schema_version, id, ")
    assert playbooks_loader.validate(tmp_path / "gone.yaml") == ["gone.yaml: cannot be read: No such file or directory"]


@pytest.mark.django_db
class TestLoading:
    """With the shipped playbooks already there: the migration loads them."""

    def test_a_migrated_database_knows_the_ten_playbooks(self) -> None:
        assert PlaybookVersion.objects.filter(number=1, duration_divisor=1).count() == 10

    def test_an_unchanged_file_makes_no_version(self) -> None:
        assert playbooks_loader.load(now=NOW) == []
        assert playbooks_loader.install(now=NOW) == []

    def test_a_changed_file_makes_the_next_version(self, original: dict[str, Any], tmp_path: Path) -> None:
        path = written(tmp_path, {**original, "clock_refs": []})

        made = playbooks_loader.load(now=NOW, path=path, by=person())

        assert [(str(version), version.source, version.created_by) for version in made] == [
            (f"{NAME} v2", f"{NAME}.yaml", person())
        ]
        newest = playbooks_loader.newest(NAME)
        assert newest is not None
        assert newest.content["clock_refs"] == []
        assert PlaybookVersion.objects.get(playbook__key=NAME, number=1).content == original

    def test_one_faulty_file_keeps_all_of_them_out(self, original: dict[str, Any], tmp_path: Path) -> None:
        written(tmp_path, {**original, "id": "own-right"}, "a.yaml")
        written(tmp_path, {**original, "id": "own-wrong", "kind": "mood"}, "b.yaml")

        with pytest.raises(playbooks_loader.PlaybookFaulty) as refused:
            playbooks_loader.load(now=NOW, path=tmp_path)

        assert str(refused.value) == ('b.yaml: kind: expected one of incident_type, relationship_type, found "mood"')
        assert PlaybookVersion.objects.filter(playbook__key__startswith="own-").count() == 0

    def test_the_divisor_makes_versions_of_its_own(self, original: dict[str, Any]) -> None:
        made = playbooks_loader.load(now=NOW, divisor=7200)

        assert {(version.number, version.duration_divisor) for version in made} == {(2, 7200)}
        assert playbooks_loader.load(now=NOW, divisor=7200) == []
        newest = playbooks_loader.newest(NAME)
        assert newest is not None
        assert newest.content["cadence"]["by_severity"]["SEV1"]["tier_1"]["update_every"] == "PT4S"
        assert newest.content["channel_matrix"]["tier_1"]["written_confirmation"]["within"] == "PT1S"
        assert newest.content["approvals"]["holding_statement"]["sla"] == "PT0.25S"
        assert durations.parse(newest.content["gates"]["follow_up"][2]["params"]["min_window"]).total_seconds() == 60
        assert newest.content["message_templates"] == original["message_templates"]

    def test_a_migration_leaves_alone_what_somebody_made_on_purpose(
        self, original: dict[str, Any], tmp_path: Path
    ) -> None:
        playbooks_loader.load(now=NOW, divisor=60, path=playbooks.FOLDER / "financial.yaml")
        playbooks_loader.load(now=NOW, path=written(tmp_path, {**original, "clock_refs": []}), by=person())

        assert playbooks_loader.install(now=NOW) == []
        assert [str(version) for version in playbooks_loader.load(now=NOW)] == ["financial v3", f"{NAME} v3"]

    def test_the_command_loads_and_says_what_it_made(
        self, original: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        path = written(tmp_path, {**original, "clock_refs": []})

        call_command("load_playbooks", path)
        call_command("load_playbooks", path)

        assert capsys.readouterr().out == f"{NAME} v2 from {NAME}.yaml\n1 new version(s).\n0 new version(s).\n"

    def test_the_command_only_checks_when_asked(self, original: dict[str, Any], tmp_path: Path) -> None:
        path = written(tmp_path, {**original, "kind": "mood"})

        with pytest.raises(CommandError, match=f'{NAME}.yaml: kind: expected one of .*, found "mood"'):
            call_command("load_playbooks", path, check=True)
        with pytest.raises(CommandError, match="--divisor is a whole number, 1 or more"):
            call_command("load_playbooks", divisor=0)


def said(path: Path, kind: str, language: str) -> str:
    texts = playbooks.read(path)["message_templates"][kind][language]
    return " ".join(section["text"] for section in texts["sections"])


@pytest.mark.parametrize("path", playbooks.files(), ids=lambda path: path.stem)
def test_every_progress_update_says_the_interim_measure(path: Path) -> None:
    measure = "{% if incident.interim_measure %}"
    assert [measure in said(path, "progress_update", language) for language in ("en", "zh", "ru")] == [True] * 3


@pytest.mark.parametrize("path", playbooks.files(), ids=lambda path: path.stem)
def test_every_first_notice_admits_only_what_was_decided(path: Path) -> None:
    admission = "{% if incident.responsibility_accepted %}"
    assert [admission in said(path, "first_notice", language) for language in ("en", "zh", "ru")] == [True] * 3


def test_what_affects_customers_is_publishable(original: dict[str, Any]) -> None:
    content = copy.deepcopy(original)
    fact = next(one for one in content["facts_to_collect"] if one.get("affects_customer"))
    fact["publishable"] = False

    assert [fault.split(": ")[1] for fault in playbook_rules.faults(content)] == [
        "expected true for what affects customers, found false"
    ]
