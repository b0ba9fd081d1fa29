package adminapi

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/cockroachdb/datadriven"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/cluster/mem"
	"github.com/freshetdb/freshet/controller"
	"github.com/freshetdb/freshet/internal/clock"
	"github.com/freshetdb/freshet/internal/errs"
)

// fakeIngestion tells of one partition with a sealed and a consuming segment.
type fakeIngestion struct{ paused bool }

func (f *fakeIngestion) Status(table string) (controller.TableStatus, bool) {
	state := "CONSUMING"
	if f.paused {
		state = "PAUSED"
	}
	return controller.TableStatus{
		Partitions: []controller.PartitionStatus{{Partition: 0, State: state, Consuming: table + "__0__1__x", NextOffset: 120, HighWatermark: 125,
			LagOffsets: 5, LagMillis: 7, RejectedRecords: 2, Segments: []controller.SegmentStatus{
				{Name: table + "__0__0__x", Status: "DONE", Rows: 100, Bytes: 4096, Start: 0, End: 100, CRC: 7, MinMillis: 1, MaxMillis: 2, HasTime: true},
				{Name: table + "__0__1__x", Sequence: 1, Status: "IN_PROGRESS", Rows: 20, Start: 100}}}},
		Rejected: []controller.RejectedRecord{{Topic: "orders", Partition: 0, Offset: 17, Reason: "no JSON"}}}, true
}

func (f *fakeIngestion) ForceCommit(context.Context, string) error   { return nil }
func (f *fakeIngestion) Pause(context.Context, string) error         { f.paused = true; return nil }
func (f *fakeIngestion) Resume(context.Context, string) error        { f.paused = false; return nil }
func (f *fakeIngestion) Reset(context.Context, string, string) error { return nil }

func check(_ *catalog.Schema, t *catalog.Table) error {
	for _, tr := range t.Ingestion.Transforms {
		if tr.Function == "nope()" {
			return errs.User(errs.UndefinedFunction, "transform of column %q: function nope() does not exist", tr.Column)
		}
	}
	return nil
}

// TestAdmin runs testdata scripts: METHOD path, then a body; the answer is the status and the JSON.
func TestAdmin(t *testing.T) {
	datadriven.Walk(t, "testdata", func(t *testing.T, path string) {
		log := slog.New(slog.DiscardHandler)
		store := mem.New(clock.Real{})
		defer func() {
			if err := store.Close(); err != nil {
				t.Error(err)
			}
		}()
		handler := New(Config{Controller: controller.New(store, check, nil, clock.Real{}, log), Ingestion: &fakeIngestion{}, Version: "1.2.3", Log: log,
			Self: Node{Host: "h", ControllerPort: 9000, BrokerPort: 8099, ServerHTTPPort: 8097}})
		datadriven.RunTest(t, path, func(t *testing.T, d *datadriven.TestData) string {
			req := httptest.NewRequest(d.Cmd, d.CmdArgs[0].Key+argument(d), strings.NewReader(d.Input))
			w := httptest.NewRecorder()
			handler.ServeHTTP(w, req)
			return fmt.Sprintf("%d %s", w.Code, w.Body.String())
		})
	})
}

// argument gives the query string, which datadriven has split at the equals sign.
func argument(d *datadriven.TestData) string {
	if len(d.CmdArgs[0].Vals) > 0 {
		return "=" + d.CmdArgs[0].Vals[0]
	}
	return ""
}

func TestOversizeAndMultipart(t *testing.T) {
	log := slog.New(slog.DiscardHandler)
	store := mem.New(clock.Real{})
	server := httptest.NewServer(New(Config{Controller: controller.New(store, check, nil, clock.Real{}, log), Ingestion: &fakeIngestion{}, Log: log}))
	defer server.Close()
	post := func(contentType, body string) (int, string) {
		resp, err := http.Post(server.URL+"/schemas", contentType, strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := resp.Body.Close(); err != nil {
			t.Fatal(err)
		}
		return resp.StatusCode, string(answer)
	}
	if code, answer := post("application/json", strings.Repeat(" ", maxBody+1)); code != http.StatusRequestEntityTooLarge {
		t.Errorf("an oversize body gave %d %s", code, answer)
	}
	form := "--x\r\nContent-Disposition: form-data; name=\"s\"; filename=\"s.json\"\r\n\r\n" +
		`{"schemaName": "s", "dimensionFieldSpecs": [{"name": "k", "dataType": "STRING"}]}` + "\r\n--x--\r\n"
	if code, answer := post("multipart/form-data; boundary=x", form); code != http.StatusOK || !strings.Contains(answer, "s successfully added") {
		t.Errorf("a multipart schema gave %d %s", code, answer)
	}
	if err := store.Close(); err != nil {
		t.Error(err)
	}
}
