"""What other rules would touch: by rules made by hand, on a ledger whose newest day is 2026-11-25."""

from dataclasses import replace

from ledger.bounds import FieldBounds
from ledger.organisations import Organisation, RegionMembership
from ledger.vocabulary import OrganisationKind
from methodology.conflicts import find_conflicts
from methodology.ruleset import IN_FORCE
from methodology.standards import Standard

NEWEST = 20_782  # 2026-11-25
STANDARD = Standard(
    since=0,
    until=None,
    citation="One.",
    permitted_types={kind: frozenset({"LEAD"}) for kind in OrganisationKind},
    permitted_kinds=frozenset({"OCG"}),
    one_pillar_per_activity=True,
    counted_categories=frozenset({"MAJOR"}),
)
KENT = Organisation("kent", "Kent Police", OrganisationKind.TERRITORIAL_FORCE, None, (RegionMembership("Eastern"),))
OLD = replace(IN_FORCE, version="1", standards=(STANDARD,), organisations=(KENT,))


def find_touched(**changed):
    """What the old rules, with something changed, would touch."""
    return find_conflicts(OLD, replace(OLD, version="2", **changed), NEWEST)


def change_from(since, **changed):
    """The standard, and another from a day on."""
    return (replace(STANDARD, since=since, **changed), replace(STANDARD, until=since))


def change_kent(**changed):
    """The organisations, of which Kent is another."""
    return {"organisations": (KENT._replace(**changed),)}


def test_the_same_rules_touch_nothing() -> None:
    """A version alone is a name, and a citation or an organisation's name counts nothing."""
    assert find_touched() == []
    assert find_touched(standards=(replace(STANDARD, citation="Two."),)) == []
    assert find_touched(**change_kent(name="Kent Constabulary", ons_code="E1")) == []


def test_a_standard_may_change_from_the_day_after_the_newest_on() -> None:
    """2026-11-26 is day 20,783: nothing names it yet."""
    assert find_touched(standards=change_from(20_783, counted_categories=frozenset())) == []
    assert find_touched(standards=change_from(20_782, counted_categories=frozenset())) == [
        "the standards of event dates from 2026-11-25 on: counted_categories; it may hold from 2026-11-26 on"
    ]


def test_a_row_changed_in_place_is_named_with_the_fields_that_it_changes() -> None:
    """It holds since 1970."""
    changed = replace(STANDARD, permitted_kinds=frozenset(), one_pillar_per_activity=False)
    assert find_touched(standards=(changed,)) == [
        "the standards of event dates from 1970-01-01 on: permitted_kinds, one_pillar_per_activity; "
        "it may hold from 2026-11-26 on"
    ]


def test_a_row_that_is_removed_touches_the_days_that_it_held() -> None:
    """The old rules have a row from 2023-07-01, day 19,539, on; the new ones have not."""
    old = replace(OLD, standards=change_from(19_539, permitted_types={}))
    assert find_conflicts(old, OLD, NEWEST) == [
        "the standards of event dates from 2023-07-01 on: permitted_types; it may hold from 2026-11-26 on"
    ]
    assert find_conflicts(old, OLD, 19_538) == []


def test_an_organisation_may_be_added_at_once() -> None:
    """Until now whatever named it was refused."""
    coast = Organisation("coast", "Coast", OrganisationKind.AGENCY, None, (RegionMembership("National"),))
    assert find_touched(organisations=(KENT, coast)) == []


def test_an_organisation_stays_on_the_list_as_what_it_is() -> None:
    """Neither its removal nor another kind has a date."""
    assert find_touched(organisations=()) == [
        "organisation kent is gone: keep it, and end its membership instead; it may hold from 2026-11-26 on"
    ]
    assert find_touched(**change_kent(kind=OrganisationKind.ROCU)) == [
        "organisation kent has another kind, which has no date: add it under another code"
    ]


def test_a_membership_ends_and_another_begins_in_the_future() -> None:
    """A force that moves leaves every earlier figure where it was."""
    moves = {
        day: (RegionMembership("Eastern", 0, day), RegionMembership("South East", day)) for day in (20_782, 20_783)
    }
    assert find_touched(**change_kent(memberships=moves[20_783])) == []
    assert find_touched(**change_kent(memberships=moves[20_782])) == [
        "organisation kent is in South East, no longer in Eastern, from 2026-11-25 on; it may hold from 2026-11-26 on"
    ]


def test_a_membership_of_the_past_stays_as_it_was() -> None:
    """Moved since ever, and ended in 2023: each is named from its first day."""
    assert find_touched(**change_kent(memberships=(RegionMembership("South East"),))) == [
        "organisation kent is in South East, no longer in Eastern, from 1970-01-01 on; it may hold from 2026-11-26 on"
    ]
    assert find_touched(**change_kent(memberships=(RegionMembership("Eastern", 0, 19_539),))) == [
        "organisation kent is in UNKNOWN, no longer in Eastern, from 2023-07-01 on; it may hold from 2026-11-26 on"
    ]


def test_what_admission_alone_looks_at_may_change_at_once() -> None:
    """It judges what comes; what is there names the rules by which it was judged."""
    assert (
        find_touched(
            legal_changes=(),
            future_tolerance=0,
            first_day=9,
            lowest_tier=2,
            highest_tier=3,
            bounds=FieldBounds(tag=1),
            reference_rule=2,
        )
        == []
    )
