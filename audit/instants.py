"""The instants at which the store is asked for balances, beside that of the replay.

1. A few of records drawn at random: what the ledger knew when it learnt of one, as at that event's entry instant. Who
   changes a store cannot foresee them; the seed is said, so that anybody can draw them again.
2. That of each closing, the newest first: what a closing sums is then all that the answer may rest on.

That every sum is right at every instant follows from the rows: they are, one for one, the fold's postings with both
their times. What these questions show is that the store *answers* from those rows.
"""

import random
from collections.abc import Iterator, Sequence
from itertools import islice

from audit.balances import BY, BalanceInstant
from audit.bounds import PartitionBounds
from audit.sums import SumGrid
from audit.topic_reader import TopicReader, TopicRecord
from ledger.errors import Rejected
from ledger.facts import Millis
from schemas.codec import Codec

DRAWN = 3
CLOSINGS_MOST = 8


def draw_instants(
    seed: int, published: TopicReader, codec: Codec, bounds: Sequence[PartitionBounds]
) -> Iterator[BalanceInstant]:
    """Draw instants from what was published.

    Raises:
        Unavailable: the broker or the registry did not answer.
    """
    rng = random.Random(seed)  # noqa: S311  (drawn from a seed on purpose, so that it can be drawn again)
    there = [one for one in bounds if one.end > one.published[0]]
    for _ in range(DRAWN if there else 0):
        bound = rng.choice(there)
        first = rng.randrange(bound.published[0], bound.end)
        for record in islice(published.read_records(bound.partition, first, bound.end), 1):
            yield BalanceInstant(find_entry_instant(codec, record), record.appended_at)


def find_entry_instant(codec: Codec, record: TopicRecord) -> Millis:
    """Find when an event was entered; of one that cannot be read, when it was learnt of."""
    try:
        return codec.decode(record.value, record.headers).entered_at
    except Rejected:
        return record.appended_at


def choose_instants(last: Millis, drawn: Sequence[BalanceInstant], closings: Sequence[Millis]) -> list[BalanceInstant]:
    """Choose the instants: the last one, by all dimensions; those drawn; those of closings. None is after the last."""
    newest = sorted(closings, reverse=True)[:CLOSINGS_MOST]
    others = [*drawn, *(BalanceInstant(one, one) for one in newest)]
    within = [one for one in others if one.known_at <= last and 0 <= one.as_at <= last]
    return [BalanceInstant(last, last, BY), *dict.fromkeys(within)]


def make_grid(instants: Sequence[BalanceInstant], chains: Sequence[Sequence[tuple[int, ...]]]) -> SumGrid:
    """Make the grid on which all these balances lie."""
    return SumGrid(
        tuple(sorted({one.known_at for one in instants})),
        tuple(sorted({one.as_at for one in instants})),
        tuple(tuple(chain) for chain in chains),
    )
