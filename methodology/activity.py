"""Activities: disruptions of one threat with the same recorder and activity reference share one pillar (rule 5).

The first entered disruption that is not withdrawn sets it. First entered is by version 1, a tie by disruption id, and
which activity a disruption belongs to, with which pillar, is as of its version at the instant asked for.
"""

from ledger.facts import Millis
from ledger.vocabulary import Change
from methodology.book import Book, Version

WITHDRAWN = Change.WITHDRAWN.value


def version_at(versions: tuple[Version, ...], instant: Millis) -> Version | None:
    """Rule 9: the highest version entered by the instant."""
    for version in reversed(versions):
        if version.entered_at <= instant:
            return version
    return None


def takes_part(version: Version, organisation: str, activity_ref: str) -> bool:
    """Whether a disruption as of this version belongs to the activity and is not withdrawn."""
    record = version.record
    return version.activity_ref == activity_ref and record.organisation == organisation and record.change != WITHDRAWN


def activity_pillar(book: Book, organisation: str, activity_ref: str, instant: Millis) -> str | None:
    """The activity's pillar at an instant; None while nothing of it is entered."""
    for member in book.activities.get(activity_ref, ()):
        version = version_at(book.disruptions[member], instant)
        if version is not None and takes_part(version, organisation, activity_ref):
            return version.record.pillar
    return None


def activity_instants(book: Book, activity_ref: str, since: Millis) -> set[Millis]:
    """The entry instants after ``since`` at which the activity's pillar can change."""
    return {
        version.entered_at
        for member in book.activities.get(activity_ref, ())
        for version in book.disruptions[member]
        if version.entered_at > since
    }


def led_by_another(book: Book, rank: tuple[Millis, str], organisation: str, activity_ref: str, since: Millis) -> bool:
    """Whether one disruption, ranked before the one of that rank, takes part at ``since`` and ever after.

    While it does, no version of a later ranked disruption can change the activity's pillar.
    """
    for member in book.activities[activity_ref]:
        if book.rank(member) >= rank:
            return False
        versions = book.disruptions[member]
        standing = [one for one in versions if one.entered_at > since] + [version_at(versions, since)]
        if all(one is not None and takes_part(one, organisation, activity_ref) for one in standing):
            return True
    return False
