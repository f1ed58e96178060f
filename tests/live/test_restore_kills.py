"""A restore that somebody kills again and again ends where an undisturbed one ends."""

from collections.abc import Callable

from infra.settings import Settings
from tests.live.restore_drill import RestoreDrill

SEED = 20_261_129
KILLS = 3


def test_a_restore_killed_at_random_moments_ends_as_an_undisturbed_one(
    settings_for: Callable[..., Settings], environment_of: Callable[[Settings], dict[str, str]]
) -> None:
    """Each is killed while it is at work, and the next goes on; the storm with the broker is ``make chaos``."""
    settings = settings_for(partitions=2)
    drill = RestoreDrill(settings, environment_of(settings), SEED)
    drill.lose_cluster()
    drill.run_storm(KILLS)
    drill.prove_end()
