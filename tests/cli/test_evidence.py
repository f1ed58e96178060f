"""What people are shown of the evidence: an original that is not kept, and who judged an entry."""

from cli.explain import describe_judges
from cli.rejected import describe_original


def test_an_original_that_is_not_kept_is_known_by_its_size_and_digest() -> None:
    """One that is kept is not spoken of."""
    said = describe_original({"original_size": 1_500_000, "original_digest": "ab12"})
    assert said == "\nIts original is not kept: 1,500,000 bytes, SHA-256 ab12"
    assert describe_original({"original_size": None, "original_digest": None}) == ""


def test_each_entry_is_told_with_the_rules_and_software_that_judged_it() -> None:
    """Two judged alike stand on one line; the third was judged by newer rules."""
    judges = [("2026.1", "ledger 0.2"), ("2026.1", "ledger 0.2"), ("2026.2", "ledger 0.3")]
    entries = [
        {"partition": 1, "offset": offset, "rules_version": rules, "software": software}
        for offset, (rules, software) in enumerate(judges)
    ]
    assert describe_judges(entries) == "Judged by\n1:0 1:1: rules 2026.1, ledger 0.2\n1:2: rules 2026.2, ledger 0.3"
    assert describe_judges([]) == ""
