"""What the commands refuse, in one line and with exit code 2 or 3, and what they do not pass over."""

import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from tests.cli.conftest import Run

PERIOD = ("--from", "2021-07-01", "--to", "2022-06-30")


@pytest.mark.parametrize("org", ["KENT", "Kent Police", "Avon & Somerset", "avon-somerset", "", "\udcff"])
def test_an_organisation_that_is_not_on_the_list_is_exit_2(run: Run, org: str) -> None:
    """A figure of nobody is no figure."""
    for arguments in (("counts",), ("extract", *PERIOD), ("threats",), ("counts", "--watch")):
        shown = run(*arguments, "--org", org)
        assert (shown.exit_code, shown.stdout) == (2, ""), arguments
        assert "org" in shown.stderr


def test_an_option_that_stands_twice_is_exit_2(run: Run) -> None:
    """Of two organisations one would have been counted, and the other lost."""
    shown = run("counts", "--org", "kent", "--org", "essex")
    assert shown.exit_code == 2
    assert "--org stands 2 times" in shown.stderr
    assert run("audit", "replay", "--limit", "1", "--limit", "2").exit_code == 2
    assert run("counts", "--json", "--json").exit_code == 0


def test_a_reference_of_any_form_is_explained_or_refused(run: Run) -> None:
    """Exit 1 where nothing is known of it, 2 where nothing can be."""
    for reference in ("KENT/2022/000381", "..", "a?b#c", "-5", "Zoë"):
        assert run("explain", "--", reference).exit_code == 1, reference
    for reference in ("", "  ", "a\tb", "a\x00b", "\udcff", "D" * 201, "D" * 100_000):
        shown = run("explain", "--", reference)
        assert (shown.exit_code, shown.stdout) == (2, ""), reference[:10]


def test_another_server_at_the_address_is_exit_3(run: Run) -> None:
    """What answers is no read API, or one of another version: one line, whatever it says."""
    for said in (b"hello", b"[]", b"{}", b'{"rows": [], "position": {"0": "1"}}'):
        server = HTTPServer(("127.0.0.1", 0), make_answer(said))
        threading.Thread(target=server.handle_request).start()
        shown = run("counts", env={"DISRUPTIONS_READ_API": f"http://127.0.0.1:{server.server_port}"})
        server.server_close()
        assert shown.exit_code == 3
        assert "no read API of a ledger" in shown.stderr


def make_answer(body: bytes) -> type[BaseHTTPRequestHandler]:
    """A server's way to answer, with 200 and these bytes whatever is asked."""

    class OkHandler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Nothing."""

    return OkHandler


def test_a_figure_for_ever_that_may_still_grow_is_exit_1(run: Run) -> None:
    """With ``--known-at`` alone; a live figure is what is stored, and the answer says how far that is."""
    for question in (("extract", *PERIOD), ("threats",)):
        assert run(*question, "--known-at", "2022-07-31").exit_code == 0
        later = run(*question, "--known-at", "2299-12-31")
        assert (later.exit_code, "INCOMPLETE" in later.stdout) == (1, True)
        assert run(*question, "--known-at", "2299-12-31", "--json").exit_code == 1
        assert run(*question, "--as-at", "2022-07-31").exit_code == 0


@pytest.mark.parametrize("option", [(), ("--no-switch",), ("--cancel",), ("--drop-old",)], ids=str)
def test_a_rebuild_of_a_servers_tables_is_exit_2_with_what_to_do_instead(run: Run, option: tuple[str, ...]) -> None:
    """Before anybody is asked anything; the password that the DSN has is not repeated."""
    shown = run("audit", "rebuild", *option, env={"CLICKHOUSE_DSN": "http://me:secret@127.0.0.1:1/ledger"})
    assert (shown.exit_code, shown.stdout) == (2, "")
    said = " ".join(shown.stderr.split())
    assert "nothing was begun" in said
    assert "`python -m services.builder` over an empty one (docs/operating.md, `A rebuild on a server`)" in said
    assert "secret" not in said
