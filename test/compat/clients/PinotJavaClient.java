import java.util.Objects;
import java.util.Properties;
import org.apache.pinot.client.Connection;
import org.apache.pinot.client.ConnectionFactory;
import org.apache.pinot.client.ResultSet;
import org.apache.pinot.client.ResultSetGroup;

/** Apache Pinot's own Java client against the HTTP query API. */
public class PinotJavaClient {
  static int failures;

  static void check(String what, Object got, Object want) {
    if (!Objects.equals(got, want)) {
      failures++;
      System.out.println("DIFFERENCE " + what + "\n   got " + got + "\n  want " + want);
    }
  }

  public static void main(String[] args) throws Exception {
    long big = Long.parseLong(System.getenv("COMPAT_BIG_ROWS"));
    Connection c = ConnectionFactory.fromHostList("127.0.0.1:" + System.getenv("COMPAT_HTTP_PORT"));
    ResultSetGroup g = c.execute("SELECT count(*), sum(id), max(s), avg(id) FROM big");
    ResultSet r = g.getResultSet(0);
    check("columns", r.getColumnCount(), 4);
    check("name", r.getColumnName(0), "count(*)");
    check("type", r.getColumnDataType(0), "LONG");
    check("count", r.getLong(0, 0), big);
    check("sum", r.getLong(0, 1), big * (big - 1) / 2);
    check("max", r.getString(0, 2), "row 99999 of the big table");
    check("avg", r.getDouble(0, 3), (big - 1) / 2.0);
    check("documents", g.getExecutionStats().getTotalDocs(), big);
    check("servers", g.getExecutionStats().getNumServersResponded(), 1);
    ResultSet rows = c.execute("SELECT id, i, d, s, n, t, b, y, ms FROM types ORDER BY id LIMIT 1").getResultSet(0);
    check("rows", rows.getRowCount(), 1);
    check("int", rows.getInt(0, 1), 42);
    check("double", rows.getDouble(0, 2), 2.25);
    check("text", rows.getString(0, 3), "plain");
    check("decimal", rows.getString(0, 4), "123.45");
    check("timestamp", rows.getString(0, 5), "2026-11-21 02:04:07.782");
    check("boolean", rows.getString(0, 6), "true");
    check("bytes", rows.getString(0, 7), "0001ff");
    check("array", rows.getString(0, 8), "[\"a\",\"b c\"]");
    try {
      c.execute("SELECT nope FROM types");
      check("error", "none", "UnknownColumnError");
    } catch (Exception e) {
      check("error", String.valueOf(e).contains("710") || String.valueOf(e.getMessage()).contains("UnknownColumnError"), true);
    }
    check("after the error", c.execute("SELECT count(*) FROM types").getResultSet(0).getLong(0, 0), 6L);
    c.close();
    if (failures > 0) {
      System.out.println(failures + " differences");
      System.exit(1);
    }
    System.out.println("all checks passed");
    System.exit(0);
  }
}
