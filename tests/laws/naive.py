"""A second, naive statement of the counting rules, to judge the fold by.

Written from the words of methodology/RULES.md alone (Counting, Standing): it imports nothing of the package that it
checks, keeps no state, and for every question reads the whole list of admitted events afresh. Slow and plain on
purpose.
"""

from datetime import date

from ledger.facts import DisruptionFact, Fact, ThreatFact

Admitted = list[tuple[Fact, int]]
"""Each admitted event with the ledger time at which it was learnt."""

OCG_ONLY_BEFORE = (date(2023, 7, 1) - date(1970, 1, 1)).days


def select_heard(admitted, as_at, known_at):
    """The events that an extraction as at one instant, by what was known at another, can see (rules 9 and 10)."""
    return [fact for fact, ledger_time in admitted if fact.entered_at <= as_at and ledger_time <= known_at]


def find_newest(facts):
    """Of each disruption the highest version among these events."""
    newest = {}
    for fact in facts:
        if isinstance(fact, DisruptionFact):
            name = fact.threat_id, fact.disruption_id
            if name not in newest or fact.version > newest[name].version:
                newest[name] = fact
    return newest


def find_standing(facts):
    """Those whose newest version does not withdraw them (rule 13)."""
    return {name: fact for name, fact in find_newest(facts).items() if fact.change != "WITHDRAWN"}


def find_first_entry(facts, name):
    for fact in facts:
        if isinstance(fact, DisruptionFact) and (fact.threat_id, fact.disruption_id) == name and fact.version == 1:
            return fact.entered_at
    raise AssertionError("an admitted disruption has a version 1")


def find_assessment(facts, disruption):
    """Rule 12: as assessed at the event date, or else at the earliest assessment; None while there is none."""
    of_threat = [f for f in facts if isinstance(f, ThreatFact) and f.threat_id == disruption.threat_id]
    not_after = [f for f in of_threat if f.assessed_on <= disruption.event_date]
    if not_after:
        latest_day = max(f.assessed_on for f in not_after)
        return max((f for f in not_after if f.assessed_on == latest_day), key=lambda f: f.version)
    if of_threat:
        earliest_day = min(f.assessed_on for f in of_threat)
        return min((f for f in of_threat if f.assessed_on == earliest_day), key=lambda f: f.version)
    return None


def has_second_pillar(facts, disruption) -> bool:
    """Rule 5: whether the first entered disruption of the same activity, not withdrawn, has another pillar."""
    if disruption.activity_ref is None:
        return False
    same_event = []
    for other_name, other in find_standing(facts).items():
        if other.threat_id != disruption.threat_id or other.recorded_by != disruption.recorded_by:
            continue
        if other.activity_ref == disruption.activity_ref:
            same_event.append((find_first_entry(facts, other_name), other_name[1], other.pillar))
    first_pillar = sorted(same_event)[0][2]
    return disruption.pillar != first_pillar


def judge_standing(facts, disruption):
    assessment = find_assessment(facts, disruption)
    if assessment is None:
        return "AWAITING_THREAT"
    if disruption.event_date < OCG_ONLY_BEFORE and assessment.kind != "OCG":
        return "KIND_NOT_PERMITTED"
    if has_second_pillar(facts, disruption):
        return "SECOND_PILLAR"
    if disruption.category == "UNASSESSED":
        return "UNASSESSED"
    if disruption.category in ("NONE", "NEGATIVE"):
        return "CATEGORY_NOT_COUNTED"
    return "COUNTED"


def find_accounts(admitted, as_at, known_at):
    """Every standing disruption, by threat and id, with the account that it stands in."""
    facts = select_heard(admitted, as_at, known_at)
    found = {}
    for name, disruption in find_standing(facts).items():
        assessment = find_assessment(facts, disruption)
        found[name] = (
            disruption.recorded_by,
            disruption.type,
            disruption.pillar,
            "UNKNOWN" if assessment is None else assessment.kind,
            "UNKNOWN" if assessment is None else assessment.crime_type,
            disruption.category,
            disruption.event_date,
            judge_standing(facts, disruption),
        )
    return found


def find_threat_accounts(admitted, as_at, known_at):
    """Every threat with the account that its highest version puts it in."""
    newest = {}
    for fact in select_heard(admitted, as_at, known_at):
        if isinstance(fact, ThreatFact) and (
            fact.threat_id not in newest or newest[fact.threat_id].version < fact.version
        ):
            newest[fact.threat_id] = fact
    return {
        threat: (
            fact.owner,
            fact.kind,
            fact.crime_type,
            fact.assessment_type,
            fact.moderation_status,
            fact.soc,
            fact.tier,
            "closed" in fact.phase.lower(),
        )
        for threat, fact in newest.items()
    }
