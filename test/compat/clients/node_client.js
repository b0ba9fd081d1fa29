// node-pg (text and binary results, prepared statements, cursors) and postgres.js.
const fs = require('fs')
const { Client, Pool } = require('pg')
const Cursor = require('pg-cursor')
const QueryStream = require('pg-query-stream')
const postgres = require('postgres')

const port = Number(process.env.COMPAT_PG_PORT)
const bigRows = Number(process.env.COMPAT_BIG_ROWS)
const { columns, rows: expected } = JSON.parse(fs.readFileSync(process.env.COMPAT_EXPECTED, 'utf8'))
const all = `SELECT ${columns.map(c => c.name).join(', ')} FROM types ORDER BY id`
const slow = 'SELECT sum(levenshteinDistance(repeat(s, 8), repeat(reverse(s), 8))) FROM big'
const config = { host: '127.0.0.1', port, user: 'compat', database: 'compat' }

let failures = 0
function check (what, got, want) {
  const a = JSON.stringify(got); const b = JSON.stringify(want)
  if (a !== b) {
    failures++
    console.log(`DIFFERENCE ${what}\n   got ${a}\n  want ${b}`)
  }
}

// Values as the drivers give them by default: int8 and numeric as text, timestamps as Date in local time (TZ=UTC).
function canonical (c, v) {
  if (v === null) return null
  if (c.array && Array.isArray(v)) return v.map(e => canonical({ ...c, array: false }, e))
  switch (c.type) {
    case 'FLOAT': { const b = Buffer.alloc(4); b.writeFloatBE(v); return b.toString('hex') }
    case 'DOUBLE': { const b = Buffer.alloc(8); b.writeDoubleBE(v); return b.toString('hex') }
    case 'TIMESTAMP': return v instanceof Date ? String(v.getTime()) : `no date: ${v}`
    case 'BYTES': return Buffer.isBuffer(v) ? v.toString('hex') : `no buffer: ${v}`
    case 'JSON': return typeof v === 'string' ? v : `no text: ${v}`
    default: return String(v)
  }
}

function checkRows (what, rows, cols = columns) {
  check(what + ': number of rows', rows.length, expected.length)
  rows.forEach((row, i) => cols.forEach(c => {
    check(`${what}: row ${expected[i][0]}, column ${c.name} ${c.type}`, canonical(c, row[c.name]), expected[i][columns.indexOf(c)])
  }))
}

const matches = (at, text) => expected.filter(r => r[at] === text).map(r => r[0])

function native (c, text) {
  switch (c.type) {
    case 'FLOAT': return Buffer.from(text, 'hex').readFloatBE()
    case 'DOUBLE': return Buffer.from(text, 'hex').readDoubleBE()
    case 'BOOLEAN': return text === 'true'
    case 'BYTES': return Buffer.from(text, 'hex')
    case 'TIMESTAMP': return new Date(Number(text))
    default: return text
  }
}

async function fails (what, promise, code, position, message) {
  try {
    await promise
    check(what, 'no error', code)
  } catch (e) {
    check(what, e.code, code)
    if (position) check(what + ': position', e.position, position)
    if (message) check(what + ': message', e.message, message)
  }
}

async function nodePg () {
  const client = new Client({ ...config, application_name: 'compat node' })
  await client.connect()
  const types = { getTypeParser: (oid, format) => oid === 114 ? String : require('pg').types.getTypeParser(oid, format) }
  checkRows('pg, simple', (await client.query({ text: all, types })).rows)
  checkRows('pg, extended', (await client.query({ text: all, values: [], types, name: 'all' })).rows)
  const scalar = columns.filter(c => !c.array && !['JSON', 'STRING', 'BYTES', 'TIMESTAMP', 'BIG_DECIMAL'].includes(c.type))
  checkRows('pg, binary', (await client.query({ text: `SELECT ${scalar.map(c => c.name).join(', ')} FROM types ORDER BY id`, values: [], binary: true })).rows, scalar)
  for (const [at, c] of columns.entries()) {
    if (c.array || c.type === 'JSON') continue
    for (const row of expected) {
      if (row[at] === null) continue
      if (c.type === 'TIMESTAMP' && Number(row[at]) < 0) continue // node-pg writes years below 1 its own way
      const got = await client.query(`SELECT id FROM types WHERE ${c.name} = $1 ORDER BY id`, [native(c, row[at])])
      check(`pg: parameter ${c.type} ${row[at]}`, got.rows.map(r => r.id), matches(at, row[at]))
    }
  }
  check('pg: ANY', (await client.query('SELECT id FROM types WHERE id = ANY($1) ORDER BY id', [[1, 3, 9]])).rows, [{ id: '1' }, { id: '3' }])
  check('pg: ANY of texts', (await client.query('SELECT id FROM types WHERE s = ANY($1) ORDER BY id', [['plain', 'NULL', null]])).rows, [{ id: '1' }, { id: '6' }])
  check('pg: NULL', (await client.query('SELECT $1::int AS x', [null])).rows, [{ x: null }])
  await fails('pg: unknown column', client.query('SELECT nope FROM types'), '42703', '8', 'column "nope" does not exist')
  await fails('pg: syntax', client.query('SELEC 1'), '42601', '1')
  await fails('pg: bad value', client.query('SELECT id FROM types WHERE i = $1', ['abc']), '22P02')
  await fails('pg: division', client.query('SELECT 1/$1::int', [0]), '22012')
  check('pg: after errors', (await client.query('SELECT 1 AS one')).rows, [{ one: 1 }])
  const many = await client.query('SELECT 1 AS a; SELECT 2 AS b; SELECT 3 AS c')
  check('pg: several statements', many.map(r => r.rows[0]), [{ a: 1 }, { b: 2 }, { c: 3 }])
  check('pg: empty statement', (await client.query('')).rows, [])
  const cursor = client.query(new Cursor('SELECT id FROM big ORDER BY id'))
  check('pg-cursor', (await cursor.read(3)).map(r => r.id), ['0', '1', '2'])
  check('pg-cursor goes on', (await cursor.read(2)).map(r => r.id), ['3', '4'])
  await cursor.close()
  let count = 0
  for await (const row of client.query(new QueryStream('SELECT id FROM big', [], { batchSize: 1000 }))) { count += row.id !== null ? 1 : 0 }
  check('pg-query-stream', count, bigRows)
  const began = Date.now()
  await client.query("SET statement_timeout = '300ms'")
  await fails('pg: timeout', client.query(slow), '57014', undefined, 'canceling statement due to statement timeout')
  check('pg: the timeout ends soon', Date.now() - began < 5000, true)
  await client.end()
  const pool = new Pool({ ...config, max: 4 })
  const got = await Promise.all([...Array(40).keys()].map(i => pool.query('SELECT $1::int * 2 AS x', [i])))
  check('pg: pool', got.map(r => Number(r.rows[0].x)), [...Array(40).keys()].map(i => 2 * i))
  await pool.end()
}

async function postgresJs () {
  const text = { to: 25, from: [114, 20, 1700], serialize: x => x, parse: x => x }
  const sql = postgres({ ...config, max: 2, fetch_types: false, types: { text }, onnotice: () => {} })
  const single = columns.filter(c => !c.array)
  checkRows('postgres.js', await sql.unsafe(`SELECT ${single.map(c => c.name).join(', ')} FROM types ORDER BY id`), single)
  check('postgres.js: parameters', [...await sql`SELECT id FROM types WHERE s = ${'plain'} AND i = ${42} AND b = ${true}`], [{ id: '1' }])
  let count = 0
  await sql`SELECT id FROM big`.cursor(1000, rows => { count += rows.length })
  check('postgres.js: cursor', count, bigRows)
  await fails('postgres.js: error', sql`SELECT nope`, '42703', '8')
  const query = sql.unsafe(slow)
  setTimeout(() => query.cancel(), 300)
  await fails('postgres.js: cancel', query, '57014')
  const both = await sql.begin(tx => [tx`SELECT 1 AS a`, tx`SELECT 2 AS b`])
  check('postgres.js: pipelined transaction', both.map(r => r[0]), [{ a: 1 }, { b: 2 }])
  await sql.end()
}

process.env.TZ = 'UTC'
nodePg().then(postgresJs).then(() => {
  if (failures) {
    console.log(`${failures} differences`)
    process.exit(1)
  }
  console.log('all checks passed')
}, e => { console.log(e); process.exit(1) })
