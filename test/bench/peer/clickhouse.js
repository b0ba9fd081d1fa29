// Answers queries over the event table by chdb, ClickHouse in this process: a line of JSON for each line of JSON.
// Arguments: folder of the database, CSV to load where the table is not there.
'use strict';
const readline = require('node:readline');
const { Session } = require('chdb');

const [dir, csv] = process.argv.slice(2);
const session = new Session(dir);
const say = (answer) => process.stdout.write(JSON.stringify(answer) + '\n');
const cells = (text) => text.split('\n').filter((line) => line !== '').map((line) => line.split('\t').map((c) => (c === '\\N' ? 'NULL' : c)));

// Strings of few values are LowCardinality, as ClickHouse's documentation advises; order and engine are what a table of
// events has there.
const table = `CREATE TABLE bench.events (country LowCardinality(String), device LowCardinality(String), campaign LowCardinality(String), userId Int64,
  url String, status LowCardinality(String), lat Float64, lon Float64, price Float64, quantity Int32, ts DateTime64(3, 'UTC')) ENGINE = MergeTree ORDER BY ts`;

function load() {
  session.query('CREATE DATABASE IF NOT EXISTS bench');
  if (session.query("SELECT count() FROM system.tables WHERE database = 'bench' AND name = 'events'", 'TSV').trim() === '0') {
    if (!csv) throw new Error('there is no table and no CSV to load it from');
    session.query(table);
    session.query(`INSERT INTO bench.events SELECT * REPLACE (fromUnixTimestamp64Milli(ts, 'UTC') AS ts) FROM file('${csv}', CSV,
      'country String, device String, campaign String, userId Int64, url String, status String, lat Float64, lon Float64, price Float64, quantity Int32, ts Int64')`);
    session.query('OPTIMIZE TABLE bench.events FINAL');
  }
  session.query('USE bench');
  const [[rows, bytes]] = cells(session.query("SELECT sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = 'bench' AND table = 'events'", 'TSV'));
  const [[version]] = cells(session.query('SELECT version()', 'TSV'));
  return { took: 0, note: version, rows: [[rows, bytes]] };
}

function answer(question) {
  try {
    // Without the cache of conditions: it remembers which blocks of a filter hold rows from one run of a query to the next.
    const text = `${question.sql} SETTINGS max_threads = ${question.threads}, use_query_condition_cache = 0`;
    const began = process.hrtime.bigint();
    const result = session.query(text, 'TSV');
    return { took: Number(process.hrtime.bigint() - began) / 1e6, rows: cells(result) };
  } catch (e) {
    return { error: String(e.message || e) };
  }
}

try {
  say(load());
} catch (e) {
  say({ error: String(e.message || e) });
  process.exit(1);
}
readline.createInterface({ input: process.stdin }).on('line', (line) => say(answer(JSON.parse(line)))).on('close', () => {
  session.close();
  process.exit(0);
});
