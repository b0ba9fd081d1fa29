package broker

import (
	"slices"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/freshetdb/freshet/broker/endpoint"
	"github.com/freshetdb/freshet/broker/syscat"
	"github.com/freshetdb/freshet/internal/errs"
)

// setting describes one parameter of SET and SHOW.
type setting struct {
	name     string // as SHOW prints it
	initial  string
	about    string
	reported bool // a change is told to wire clients
	fixed    bool // cannot be set
	option   bool // a query option of Pinot
	// check gives the value in canonical form.
	check func(s *setting, value string) (string, error)
}

// settingTable is every known setting by lower-case name. It is built once per broker and never changes.
type settingTable map[string]*setting

func newSettingTable(version string, connections int) settingTable {
	t := settingTable{}
	for _, group := range [][]setting{clientSettings(), planSettings(), fixedSettings(version, connections), pinotOptions()} {
		for i := range group {
			s := group[i]
			if s.check == nil {
				s.check = anyText
			}
			t[strings.ToLower(s.name)] = &s
		}
	}
	return t
}

// clientSettings are what drivers set, in PostgreSQL's meaning or without effect.
func clientSettings() []setting {
	return []setting{
		{name: "application_name", reported: true, about: "name of the application, for logs and the list of queries"},
		{name: "client_encoding", initial: "UTF8", reported: true, check: encodingName, about: "always UTF8"},
		{name: "DateStyle", initial: "ISO, MDY", reported: true, check: dateStyle, about: "always ISO"},
		{name: "IntervalStyle", initial: "postgres", reported: true, check: oneOf("postgres"), about: "how intervals are printed"},
		{name: "TimeZone", initial: "UTC", reported: true, check: timeZone, about: "zone in which instants are printed and read"},
		{name: "extra_float_digits", initial: "1", check: integer(-15, 3), about: "accepted; floats are always printed exactly"},
		{name: "search_path", initial: `"$user", public`, about: "accepted; tables are in schema public"},
		{name: "statement_timeout", initial: "0", check: milliseconds, about: "longest time of a statement, 0 for the broker's"},
		{name: "lock_timeout", initial: "0", check: milliseconds, about: "accepted; nothing locks"},
		{name: "idle_in_transaction_session_timeout", initial: "0", check: milliseconds, about: "accepted"},
		{name: "idle_session_timeout", initial: "0", check: milliseconds, about: "accepted"},
		{name: "client_min_messages", initial: "notice", check: oneOf("debug5", "debug4", "debug3", "debug2", "debug1", "debug",
			"log", "notice", "info", "warning", "error"), about: "least severe message that is sent"},
		{name: "standard_conforming_strings", initial: "on", reported: true, check: oneOf("on"), about: "always on"},
		{name: "escape_string_warning", initial: "on", check: boolean, about: "accepted"},
		{name: "backslash_quote", initial: "safe_encoding", about: "accepted"},
		{name: "bytea_output", initial: "hex", check: oneOf("hex"), about: "always hex"},
		{name: "xmloption", initial: "content", about: "accepted"},
		{name: "default_transaction_isolation", initial: "read committed", check: isolation, about: "accepted; statements see one state each"},
		{name: "default_transaction_read_only", initial: "on", reported: true, check: boolean, about: "accepted; SQL only reads"},
		{name: "default_transaction_deferrable", initial: "off", check: boolean, about: "accepted"},
		{name: "transaction_isolation", initial: "read committed", check: isolation, about: "accepted"},
		{name: "transaction_read_only", initial: "on", check: boolean, about: "accepted; SQL only reads"},
		{name: "transaction_deferrable", initial: "off", check: boolean, about: "accepted"},
		{name: "row_security", initial: "on", check: boolean, about: "accepted"},
		{name: "synchronize_seqscans", initial: "on", check: boolean, about: "accepted"},
		{name: "jit", initial: "off", check: boolean, about: "accepted"},
		{name: "role", initial: "none", about: "accepted"},
		{name: "session_authorization", reported: true, about: "the user"},
		{name: "check_function_bodies", initial: "on", check: boolean, about: "accepted"},
		{name: "tcp_keepalives_idle", initial: "0", about: "accepted"},
	}
}

// planSettings change what queries mean.
func planSettings() []setting {
	return []setting{
		{name: optIntegerDivision, initial: "off", check: boolean, about: "on: / of integers is integer division, as in PostgreSQL"},
		{name: optDivisionByZero, check: oneOf("", "error", "ieee"),
			about: "error: 22012; ieee: an infinity or NaN; empty: error on the wire, ieee on Pinot HTTP"},
		{name: optMaxRows, check: integer(0, 1<<40), about: "most rows of a result without LIMIT on the wire; 0: the broker's"},
	}
}

// Names of the settings that the broker itself reads, as written in the tables above and below.
const (
	optIntegerDivision = "integer_division"
	optDivisionByZero  = "division_by_zero"
	optMaxRows         = "max_result_rows"
	optTimeoutMs       = "timeoutMs"
	optNullHandling    = "enableNullHandling"
	optNumGroups       = "numGroupsLimit"
	optGroupsError     = "errorOnNumGroupsLimit"
	optClientQueryID   = "clientQueryId"
	optApplication     = "applicationName"
	optThreads         = "maxExecutionThreads"
)

func fixedSettings(version string, connections int) []setting {
	names := [][2]string{{"server_version", serverVersion(version)}, {"server_version_num", "150000"}, {"server_encoding", "UTF8"},
		{"integer_datetimes", "on"}, {"is_superuser", "off"}, {"in_hot_standby", "off"}, {"max_identifier_length", "63"},
		{"max_index_keys", "32"}, {"max_function_args", "100"}, {"block_size", "8192"}, {"lc_collate", "C"}, {"lc_ctype", "C"},
		{"wal_level", "replica"}, {"max_connections", strconv.Itoa(connections)}, {"ssl", "off"}}
	out := make([]setting, len(names))
	for i, n := range names {
		out[i] = setting{name: n[0], initial: n[1], fixed: true, about: "cannot be changed",
			reported: slices.Contains([]string{"server_version", "server_encoding", "integer_datetimes", "is_superuser", "in_hot_standby"}, n[0])}
	}
	return out
}

// pinotOptions are Pinot's query options. Those without a check are accepted and have no effect here.
func pinotOptions() []setting {
	out := []setting{
		{name: optTimeoutMs, check: integer(1, 1<<31-1), about: "longest time of a query in milliseconds"},
		{name: optNullHandling, check: boolean, about: "false: NULL reads as the column's default, as in Pinot"},
		{name: optNumGroups, check: integer(1, 1<<31-1), about: "groups kept per server"},
		{name: optGroupsError, check: boolean, about: "true: more groups than numGroupsLimit are an error, not a part of them"},
		{name: optThreads, check: integer(0, 1<<20), about: "threads per server"},
		{name: optClientQueryID, about: "the client's own name of the query, for DELETE /query/{id}?client=true"},
		{name: optApplication, about: "name of the application"},
	}
	for _, name := range []string{"extraPassiveTimeoutMs", "useMultistageEngine", "skipUpsert", "skipUpsertDelete", "skipUpsertView",
		"upsertViewFreshnessMs", "numGroupsWarningLimit", "minSegmentGroupTrimSize", "minServerGroupTrimSize",
		"minBrokerGroupTrimSize", "groupTrimThreshold", "accurateGroupByWithoutOrderBy", "maxServerResponseSizeBytes",
		"maxQueryResponseSizeBytes", "useStarTree", "skipIndexes", "AndScanReordering", "useScanReorderOpt", "useIndexBasedDistinctOperator",
		"inPredicateLookupAlgorithm", "serverReturnFinalResult", "serverReturnFinalResultKeyUnpartitioned",
		"filteredAggregationsSkipEmptyGroups", "numReplicaGroupsToQuery", "useFixedReplica", "orderedPreferredPools", "routingOptions",
		"skipUnavailableServers", "ignoreMissingSegments", "explainPlanVerbose", "explainAskingServers", "trace", "maxRowsInJoin",
		"joinOverflowMode", "maxRowsInWindow", "windowOverflowMode", "stageParallelism", "useSpools", "multiStageLeafLimit",
		"usePhysicalOptimizer", "useLiteMode", "runInBroker", "getCursor", "cursorNumRows", "workloadName", "isSecondaryWorkload",
		"dropResults", "autoRewriteAggregationType", "maxRowsInDistinct", "maxRowsWithoutChangeInDistinct",
		"maxExecutionTimeMsInDistinct", "regexDictSizeThreshold", "groupByMode", "responseFormat", "preserveType", "sqlDialect"} {
		out = append(out, setting{name: name, about: "accepted for Pinot clients"})
	}
	for i := range out {
		out[i].option = true
	}
	return out
}

func anyText(_ *setting, value string) (string, error) { return value, nil }

func invalidValue(s *setting, value, want string) error {
	e := errs.User(errs.InvalidParameterValue, "invalid value for parameter %q: %q", s.name, value)
	return e.WithHint("Use %s.", want)
}

func boolean(s *setting, value string) (string, error) {
	switch strings.ToLower(strings.TrimSpace(value)) {
	case "on", "true", "yes", "1", "t", "y":
		return "on", nil
	case "off", "false", "no", "0", "f", "n":
		return "off", nil
	}
	return "", errs.User(errs.InvalidParameterValue, "parameter %q requires a Boolean value", s.name)
}

func oneOf(values ...string) func(*setting, string) (string, error) {
	return func(s *setting, value string) (string, error) {
		lower := strings.ToLower(strings.TrimSpace(value))
		if !slices.Contains(values, lower) {
			return "", invalidValue(s, value, strings.Join(values, ", "))
		}
		return lower, nil
	}
}

func isolation(s *setting, value string) (string, error) {
	return oneOf("read uncommitted", "read committed", "repeatable read", "serializable")(s, strings.Join(strings.Fields(value), " "))
}

func integer(least, most int64) func(*setting, string) (string, error) {
	return func(s *setting, value string) (string, error) {
		x, err := strconv.ParseInt(strings.TrimSpace(value), 10, 64)
		if err != nil || x < least || x > most {
			return "", invalidValue(s, value, "a whole number from "+strconv.FormatInt(least, 10)+" to "+strconv.FormatInt(most, 10))
		}
		return strconv.FormatInt(x, 10), nil
	}
}

// milliseconds reads a time span as PostgreSQL does: a number of milliseconds, or a number with a unit.
func milliseconds(s *setting, value string) (string, error) {
	text := strings.TrimSpace(value)
	end := len(text)
	for end > 0 && (text[end-1] < '0' || text[end-1] > '9') {
		end--
	}
	x, err := strconv.ParseFloat(text[:end], 64)
	scale, known := map[string]float64{"": 1, "us": 1e-3, "ms": 1, "s": 1e3, "min": 6e4, "h": 3.6e6, "d": 8.64e7}[strings.TrimSpace(text[end:])]
	if ms := x * scale; err == nil && known && ms >= 0 && ms <= 1<<31-1 {
		return strconv.FormatInt(int64(ms+0.5), 10), nil
	}
	return "", invalidValue(s, value, "milliseconds, or a number with us, ms, s, min, h or d")
}

func encodingName(s *setting, value string) (string, error) {
	switch strings.ToLower(strings.NewReplacer("-", "", "_", "", "'", "", `"`, "").Replace(value)) {
	case "utf8", "unicode":
		return "UTF8", nil
	}
	return "", invalidValue(s, value, "UTF8; other encodings are not converted")
}

func dateStyle(s *setting, value string) (string, error) {
	order := "MDY"
	for _, word := range strings.FieldsFunc(strings.ToUpper(value), func(r rune) bool { return r == ',' || r == ' ' }) {
		switch word {
		case "ISO", "DEFAULT":
		case "MDY", "DMY", "YMD":
			order = word
		case "US", "NONEURO", "NONEUROPEAN":
			order = "MDY"
		case "EURO", "EUROPEAN":
			order = "DMY"
		default:
			return "", invalidValue(s, value, "ISO")
		}
	}
	return "ISO, " + order, nil
}

// timeZone accepts a zone's name, an offset such as +05:30, or hours.
func timeZone(s *setting, value string) (string, error) {
	name := strings.Trim(strings.TrimSpace(value), "'")
	switch strings.ToLower(name) {
	case "default", "local", "z", "utc":
		return "UTC", nil
	}
	if _, err := location(name); err != nil {
		return "", invalidValue(s, value, "a zone of the IANA database such as Europe/Berlin, or an offset such as +02:00")
	}
	return name, nil
}

// location finds a zone. Offsets count east of Greenwich.
func location(name string) (*time.Location, error) {
	if name != "" && (name[0] == '+' || name[0] == '-' || name[0] >= '0' && name[0] <= '9') {
		for _, layout := range []string{"-07:00", "-0700", "-07", "-07:00:00"} {
			text := name
			if text[0] != '+' && text[0] != '-' {
				text = "+" + text
			}
			if len(text) == 2 || len(text) == 5 && text[2] == ':' {
				text = text[:1] + "0" + text[1:]
			}
			if t, err := time.Parse(layout, text); err == nil {
				_, seconds := t.Zone()
				return time.FixedZone(name, seconds), nil
			}
		}
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, err
	}
	if loc == time.Local {
		return time.UTC, nil
	}
	return loc, nil
}

// values are the settings of one session: what was set, over the session's start, over the table's initial values.
// Not safe for concurrent use.
type values struct {
	table   settingTable
	start   map[string]string // by lower-case name; RESET goes back to these
	now     map[string]string
	changed map[string]bool // reported settings to tell the client about
	// generation counts changes: prepared statements are bound again after one.
	generation int
}

func newValues(table settingTable) *values {
	v := &values{table: table, start: map[string]string{}, now: map[string]string{}, changed: map[string]bool{}}
	for key, s := range table {
		if s.reported {
			v.changed[key] = true
		}
	}
	return v
}

// get gives a setting's value; ok is false if the name is unknown.
func (v *values) get(name string) (value string, ok bool) {
	key := strings.ToLower(name)
	if x, set := v.now[key]; set {
		return x, true
	}
	if x, set := v.start[key]; set {
		return x, true
	}
	if s, known := v.table[key]; known {
		return s.initial, true
	}
	return "", false
}

// canonical checks a name and a value.
func (v *values) canonical(name, value string) (key, out string, err error) {
	key = strings.ToLower(name)
	s, known := v.table[key]
	switch {
	case !known && strings.Contains(key, "."):
		return key, value, nil // a namespace of the client's own
	case !known:
		return key, "", unknownSetting(name)
	case s.fixed:
		return key, "", errs.User("55P02", "parameter %q cannot be changed", s.name)
	}
	out, err = s.check(s, value)
	return key, out, err
}

func unknownSetting(name string) error {
	return errs.User(errs.UndefinedObject, "unrecognized configuration parameter %q", name)
}

func (v *values) put(key, value string) {
	before, _ := v.get(key)
	v.now[key] = value
	v.note(key, before)
}

// reset takes a setting back to the session's start.
func (v *values) reset(name string) error {
	key := strings.ToLower(name)
	before, known := v.get(key)
	if !known {
		return unknownSetting(name)
	}
	delete(v.now, key)
	v.note(key, before)
	return nil
}

func (v *values) resetAll() { v.restore(nil) }

// snapshot is for restore, when a transaction is rolled back.
func (v *values) snapshot() map[string]string {
	out := make(map[string]string, len(v.now))
	for k, x := range v.now {
		out[k] = x
	}
	return out
}

func (v *values) restore(snapshot map[string]string) {
	old := v.now
	v.now = map[string]string{}
	for k, x := range snapshot {
		v.now[k] = x
	}
	for k := range v.table {
		was, set := old[k]
		if !set {
			was = v.initialOf(k)
		}
		v.note(k, was)
	}
}

func (v *values) initialOf(key string) string {
	if x, ok := v.start[key]; ok {
		return x
	}
	return v.table[key].initial
}

// note remembers a change.
func (v *values) note(key, before string) {
	after, _ := v.get(key)
	if before == after {
		return
	}
	v.generation++
	if s, known := v.table[key]; known && s.reported {
		v.changed[key] = true
	}
}

// takeChanged gives the reported settings that changed, in order of their names.
func (v *values) takeChanged() []endpoint.Parameter {
	keys := make([]string, 0, len(v.changed))
	for k := range v.changed {
		keys = append(keys, k)
	}
	clear(v.changed)
	sort.Strings(keys)
	out := make([]endpoint.Parameter, len(keys))
	for i, k := range keys {
		value, _ := v.get(k)
		out[i] = endpoint.Parameter{Name: v.table[k].name, Value: value}
	}
	return out
}

// list gives all settings, in no order.
func (v *values) list() []syscat.Setting {
	out := make([]syscat.Setting, 0, len(v.table))
	for key, s := range v.table {
		value, _ := v.get(key)
		out = append(out, syscat.Setting{Name: s.name, Value: value, About: s.about, Initial: s.initial, Reset: v.initialOf(key), Fixed: s.fixed})
	}
	return out
}

// options gives the query options that were set, by lower-case name.
func (v *values) options() map[string]string {
	out := map[string]string{}
	for key, s := range v.table {
		if s.option || s.name == optIntegerDivision || s.name == optDivisionByZero || s.name == optMaxRows {
			if x, _ := v.get(key); x != "" {
				out[key] = x
			}
		}
	}
	return out
}
