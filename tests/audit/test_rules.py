"""An output is judged by the rules that it names, and says by what it was judged: expectations by hand."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from audit.findings import FindingKind
from ledger.organisations import Organisation, RegionMembership
from ledger.vocabulary import OrganisationKind
from methodology.ruleset import IN_FORCE, Rules
from schemas import rulesets
from schemas.judged import name_judge_here

Facts = tuple[Callable[..., Any], Callable[..., Any]]

COAST = Organisation("coast", "Coast", OrganisationKind.AGENCY, None, (RegionMembership("National"),))
WITH_COAST = replace(IN_FORCE, version="0", organisations=(*IN_FORCE.organisations, COAST))


@pytest.fixture
def history(monkeypatch: pytest.MonkeyPatch) -> Callable[[Rules], None]:
    """Makes rules known as those of before."""
    return lambda rules: monkeypatch.setattr(rulesets, "read_history", lambda: (rules, IN_FORCE))


def name_rules(ledger: Any, rules: Rules) -> None:
    """Every output so far names these rules."""
    for place, record in enumerate(ledger.entries):
        held = ledger.codec.decode_entry(record.value)
        fact = ledger.codec.decode(held.source.value, held.source.headers)
        judged = held.judged._replace(rules_version=rules.version, rules_digest=rules.digest)
        value = ledger.codec.encode_entry(held.source, fact, held, judged)
        ledger.entries[place] = record._replace(value=value)


def list_found(ledger: Any) -> list[tuple[FindingKind, int | None]]:
    """What a replay says, and where."""
    return [(one.kind, one.offset) for one in ledger.audit_partition()[0].shown]


def test_what_other_rules_admitted_is_judged_by_them(
    ledger: Any, facts: Facts, history: Callable[[Rules], None]
) -> None:
    """The rules of before bound an actor to three characters: 'abcd' was refused then, and is admitted now."""
    threat, disruption = facts
    older = replace(IN_FORCE, version="0", bounds=IN_FORCE.bounds._replace(reference=60, reason=3))
    history(older)
    ledger.admit(threat())
    ledger.admit(disruption(reason="four"))
    assert list_found(ledger) == []
    name_rules(ledger, older)
    assert list_found(ledger) == [(FindingKind.VERDICT_DIFFERS, 1)]


def test_rules_that_this_software_does_not_have_are_named_and_the_rest_is_judged(ledger: Any, facts: Facts) -> None:
    """Threat and first version name rules of the future; version 2, judged by those in force, follows them."""
    threat, disruption = facts
    ledger.admit(threat())
    ledger.admit(disruption())
    name_rules(ledger, replace(IN_FORCE, version="2099.1"))
    ledger.admit(disruption(3, version=2, change="AMENDED", category="MINOR"))
    assert list_found(ledger) == [(FindingKind.RULES_UNKNOWN, 0), (FindingKind.RULES_UNKNOWN, 1)]


def test_rules_of_this_software_that_would_touch_what_was_judged_are_a_difference(
    ledger: Any, facts: Facts, history: Callable[[Rules], None]
) -> None:
    """The rules of before had one more organisation, which is gone from those in force."""
    threat, _ = facts
    history(WITH_COAST)
    ledger.admit(threat())
    name_rules(ledger, WITH_COAST)
    verdict, _ = ledger.audit_partition()
    assert [(one.kind, one.offset, one.partition) for one in verdict.shown] == [
        (FindingKind.RULES_CONFLICT, None, ledger.partition)
    ]
    assert "would touch what 0 judged: organisation coast is gone" in verdict.shown[0].sentence


@pytest.mark.parametrize(
    "lie", [{"rules_version": "1999.1"}, {"schema_fingerprint": "ab" * 32}, {"schema_fingerprint": None}]
)
def test_an_output_that_says_wrongly_by_what_it_was_judged_is_a_difference(
    ledger: Any, facts: Facts, lie: dict[str, Any]
) -> None:
    """A version that is not the digest's, and a schema that is not the writer's; the software is its own word."""
    threat, _ = facts
    ledger.admit(threat())
    held = ledger.codec.decode_entry(ledger.entries[0].value)
    fact = ledger.codec.decode(held.source.value, held.source.headers)
    for changed, expected in ((lie, [(FindingKind.ENTRY_DIFFERS, 0)]), ({"software": "another 1"}, [])):
        value = ledger.codec.encode_entry(held.source, fact, held, held.judged._replace(**changed))
        ledger.entries[0] = ledger.entries[0]._replace(value=value)
        assert list_found(ledger) == expected


@pytest.mark.parametrize(
    ("software", "code", "expected"),
    [
        ("another 1", "VERSION_NOT_NEXT", []),
        (None, "VERSION_NOT_NEXT", [(FindingKind.ENTRY_DIFFERS, 0)]),
        ("another 1", "CHANGE_NOT_LEGAL", [(FindingKind.VERDICT_DIFFERS, 0)]),
    ],
)
def test_a_sentence_is_compared_where_this_software_wrote_it(
    ledger: Any, facts: Facts, software: str | None, code: str, expected: list[tuple[FindingKind, int]]
) -> None:
    """Other software may have put the rejection in other words, and with them nothing else: not another code."""
    _, disruption = facts
    ledger.admit(disruption(version=2, change="AMENDED"))
    held = ledger.codec.decode_rejection(ledger.rejected[0].value)
    judged = held.judged._replace(software=software or held.judged.software)
    value = ledger.codec.encode_rejection(
        held.source, code, "Once we said it so.", ledger.codec.decode(held.source.value), judged
    )
    ledger.rejected[0] = ledger.rejected[0]._replace(value=value)
    assert list_found(ledger) == expected


def test_a_value_that_names_no_schema_was_judged_by_none(ledger: Any) -> None:
    """Garbage is refused without one."""
    ledger.append_garbage()
    assert ledger.codec.decode_rejection(ledger.rejected[0].value).judged == name_judge_here(None)
    assert list_found(ledger) == []
