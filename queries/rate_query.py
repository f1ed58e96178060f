"""The question of rates: lead disruptions a week, of whom, and of what."""

from dataclasses import dataclass
from typing import ClassVar, Final, Self

from queries.balance_queries import hold_one_recorder, take_organisation
from queries.errors import WrongField, choose_field
from queries.listed_queries import ACCOUNT_VALUES, take_region
from queries.period_query import PeriodQuery, hold_period, take_period
from queries.query import WrittenFields
from queries.rate_answers import RateAnswer

PERIOD_DAYS_MOST: Final = 3660


@dataclass(frozen=True, slots=True, kw_only=True)
class RateQuery(PeriodQuery[RateAnswer]):
    """Lead disruptions a week and per 100 active threats, with process limits, and what filling weeks will become.

    Args:
        org: one recording organisation, by its code; or
        region: the organisations of one region, by its name; neither: the nation.
        pillar: of this pillar alone; ``kind`` and ``crime_type`` alike.
    """

    PATH: ClassVar[str] = "rates"

    org: str | None = None
    region: str | None = None
    pillar: str | None = None
    kind: str | None = None
    crime_type: str | None = None

    def __post_init__(self) -> None:
        """Refuse a period that is none, or endless, and two recorders at once."""
        hold_period(self.start, self.end)
        if (self.end - self.start).days > PERIOD_DAYS_MOST:
            raise WrongField("from", "the period has over ten years; ask for fewer")
        hold_one_recorder(self.org, self.region)

    @classmethod
    def _take_fields(cls, fields: WrittenFields) -> Self:
        return cls(
            **take_period(fields),
            org=take_organisation(fields),
            region=take_region(fields),
            pillar=_take_symbol(fields, "pillar"),
            kind=_take_symbol(fields, "kind"),
            crime_type=_take_symbol(fields, "crime_type"),
        )

    @property
    def filters(self) -> dict[str, str]:
        """Whose disruptions, and which of them, by the names of dimensions."""
        own = {"org": self.org, "region": self.region} | self.selected
        return {name: value for name, value in own.items() if value is not None}

    @property
    def selected(self) -> dict[str, str | None]:
        """Which of them."""
        return {"pillar": self.pillar, "kind": self.kind, "crime_type": self.crime_type}


def _take_symbol(fields: WrittenFields, field: str) -> str | None:
    """Take a symbol, in either letter case. Raises WrongField."""
    asked = fields.take_text(field)
    return None if asked is None else choose_field(field, asked.upper(), ACCOUNT_VALUES[field])
