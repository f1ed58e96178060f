"""Admission: is an event legal, judged from itself and its own book alone?

Checks run in the order of ``ledger.vocabulary.Code`` and the first that fails names the rejection. What depends on
anything else that is known (category, kind, threat not on the list, second pillar) is never a reason to refuse: it
decides standing (rules 4 to 7).
"""

from ledger.bounds import find_too_long
from ledger.facts import DisruptionFact, Fact, Millis, ThreatFact
from ledger.identity import parse_event_id
from ledger.instants import MILLIS_PER_DAY, find_uk_day
from ledger.references import find_not_canonical
from ledger.vocabulary import Change, Code, DisruptionType, Verdict
from methodology.book import Book
from methodology.rejection_sentences import BAD_EVENT_ID, BAD_TIER, EMPTY_REFERENCE, TOO_EARLY, Rejection, reject_for
from methodology.ruleset import IN_FORCE, Rules
from methodology.standards import LEGAL_CHANGES, find_standard

ADMITTED = Verdict.ADMITTED
DUPLICATE = Verdict.DUPLICATE
_SUPPORT = DisruptionType.SUPPORT.value


def judge_by_book(  # noqa: PLR0913, PLR0917 - an event, its book, the hour and the rules
    book: Book, fact: Fact, key: bytes, digest: bytes, ledger_time: Millis, rules: Rules
) -> Rejection | Verdict:
    """Judge an event, with its identity and the digest of its content, against its book; changes nothing."""
    rejection = _check_disruption(fact, rules) if isinstance(fact, DisruptionFact) else _check_threat(fact, rules)
    if rejection is not None:
        return rejection
    known = book.events.get(key)
    if known is not None:
        return DUPLICATE if known == digest else reject_for(Code.EVENT_ID_REUSED)
    return _check_history(book, fact, rules) or _check_times(fact, ledger_time, rules) or ADMITTED


def check_values(fact: Fact, rules: Rules) -> Rejection | None:
    """Check for UNRECOGNISED_VALUE, FIELD_TOO_LONG and REFERENCE_NOT_CANONICAL: what has the right type and still
    cannot be meant, is longer than its bound, or could be taken for another.
    """
    if parse_event_id(fact.event_id) is None:
        return BAD_EVENT_ID
    return (
        _check_disruption_values(fact, rules) if isinstance(fact, DisruptionFact) else _check_threat_values(fact, rules)
    )


def check_texts(fact: Fact, rules: Rules) -> Rejection | None:
    """Check for FIELD_TOO_LONG (``ledger.bounds``) and REFERENCE_NOT_CANONICAL (``ledger.references``)."""
    if find_too_long(fact, rules.bounds) is not None:
        return reject_for(Code.FIELD_TOO_LONG)
    return None if find_not_canonical(fact) is None else reject_for(Code.REFERENCE_NOT_CANONICAL)


def _check_disruption_values(fact: DisruptionFact, rules: Rules) -> Rejection | None:
    if not fact.disruption_id or not fact.threat_id or not fact.actor or fact.activity_ref == "":
        return EMPTY_REFERENCE
    if fact.event_date < rules.first_day or fact.entered_at < rules.first_day:
        return TOO_EARLY
    return check_texts(fact, rules)


def _check_threat_values(fact: ThreatFact, rules: Rules) -> Rejection | None:
    if not fact.threat_id or not fact.actor:
        return EMPTY_REFERENCE
    if fact.assessed_on < rules.first_day or fact.entered_at < rules.first_day:
        return TOO_EARLY
    if not rules.lowest_tier <= fact.tier <= rules.highest_tier:
        return BAD_TIER
    return check_texts(fact, rules)


def _check_disruption(fact: DisruptionFact, rules: Rules) -> Rejection | None:
    rejection = _check_disruption_values(fact, rules)
    if rejection is not None:
        return rejection
    recorders, benefits = rules.recorders, fact.benefits
    recorder = recorders.get(fact.recorded_by)
    if recorder is None or (benefits is not None and benefits not in recorders):
        return reject_for(Code.UNKNOWN_ORGANISATION)
    if fact.type not in find_standard(fact.event_date, rules.standards).permitted_types[recorder.kind]:
        return reject_for(Code.SUPPORT_BY_FORCE)
    return _check_beneficiary(fact) if fact.type == _SUPPORT else None


def _check_beneficiary(fact: DisruptionFact) -> Rejection | None:
    """Check rule 2: "the organisation that benefited, which is not the recorder"."""
    if fact.benefits is None:
        return reject_for(Code.SUPPORT_WITHOUT_BENEFICIARY)
    return reject_for(Code.SUPPORT_OF_ITSELF) if fact.benefits == fact.recorded_by else None


def _check_threat(fact: ThreatFact, rules: Rules) -> Rejection | None:
    rejection = _check_threat_values(fact, rules)
    if rejection is None and fact.owner not in rules.recorders:
        return reject_for(Code.UNKNOWN_ORGANISATION)
    return rejection


def _check_history(book: Book, fact: Fact, rules: Rules) -> Rejection | None:
    """Check rule 13: corrections follow one another without gaps, and entry times do not go back."""
    if isinstance(fact, ThreatFact):
        assessments = book.assessments
        if fact.version != len(assessments) + 1:
            return reject_for(Code.VERSION_NOT_NEXT)
        return _check_order(assessments[-1].entered_at if assessments else None, fact)
    versions = book.disruptions.get(fact.disruption_id) or ()
    if fact.version != len(versions) + 1:
        return reject_for(Code.VERSION_NOT_NEXT)
    last = versions[-1] if versions else None
    if ((last.record.change if last else None), fact.change) not in rules.legal:
        return reject_for(Code.CHANGE_NOT_LEGAL)
    return _check_order(last.entered_at if last else None, fact)


def _check_order(previous: Millis | None, fact: Fact) -> Rejection | None:
    if previous is not None and fact.entered_at < previous:
        return reject_for(Code.ENTERED_BEFORE_PREVIOUS)
    return None


def _check_times(fact: Fact, ledger_time: Millis, rules: Rules) -> Rejection | None:
    """Check rule 9: two times a fact, which an event cannot have the wrong way round."""
    entered_at = fact.entered_at
    if entered_at > ledger_time + rules.future_tolerance:
        return reject_for(Code.ENTERED_IN_FUTURE)
    day = fact.event_date if isinstance(fact, DisruptionFact) else fact.assessed_on
    # The day in London is that of UTC or the next: the calendar is asked only where that makes the difference.
    if day > entered_at // MILLIS_PER_DAY and day > find_uk_day(entered_at):
        return reject_for(Code.EVENT_AFTER_ENTRY)
    return None


def check_key(key: bytes | None, fact: Fact, rules: Rules = IN_FORCE) -> Rejection | None:
    """Check for KEY_MISMATCH, behind ``check_values`` in the order of the codes.

    A key over the bound of references is refused here: nobody should hash it, or remember a book by it.
    """
    if key != fact.threat_id.encode():
        return check_values(fact, rules) or reject_for(Code.KEY_MISMATCH)
    return check_values(fact, rules) if len(fact.threat_id) > rules.bounds.reference else None


def reject_misrouted(fact: Fact | None = None, rules: Rules = IN_FORCE) -> Rejection:
    """Reject as MISROUTED, behind ``check_values`` when the fact is given; whether a message is misrouted is for who
    reads partitions to say.
    """
    return (check_values(fact, rules) if fact is not None else None) or reject_for(Code.MISROUTED)


def draw_changes() -> str:
    """Draw the legal changes as a Mermaid state diagram, for ARCHITECTURE.md."""
    states = (f"    {'[*]' if before is None else before} --> {change}" for before, change in LEGAL_CHANGES)
    return "\n".join(("stateDiagram-v2", *states, f"    {Change.WITHDRAWN} --> [*]"))
