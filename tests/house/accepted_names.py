"""The words by which names are judged, and the names that are accepted beside them, each with its reason.

``verbs.txt`` beside this file holds the verbs, grown by reading; add one where it is the verb of the sentence that the
call makes. A word that is a noun too (``count``, ``name``, ``report``) is a verb as the first of two words only.
"""

from pathlib import Path

VERBS = frozenset((Path(__file__).parent / "verbs.txt").read_text().split())
PREDICATES = frozenset({"is", "are", "was", "has", "had", "may", "can", "must", "should", "does", "needs"})
ONE_WORD_SHARE_MAX = 0.12

ONE_WORD = {  # the object is the method's own: `coordinator.close()` is a sentence
    "acquire": "a lock",
    "admit": "a book admits a fact",
    "ask": "a client asks its question",
    "cancel": "a wait",
    "check": "a guard, of what it guards",
    "clear": "all that it holds",
    "close": "what was opened",
    "commit": "what it wrote",
    "connect": "to its server",
    "drain": "its queue",
    "encode": "a codec's trade",
    "decode": "a codec's trade",
    "fetch": "what it is for",
    "finish": "its line",
    "flush": "what it holds back",
    "fold": "a book folds a fact",
    "forget": "a memory's opposite of remember",
    "insert": "a writer's block",
    "kill": "its process",
    "launch": "its process",
    "load": "what it is for",
    "open": "what is closed again",
    "pack": "itself, as bytes",
    "poll": "its client",
    "post": "a book posts a fact: the word of the field",
    "publish": "a publisher's trade",
    "query": "a store's trade",
    "read": "a reader's trade",
    "record": "a recorder's trade",
    "release": "a lock",
    "remember": "a memory's trade",
    "replay": "the ledger: the word of the field",
    "restart": "its process",
    "resume": "what was paused",
    "run": "its work",
    "save": "what it holds",
    "seek": "a position",
    "send": "a sender's trade",
    "serve": "its requests",
    "start": "its work",
    "stop": "its work",
    "take": "what it offers",
    "unpack": "the opposite of pack",
    "wait": "for its end",
    "write": "a writer's trade",
}
ONE_WORD_FUNCTIONS = {"main": "what a program runs"}
# Names that somebody else's code calls; and who calls them.
DEMANDED = {
    "collect": "prometheus-client's registry",
    "consume": "confluent-kafka's consumer",
    "demo": "typer: the command's name",
    "pending": "programs of forces: the publisher is what they call",
    "isatty": "io",
    "readable": "io",
    "readinto": "io",
    "getmany": "aiokafka's fetcher",
    "_getmany": "Faust's consumer",
    "_new_consumer_thread": "Faust's consumer",
    "on_buffer_full": "Faust's consumer",
    "loads_key": "Faust's schema",
    "loads_value": "Faust's schema",
    "getall": "aiokafka's fetcher",
    "next_batch": "aiokafka's fetcher",
    "size_in_bytes": "aiokafka's fetcher",
    "_consumer_record": "aiokafka's fetcher",
    "shutdown": "uvicorn's protocol",
    "on_broken_pipe": "rich",
    "invoke": "click",
}

# The same of the tests: a stand-in has the names that the code under test calls.
DEMANDED_OF_STAND_INS = {
    "assign": "confluent-kafka's consumer",
    "committed": "confluent-kafka's consumer",
    "error": "confluent-kafka's message",
    "init_transactions": "confluent-kafka's producer",
    "partition": "confluent-kafka's message",
    "position": "confluent-kafka's consumer",
    "produce": "confluent-kafka's producer",
    "topic": "confluent-kafka's message",
    "unassign": "confluent-kafka's consumer",
    "name": "confluent-kafka's error",
    "raw_insert": "clickhouse-connect's client",
    "info": "structlog's logger",
    "done": "concurrent.futures.Future",
    "result": "concurrent.futures.Future",
    "map": "concurrent.futures.Executor",
    "submit": "concurrent.futures.Executor",
    "select": "an event loop's selector",
    "time": "an event loop's clock",
    "join": "threading.Thread",
    "set": "threading.Event",
    "monotonic": "the module time",
    "sleep": "the module time",
    "append": "a list's own word: one record, to the simulated log",
    "pause": "what `SchemaLookups` is given to wait by",
}
