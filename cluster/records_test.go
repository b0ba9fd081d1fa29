package cluster

import (
	"encoding/json"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/freshetdb/freshet/internal/errs"
)

func goodSegment() SegmentRecord {
	return SegmentRecord{Table: "orders", Incarnation: "inc", Partition: 3, Sequence: 12, Status: SegmentDone, Name: "orders__3__12__x",
		StartOffset: 5, EndOffset: 10, Rows: 5, Bytes: 100, CRC: math.MaxUint32, MinMillis: -1, MaxMillis: 7, HasTime: true,
		SchemaVersion: 1, ConfigVersion: 1, Key: "inc/3/12", TopicID: "t", LeaderEpoch: 4}
}

func goodTable() TableRecord {
	return TableRecord{Name: "orders", Incarnation: "inc", Version: 1, SchemaVersion: 1,
		Config: json.RawMessage(`{"filter":"a < 1 && b > 2","big":12345678901234567890}`), Schema: json.RawMessage(`{}`)}
}

func TestRoundTrips(t *testing.T) {
	check := func(name string, encoded []byte, err error, decode func([]byte) (any, error), want any) {
		t.Helper()
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		got, err := decode(encoded)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
	s, tb := goodSegment(), goodTable()
	b, err := s.Encode()
	check("segment", b, err, func(b []byte) (any, error) { return DecodeSegment(b) }, s)
	b, err = tb.Encode()
	check("table", b, err, func(b []byte) (any, error) { return DecodeTable(b) }, tb)
	schema := SchemaRecord{Name: "s", Version: 2, Schema: json.RawMessage(`{"schemaName":"s"}`)}
	b, err = schema.Encode()
	check("schema", b, err, func(b []byte) (any, error) { return DecodeSchema(b) }, schema)
	claim := ClaimRecord{Incarnation: "i", Partition: 1, Sequence: 2, EndOffset: 3, Instance: "x"}
	b, err = claim.Encode()
	check("claim", b, err, func(b []byte) (any, error) { return DecodeClaim(b) }, claim)
	partition := PartitionRecord{Incarnation: "i", Partition: 1, TopicID: "t", StartOffset: 0, LeaderEpoch: 9}
	b, err = partition.Encode()
	check("partition", b, err, func(b []byte) (any, error) { return DecodePartition(b) }, partition)
	instance := InstanceRecord{ID: "a", Roles: []string{"server"}, Addresses: map[string]string{"http": "h:1"}}
	b, err = instance.Encode()
	check("instance", b, err, func(b []byte) (any, error) { return DecodeInstance(b) }, instance)
}

func TestPostedTextSurvives(t *testing.T) {
	b, err := goodTable().Encode()
	if err != nil || !strings.Contains(string(b), `"a < 1 && b > 2"`) || !strings.Contains(string(b), "12345678901234567890") {
		t.Fatalf("got %s, %v", b, err)
	}
}

// TestEveryProblemIsNamed breaks one field at a time.
func TestEveryProblemIsNamed(t *testing.T) {
	long := strings.Repeat("x", MaxNameBytes+1)
	for part, change := range map[string]func(*SegmentRecord){
		"table is empty":        func(r *SegmentRecord) { r.Table = "" },
		"table has 257":         func(r *SegmentRecord) { r.Table = long },
		"incarnation is empty":  func(r *SegmentRecord) { r.Incarnation = "" },
		"name is empty":         func(r *SegmentRecord) { r.Name = "" },
		"control character":     func(r *SegmentRecord) { r.Name = "a\nb" },
		"not valid UTF-8":       func(r *SegmentRecord) { r.TopicID = "\xff" },
		"key has 257":           func(r *SegmentRecord) { r.Key = long },
		"partition is -1":       func(r *SegmentRecord) { r.Partition = -1 },
		"sequence is -1":        func(r *SegmentRecord) { r.Sequence = -1 },
		"startOffset is -2":     func(r *SegmentRecord) { r.StartOffset = -2 },
		"below startOffset 50":  func(r *SegmentRecord) { r.StartOffset = 50 },
		"bytes is -1":           func(r *SegmentRecord) { r.Bytes = -1 },
		"minMillis 9 is above":  func(r *SegmentRecord) { r.MinMillis = 9 },
		"schemaVersion is 0":    func(r *SegmentRecord) { r.SchemaVersion = 0 },
		"configVersion is -1":   func(r *SegmentRecord) { r.ConfigVersion = -1 },
		"status is INVALID":     func(r *SegmentRecord) { r.Status = SegmentInvalid },
		"status is SegmentStat": func(r *SegmentRecord) { r.Status = segmentStatusCount },
		"in progress has no":    func(r *SegmentRecord) { r.Status = SegmentInProgress },
		"has an object where":   func(r *SegmentRecord) { r.Key = "" },
	} {
		r := goodSegment()
		change(&r)
		_, err := r.Encode()
		if errs.ClassOf(err) != errs.ClassUser || !strings.Contains(err.Error(), part) {
			t.Errorf("got %v, want class user and %q", err, part)
		}
	}
	many := SegmentRecord{Partition: -1}
	if err := many.Validate(); errs.As(err).Detail == "" || strings.Count(errs.As(err).Detail, "is ") < 5 {
		t.Errorf("got %q, want all the problems", errs.As(err).Detail)
	}
	for name, r := range map[string]record{
		"schema":      SchemaRecord{Name: "s", Version: 1, Schema: json.RawMessage(`[1]`)},
		"schema JSON": SchemaRecord{Name: "s", Version: 1, Schema: json.RawMessage(`{`)},
		"table":       TableRecord{Name: "t", Incarnation: "i", Version: 1, SchemaVersion: 1, Schema: json.RawMessage(`{}`)},
		"claim":       ClaimRecord{Incarnation: "i"},
		"partition":   PartitionRecord{Incarnation: "i", StartOffset: -1},
		"roles":       InstanceRecord{ID: "i"},
		"role":        InstanceRecord{ID: "i", Roles: []string{"king"}},
	} {
		if errs.ClassOf(r.Validate()) != errs.ClassUser {
			t.Errorf("%s: got %v, want an error of class user", name, r.Validate())
		}
	}
}

func TestSizes(t *testing.T) {
	name := strings.Repeat("n", MaxNameBytes)
	r := goodSegment()
	r.Table, r.Name, r.Key, r.TopicID = name, name, name, name
	if _, err := r.Encode(); errs.As(err).Code != errs.ProgramLimitExceeded {
		t.Errorf("got %v, want the limit of segment records", err)
	}
	r = goodSegment()
	r.Table, r.Name, r.Key, r.Incarnation = name[:128], name[:160], name[:200], name[:32]
	r.StartOffset, r.EndOffset, r.Sequence, r.Bytes, r.CreatedMillis = math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64, math.MaxInt64
	if _, err := r.Encode(); err != nil {
		t.Errorf("names as long as a table may have: %v", err)
	}
	tb := goodTable()
	tb.Config = json.RawMessage(`{"x":"` + strings.Repeat("y", MaxConfigRecordBytes) + `"}`)
	if _, err := tb.Encode(); errs.As(err).Code != errs.ProgramLimitExceeded {
		t.Errorf("got %v, want the limit of table records", err)
	}
}

func TestDecodeRefuses(t *testing.T) {
	encoded, err := goodSegment().Encode()
	if err != nil {
		t.Fatal(err)
	}
	good := string(encoded)
	for name, data := range map[string]string{
		"empty":           "",
		"no JSON":         "x",
		"null":            "null",
		"an array":        "[]",
		"cut":             good[:len(good)-1],
		"trailing bytes":  good + "{}",
		"unknown field":   strings.Replace(good, `"table"`, `"tabel"`, 1),
		"unknown status":  strings.Replace(good, "DONE", "GONE", 1),
		"invalid status":  strings.Replace(good, "DONE", "INVALID", 1),
		"number too wide": strings.Replace(good, `"partition":3`, `"partition":3000000000`, 1),
		"invalid value":   strings.Replace(good, `"partition":3`, `"partition":-3`, 1),
		"too long":        strings.Replace(good, "{", "{"+strings.Repeat(" ", MaxSegmentRecordBytes), 1),
	} {
		if r, err := DecodeSegment([]byte(data)); errs.ClassOf(err) != errs.ClassCorrupt || r != (SegmentRecord{}) {
			t.Errorf("%s: got %+v, %v, want an error of class corrupt", name, r, err)
		}
	}
}

func TestKeys(t *testing.T) {
	for _, c := range []struct{ got, want string }{
		{SchemaKey("orders"), "/schemas/orders"},
		{TableKey("a/b%c ü"), "/tables/a%2Fb%25c%20%C3%BC"},
		{InstanceKey("host:1"), "/instances/host:1"},
		{goodSegment().RecordKey(), "/segments/inc/0000000003/0000000000000000012"},
		{ClaimKey("inc", math.MaxInt32, math.MaxInt64), "/claims/inc/2147483647/9223372036854775807"},
		{PartitionKey("inc", 0), "/partitions/inc/0000000000"},
	} {
		if c.got != c.want {
			t.Errorf("got %q, want %q", c.got, c.want)
		}
	}
}

// TestKeysKeepOrderAndOwner: keys are in order of partition and sequence, and no name reaches into another's prefix.
func TestKeysKeepOrderAndOwner(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[a-z/%. ]{1,6}`)
		a, b := name.Draw(t, "a"), name.Draw(t, "b")
		type place struct {
			partition int32
			sequence  int64
		}
		places := rapid.SliceOf(rapid.Custom(func(t *rapid.T) place {
			return place{rapid.Int32Min(0).Draw(t, "partition"), rapid.Int64Min(0).Draw(t, "sequence")}
		})).Draw(t, "places")
		keys := make([]string, len(places))
		for i, p := range places {
			keys[i] = SegmentKey(a, p.partition, p.sequence)
			if (a == b) != strings.HasPrefix(keys[i], SegmentsTablePrefix(b)) {
				t.Fatalf("key %q and prefix %q", keys[i], SegmentsTablePrefix(b))
			}
		}
		slices.Sort(keys)
		slices.SortFunc(places, func(x, y place) int {
			if x.partition != y.partition {
				return int(x.partition) - int(y.partition)
			}
			return slices.Compare([]int64{x.sequence}, []int64{y.sequence})
		})
		for i, p := range places {
			if want := SegmentKey(a, p.partition, p.sequence); keys[i] != want {
				t.Fatalf("key %d is %q, want %q", i, keys[i], want)
			}
		}
	})
}

func TestStatusNames(t *testing.T) {
	for s := SegmentInvalid + 1; s < segmentStatusCount; s++ {
		text, err := s.MarshalText()
		if err != nil {
			t.Fatal(err)
		}
		var back SegmentStatus
		if err := back.UnmarshalText(text); err != nil || back != s || string(text) != s.String() {
			t.Errorf("%v: got %v, %v", s, back, err)
		}
	}
	if got := fmt.Sprint(segmentStatusCount); got != fmt.Sprintf("SegmentStatus(%d)", uint8(segmentStatusCount)) {
		t.Errorf("got %s", got)
	}
}

// FuzzDecode: no input makes a decoder panic, and what it accepts encodes again to an equal record.
func FuzzDecode(f *testing.F) {
	segment, err := goodSegment().Encode()
	if err != nil {
		f.Fatal(err)
	}
	table, err := goodTable().Encode()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range [][]byte{segment, table, []byte("{}"), []byte(`{"id":"a","roles":["server"]}`), nil} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if r, err := DecodeSegment(data); err == nil {
			again, err := r.Encode()
			if err != nil {
				// Shorter spellings than ours can exceed the limit when written out.
				if errs.As(err).Code != errs.ProgramLimitExceeded {
					t.Fatal(err)
				}
				return
			}
			if back, err := DecodeSegment(again); err != nil || back != r {
				t.Fatalf("got %+v, %v, want %+v", back, err, r)
			}
		}
		for _, err := range []error{second(DecodeTable(data)), second(DecodeSchema(data)), second(DecodeClaim(data)),
			second(DecodePartition(data)), second(DecodeInstance(data))} {
			if err != nil && errs.ClassOf(err) != errs.ClassCorrupt {
				t.Fatalf("got %v, want an error of class corrupt", err)
			}
		}
	})
}

func second[T any](_ T, err error) error { return err }
