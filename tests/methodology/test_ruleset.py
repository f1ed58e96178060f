"""The rules by their version and digest: whatever judging looks at is in it, and an event is judged by those given."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from ledger.bounds import FieldBounds
from ledger.organisations import Organisation, RegionMembership
from ledger.vocabulary import Change, OrganisationKind
from methodology.book import Book
from methodology.posting import post_event
from methodology.rejection_sentences import Rejection
from methodology.ruleset import IN_FORCE, read_rules, write_rules
from tests.methodology.facts import FAR, state_disruption, state_threat

KENT = IN_FORCE.recorders["kent"]
COAST = Organisation("coast", "Coast", OrganisationKind.AGENCY, None, (RegionMembership("National"),))


def judge_changed(fact, **changed):
    """What an empty book says of a fact by rules of which something is changed."""
    answer = post_event(Book(fact.threat_id), fact, FAR, replace(IN_FORCE, **changed))
    return answer.code if isinstance(answer, Rejection) else answer.verdict


def test_the_rules_in_force_are_pinned() -> None:
    """A changed row changes this digest: give the rules a new version, and say in RULES.md from when it holds."""
    assert IN_FORCE.version == "2026.1"
    assert IN_FORCE.digest == "e8e0fd9f6be2ec6c6607ca1a925d786c7f3b51fc81ebb6321a3b0638a6c9eb8c"


@pytest.mark.parametrize(
    "changed",
    [
        {"version": "2026.2"},
        {"standards": (*IN_FORCE.standards[:1], replace(IN_FORCE.standards[1], permitted_kinds=frozenset()))},
        {"organisations": (*IN_FORCE.organisations, COAST)},
        {"legal_changes": ((None, Change.RECORDED),)},
        {"future_tolerance": 1},
        {"first_day": 1},
        {"lowest_tier": 0},
        {"highest_tier": 6},
        {"bounds": FieldBounds(tag=99)},
        {"reference_rule": 2},
    ],
)
def test_whatever_is_changed_is_another_digest(changed) -> None:
    """Each field counts."""
    assert replace(IN_FORCE, **changed).digest != IN_FORCE.digest


def test_the_same_rules_are_the_same_digest_whatever_their_order_in_memory() -> None:
    """Sets and mappings are put in order."""
    first, *others = IN_FORCE.standards
    turned = MappingProxyType(dict(reversed(list(first.permitted_types.items()))))
    assert replace(IN_FORCE, standards=(replace(first, permitted_types=turned), *others)).digest == IN_FORCE.digest


def test_rules_that_are_written_down_are_read_back() -> None:
    """As equals, with the same digest."""
    read = read_rules(write_rules(IN_FORCE))
    assert read == IN_FORCE
    assert read.digest == IN_FORCE.digest


def test_only_rules_are_written_down() -> None:
    """Whatever is no data is a mistake of the program."""
    with pytest.raises(NotImplementedError):
        write_rules(replace(IN_FORCE, organisations=(object(),)))  # type: ignore[arg-type]  # on purpose


def test_an_event_is_judged_by_the_rules_that_are_given() -> None:
    """Each of what admission looks at, by rules that say otherwise than those in force."""
    assert judge_changed(state_disruption(recorded_by="coast")) == "UNKNOWN_ORGANISATION"
    assert judge_changed(state_disruption(recorded_by="coast"), organisations=(COAST,)) == "ADMITTED"
    assert judge_changed(state_threat(owner="coast"), organisations=(KENT,)) == "UNKNOWN_ORGANISATION"
    assert judge_changed(state_disruption(event_date=3), first_day=4) == "UNRECOGNISED_VALUE"
    assert judge_changed(state_threat(assessed_on=3), first_day=4) == "UNRECOGNISED_VALUE"
    assert judge_changed(state_threat(tier=6), highest_tier=6) == "ADMITTED"
    assert judge_changed(state_threat(tier=1), lowest_tier=2) == "UNRECOGNISED_VALUE"
    assert judge_changed(state_disruption(actor="abcde"), bounds=FieldBounds(reference=4)) == "FIELD_TOO_LONG"
    assert judge_changed(state_disruption(), legal_changes=()) == "CHANGE_NOT_LEGAL"
    assert judge_changed(state_disruption(entered_at=FAR), future_tolerance=-1) == "ENTERED_IN_FUTURE"
    alone = replace(IN_FORCE.standards[1], until=None)
    silent = replace(alone, permitted_types={kind: frozenset() for kind in OrganisationKind})
    assert judge_changed(state_disruption(), standards=(silent,)) == "SUPPORT_BY_FORCE"


def test_the_newest_day_that_may_be_named_is_that_of_the_united_kingdom_with_the_tolerance() -> None:
    """1 July 2023, 22:54:59.999 UTC is 23:54:59.999 in London; five minutes on the day ends there."""
    instant = 19_539 * 86_400_000 + 22 * 3_600_000 + 54 * 60_000 + 59_999
    assert IN_FORCE.find_newest_day(instant) == 19_539
    assert IN_FORCE.find_newest_day(instant + 1) == 19_540
