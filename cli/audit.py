"""``disruptions audit``: anyone checks. Each command is a file of its name."""

import typer

from cli.audit_begin_log import begin_next_log
from cli.audit_bundle import make_audit_bundle
from cli.audit_claims import check_outside_claims
from cli.audit_figures import list_audited_figures
from cli.audit_publish_figure import publish_audited_figure
from cli.audit_rebuild import rebuild_tables
from cli.audit_receipt import write_audit_receipt
from cli.audit_reconcile import reconcile_days
from cli.audit_replay import replay_audit
from cli.audit_restore import restore_audit
from cli.audit_seal import rotate_key, run_sealer
from cli.audit_seals import show_seals
from cli.audit_verify import verify_audit_receipt
from cli.audit_verify_bundle import verify_audit_bundle
from cli.audit_witness import witness_log
from cli.commands import OnceCommand

audit = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@audit.callback()
def group() -> None:
    """Check the ledger against itself, without trusting what wrote it.

    \b
    Example: disruptions audit replay
    """


audit.command("replay", cls=OnceCommand)(replay_audit)
audit.command("publish-figure", cls=OnceCommand)(publish_audited_figure)
audit.command("reconcile", cls=OnceCommand)(reconcile_days)
audit.command("seals", cls=OnceCommand)(show_seals)
audit.command("seal", cls=OnceCommand)(run_sealer)
audit.command("rotate-key", cls=OnceCommand)(rotate_key)
audit.command("begin-log", cls=OnceCommand)(begin_next_log)
audit.command("witness", cls=OnceCommand)(witness_log)
audit.command("claims", cls=OnceCommand)(check_outside_claims)
audit.command("bundle", cls=OnceCommand)(make_audit_bundle)
audit.command("verify-bundle", cls=OnceCommand)(verify_audit_bundle)
audit.command("figures", cls=OnceCommand)(list_audited_figures)
audit.command("receipt", cls=OnceCommand)(write_audit_receipt)
audit.command("verify", cls=OnceCommand)(verify_audit_receipt)
audit.command("restore", cls=OnceCommand)(restore_audit)
audit.command("rebuild", cls=OnceCommand)(rebuild_tables)
