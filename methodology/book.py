"""A book: all that is admitted about one threat, kept as small as the rules allow.

What is kept beside the versions and assessments themselves (who takes part in an activity, what holds for a date) is
told by them: it is not packed, and made anew while a book is unpacked.
"""

from collections.abc import Iterable, Sequence

import msgspec

from ledger.facts import Day, Millis
from ledger.identity import DIGEST_BYTES
from methodology.activity import Activity
from methodology.assessed import AssessedDays
from methodology.date_index import INDEXED_DISRUPTIONS, DateIndex
from methodology.stays import Rank
from methodology.versions import (
    ActivityKey,
    Assessment,
    Version,
    VersionContent,
    find_membership,
    pair_versions,
    share_account,
    share_content,
    share_day,
    stands_dated,
)

FORMAT = 1


class Book:
    """Mutable accumulator of one threat; exactly one fold owns it."""

    __slots__ = (
        "_dates",
        "_sole",
        "activities",
        "assessed",
        "assessments",
        "disruptions",
        "events",
        "latest",
        "threat_id",
    )

    def __init__(self, threat_id: str) -> None:
        self.threat_id = threat_id
        self.assessments: list[Assessment] = []
        self.assessed = AssessedDays()
        self.disruptions: dict[str, Sequence[Version]] = {}
        """The versions of each: most have one alone, in a tuple; more are a list, which grows without being copied."""
        self.activities: dict[ActivityKey, Activity] = {}
        """The activities that more than one disruption ever belonged to."""
        self._sole: dict[ActivityKey, str] = {}
        """Of each other activity, the one disruption that belongs or belonged to it."""
        self._dates: DateIndex | None = None
        self.events: dict[bytes, bytes] = {}
        """Per event id, the digest of its content."""
        self.latest: Millis = -1
        """The latest entry instant in the book: nothing moves after it."""

    def add_version(self, disruption_id: str, version: Version) -> None:
        """Append a disruption's next version."""
        versions, before = self.disruptions.get(disruption_id), None
        if versions is None:
            self.disruptions[disruption_id] = (version,)
        else:
            before = versions[-1]
            if isinstance(versions, list):
                versions.append(version)
            else:
                self.disruptions[disruption_id] = [*versions, version]
        self.latest = max(self.latest, version.entered_at)
        if version.activity_ref is not None or (before is not None and before.activity_ref is not None):
            self._change_sides(disruption_id, before, version)
        if self._dates is not None:
            self._dates.replace_version(disruption_id, before, version)

    def add_assessment(self, assessment: Assessment) -> None:
        """Append the threat's next assessment."""
        account = assessment.account
        self.assessments.append(assessment)
        self.assessed.add_assessment(assessment.entered_at, assessment.assessed_on, account.kind, account.crime_type)
        self.latest = max(self.latest, assessment.entered_at)

    def find_rank(self, disruption_id: str) -> Rank:
        """Find the rank of a disruption (rule 5): first entered first, by version 1; a tie goes by disruption id."""
        return self.disruptions[disruption_id][0].entered_at, disruption_id

    def list_dated(self, first: Day, last: Day, since: Millis) -> Iterable[str]:
        """List the disruptions that stand, at some time from ``since`` on, with an event date from first to before
        last.
        """
        if self._dates is None:
            if len(self.disruptions) < INDEXED_DISRUPTIONS:
                return [one for one, all_ in self.disruptions.items() if stands_dated(all_, first, last, since)]
            self._dates = DateIndex(self.disruptions)
        return self._dates.list_dated(first, last, since)

    def find_activity(self, key: ActivityKey, disruption_id: str) -> Activity | None:
        """Find the activity, if any other disruption than this ever belonged to it."""
        activity, sole = self.activities.get(key), self._sole.get(key)
        if sole is not None and sole != disruption_id:
            del self._sole[key]
            activity = self.activities[key] = Activity()
            for before, version in pair_versions(self.disruptions[sole]):
                _change_side(activity, key, self.find_rank(sole), before, version)
        return activity

    def _change_sides(self, disruption_id: str, before: Version | None, version: Version) -> None:
        was, now = find_membership(before), find_membership(version)
        if was == now:
            return
        rank = self.find_rank(disruption_id)
        for key in {one.activity for one in (was, now) if one is not None}:
            activity = self.find_activity(key, disruption_id)
            if activity is None:
                self._sole[key] = disruption_id
            else:
                _change_side(activity, key, rank, before, version)

    def pack(self) -> bytes:
        """Write the book as bytes, for a snapshot; ``unpack`` gives it back."""
        records: dict[VersionContent, int] = {}
        disruptions = [
            (
                one,
                [
                    (v.entered_at, v.event_date, records.setdefault(v.record, len(records)), v.activity_ref)
                    for v in all_
                ],
            )
            for one, all_ in self.disruptions.items()
        ]
        events = b"".join(key + digest for key, digest in self.events.items())
        return msgspec.msgpack.encode(_PackedBook(FORMAT, list(records), list(self.assessments), disruptions, events))

    @classmethod
    def unpack(cls, threat_id: str, data: bytes) -> "Book":
        """Read the book that ``pack`` wrote; a snapshot of another format is a ValueError, and to be folded anew."""
        packed = _decode_packed(data)
        book = cls(threat_id)
        records = [share_content(*record) for record in packed.records]
        for assessment in packed.assessments:
            book.add_assessment(assessment._replace(account=share_account(*assessment.account)))
        for disruption_id, versions in packed.disruptions:
            for entered_at, event_date, record, activity_ref in versions:
                book.add_version(
                    disruption_id, Version(entered_at, share_day(event_date), records[record], activity_ref)
                )
        step, events = DIGEST_BYTES, packed.events
        for at in range(0, len(events), 2 * step):
            book.events[events[at : at + step]] = events[at + step : at + 2 * step]
        return book


def _change_side(activity: Activity, key: ActivityKey, rank: Rank, before: Version | None, version: Version) -> None:
    was, now = find_membership(before), find_membership(version)
    if was == now:
        return
    if was is not None and was.activity == key:
        activity.leave_side(was.side, rank, version.entered_at)
    if now is not None and now.activity == key:
        activity.enter_side(now.side, rank, version.entered_at)


class _PackedBook(msgspec.Struct, array_like=True, gc=False):
    format: int
    records: list[VersionContent]
    assessments: list[Assessment]
    disruptions: list[tuple[str, list[tuple[Millis, Day, int, str | None]]]]
    events: bytes


_decoder = msgspec.msgpack.Decoder(_PackedBook)


def _decode_packed(data: bytes) -> _PackedBook:
    try:
        packed = _decoder.decode(data)
    except msgspec.DecodeError as error:
        raise ValueError("not a packed book: drop the snapshot and fold the entries again") from error
    if packed.format != FORMAT:
        raise ValueError("a book of another format: drop the snapshot and fold the entries again")
    return packed
