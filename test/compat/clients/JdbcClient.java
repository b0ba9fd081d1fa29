import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.*;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.*;

/** pgjdbc: simple and extended protocol, text and binary transfer, fetch size, batches of metadata, cancel. */
public class JdbcClient {
  static int failures;

  static void check(String what, Object got, Object want) {
    if (!Objects.equals(got, want)) {
      failures++;
      System.out.println("DIFFERENCE " + what + "\n   got " + got + "\n  want " + want);
    }
  }

  /** expected.json, read with the little that it needs: objects, arrays, strings, booleans and null. */
  static final class Json {
    final String s;
    int at;

    Json(String s) { this.s = s; }

    Object value() {
      skip();
      switch (s.charAt(at)) {
        case '{': {
          Map<String, Object> m = new LinkedHashMap<>();
          at++;
          for (skip(); s.charAt(at) != '}'; skip()) {
            if (s.charAt(at) == ',') at++;
            skip();
            String key = (String) value();
            skip();
            at++; // the colon
            m.put(key, value());
          }
          at++;
          return m;
        }
        case '[': {
          List<Object> l = new ArrayList<>();
          at++;
          for (skip(); s.charAt(at) != ']'; skip()) {
            if (s.charAt(at) == ',') at++;
            l.add(value());
          }
          at++;
          return l;
        }
        case '"': {
          StringBuilder b = new StringBuilder();
          for (at++; s.charAt(at) != '"'; at++) {
            char c = s.charAt(at);
            if (c == '\\') {
              c = s.charAt(++at);
              switch (c) {
                case 'n': c = '\n'; break;
                case 't': c = '\t'; break;
                case 'r': c = '\r'; break;
                case 'u': c = (char) Integer.parseInt(s.substring(at + 1, at + 5), 16); at += 4; break;
                default: break;
              }
            }
            b.append(c);
          }
          at++;
          return b.toString();
        }
        case 't': at += 4; return true;
        case 'f': at += 5; return false;
        default: at += 4; return null;
      }
    }

    void skip() { while (Character.isWhitespace(s.charAt(at))) at++; }
  }

  static List<Map<String, Object>> columns;
  static List<List<Object>> rows;
  static String all;
  static final String SLOW = "SELECT sum(levenshteinDistance(repeat(s, 8), repeat(reverse(s), 8))) FROM big";

  static Object canonical(String type, Object v) throws SQLException {
    if (v == null) return null;
    if (v instanceof Array) {
      List<Object> out = new ArrayList<>();
      for (Object e : (Object[]) ((Array) v).getArray()) out.add(canonical(type, e));
      return out;
    }
    switch (type) {
      case "FLOAT": return String.format("%08x", Float.floatToRawIntBits((Float) v));
      case "DOUBLE": return String.format("%016x", Double.doubleToRawLongBits((Double) v));
      case "BIG_DECIMAL": return ((BigDecimal) v).toPlainString();
      case "TIMESTAMP": {
        LocalDateTime t = v instanceof Timestamp ? ((Timestamp) v).toLocalDateTime() : (LocalDateTime) v;
        return String.valueOf(t.toInstant(ZoneOffset.UTC).toEpochMilli());
      }
      case "BYTES": return HexFormat.of().formatHex((byte[]) v);
      default: return v.toString();
    }
  }

  static Object read(ResultSet rs, int i, String type, boolean array) throws SQLException {
    if (array) return rs.getArray(i);
    switch (type) {
      case "INT": { int x = rs.getInt(i); return rs.wasNull() ? null : x; }
      case "LONG": { long x = rs.getLong(i); return rs.wasNull() ? null : x; }
      case "FLOAT": { float x = rs.getFloat(i); return rs.wasNull() ? null : x; }
      case "DOUBLE": { double x = rs.getDouble(i); return rs.wasNull() ? null : x; }
      case "BIG_DECIMAL": return rs.getBigDecimal(i);
      case "BOOLEAN": { boolean x = rs.getBoolean(i); return rs.wasNull() ? null : x; }
      case "TIMESTAMP": return rs.getObject(i, LocalDateTime.class);
      case "BYTES": return rs.getBytes(i);
      default: return rs.getString(i);
    }
  }

  static void bind(PreparedStatement st, int i, String type, String text) throws SQLException {
    switch (type) {
      case "INT": st.setInt(i, Integer.parseInt(text)); break;
      case "LONG": st.setLong(i, Long.parseLong(text)); break;
      case "FLOAT": st.setFloat(i, Float.intBitsToFloat(Integer.parseUnsignedInt(text, 16))); break;
      case "DOUBLE": st.setDouble(i, Double.longBitsToDouble(Long.parseUnsignedLong(text, 16))); break;
      case "BIG_DECIMAL": st.setBigDecimal(i, new BigDecimal(text)); break;
      case "BOOLEAN": st.setBoolean(i, text.equals("true")); break;
      case "TIMESTAMP": st.setObject(i, LocalDateTime.ofEpochSecond(Math.floorDiv(Long.parseLong(text), 1000L),
          (int) Math.floorMod(Long.parseLong(text), 1000L) * 1_000_000, ZoneOffset.UTC)); break;
      case "BYTES": st.setBytes(i, HexFormat.of().parseHex(text)); break;
      default: st.setString(i, text);
    }
  }

  static void readAll(Connection c, String what, boolean arrays, int times) throws SQLException {
    StringBuilder names = new StringBuilder();
    List<Integer> used = new ArrayList<>();
    for (int i = 0; i < columns.size(); i++) {
      if (!arrays && (Boolean) columns.get(i).get("array")) continue;
      names.append(used.isEmpty() ? "" : ", ").append(columns.get(i).get("name"));
      used.add(i);
    }
    try (PreparedStatement st = c.prepareStatement("SELECT " + names + " FROM types ORDER BY id")) {
      for (int round = 0; round < times; round++) {
        int n = 0;
        try (ResultSet rs = st.executeQuery()) {
          for (; rs.next(); n++) {
            for (int k = 0; k < used.size(); k++) {
              Map<String, Object> col = columns.get(used.get(k));
              String type = (String) col.get("type");
              check(what + ", round " + round + ": row " + (n + 1) + ", column " + col.get("name"),
                  canonical(type, read(rs, k + 1, type, (Boolean) col.get("array"))), rows.get(n).get(used.get(k)));
            }
          }
        }
        check(what + ": number of rows", n, rows.size());
      }
    }
  }

  static void parameters(Connection c, String what) throws SQLException {
    for (int i = 0; i < columns.size(); i++) {
      String type = (String) columns.get(i).get("type");
      if ((Boolean) columns.get(i).get("array") || type.equals("JSON")) continue;
      if (type.equals("FLOAT") && what.contains("binaryTransfer=false")) continue; // sent as float8 0.1, which no float4 equals
      try (PreparedStatement st = c.prepareStatement("SELECT id FROM types WHERE " + columns.get(i).get("name") + " = ? ORDER BY id")) {
        for (List<Object> row : rows) {
          if (row.get(i) == null) continue;
          List<String> want = new ArrayList<>();
          List<String> got = new ArrayList<>();
          for (List<Object> r : rows) if (row.get(i).equals(r.get(i))) want.add((String) r.get(0));
          bind(st, 1, type, (String) row.get(i));
          try (ResultSet rs = st.executeQuery()) {
            while (rs.next()) got.add(rs.getString(1));
          }
          check(what + ": parameter " + type + " " + row.get(i), got, want);
        }
      }
    }
  }

  static void fails(Connection c, String what, String sql, String state, int position) {
    try (Statement st = c.createStatement()) {
      st.execute(sql);
      check(what, "no error", state);
    } catch (SQLException e) {
      check(what, e.getSQLState(), state);
      if (position > 0 && e instanceof org.postgresql.util.PSQLException) {
        check(what + ": position", ((org.postgresql.util.PSQLException) e).getServerErrorMessage().getPosition(), position);
      }
    }
  }

  static void session(Connection c, String what) throws Exception {
    fails(c, what + ": unknown column", "SELECT nope FROM types", "42703", 8);
    fails(c, what + ": syntax", "SELEC 1", "42601", 1);
    fails(c, what + ": division", "SELECT 1/0", "22012", 0);
    check(what + ": valid", c.isValid(5), true);
    try (Statement st = c.createStatement()) {
      st.setQueryTimeout(1);
      long began = System.nanoTime();
      try {
        st.executeQuery(SLOW);
        check(what + ": timeout", "no error", "57014");
      } catch (SQLException e) {
        check(what + ": timeout", e.getSQLState(), "57014");
      }
      check(what + ": the timeout ends soon", System.nanoTime() - began < 5_000_000_000L, true);
      st.setQueryTimeout(0);
      // In these modes the driver does not tell the server of the limit, whoever the server is.
      boolean told = !what.endsWith("simple") && !what.endsWith("extendedForPrepared");
      st.setMaxRows(told ? 3 : 0);
      try (ResultSet rs = st.executeQuery("SELECT id FROM big ORDER BY id")) {
        int n = 0;
        while (told && rs.next()) n++;
        check(what + ": setMaxRows", n, told ? 3 : 0);
      }
    }
    try (Statement st = c.createStatement()) {
      check(what + ": several statements", st.execute("SELECT 1; SELECT 2"), true);
      check(what + ": the second", st.getMoreResults(), true);
      try (ResultSet rs = st.getResultSet()) {
        rs.next();
        check(what + ": its value", rs.getInt(1), 2);
      }
    }
    c.setAutoCommit(false);
    try (Statement st = c.createStatement(); Statement other = c.createStatement()) {
      st.setFetchSize(1000);
      long n = 0, sum = 0;
      try (ResultSet rs = st.executeQuery("SELECT id, s FROM big")) {
        for (; rs.next(); n++) {
          sum += rs.getLong(1);
          if (n == 1500) {
            try (ResultSet second = other.executeQuery("SELECT 7")) {
              second.next();
              check(what + ": another statement between", second.getInt(1), 7);
            }
          }
        }
      }
      long big = Long.parseLong(System.getenv("COMPAT_BIG_ROWS"));
      check(what + ": fetch size", n + " " + sum, big + " " + big * (big - 1) / 2);
    }
    fails(c, what + ": in a transaction", "SELECT nope", "42703", 8);
    fails(c, what + ": a failed transaction", "SELECT 1", "25P02", 0);
    c.rollback();
    c.setAutoCommit(true);
  }

  static List<String> list(ResultSet rs, String... names) throws SQLException {
    List<String> out = new ArrayList<>();
    while (rs.next()) {
      StringBuilder b = new StringBuilder();
      for (String n : names) b.append(b.length() > 0 ? " " : "").append(rs.getString(n));
      out.add(b.toString());
    }
    rs.close();
    return out;
  }

  static void metadata(Connection c) throws SQLException {
    DatabaseMetaData m = c.getMetaData();
    check("product", m.getDatabaseProductName() + " " + m.getDatabaseMajorVersion(), "PostgreSQL 15");
    check("catalogs", list(m.getCatalogs(), "TABLE_CAT"), List.of("compat"));
    check("schemas", list(m.getSchemas(), "TABLE_SCHEM"), List.of("freshet", "information_schema", "pg_catalog", "public"));
    check("tables", list(m.getTables(null, "public", "t%s", new String[] {"TABLE"}), "TABLE_SCHEM", "TABLE_NAME", "TABLE_TYPE"), List.of("public types TABLE"));
    check("tables by a pattern with an escape", list(m.getTables(null, null, "evolving\\_jdbc", null), "TABLE_NAME"), List.of("evolving_jdbc"));
    check("table types", list(m.getTableTypes(), "TABLE_TYPE").contains("TABLE"), true);
    Map<String, String> kinds = Map.of("INT", "int4", "LONG", "int8", "FLOAT", "float4", "DOUBLE", "float8", "BIG_DECIMAL", "numeric", "BOOLEAN", "bool",
        "TIMESTAMP", "timestamp", "STRING", "text", "JSON", "json", "BYTES", "bytea");
    List<String> want = new ArrayList<>();
    for (Map<String, Object> col : columns) want.add(col.get("name") + " " + ((Boolean) col.get("array") ? "_" : "") + kinds.get(col.get("type")) + " YES");
    want.add("at timestamp YES");
    check("columns", list(m.getColumns(null, "public", "types", null), "COLUMN_NAME", "TYPE_NAME", "IS_NULLABLE"), want);
    check("some columns", list(m.getColumns(null, null, "types", "m_"), "COLUMN_NAME", "ORDINAL_POSITION").size(), 8);
    check("primary key", list(m.getPrimaryKeys(null, null, "keyed"), "COLUMN_NAME", "KEY_SEQ", "PK_NAME"), List.of("s 1 keyed_pkey", "i 2 keyed_pkey"));
    check("no primary key", list(m.getPrimaryKeys(null, null, "types"), "COLUMN_NAME"), List.of());
    check("index", list(m.getIndexInfo(null, null, "keyed", false, false), "INDEX_NAME", "COLUMN_NAME", "NON_UNIQUE"), List.of("keyed_pkey s f", "keyed_pkey i f"));
    check("imported keys", list(m.getImportedKeys(null, null, "keyed"), "PKTABLE_NAME"), List.of());
    check("exported keys", list(m.getExportedKeys(null, null, "keyed"), "PKTABLE_NAME"), List.of());
    check("cross reference", list(m.getCrossReference(null, null, "keyed", null, null, "types"), "PKTABLE_NAME"), List.of());
    check("best row", list(m.getBestRowIdentifier(null, null, "keyed", DatabaseMetaData.bestRowSession, false), "COLUMN_NAME"), List.of("s", "i"));
    List<String> types = list(m.getTypeInfo(), "TYPE_NAME");
    for (String k : kinds.values()) check("type info of " + k, types.contains(k), true);
    list(m.getTablePrivileges(null, "public", "types"), "PRIVILEGE");
    list(m.getColumnPrivileges(null, "public", "types", "id"), "COLUMN_NAME", "PRIVILEGE");
    check("functions", list(m.getFunctions(null, null, "lower"), "FUNCTION_NAME").contains("lower"), true);
    list(m.getFunctionColumns(null, null, "lower", null), "COLUMN_NAME");
    list(m.getProcedures(null, null, "%"), "PROCEDURE_NAME");
    check("row types", list(m.getUDTs(null, "public", "type%", null), "TYPE_NAME"), List.of("types"));
    list(m.getClientInfoProperties(), "NAME");
    check("keywords", m.getSQLKeywords().isEmpty(), false);
    check("name length", m.getMaxColumnNameLength(), 63);
    try (Statement st = c.createStatement(); ResultSet rs = st.executeQuery("SELECT id, i AS other, mi, count(*) OVER () AS n FROM types")) {
      ResultSetMetaData r = rs.getMetaData();
      check("result", r.getColumnLabel(2) + " " + r.getColumnTypeName(2) + " " + r.getColumnTypeName(3) + " " + r.getTableName(4) + "|", "other int4 _int4 |");
      check("base column", r.unwrap(org.postgresql.PGResultSetMetaData.class).getBaseColumnName(2), "i");
      check("base table", r.unwrap(org.postgresql.PGResultSetMetaData.class).getBaseTableName(2), "types");
      check("nullable", r.isNullable(1), ResultSetMetaData.columnNullable);
    }
    check("schema and catalog", c.getSchema() + " " + c.getCatalog(), "public compat");
    check("isolation", c.getTransactionIsolation(), Connection.TRANSACTION_READ_COMMITTED);
    c.setReadOnly(true);
    c.setAutoCommit(false);
    Savepoint s = c.setSavepoint("here");
    fails(c, "in a savepoint", "SELECT nope", "42703", 8);
    c.rollback(s);
    try (Statement st = c.createStatement()) { st.execute("SELECT 1"); }
    c.commit();
    c.setAutoCommit(true);
    c.setReadOnly(false);
    try {
      new org.postgresql.copy.CopyManager(c.unwrap(org.postgresql.core.BaseConnection.class)).copyOut("COPY types TO STDOUT");
      check("COPY", "no error", "0A000");
    } catch (SQLException e) {
      check("COPY", e.getSQLState(), "0A000");
    }
    try (PreparedStatement st = c.prepareStatement("SELECT id FROM types WHERE id = ANY(?) AND NOT (s = ANY(?)) ORDER BY id")) {
      st.setArray(1, c.createArrayOf("int8", new Object[] {1L, 3L, 9L}));
      st.setArray(2, c.createArrayOf("text", new Object[] {"plain", "\"{,"}));
      check("arrays", list(st.executeQuery(), "id"), List.of("3"));
      check("parameters", st.getParameterMetaData().getParameterTypeName(1), "_int8");
    }
    try (Statement st = c.createStatement()) {
      new Thread(() -> { try { Thread.sleep(300); st.cancel(); } catch (Exception e) { System.out.println(e); } }).start();
      st.executeQuery(SLOW);
      check("cancel", "no error", "57014");
    } catch (SQLException e) {
      check("cancel", e.getSQLState(), "57014");
    }
  }

  @SuppressWarnings("unchecked")
  public static void main(String[] args) throws Exception {
    Class.forName("org.postgresql.Driver"); // another driver of the class path fails to load and hides it
    TimeZone.setDefault(TimeZone.getTimeZone("UTC"));
    Map<String, Object> expected = (Map<String, Object>) new Json(Files.readString(Path.of(System.getenv("COMPAT_EXPECTED")))).value();
    columns = (List<Map<String, Object>>) expected.get("columns");
    rows = (List<List<Object>>) expected.get("rows");
    String url = "jdbc:postgresql://127.0.0.1:" + System.getenv("COMPAT_PG_PORT") + "/compat?user=compat";
    for (String options : List.of("", "&preferQueryMode=simple", "&preferQueryMode=extendedForPrepared", "&preferQueryMode=extendedCacheEverything",
        "&prepareThreshold=1", "&prepareThreshold=-1", "&prepareThreshold=0", "&binaryTransfer=false", "&assumeMinServerVersion=15")) {
      String what = options.isEmpty() ? "defaults" : options;
      try (Connection c = DriverManager.getConnection(url + options)) {
        // Arrays ask pg_type for their element types first, except where the driver knows them.
        readAll(c, what, false, 7); // from the fifth execution on binary
        parameters(c, what);
        session(c, what);
      }
    }
    try (Connection c = DriverManager.getConnection(url)) {
      metadata(c);
    }
    if (failures > 0) {
      System.out.println(failures + " differences");
      System.exit(1);
    }
    System.out.println("all checks passed");
  }
}
