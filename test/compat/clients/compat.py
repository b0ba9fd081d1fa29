"""What the Python clients share: what is expected, canonical forms, and a count of differences."""

import datetime
import decimal
import json
import os
import struct
import sys
import threading
import time
import urllib.request

PG = dict(host="127.0.0.1", port=int(os.environ["COMPAT_PG_PORT"]), user="compat", dbname="compat")
HTTP_PORT = int(os.environ["COMPAT_HTTP_PORT"])
EVOLVING = os.environ["COMPAT_EVOLVING"]
BIG_ROWS = int(os.environ["COMPAT_BIG_ROWS"])
with open(os.environ["COMPAT_EXPECTED"], encoding="utf-8") as f:
    EXPECTED = json.load(f)
COLUMNS = EXPECTED["columns"]
ROWS = EXPECTED["rows"]
EPOCH = datetime.datetime(1970, 1, 1)
NAMES = ", ".join(c["name"] for c in COLUMNS)
ALL = f"SELECT {NAMES} FROM types ORDER BY id"
# A statement of several seconds: cancels and deadlines have something to end.
SLOW = "SELECT sum(levenshteinDistance(repeat(s, 8), repeat(reverse(s), 8))) FROM big"

failures = 0


def check(what, got, want):
    global failures
    if got != want:
        failures += 1
        print(f"DIFFERENCE {what}\n   got {got!r}\n  want {want!r}")


def finish():
    if failures:
        sys.exit(f"{failures} differences")
    print("all checks passed")


def canonical(column, value):
    """The text form of expected.json. Values have to be of the type that the driver documents."""
    if value is None:
        return None
    kind = column["type"]
    if isinstance(value, (list, tuple)) and column["array"]:
        element = dict(column, array=False)
        return [canonical(element, v) for v in value]
    if kind in ("INT", "LONG") and type(value) is int:
        return str(value)
    if kind == "FLOAT" and type(value) is float:
        return struct.pack(">f", value).hex()
    if kind == "DOUBLE" and type(value) is float:
        return struct.pack(">d", value).hex()
    if kind == "BIG_DECIMAL" and type(value) is decimal.Decimal:
        return format(value, "f")
    if kind == "BOOLEAN" and type(value) is bool:
        return "true" if value else "false"
    if kind == "TIMESTAMP" and type(value) is datetime.datetime and value.tzinfo is None:
        return str((value - EPOCH) // datetime.timedelta(milliseconds=1))
    if kind == "BYTES" and isinstance(value, (bytes, memoryview)):
        return bytes(value).hex()
    if kind in ("STRING", "JSON") and type(value) is str:
        return value
    return f"unexpected {type(value)}: {value!r}"


def native(column, text):
    """The Python value of a canonical text: what a program would bind."""
    if text is None:
        return None
    if column["array"] and isinstance(text, list):
        return [native(dict(column, array=False), t) for t in text]
    kind = column["type"]
    if kind in ("INT", "LONG"):
        return int(text)
    if kind == "FLOAT":
        return struct.unpack(">f", bytes.fromhex(text))[0]
    if kind == "DOUBLE":
        return struct.unpack(">d", bytes.fromhex(text))[0]
    if kind == "BIG_DECIMAL":
        return decimal.Decimal(text)
    if kind == "BOOLEAN":
        return text == "true"
    if kind == "TIMESTAMP":
        return EPOCH + datetime.timedelta(milliseconds=int(text))
    if kind == "BYTES":
        return bytes.fromhex(text)
    return text


def check_rows(what, rows):
    got = [[canonical(c, v) for c, v in zip(COLUMNS, row)] for row in rows]
    check(what + ": number of rows", len(got), len(ROWS))
    for g, w in zip(got, ROWS):
        for c, x, y in zip(COLUMNS, g, w):
            check(f"{what}: row {w[0]}, column {c['name']} {c['type']}", x, y)


def matches(column, text):
    """The ids of the rows that have this value in a column."""
    at = COLUMNS.index(column)
    return [int(r[0]) for r in ROWS if r[at] == text]


def scalars():
    """Every value of every single-value column."""
    for at, c in enumerate(COLUMNS):
        if not c["array"]:
            for row in ROWS:
                if row[at] is not None:
                    yield c, row[at]


def add_column(name):
    """PUT of the evolving table's schema with another column, over the admin REST."""
    base = f"http://127.0.0.1:{os.environ['COMPAT_CONTROLLER_PORT']}/schemas/{EVOLVING}"
    with urllib.request.urlopen(base) as r:
        schema = json.load(r)
    schema["dimensionFieldSpecs"].append({"name": name, "dataType": "INT"})
    request = urllib.request.Request(base, json.dumps(schema).encode(), {"Content-Type": "application/json"}, method="PUT")
    with urllib.request.urlopen(request) as r:
        r.read()


def after(seconds, action):
    t = threading.Timer(seconds, action)
    t.daemon = True
    t.start()
    return t


def fast(what, began, limit=5.0):
    check(what + ": ends soon", time.monotonic() - began < limit, True)
