"""What a figure may ask. A word that is on no list counts nothing: its figure of nothing would pass for a right sum."""

from typing import Final

from ledger.organisations import name_organisations
from ledger.vocabulary import DisruptionType, FigureSubject, Standing
from schemas.figures import PublishedFigure

MISASKED: Final = "It asks what cannot be asked: a word of it is on no list, or it adds lead and support."
_TYPES: Final = frozenset({None, DisruptionType.LEAD.value, DisruptionType.SUPPORT.value})
_STANDINGS: Final = frozenset({None, *(one.value for one in Standing)})


def can_be_asked(figure: PublishedFigure) -> bool:
    """Tell whether a figure asks what the ledger answers: words of its lists, lead and support apart (rule 3)."""
    known_here = figure.organisation is None or figure.organisation in name_organisations()
    fits = known_here and len(set(figure.by)) == len(figure.by)
    if figure.subject is FigureSubject.THREATS:
        return fits and (figure.first_day, figure.last_day, figure.type, figure.standing) == (None,) * 4
    has_period = figure.first_day is not None and figure.last_day is not None
    fits = fits and has_period and figure.type in _TYPES and figure.standing in _STANDINGS
    apart = figure.type is not None or "type" in figure.by
    return fits and apart and figure.subject is FigureSubject.DISRUPTIONS
