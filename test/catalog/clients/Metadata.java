import java.sql.Connection;
import java.sql.DatabaseMetaData;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.ResultSetMetaData;
import java.sql.SQLException;
import java.sql.Statement;

/** Prints what pgjdbc's DatabaseMetaData says of a server, a section for each call: Metadata PORT. */
public final class Metadata {
  private interface Call {
    ResultSet run() throws SQLException;
  }

  private interface Value {
    Object get() throws SQLException;
  }

  private static void rows(String name, Call call) {
    System.out.println("=== jdbc " + name);
    try (ResultSet rows = call.run()) {
      ResultSetMetaData columns = rows.getMetaData();
      StringBuilder head = new StringBuilder();
      for (int i = 1; i <= columns.getColumnCount(); i++) {
        // Freshet keeps the letters of an alias without quotes, PostgreSQL makes them small.
        head.append(i > 1 ? "|" : "").append(columns.getColumnName(i).toLowerCase()).append(":").append(columns.getColumnTypeName(i));
      }
      System.out.println(head);
      while (rows.next()) {
        StringBuilder line = new StringBuilder();
        for (int i = 1; i <= columns.getColumnCount(); i++) {
          line.append(i > 1 ? "|" : "").append(rows.getString(i));
        }
        System.out.println(line);
      }
    } catch (SQLException e) {
      System.out.println(e.getSQLState() + " " + e.getMessage());
    }
  }

  private static void value(String name, Value value) {
    System.out.println("=== jdbc " + name);
    try {
      System.out.println(value.get());
    } catch (SQLException e) {
      System.out.println(e.getSQLState() + " " + e.getMessage());
    }
  }

  public static void main(String[] args) throws SQLException {
    String url = "jdbc:postgresql://127.0.0.1:" + args[0] + "/postgres";
    try (Connection connection = DriverManager.getConnection(url, "freshet", "")) {
      DatabaseMetaData m = connection.getMetaData();
      server(m);
      lists(m);
      for (String table : new String[] {"orders", "orderItems", "arrays", "t1", "nothing", "%"}) {
        table(m, table);
      }
      for (String table : new String[] {"orders", "arrays", "orderItems"}) {
        result(connection, table);
      }
    }
  }

  private static void server(DatabaseMetaData m) {
    value("getDatabaseProductName", m::getDatabaseProductName);
    value("getDatabaseMajorVersion", m::getDatabaseMajorVersion);
    value("getUserName", m::getUserName);
    value("getIdentifierQuoteString", m::getIdentifierQuoteString);
    value("getSQLKeywords", m::getSQLKeywords);
    value("getNumericFunctions", m::getNumericFunctions);
    value("getMaxColumnNameLength", m::getMaxColumnNameLength);
    value("getMaxIndexLength", m::getMaxIndexLength);
    value("getMaxColumnsInIndex", m::getMaxColumnsInIndex);
    value("getDefaultTransactionIsolation", m::getDefaultTransactionIsolation);
    value("supportsTransactionIsolationLevel", () -> m.supportsTransactionIsolationLevel(Connection.TRANSACTION_SERIALIZABLE));
    value("storesLowerCaseIdentifiers", m::storesLowerCaseIdentifiers);
  }

  private static void lists(DatabaseMetaData m) {
    rows("getCatalogs", m::getCatalogs);
    rows("getSchemas", m::getSchemas);
    rows("getSchemas public", () -> m.getSchemas("postgres", "pub%"));
    rows("getTableTypes", m::getTableTypes);
    rows("getTypeInfo", m::getTypeInfo);
    rows("getClientInfoProperties", m::getClientInfoProperties);
    rows("getTables all of public", () -> m.getTables(null, "public", "%", null));
    rows("getTables TABLE", () -> m.getTables("postgres", null, "%", new String[] {"TABLE"}));
    rows("getTables VIEW", () -> m.getTables(null, "public", "%", new String[] {"VIEW"}));
    rows("getTables INDEX", () -> m.getTables(null, "public", "%", new String[] {"INDEX"}));
    rows("getTables ord%", () -> m.getTables(null, "public", "ord%", new String[] {"TABLE", "VIEW"}));
    rows("getTables SYSTEM TABLE", () -> m.getTables(null, null, "pg\\_a%", new String[] {"SYSTEM TABLE"}));
    rows("getTables SYSTEM VIEW", () -> m.getTables(null, "information_schema", "%", new String[] {"SYSTEM VIEW"}));
    rows("getColumns of catalog", () -> m.getColumns(null, "pg_catalog", "pg_class", "%"));
    rows("getColumns of information_schema", () -> m.getColumns(null, "information_schema", "columns", "%"));
    rows("getIndexInfo of catalog", () -> m.getIndexInfo(null, "pg_catalog", "pg_class", true, true));
    rows("getPrimaryKeys of catalog", () -> m.getPrimaryKeys(null, "pg_catalog", "pg_attribute"));
    rows("getFunctions public", () -> m.getFunctions(null, "public", "%"));
    rows("getFunctions lower", () -> m.getFunctions(null, "pg_catalog", "lower"));
    rows("getFunctionColumns now", () -> m.getFunctionColumns(null, "pg_catalog", "now", "%"));
    rows("getFunctionColumns date_part", () -> m.getFunctionColumns(null, "pg_catalog", "date_part", "%"));
    rows("getProcedures public", () -> m.getProcedures(null, "public", "%"));
    rows("getProcedureColumns public", () -> m.getProcedureColumns(null, "public", "%", "%"));
    rows("getUDTs", () -> m.getUDTs(null, "public", "%", null));
    rows("getSuperTables", () -> m.getTables(null, "nothing", "%", null));
  }

  private static void table(DatabaseMetaData m, String table) {
    rows("getColumns " + table, () -> m.getColumns(null, "public", table, "%"));
    rows("getColumns i% of " + table, () -> m.getColumns("postgres", "public", table, "i%"));
    rows("getPrimaryKeys " + table, () -> m.getPrimaryKeys(null, "public", table));
    rows("getIndexInfo " + table, () -> m.getIndexInfo(null, "public", table, false, false));
    rows("getIndexInfo unique of " + table, () -> m.getIndexInfo(null, "public", table, true, true));
    rows("getImportedKeys " + table, () -> m.getImportedKeys(null, "public", table));
    rows("getExportedKeys " + table, () -> m.getExportedKeys(null, "public", table));
    rows("getCrossReference " + table, () -> m.getCrossReference(null, "public", table, null, "public", "t1"));
    rows("getBestRowIdentifier " + table, () -> m.getBestRowIdentifier(null, "public", table, DatabaseMetaData.bestRowSession, true));
    rows("getVersionColumns " + table, () -> m.getVersionColumns(null, "public", table));
    rows("getTablePrivileges " + table, () -> m.getTablePrivileges(null, "public", table));
    rows("getColumnPrivileges " + table, () -> m.getColumnPrivileges(null, "public", table, "%"));
  }

  /** What a result of the table says of its columns: the driver looks up names, nullability and keys in the catalog. */
  private static void result(Connection connection, String table) throws SQLException {
    System.out.println("=== jdbc result of " + table);
    try (Statement statement = connection.createStatement();
        ResultSet rows = statement.executeQuery("SELECT * FROM \"" + table + "\"")) {
      ResultSetMetaData c = rows.getMetaData();
      for (int i = 1; i <= c.getColumnCount(); i++) {
        System.out.println(String.join("|", c.getColumnName(i), c.getTableName(i), c.getSchemaName(i), c.getColumnTypeName(i),
            c.getColumnClassName(i), String.valueOf(c.isNullable(i)), String.valueOf(c.isAutoIncrement(i)),
            String.valueOf(c.getPrecision(i)), String.valueOf(c.getScale(i)), String.valueOf(c.getColumnDisplaySize(i))));
      }
    }
  }
}
