"""Whose fault an error of the store is: the block's (bisect it) or the world's (wait and try again).

Only codes that speak of the bytes themselves blame the block; everything else, known or not, is the world's, so that a
sick server never empties a topic into quarantine. Memory is for both: a record that another decoder reads is not at
fault (``sinks.writing``).
"""

import re
from typing import Final

from clickhouse_connect.driver.exceptions import ClickHouseError

from ledger.errors import Unavailable

BLOCK_CODES: Final = frozenset({
    6,  # CANNOT_PARSE_TEXT
    26,  # CANNOT_PARSE_QUOTED_STRING
    27,  # CANNOT_PARSE_INPUT_ASSERTION_FAILED
    32,  # ATTEMPT_TO_READ_AFTER_EOF
    33,  # CANNOT_READ_ALL_DATA
    38,  # CANNOT_PARSE_DATE
    41,  # CANNOT_PARSE_DATETIME
    49,  # LOGICAL_ERROR, which the Avro reader raises for what does not fit a column
    53,  # TYPE_MISMATCH
    69,  # ARGUMENT_OUT_OF_BOUND
    70,  # CANNOT_CONVERT_TYPE
    72,  # CANNOT_PARSE_NUMBER
    117,  # INCORRECT_DATA
    131,  # TOO_LARGE_STRING_SIZE
    128,  # TOO_LARGE_ARRAY_SIZE
    321,  # VALUE_IS_OUT_OF_RANGE_OF_DATA_TYPE
    349,  # CANNOT_INSERT_NULL_IN_ORDINARY_COLUMN
    376,  # CANNOT_PARSE_UUID
    469,  # VIOLATED_CONSTRAINT
    691,  # UNKNOWN_ELEMENT_OF_ENUM
})  # fmt: skip
MEMORY_CODES: Final = frozenset({
    173,  # CANNOT_ALLOCATE_MEMORY: the machine's, or a length that no record has
    241,  # MEMORY_LIMIT_EXCEEDED: the server's limit, or the same
})  # fmt: skip
BROKEN_CODES: Final = frozenset({
    40,  # CHECKSUM_DOESNT_MATCH
    246,  # CORRUPTED_DATA: after a full disk, of parts that are whole for whoever opens them next
    271,  # CANNOT_DECOMPRESS
})  # fmt: skip
BAD_ALLOCATION: Final = ("std::bad_alloc", "std::length_error")
AVRO_EXCEPTION: Final = "avro::Exception"  # the decoder's own, which the engine reports as STD_EXCEPTION
_CODE = re.compile(r"Code: (\d+)")
_NAME = re.compile(r"\(([A-Z][A-Z0-9_]+)\)")


REMEDY: Final = "ask for less at once, or again; an engine in process that stays so is started again"


class SpentEngine(Unavailable):
    """The engine cannot do it. One in process may do it when another process opens the store."""


class BrokenEngine(SpentEngine):
    """The engine finds its own data broken."""


class OutOfMemory(SpentEngine):
    """The engine has no memory left for this: what was asked is too large, or what its process may have is used up."""


def explain_refusal(error: ClickHouseError, what: str = "the store refused or did not answer") -> Unavailable:
    """Make the error of what the engine did not do, reading or writing."""
    if is_about_memory(error):
        return OutOfMemory(f"the store ran out of memory ({what}: {describe_fault(error)}): {REMEDY}")
    kind = BrokenEngine if read_code(error) in BROKEN_CODES else Unavailable
    return kind(f"{what}: {describe_fault(error)}")


def is_about_block(error: Exception) -> bool:
    """Return whether the engine said that the bytes are wrong (and so that it stored none of them)."""
    text = str(error)
    if AVRO_EXCEPTION in text:
        return True
    return read_code(error) in BLOCK_CODES


def is_about_memory(error: Exception) -> bool:
    """Return whether the engine ran out of memory: its own fault, unless a record names an absurd length."""
    text = str(error)
    return read_code(error) in MEMORY_CODES or any(name in text for name in BAD_ALLOCATION)


def read_code(error: Exception) -> int:
    """Return the engine's number for the error, or 0 when it never came so far."""
    found = _CODE.search(str(error))
    return int(found.group(1)) if found else 0


def describe_fault(error: Exception) -> str:
    """Describe the error by number and name alone: the engine's sentences quote values of the record."""
    if not isinstance(error, ClickHouseError):
        return type(error).__name__
    number, name = read_code(error), _NAME.findall(str(error))
    return f"ClickHouse {number} {name[-1]}" if number and name else f"{type(error).__name__} {number or ''}".strip()
