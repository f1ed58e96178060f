"""Would other rules touch what is posted already? A pure comparison of two sets of rules, up to the newest day that
anything may name.

What is posted stands on the standards in force on event dates and on who recorded; published figures stand on regions
too. Those may change only from a later day on. What admission alone looks at (bounds, tolerance, legal changes, tiers,
the rule of references) may change at once, and an organisation may be added at once: until now whatever named it was
refused.
"""

from collections.abc import Iterator

from ledger.facts import Day
from ledger.instants import make_date
from ledger.organisations import Organisation, find_region_in
from methodology.ruleset import Rules
from methodology.standards import Standard, find_standard

_JUDGING = ("permitted_types", "permitted_kinds", "one_pillar_per_activity", "counted_categories")


def find_conflicts(old: Rules, new: Rules, newest: Day) -> list[str]:
    """Say what in the new rules would touch what was judged by the old ones, each with the day from which it may hold.

    Args:
        old: by which the newest outputs were judged.
        new: by which judging is to go on.
        newest: the newest day that anything judged may name.
    """
    return [*_compare_standards(old, new, newest), *_compare_organisations(old, new, newest)]


def _compare_standards(old: Rules, new: Rules, newest: Day) -> Iterator[str]:
    days = {one.since for rules in (old, new) for one in rules.standards if one.since <= newest}
    for day in sorted(days):
        names = _name_differences(find_standard(day, old.standards), find_standard(day, new.standards))
        if names:
            yield f"the standards of event dates from {spell_day(day)} on: {', '.join(names)}; {_say_first(newest)}"


def _name_differences(old: Standard, new: Standard) -> list[str]:
    return [name for name in _JUDGING if getattr(old, name) != getattr(new, name)]


def _compare_organisations(old: Rules, new: Rules, newest: Day) -> Iterator[str]:
    for before in old.organisations:
        after = new.recorders.get(before.code)
        if after is None:
            yield f"organisation {before.code} is gone: keep it, and end its membership instead; {_say_first(newest)}"
        elif after.kind != before.kind:
            yield f"organisation {before.code} has another kind, which has no date: add it under another code"
        else:
            yield from _compare_regions(before, after, newest)


def _compare_regions(before: Organisation, after: Organisation, newest: Day) -> Iterator[str]:
    spells = (*before.memberships, *after.memberships)
    bounds = {0, *(spell.since for spell in spells), *(spell.until for spell in spells if spell.until is not None)}
    for day in sorted(one for one in bounds if one <= newest):
        was, becomes = find_region_in(before.memberships, day), find_region_in(after.memberships, day)
        if was != becomes:
            yield (
                f"organisation {before.code} is in {becomes}, no longer in {was}, from {spell_day(day)} on; "
                f"{_say_first(newest)}"
            )
            return


def _say_first(newest: Day) -> str:
    return f"it may hold from {spell_day(newest + 1)} on"


def spell_day(day: Day) -> str:
    """Spell a day as people write it, such as ``2023-07-01``."""
    return make_date(day).isoformat()
