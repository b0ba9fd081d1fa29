"""pinotdb, the Python DB-API of Pinot's brokers."""

import importlib.metadata
import json

import pinotdb
from compat import *

conn = pinotdb.connect(host="127.0.0.1", port=HTTP_PORT, path="/query/sql", scheme="http")
cur = conn.cursor()
# Its own limits: it parses a TIMESTAMP_ARRAY as one time, and writes the types that it does not know as JSON; 0.4.5, which
# the dashboards of 2023 have, knows numbers and texts.
KNOWN = ("INT", "LONG", "FLOAT", "DOUBLE", "STRING")
OLD = importlib.metadata.version("pinotdb").startswith("0.")
SHOWN = [c for c in COLUMNS if (c["type"] in KNOWN if OLD else not (c["array"] and c["type"] == "TIMESTAMP"))]
cur.execute("SELECT " + ", ".join(c["name"] for c in SHOWN) + " FROM types ORDER BY id LIMIT 100")
rows = []
for row in cur:
    out = []
    for c, v in zip(SHOWN, row):
        # The query API has texts where Python has types.
        if v is not None and c["type"] == "BIG_DECIMAL":
            v = decimal.Decimal(json.loads(v) if v.startswith('"') else v)
        if v is not None and c["type"] == "JSON":
            v = v if isinstance(v, str) else json.dumps(v)
        if v is not None and c["type"] == "BYTES":
            v = json.loads(v) if isinstance(v, str) and v.startswith(('"', "[")) else v
            v = [bytes.fromhex(x) for x in v] if c["array"] else bytes.fromhex(v)
        out.append(v)
    rows.append(out)
check("number of rows", len(rows), len(ROWS))
for g, w in zip(rows, ROWS):
    for c, x in zip(SHOWN, g):
        y = w[COLUMNS.index(c)]
        if c["type"] == "JSON":
            check(f"row {w[0]}, column {c['name']}", x, y and json.loads(y) if isinstance(y and json.loads(y), str) else y and json.dumps(json.loads(y)))
        else:
            check(f"row {w[0]}, column {c['name']} {c['type']}", canonical(c, x), y)
cur.execute("SELECT id FROM types WHERE s = %(s)s ORDER BY id LIMIT 5", {"s": ROWS[2][8]})
check("parameter", cur.fetchall(), [[3]])
cur.execute("SELECT id FROM big ORDER BY id")
check("the default LIMIT is 10", len(cur.fetchall()), 10)
cur.execute(f"SELECT id FROM big LIMIT {BIG_ROWS}")
check("large result", sum(r[0] for r in cur.fetchall()), BIG_ROWS * (BIG_ROWS - 1) // 2)
cur.execute("SELECT id FROM types WHERE id > 100 LIMIT 5")
check("empty result", cur.fetchall(), [])
for sql, code in (("SELECT nope FROM types", 710), ("SELECT 1 FROM typos", 190), ("SELEC", 150)):
    try:
        cur.execute(sql)
        check(sql, "no error", code)
    except pinotdb.exceptions.DatabaseError as e:
        check(sql, f"'errorCode': {code}" in str(e) or f'"errorCode": {code}' in str(e), True)
finish()
