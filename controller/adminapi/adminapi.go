// Package adminapi is the controller's REST: Pinot's paths and answers for schemas, tables, segments and ingestion.
// Errors are {"code": status, "error": message}.
package adminapi

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"

	"github.com/freshetdb/freshet/catalog"
	"github.com/freshetdb/freshet/controller"
	"github.com/freshetdb/freshet/internal/errs"
)

// maxBody bounds a request: two configs of the largest size and their JSON wrapping.
const maxBody = 2*catalog.MaxConfigBytes + 4096

// Config is what the API serves from.
type Config struct {
	Controller *controller.Controller
	Ingestion  controller.Ingestion
	// SQL answers POST and GET /sql as the broker's /query/sql does; nil leaves the path out.
	SQL http.Handler
	// Self describes this node to client discovery.
	Self    Node
	Version string
	Log     *slog.Logger
}

// Node is this process as Pinot's instance listings show it. Ports are those that listen.
type Node struct {
	Host                                       string
	ControllerPort, BrokerPort, ServerHTTPPort int
}

type api struct {
	Config
}

// New makes the handler.
func New(cfg Config) http.Handler {
	a := &api{Config: cfg}
	mux := http.NewServeMux()
	routes := map[string]func(*http.Request) (any, error){
		"GET /schemas":                             a.listSchemas,
		"GET /schemas/{name}":                      a.getSchema,
		"POST /schemas":                            a.postSchema,
		"PUT /schemas/{name}":                      a.putSchema,
		"DELETE /schemas/{name}":                   a.deleteSchema,
		"POST /schemas/validate":                   a.validateSchema,
		"GET /tables":                              a.listTables,
		"POST /tables":                             a.postTable,
		"GET /tables/{name}":                       a.getTable,
		"PUT /tables/{name}":                       a.putTable,
		"DELETE /tables/{name}":                    a.deleteTable,
		"GET /tables/{name}/schema":                a.getSchema,
		"GET /tables/{name}/state":                 a.tableState,
		"GET /tables/{name}/status":                a.tableHealth,
		"GET /tables/{name}/size":                  a.tableSize,
		"GET /tables/{name}/metadata":              a.tableMetadata,
		"GET /tables/{name}/idealstate":            a.idealState,
		"GET /tables/{name}/externalview":          a.idealState,
		"GET /tables/{name}/segmentsStatus":        a.segmentsStatus,
		"GET /tables/{name}/ingestionErrors":       a.ingestionErrors,
		"GET /tables/{name}/consumingSegmentsInfo": a.consumingInfo,
		"POST /tables/{name}/pauseConsumption":     a.pause,
		"POST /tables/{name}/resumeConsumption":    a.resume,
		"GET /tables/{name}/pauseStatus":           a.pauseStatus,
		"POST /tables/{name}/forceCommit":          a.forceCommit,
		"GET /tableConfigs":                        a.listTableConfigs,
		"POST /tableConfigs":                       a.postTableConfigs,
		"GET /tableConfigs/{name}":                 a.getTableConfigs,
		"DELETE /tableConfigs/{name}":              a.deleteTableConfigs,
		"GET /segments/{name}":                     a.listSegments,
		"GET /segments/{name}/{segment}/metadata":  a.segmentMetadata,
		"GET /version":                             a.version,
		"GET /cluster/info":                        a.clusterInfo,
		"GET /instances":                           a.instances,
		"GET /brokers":                             a.brokers,
		"GET /v2/brokers/tables":                   a.brokersByTable,
		"GET /v2/brokers/tables/{name}":            a.brokerList,
		"GET /v2/brokers/tenants/{name}":           a.brokerList,
		"GET /tables/livebrokers":                  a.brokersByTable,
		"GET /databases":                           a.databases,
	}
	for pattern, f := range routes {
		mux.HandleFunc(pattern, a.handle(f))
	}
	if cfg.SQL != nil {
		mux.Handle("/sql", cfg.SQL)
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		writeError(w, http.StatusNotFound, fmt.Sprintf("no such path: %s %s", r.Method, r.URL.Path))
	})
	return http.MaxBytesHandler(mux, maxBody)
}

// handle turns a function's answer or error into the response.
func (a *api) handle(f func(*http.Request) (any, error)) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		answer, err := f(r)
		if err != nil {
			status := statusOf(err)
			if status >= http.StatusInternalServerError {
				a.Log.Error("admin request failed", "method", r.Method, "path", r.URL.Path, "error", err)
			}
			writeError(w, status, message(err))
			return
		}
		writeJSON(w, http.StatusOK, answer)
	}
}

func statusOf(err error) int {
	var tooLarge *http.MaxBytesError
	switch {
	case errors.As(err, &tooLarge):
		return http.StatusRequestEntityTooLarge
	case errors.Is(err, controller.ErrNotFound):
		return http.StatusNotFound
	case errors.Is(err, controller.ErrExists), errors.Is(err, controller.ErrInUse):
		return http.StatusConflict
	}
	switch errs.ClassOf(err) {
	case errs.ClassUser:
		return http.StatusBadRequest
	case errs.ClassUnavailable:
		return http.StatusServiceUnavailable
	case errs.ClassExhausted:
		return http.StatusTooManyRequests
	default:
		return http.StatusInternalServerError
	}
}

// message is the error with its hint.
func message(err error) string {
	var e *errs.Error
	if errors.As(err, &e) && e.Hint != "" {
		return err.Error() + ". " + e.Hint
	}
	return err.Error()
}

func writeError(w http.ResponseWriter, status int, text string) {
	writeJSON(w, status, map[string]any{"code": status, "error": text})
}

func writeJSON(w http.ResponseWriter, status int, v any) {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		status, body = http.StatusInternalServerError, []byte(`{"code":500,"error":"cannot encode the answer"}`)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	// A failed write means that the client is gone; there is nobody left to tell.
	if _, err := w.Write(append(body, '\n')); err != nil {
		return
	}
}

// body reads a request's JSON: the body itself, or the only file of a multipart form.
func body(r *http.Request) ([]byte, error) {
	if !strings.HasPrefix(r.Header.Get("Content-Type"), "multipart/") {
		data, err := io.ReadAll(r.Body)
		if err == nil && len(data) == 0 {
			err = errs.User(errs.InvalidText, "the request has no body, want JSON")
		}
		return data, err
	}
	reader, err := r.MultipartReader()
	if err != nil {
		return nil, errs.User(errs.InvalidText, "cannot read the multipart form").Wrap(err)
	}
	var data []byte
	parts := 0
	for {
		part, err := reader.NextPart()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return nil, errs.User(errs.InvalidText, "cannot read the multipart form").Wrap(err)
		}
		if data, err = io.ReadAll(part); err != nil {
			return nil, errs.User(errs.InvalidText, "cannot read the multipart form").Wrap(err)
		}
		parts++
	}
	if parts != 1 {
		return nil, errs.User(errs.InvalidText, "the multipart form has %d parts, want exactly one file", parts)
	}
	return data, nil
}

// table gives the raw table name of the path.
func table(r *http.Request) string { return catalog.RawTableName(r.PathValue("name")) }

func flag(r *http.Request, name string) bool {
	return strings.EqualFold(r.URL.Query().Get(name), "true")
}

type changed struct {
	Unrecognized map[string]any `json:"unrecognizedProperties"`
	Status       string         `json:"status"`
	Warnings     []string       `json:"warnings,omitempty"`
}

func accepted(a controller.Accepted, format string) changed {
	if a.Unrecognized == nil {
		a.Unrecognized = map[string]any{}
	}
	return changed{Unrecognized: a.Unrecognized, Status: fmt.Sprintf(format, a.Name), Warnings: a.Warnings}
}

func (a *api) listSchemas(r *http.Request) (any, error) { return a.Controller.Schemas(r.Context()) }

func (a *api) getSchema(r *http.Request) (any, error) {
	return a.Controller.Schema(r.Context(), table(r))
}

func (a *api) postSchema(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	override := r.URL.Query().Get("override") != "false" // Pinot's default is true
	got, err := a.Controller.PutSchema(r.Context(), data, override, flag(r, "force"))
	return accepted(got, "%s successfully added"), err
}

func (a *api) putSchema(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	s, _, err := catalog.ParseSchema(data)
	if err != nil {
		return nil, err
	}
	if s.Name != r.PathValue("name") {
		return nil, errs.User(errs.InvalidParameterValue, "the schema is named %q, the path names %q", s.Name, r.PathValue("name"))
	}
	if _, err := a.Controller.Schema(r.Context(), s.Name); err != nil {
		return nil, err
	}
	got, err := a.Controller.PutSchema(r.Context(), data, true, flag(r, "force"))
	return accepted(got, "%s successfully added"), err
}

func (a *api) deleteSchema(r *http.Request) (any, error) {
	name := r.PathValue("name")
	return map[string]string{"status": fmt.Sprintf("Schema %s deleted", name)}, a.Controller.DeleteSchema(r.Context(), name)
}

func (a *api) validateSchema(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	_, unrecognized, err := catalog.ParseSchema(data)
	if err != nil {
		return nil, err
	}
	clean, err := catalog.WithoutProperties(data, unrecognized)
	if err != nil {
		return nil, err
	}
	var echo map[string]any
	if err := json.Unmarshal(clean, &echo); err != nil {
		return nil, err
	}
	echo["unrecognizedProperties"] = unrecognized
	return echo, nil
}

func (a *api) listTables(r *http.Request) (any, error) {
	names, err := a.Controller.Tables(r.Context())
	if err != nil {
		return nil, err
	}
	switch kind := strings.ToLower(r.URL.Query().Get("type")); kind {
	case "":
	case "realtime":
		for i := range names {
			names[i] += "_REALTIME"
		}
	case "offline", "dimension":
		names = []string{}
	default:
		return nil, errs.User(errs.InvalidParameterValue, "type is %q, want realtime or offline", kind)
	}
	return map[string]any{"tables": names}, nil
}

func (a *api) postTable(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	got, err := a.Controller.CreateTable(r.Context(), data)
	return accepted(got, "Table %s_REALTIME successfully added"), err
}

func (a *api) getTable(r *http.Request) (any, error) {
	config, err := a.Controller.Table(r.Context(), table(r))
	return map[string]any{"REALTIME": config}, err
}

func (a *api) putTable(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	got, err := a.Controller.UpdateTable(r.Context(), table(r), data)
	return accepted(got, "Table config updated for %s"), err
}

func (a *api) deleteTable(r *http.Request) (any, error) {
	name := table(r)
	return map[string]string{"status": fmt.Sprintf("Tables: [%s_REALTIME] deleted", name)}, a.Controller.DeleteTable(r.Context(), name)
}

func (a *api) listTableConfigs(r *http.Request) (any, error) { return a.Controller.Tables(r.Context()) }

func (a *api) postTableConfigs(r *http.Request) (any, error) {
	data, err := body(r)
	if err != nil {
		return nil, err
	}
	var doc struct {
		TableName string          `json:"tableName"`
		Schema    json.RawMessage `json:"schema"`
		Realtime  json.RawMessage `json:"realtime"`
		Offline   json.RawMessage `json:"offline"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return nil, errs.User(errs.InvalidText, "cannot parse tableConfigs").Wrap(err)
	}
	if len(doc.Offline) > 0 && string(doc.Offline) != "null" {
		return nil, errs.User(errs.FeatureNotSupported, "OFFLINE tables are not supported yet: post schema and realtime only")
	}
	if len(doc.Schema) == 0 || len(doc.Realtime) == 0 {
		return nil, errs.User(errs.InvalidParameterValue, "tableConfigs needs tableName, schema and realtime")
	}
	got, err := a.Controller.CreateTableConfigs(r.Context(), catalog.RawTableName(doc.TableName), doc.Schema, doc.Realtime)
	if errors.Is(err, controller.ErrExists) {
		return nil, errs.User(errs.DuplicateObject, "%v", err) // Pinot answers 400 here, not 409
	}
	return accepted(got, "TableConfigs %s successfully added"), err
}

func (a *api) getTableConfigs(r *http.Request) (any, error) {
	name := table(r)
	config, err := a.Controller.Table(r.Context(), name)
	if err != nil {
		return nil, err
	}
	schema, err := a.Controller.Schema(r.Context(), name)
	return map[string]any{"tableName": name, "schema": schema, "realtime": config}, err
}

func (a *api) deleteTableConfigs(r *http.Request) (any, error) {
	name := table(r)
	if err := a.Controller.DeleteTable(r.Context(), name); err != nil {
		return nil, err
	}
	err := a.Controller.DeleteSchema(r.Context(), name)
	return map[string]string{"status": "Deleted TableConfigs: " + name}, err
}

// known gives the table's name if it exists.
func (a *api) known(ctx context.Context, r *http.Request) (string, error) {
	name := table(r)
	_, err := a.Controller.Table(ctx, name)
	return name, err
}
