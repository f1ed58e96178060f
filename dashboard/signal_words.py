"""What the signs of weak recording are called, and how each is defined, with the bounds of the day."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final, NamedTuple

from methodology.signals import MovedRecording, SignalKind


class SignalWords(NamedTuple):
    """A sign in words.

    Attributes:
        title: what it is called.
        definition: when it is shown; names of bounds in braces.
        source: who looks for it.
        rule: its number in methodology/RULES.md.
    """

    title: str
    definition: str
    source: str
    rule: str


INSPECTORS: Final = "Inspectors look for it; the bounds are this project's."
OURS: Final = "This project's, from what inspectors report."
SIGNALS: Final[Mapping[SignalKind, SignalWords]] = MappingProxyType(
    {
        SignalKind.PURSUE_ABOVE_PEERS: SignalWords(
            "Much more pursue than its peers",
            "Of at least {fewest} counted disruptions, the share of pursue is {pursue_above_peers} points or more "
            "above the median of organisations of the same kind.",
            INSPECTORS,
            "S1",
        ),
        SignalKind.NO_PREVENT: SignalWords(
            "No prevent", "Of at least {fewest} counted disruptions, none is prevent.", INSPECTORS, "S2"
        ),
        SignalKind.NO_PROTECT: SignalWords(
            "No protect", "Of at least {fewest} counted disruptions, none is protect.", INSPECTORS, "S2"
        ),
        SignalKind.JUMP_WITH_RECORDING: SignalWords(
            "A jump that goes with a change of recording",
            "Disruptions recorded changed by {jump}% or more on the same period a year before (at least {fewest} in "
            "both), and so did how they are recorded: the kinds of threat or the share that names an activity by "
            "{shift} points, or the usual entry delay {delay_times} times and {delay_days} days. Together is no proof "
            "of why.",
            INSPECTORS,
            "S3",
        ),
        SignalKind.NO_VULNERABILITIES: SignalWords(
            "No vulnerabilities mapped",
            "Of at least {fewest_threats} active threats at the end of the period, none is a vulnerability.",
            INSPECTORS,
            "S4",
        ),
        SignalKind.LATE_ENTRY: SignalWords(
            "Late entry",
            "{late}% or more of at least {fewest} disruptions were first entered more than {late_days} days after the "
            "end of their event date.",
            INSPECTORS,
            "S5",
        ),
        SignalKind.AWAITING_THREAT: SignalWords(
            "Disruptions awaiting their threat",
            "{waiting}% or more of at least {fewest} disruptions name a threat that is not on the master list.",
            INSPECTORS,
            "S6",
        ),
        SignalKind.UNFIT_THREATS: SignalWords(
            "Disruptions on closed or unmoderated threats",
            "{unfit}% or more of at least {fewest} disruptions were entered against a threat that was closed, or not "
            "moderated, when they were first entered.",
            INSPECTORS,
            "S7",
        ),
        SignalKind.SUPPORT_BY_FORCE: SignalWords(
            "Support recorded by a force",
            "Support was rejected because a force may record only what it led. One is enough.",
            INSPECTORS,
            "S8",
        ),
        SignalKind.SECOND_PILLARS: SignalWords(
            "Second pillars of one activity",
            "{second_pillar}% or more of at least {fewest} disruptions stand as a second pillar of an activity that is "
            "recorded under another.",
            OURS,
            "S9",
        ),
    }
)
MOVED: Final[Mapping[str, str]] = MappingProxyType(
    {
        MovedRecording.KINDS: "kinds of threat",
        MovedRecording.ACTIVITIES: "activities named",
        MovedRecording.DELAY: "entry delay",
    }
)
