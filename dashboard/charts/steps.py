"""Values in five steps of about as many organisations each: one large force does not make all others alike. Pure."""

from collections.abc import Iterable, Mapping

STEPS_MAX = 5


def find_steps(values: Mapping[str, float | None]) -> dict[str, int]:
    """Find the step of each value, 0 to 4, from the lowest fifth to the highest; equal values are in one step."""
    known = sorted(value for value in values.values() if value is not None)
    first = {value: len(known) - number for number, value in enumerate(reversed(known), 1)}
    return {name: first[value] * STEPS_MAX // len(known) for name, value in values.items() if value is not None}


def list_ranges(values: Mapping[str, float | None], steps: Mapping[str, int]) -> dict[int, tuple[float, float]]:
    """List, by step, the lowest and the highest value in it; steps without any are left out."""
    found: dict[int, tuple[float, float]] = {}
    for step in sorted(set(steps.values())):
        inside = list(_list_inside(values, steps, step))
        found[step] = (min(inside), max(inside))
    return found


def _list_inside(values: Mapping[str, float | None], steps: Mapping[str, int], step: int) -> Iterable[float]:
    return (value for name, value in values.items() if value is not None and steps[name] == step)
