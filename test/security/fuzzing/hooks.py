"""What a schema can not say of valid values, so that valid requests reach what is behind the checks."""

import collections
import datetime
import re
import urllib.parse

import schemathesis
from hypothesis import strategies as st

# A webhook's URL has to have a host that is allowed. Nobody listens there, so nothing is sent anywhere.
schemathesis.openapi.format(
    "uri", st.sampled_from(["https://127.0.0.1:9/hooks", "https://127.0.0.1:9/hooks?of=fuzzing", "http://127.0.0.1:9/"])
)

# Work is planned a year ahead at most, and days before 1970 are no days of customers.
NOW = datetime.datetime(2026, 1, 1)
schemathesis.openapi.format(
    "date-time",
    st.datetimes(min_value=datetime.datetime(1970, 1, 1), max_value=NOW).map(lambda at: at.isoformat() + "Z"),
)

# Addresses as people have them: RFC 5322 allows many more than are taken.
LABEL = st.from_regex(r"[a-z0-9]{1,20}", fullmatch=True)
schemathesis.openapi.format(
    "email", st.tuples(LABEL, LABEL, st.sampled_from(["com", "org", "example"])).map(lambda t: f"{t[0]}@{t[1]}.{t[2]}")
)

# Files as they are uploaded, with cells of any text; bytes that are no CSV are sent by test/security/upload-fuzzing.spec.ts.
CELL = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00\ufeff"), max_size=20)


def csv_file(rows):
    lines = ["name,email,phone,plan"]
    for number, (name, plan) in enumerate(rows):
        cells = [name, f"row{number}@example.com", "", plan]
        lines.append(",".join('"' + cell.replace('"', '""') + '"' for cell in cells))
    return ("\r\n".join(lines) + "\r\n").encode()


FILE = st.lists(st.tuples(CELL, CELL), min_size=1, max_size=5).map(csv_file)
schemathesis.openapi.format("binary", FILE)


@schemathesis.hook
def filter_query(ctx, query):
    """Node itself answers 431, and no route, where the first line of a request and its headers are over 16 KiB."""
    return len(urllib.parse.urlencode(query or {}, errors="replace")) < 12_000


SENT_KEYS = collections.Counter()


@schemathesis.hook
def before_call(ctx, case, kwargs):
    """A key that was used is refused with 422 before anything else is looked at: most requests get one of their own."""
    key = (case.headers or {}).get("Idempotency-Key")
    if not isinstance(key, str) or not re.fullmatch(r"[!-~]{1,200}", key):
        return
    SENT_KEYS[key] += 1
    if SENT_KEYS[key] % 10 != 2:
        case.headers["Idempotency-Key"] = f"{key}-{SENT_KEYS[key]}"
