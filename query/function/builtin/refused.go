package builtin

import (
	"maps"
	"strings"

	"github.com/freshetdb/freshet/query/function/agg"
)

// Refused gives the functions that Pinot or PostgreSQL have and freshet has not built, each with the hint that its
// error, 0A000, carries.
func Refused() map[string]string {
	out := maps.Clone(agg.Refused())
	for _, group := range refusedGroups {
		for _, name := range strings.Fields(group.names) {
			out[name] = group.hint
		}
	}
	return out
}

var refusedGroups = []struct{ hint, names string }{ // read-only
	{"H3 cells are not built. Use stDistance, stContains or encodeGeoHash.",
		"geoToH3 gridDistance gridDisk"},
	{"Of the geospatial functions only constructors, stDistance, stArea, stContains, stWithin and stEquals are built.",
		"stIntersects stIntersection stUnion stDifference stBuffer stCentroid stLength stPerimeter stTouches stOverlaps stCrosses stDisjoint stSimplify stEnvelope " +
			"stX stY stMakePoint stSetSRID stTransform stDWithin stConvexHull stNumPoints stIsValid stIsEmpty stMulti stLine stLineString"},
	{"Sketches as values are not built. Use the aggregates, such as distinctCountHLL and percentileTDigest, over the rows.",
		"toHLL toULL toThetaSketch toCpcSketch toIntegerSumTupleSketch getThetaSketchEstimate thetaSketchUnion thetaSketchIntersect thetaSketchDiff thetaSketchToString " +
			"cpcSketchUnion getCpcSketchEstimate cpcSketchToString intSumTupleSketchUnion intMinTupleSketchUnion intMaxTupleSketchUnion intSumTupleSketchIntersect " +
			"intMinTupleSketchIntersect intMaxTupleSketchIntersect intTupleSketchDiff getIntTupleSketchEstimate"},
	{"Text indexes are not built. Use LIKE or regexpLike.", "text_match"},
	{"JSON indexes are not built. Use jsonExtractScalar, jsonPathExists or @> in WHERE.", "json_match"},
	{"Vector indexes are not built. Order by cosineDistance, l2Distance or innerProduct, with a LIMIT.", "vector_similarity vector_similarity_radius"},
	{"Dimension tables are not built. Use a join.", "lookUp"},
	{"Sets of ids are not built. Use IN with a sub-query or a list.", "inIdSet inSubquery inPartitionedSubquery"},
	{"Groovy scripts are never run. Use functions.", "groovy"},
	{"CLP columns are not built.", "clpDecode clpEncodedVarsMatch clpGetLogType"},
	{"Use CAST(x AS type).", "cast"},
	{"MAP columns are not built. Use a JSON column and jsonExtractScalar, or mapValue over two arrays.", "item mapKeys mapValues"},
	{"Use WHERE conditions on the elements, arrayContains or valueIn.", "filterMv"},
	{"Statements do not wait.", "sleep pg_sleep pg_sleep_for pg_sleep_until"},
	{"Debugging functions of Pinot's broker are not built.", "cid reqId startTime brokerId"},
	{"Use jsonExtractScalar.", "jsonExtractScalarFast jsonExtractScalarFirstMatch jsonExtractScalarFory"},
	{"Use sha256.", "md2"},
	{"CityHash is not built. Use murmurHash3Bit64 or fnv1aHash64.", "cityHash32 cityHash64 cityHash128"},
	{"Use murmurHash3Bit32, murmurHash3Bit64 or murmurHash3Bit128.", "murmurHash3X64Bit32 murmurHash3X64Bit64 murmurHash3X64Bit128"},
	{"Use dateTrunc or dateTimeConvert.", "timeSeriesBucket"},
	{"Intervals have no months. Use timestampDiff, or subtract the times.", "age justify_days justify_interval"},
	{"There is no type TIME. Use TIMESTAMP.", "make_time"},
	{"Random numbers have no seed per session. Use rand(seed).", "setseed"},
	{"XML is not built.", "xmlparse xmlelement xmlagg xpath xmlforest xmlconcat xmlserialize"},
	{"Full-text search of PostgreSQL is not built. Use LIKE or regexpLike.", "to_tsvector to_tsquery plainto_tsquery ts_rank ts_headline websearch_to_tsquery phraseto_tsquery"},
	{"Network types are not built. Use the functions on IP addresses as text, such as isSubnetOf.", "host hostmask netmask masklen broadcast set_masklen inet_merge network"},
	{"Encodings but UTF-8 are not built.", "convert convert_from convert_to"},
	{"Use regexp_match, or regexp_split_to_table.", "regexp_matches"},
	{"Use json_object_keys or json_array_elements.", "json_each jsonb_each json_each_text jsonb_each_text"},
	{"Use jsonPath, jsonPathExists or jsonExtractScalar.", "jsonb_path_query jsonb_path_exists jsonb_path_match jsonb_path_query_array jsonb_path_query_first"},
	{"Use json_build_object.", "row_to_json json_object jsonb_object"},
	{"Use array_agg, or string_agg over the texts of to_json.", "json_agg jsonb_agg json_object_agg jsonb_object_agg"},
	{"Use json_array_elements and ->>.", "json_to_recordset jsonb_to_recordset json_populate_recordset jsonb_populate_recordset"},
	{"Use now and to_char.", "timeofday"},
	{"There is no type TIME. Use localtimestamp.", "localtime current_time"},
	{"Use arrayValueConstructor or generateIntArray.", "array_fill"},
	{"Sequences are not built.", "nextval currval setval lastval"},
	{"Changing JSON is not built.", "jsonb_set jsonb_insert json_populate_record jsonb_populate_record json_to_record jsonb_to_record"},
}
