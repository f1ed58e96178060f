"""The words that pages use, each in a sentence for who has had no training: the page *Words and rules* lists them."""

from types import MappingProxyType
from typing import Final, NamedTuple


class GlossaryTerm(NamedTuple):
    """A word, what it means here, and the rules that say so exactly."""

    name: str
    sentence: str
    rules: tuple[str, ...] = ()


GLOSSARY: Final = MappingProxyType(
    {
        "disruption": GlossaryTerm(
            "Disruption",
            "What a force, a regional unit or an agency did against one threat on one day. It has one pillar, and a "
            "category that says how much it achieved.",
        ),
        "lead": GlossaryTerm(
            "Lead",
            "The organisation that recorded the disruption led it. Every figure is of lead disruptions unless it says "
            "support.",
            ("R1", "R3"),
        ),
        "support": GlossaryTerm(
            "Support",
            "A regional unit or an agency helped another organisation. It is shown apart, and never added to lead.",
            ("R1", "R2"),
        ),
        "counted": GlossaryTerm(
            "Counted",
            "In the figures: a disruption that is major, moderate or minor, against a threat of the master list whose "
            "kind the standards permit on its event date, and under the first pillar of its activity.",
            ("R4", "R5", "R6", "R7"),
        ),
        "standing": GlossaryTerm(
            "Standing", "Whether a disruption is counted and, where it is not, the first reason that holds."
        ),
        "pillar": GlossaryTerm(
            "Pillar",
            "Pursue prosecutes and disrupts people engaged in serious and organised crime. Prevent keeps people from "
            "engaging in it. Protect increases protection against it. Prepare reduces its impact where it takes place.",
            ("R5",),
        ),
        "category": GlossaryTerm(
            "Category",
            "What a disruption achieved: major, moderate or minor, which are counted; no disruption or negative, "
            "which are kept and never counted; or not assessed yet.",
            ("R6",),
        ),
        "threat": GlossaryTerm(
            "Threat",
            "An organised crime group, a priority individual or a vulnerability, as one organisation assessed it. The "
            "master list has every assessment of every threat.",
            ("R7", "R12"),
        ),
        "active-threat": GlossaryTerm(
            "Active threat",
            "A threat that is assessed as tactical, moderated, serious and organised, not of tier 5 and not closed.",
            ("R8",),
        ),
        "event-date": GlossaryTerm(
            "Event date, entry",
            "A disruption happens on its event date, and is entered in the organisation's own system later. Periods "
            "are of event dates, so a period still grows after it has ended.",
            ("R9",),
        ),
        "as-at": GlossaryTerm(
            "As at",
            "As the record stood on that day: what organisations had entered by then, by their own clocks.",
            ("R9",),
        ),
        "known-at": GlossaryTerm(
            "Known at", "As this ledger knew it on that day: what had reached it by then, by its own clock.", ("R10",)
        ),
        "complete": GlossaryTerm(
            "Complete through",
            "Everything that was published up to that time is in the figures. A figure as known at an earlier time "
            "stays the same for ever.",
            ("R10",),
        ),
        "position": GlossaryTerm(
            "Position",
            "How far into the published events the figures of a page go: every figure of one page goes equally far. "
            "Of one event, its place: the partition of the topic, and its number in it.",
        ),
        "feed": GlossaryTerm(
            "Feed, heartbeat",
            "A feed is the way on which an organisation's events come. A heartbeat is its regular message that it "
            "works, also on a day without events: without one, nobody can tell quiet from broken.",
            ("F1", "F2", "F4"),
        ),
        "missing": GlossaryTerm(
            "Missing number",
            "Organisations number their events one by one. A number that never arrived, though later ones did, is an "
            "event that was lost on its way.",
            ("F3", "F5"),
        ),
        "rejected": GlossaryTerm(
            "Rejected",
            "An event that broke a rule when it arrived. It is kept, counts nowhere, and waits to be mended and sent "
            "again.",
            ("A1", "A6", "A11"),
        ),
        "limits": GlossaryTerm(
            "Process limits, signal",
            "Limits say how much weeks differ by chance alone, from the organisation's own past. A signal is what "
            "chance does not explain: a week beyond a limit, or a run of weeks.",
            ("R18", "R19"),
        ),
        "filling": GlossaryTerm(
            "Still filling",
            "A week whose disruptions are not all entered yet. What it is expected to become follows from how late "
            "the organisation's earlier weeks were entered.",
            ("R20",),
        ),
        "entry": GlossaryTerm(
            "Entry, posting",
            "Each event that the ledger takes is an entry. Its postings put a disruption where it stands and take it "
            "from where it stood; every figure is a sum of postings, and none is ever changed.",
            ("R13",),
        ),
        "sealed": GlossaryTerm(
            "Sealed", "In the ledger's signed log: from then on nobody can change or remove it unnoticed."
        ),
    }
)
"""By the anchor on the page."""
