package catalog

import (
	"regexp"
	"strconv"
	"strings"
	"time"
)

// maxPartitionID bounds stream.kafka.partition.ids.
const maxPartitionID = 100_000

// stream reads streamConfigs from its old place (tableIndexConfig) or its new one (ingestionConfig.streamIngestionConfig).
func (r *tableReader) stream(o *object) {
	var props map[string]string
	if ix := o.object("tableIndexConfig"); ix != nil {
		props = ix.stringMap("streamConfigs")
	}
	if sc := o.objectOr("ingestionConfig").objectOr("streamIngestionConfig"); sc != nil {
		maps := sc.objects("streamConfigMaps")
		sc.known("columnMajorSegmentBuilderEnabled", "trackFilteredMessageOffsets", "enforceConsumptionInOrder", "pauselessConsumptionEnabled",
			"useIdealStateToCalculatePreviousSegment", "parallelSegmentConsumptionPolicy", "disasterRecoveryMode")
		switch {
		case props != nil:
			r.p.fail("tableIndexConfig/streamConfigs and ingestionConfig/streamIngestionConfig are both present: keep one")
			return
		case len(maps) > 1:
			r.p.fail("streamIngestionConfig/streamConfigMaps has %d streams; one topic per table is supported", len(maps))
			return
		case len(maps) == 1:
			props = map[string]string{}
			for _, k := range maps[0].keys() {
				props[k] = maps[0].str(k, "")
			}
		}
		if sc.boolean("dropRecordOnPartitionMismatch", false) {
			r.p.fail("streamIngestionConfig/dropRecordOnPartitionMismatch is not supported yet and would change the rows if ignored")
		}
		sc.done()
	}
	if props == nil {
		r.p.fail("a REALTIME table needs streamConfigs in tableIndexConfig or in ingestionConfig/streamIngestionConfig/streamConfigMaps")
		return
	}
	r.streamProps(props)
}

func (r *tableReader) streamProps(props map[string]string) {
	s := &r.t.Stream
	s.Props = props
	if kind := props["streamType"]; !strings.EqualFold(kind, "kafka") {
		r.p.fail("streamType is %q, want kafka", kind)
	}
	if s.Topic = props["stream.kafka.topic.name"]; s.Topic == "" {
		r.p.fail("stream.kafka.topic.name is missing")
	}
	for _, b := range strings.Split(props["stream.kafka.broker.list"], ",") {
		if b = strings.TrimSpace(b); b != "" {
			s.Brokers = append(s.Brokers, b)
		}
	}
	if len(s.Brokers) == 0 {
		r.p.fail("stream.kafka.broker.list is missing, want host:port[,host:port]")
	}
	if strings.EqualFold(props["stream.kafka.consumer.type"], "highlevel") {
		r.p.fail("stream.kafka.consumer.type highLevel is not supported, want lowLevel")
	}
	s.Decoder = r.decoder(props["stream.kafka.decoder.class.name"])
	s.OffsetReset = r.offsetReset(props["stream.kafka.consumer.prop.auto.offset.reset"])
	if iso := props["stream.kafka.isolation.level"]; iso != "" && iso != "read_committed" && iso != "read_uncommitted" {
		r.p.fail("stream.kafka.isolation.level is %q, want read_committed or read_uncommitted", iso)
	}
	s.Partitions = r.partitionIDs(props["stream.kafka.partition.ids"])
	s.Flush = r.flush(props)
	for _, key := range []string{"topic.consumption.rate.limit", "partition.consumption.rate.limit"} {
		if props[key] != "" {
			r.p.warn("%s is stored and not enforced yet", key)
		}
	}
}

func (r *tableReader) decoder(class string) string {
	simple := class[strings.LastIndexByte(class, '.')+1:]
	switch simple {
	case "KafkaJSONMessageDecoder", "JSONMessageDecoder":
		return "json"
	case "":
		r.p.fail("stream.kafka.decoder.class.name is missing, want ...KafkaJSONMessageDecoder")
	default:
		r.p.fail("decoder %q is not supported yet, want ...KafkaJSONMessageDecoder or ...JSONMessageDecoder", simple)
	}
	return ""
}

func (r *tableReader) offsetReset(text string) OffsetReset {
	switch strings.ToLower(strings.TrimSpace(text)) {
	case "", "largest", "latest":
		return OffsetReset{Kind: OffsetLargest}
	case "smallest", "earliest":
		return OffsetReset{Kind: OffsetSmallest}
	}
	if t, err := time.Parse(time.RFC3339Nano, text); err == nil {
		return OffsetReset{Kind: OffsetTime, Time: t}
	}
	if d, err := ParsePeriod(text); err == nil && d > 0 {
		return OffsetReset{Kind: OffsetSince, Since: d}
	}
	r.p.fail("stream.kafka.consumer.prop.auto.offset.reset is %q, want smallest, largest, a period such as 2d, or a time such as 2024-01-01T00:00:00.000Z", text)
	return OffsetReset{Kind: OffsetLargest}
}

var idRange = regexp.MustCompile(`^(\d+)(?:-(\d+))?$`)

func (r *tableReader) partitionIDs(text string) []int32 {
	if strings.TrimSpace(text) == "" {
		return nil
	}
	var ids []int32
	for _, part := range strings.Split(text, ",") {
		m := idRange.FindStringSubmatch(strings.TrimSpace(part))
		if m == nil {
			r.p.fail("stream.kafka.partition.ids: cannot read %q, want for example 0,2,5 or 0-399", part)
			return nil
		}
		from, err := strconv.Atoi(m[1])
		to := from
		if err == nil && m[2] != "" {
			to, err = strconv.Atoi(m[2])
		}
		if err != nil || to < from || to > maxPartitionID {
			r.p.fail("stream.kafka.partition.ids: range %q is not within 0-%d", part, maxPartitionID)
			return nil
		}
		for id := from; id <= to; id++ {
			ids = append(ids, int32(id))
		}
	}
	return ids
}

// flush reads the thresholds. Pinot's .size (without segment) is a number of rows.
func (r *tableReader) flush(props map[string]string) Flush {
	const prefix = "realtime.segment.flush."
	f := Flush{Rows: DefaultFlushRows, Age: DefaultFlushAge, Bytes: DefaultFlushBytes}
	set := 0
	for _, key := range []string{"threshold.rows", "threshold.size", "threshold.size.llc", "threshold.segment.rows"} {
		text := strings.TrimSpace(props[prefix+key])
		if text == "" {
			continue
		}
		n, err := strconv.ParseInt(text, 10, 32)
		if err != nil || n < 0 {
			r.p.fail("%s%s is %q, want a number of rows", prefix, key, text)
			continue
		}
		if n > 0 {
			f.Rows = int(n)
			set++
		}
	}
	for _, key := range []string{"threshold.segment.size", "desired.size"} {
		text := strings.TrimSpace(props[prefix+key])
		if text == "" {
			continue
		}
		n, err := ParseSize(text)
		if err != nil {
			r.p.fail("%s%s: %v", prefix, key, err)
			continue
		}
		if n > 0 {
			f.Bytes = n
			set++
		}
	}
	if set > 1 {
		r.p.fail("%sthreshold.rows, .segment.rows and .segment.size exclude each other: keep one", prefix)
	}
	for _, key := range []string{"threshold.time", "threshold.time.llc"} {
		text := strings.TrimSpace(props[prefix+key])
		if text == "" {
			continue
		}
		d, err := ParsePeriod(text)
		if err != nil || d <= 0 {
			r.p.fail("%s%s is %q, want a period such as 6h or milliseconds", prefix, key, text)
			continue
		}
		f.Age = d
	}
	return f
}
