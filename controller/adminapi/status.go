package adminapi

import (
	"fmt"
	"net/http"
	"strconv"

	"github.com/freshetdb/freshet/controller"
	"github.com/freshetdb/freshet/internal/errs"
)

// Names of this node's instances in Pinot's form.
func (n Node) broker() string { return fmt.Sprintf("Broker_%s_%d", n.Host, n.BrokerPort) }
func (n Node) server() string { return fmt.Sprintf("Server_%s_%d", n.Host, n.ServerHTTPPort) }
func (n Node) controller() string {
	return fmt.Sprintf("Controller_%s_%d", n.Host, n.ControllerPort)
}

// status gives the table's state on the servers; a table that none has seen yet has no partitions.
func (a *api) status(r *http.Request) (string, controller.TableStatus, error) {
	name, err := a.known(r.Context(), r)
	if err != nil {
		return "", controller.TableStatus{}, err
	}
	status, _ := a.Ingestion.Status(name)
	return name, status, nil
}

func (a *api) tableState(r *http.Request) (any, error) {
	_, err := a.known(r.Context(), r)
	return map[string]string{"state": "enabled"}, err
}

func (a *api) tableHealth(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	state, text := "HEALTHY", ""
	if status.Problem != "" {
		state, text = "UNHEALTHY", status.Problem
	}
	for _, p := range status.Partitions {
		if p.State == "ERROR" || p.State == "STALLED" || p.State == "UNAVAILABLE" {
			state, text = "UNHEALTHY", fmt.Sprintf("partition %d: %s", p.Partition, p.Reason)
		}
	}
	return map[string]any{"ingestionStatus": map[string]string{"ingestionState": state, "errorMessage": text}}, err
}

func (a *api) tableSize(r *http.Request) (any, error) {
	name, status, err := a.status(r)
	segments := map[string]any{}
	var total int64
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			total += s.Bytes
			segments[s.Name] = map[string]any{"reportedSizeInBytes": s.Bytes, "estimatedSizeInBytes": s.Bytes, "maxReportedSizePerReplicaInBytes": s.Bytes,
				"serverInfo": map[string]any{a.Self.server(): map[string]any{"segmentName": s.Name, "diskSizeInBytes": s.Bytes}}}
		}
	}
	return map[string]any{"tableName": name, "reportedSizeInBytes": total, "estimatedSizeInBytes": total, "reportedSizePerReplicaInBytes": total,
		"offlineSegments": nil, "realtimeSegments": map[string]any{"reportedSizeInBytes": total, "estimatedSizeInBytes": total,
			"reportedSizePerReplicaInBytes": total, "missingSegments": 0, "segments": segments}}, err
}

func (a *api) tableMetadata(r *http.Request) (any, error) {
	name, status, err := a.status(r)
	var bytes, rows int64
	segments := 0
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			bytes += s.Bytes
			rows += s.Rows
			segments++
		}
	}
	return map[string]any{"tableName": name + "_REALTIME", "diskSizeInBytes": bytes, "numSegments": segments, "numRows": rows,
		"columnLengthMap": map[string]any{}, "columnCardinalityMap": map[string]any{}, "maxNumMultiValuesMap": map[string]any{},
		"columnIndexSizeMap": map[string]any{}, "upsertPartitionToServerPrimaryKeyCountMap": map[string]any{}}, err
}

func (a *api) idealState(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	segments := map[string]any{}
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			state := "ONLINE"
			if s.Status == "IN_PROGRESS" {
				state = "CONSUMING"
			}
			segments[s.Name] = map[string]string{a.Self.server(): state}
		}
	}
	return map[string]any{"OFFLINE": nil, "REALTIME": segments}, err
}

func (a *api) segmentsStatus(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	list := []any{}
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			state := "GOOD"
			if s.Damage != "" {
				state = "BAD"
			}
			list = append(list, map[string]string{"segmentName": s.Name, "segmentStatus": state, "reason": s.Damage})
		}
	}
	return list, err
}

func (a *api) ingestionErrors(r *http.Request) (any, error) {
	name, status, err := a.status(r)
	var rejected, implausible int64
	partitions := []any{}
	for _, p := range status.Partitions {
		rejected += p.RejectedRecords
		implausible += p.ImplausibleTimes
		if p.State == "ERROR" || p.Reason != "" {
			partitions = append(partitions, map[string]any{"partition": p.Partition, "state": p.State, "reason": p.Reason, "nextOffset": p.NextOffset})
		}
	}
	samples := status.Rejected
	if samples == nil {
		samples = []controller.RejectedRecord{}
	}
	gaps := status.Gaps
	if gaps == nil {
		gaps = []controller.Gap{}
	}
	return map[string]any{"tableName": name, "problem": status.Problem, "rejectedRecords": rejected, "implausibleTimes": implausible,
		"partitions": partitions, "samples": samples, "gaps": gaps}, err
}

func (a *api) consumingInfo(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	info := map[string]any{}
	for _, p := range status.Partitions {
		id := strconv.Itoa(int(p.Partition))
		state := "NOT_CONSUMING"
		if p.State == "CONSUMING" {
			state = "CONSUMING"
		}
		info[p.Consuming] = []any{map[string]any{"serverName": a.Self.server(), "consumerState": state,
			"lastConsumedTimestamp": p.LastConsumedMillis, "partitionToOffsetMap": map[string]string{id: strconv.FormatInt(p.NextOffset, 10)},
			"partitionOffsetInfo": map[string]any{"currentOffsetsMap": map[string]string{id: strconv.FormatInt(p.NextOffset, 10)},
				"latestUpstreamOffsetMap": map[string]string{id: strconv.FormatInt(p.HighWatermark, 10)},
				"recordsLagMap":           map[string]string{id: strconv.FormatInt(p.LagOffsets, 10)},
				"availabilityLagMsMap":    map[string]string{id: strconv.FormatInt(p.LagMillis, 10)}}}}
	}
	return map[string]any{"_segmentToConsumingInfoMap": info, "serversFailingToRespond": 0, "serversUnparsableRespond": 0}, err
}

func (a *api) pause(r *http.Request) (any, error) {
	name, err := a.known(r.Context(), r)
	if err != nil {
		return nil, err
	}
	if err := a.Ingestion.Pause(r.Context(), name); err != nil {
		return nil, err
	}
	return a.pauseStatus(r)
}

func (a *api) resume(r *http.Request) (any, error) {
	name, err := a.known(r.Context(), r)
	if err != nil {
		return nil, err
	}
	switch from := r.URL.Query().Get("consumeFrom"); from {
	case "", "lastConsumed":
		err = a.Ingestion.Resume(r.Context(), name)
	case "smallest", "largest":
		if err = a.Ingestion.Reset(r.Context(), name, from); err == nil {
			err = a.Ingestion.Resume(r.Context(), name)
		}
	default:
		err = errs.User(errs.InvalidParameterValue, "consumeFrom is %q, want lastConsumed, smallest or largest", from)
	}
	if err != nil {
		return nil, err
	}
	return a.pauseStatus(r)
}

func (a *api) pauseStatus(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	paused, consuming := len(status.Partitions) > 0, []string{}
	for _, p := range status.Partitions {
		if p.State != "PAUSED" {
			paused = false
		}
		consuming = append(consuming, p.Consuming)
	}
	return map[string]any{"pauseFlag": paused, "consumingSegments": consuming, "reasonCode": "ADMINISTRATIVE", "indexOfInactiveTopics": []int{}}, err
}

func (a *api) forceCommit(r *http.Request) (any, error) {
	name, err := a.known(r.Context(), r)
	if err != nil {
		return nil, err
	}
	if err := a.Ingestion.ForceCommit(r.Context(), name); err != nil {
		return nil, err
	}
	return map[string]string{"forceCommitStatus": "SUCCESS"}, nil
}

func (a *api) listSegments(r *http.Request) (any, error) {
	_, status, err := a.status(r)
	names := []string{}
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			names = append(names, s.Name)
		}
	}
	return []any{map[string]any{"REALTIME": names}}, err
}

func (a *api) segmentMetadata(r *http.Request) (any, error) {
	name, status, err := a.status(r)
	if err != nil {
		return nil, err
	}
	for _, p := range status.Partitions {
		for _, s := range p.Segments {
			if s.Name != r.PathValue("segment") {
				continue
			}
			m := map[string]string{"segment.name": s.Name, "segment.table.name": name + "_REALTIME", "segment.total.docs": strconv.FormatInt(s.Rows, 10),
				"segment.size.in.bytes": strconv.FormatInt(s.Bytes, 10), "segment.realtime.status": s.Status,
				"segment.realtime.startOffset": strconv.FormatInt(s.Start, 10), "segment.realtime.numReplicas": "1",
				"segment.creation.time": strconv.FormatInt(s.Created, 10), "segment.crc": strconv.FormatUint(uint64(s.CRC), 10)}
			if s.Status != "IN_PROGRESS" {
				m["segment.realtime.endOffset"] = strconv.FormatInt(s.End, 10)
			}
			if s.HasTime {
				m["segment.time.unit"] = "MILLISECONDS"
				m["segment.start.time"] = strconv.FormatInt(s.MinMillis, 10)
				m["segment.end.time"] = strconv.FormatInt(s.MaxMillis, 10)
			}
			if s.Damage != "" {
				m["segment.damage"] = s.Damage
			}
			return m, nil
		}
	}
	return nil, fmt.Errorf("segment %s of table %s %w", r.PathValue("segment"), name, controller.ErrNotFound)
}

func (a *api) version(*http.Request) (any, error) {
	return map[string]string{"freshet": a.Version, "pinot-common": "1.0.0 (freshet " + a.Version + ")"}, nil
}

func (a *api) clusterInfo(*http.Request) (any, error) {
	return map[string]string{"clusterName": "freshet"}, nil
}

func (a *api) instances(*http.Request) (any, error) {
	return map[string]any{"instances": []string{a.Self.controller(), a.Self.broker(), a.Self.server()}}, nil
}

func (a *api) brokers(r *http.Request) (any, error) {
	names, err := a.Controller.Tables(r.Context())
	tables := map[string][]string{}
	for _, n := range names {
		tables[n] = []string{a.Self.broker()}
	}
	return map[string]any{"tenants": map[string]any{"DefaultTenant": []string{a.Self.broker()}}, "tables": tables}, err
}

// brokerInfo is a broker as client discovery wants it.
type brokerInfo struct {
	InstanceName string `json:"instanceName"`
	Host         string `json:"host"`
	Port         int    `json:"port"`
	GRPCPort     int    `json:"grpcPort"`
}

func (a *api) self() []brokerInfo {
	return []brokerInfo{{InstanceName: a.Self.broker(), Host: a.Self.Host, Port: a.Self.BrokerPort}}
}

func (a *api) brokersByTable(r *http.Request) (any, error) {
	names, err := a.Controller.Tables(r.Context())
	tables := map[string][]brokerInfo{}
	for _, n := range names {
		tables[n] = a.self()
	}
	return tables, err
}

func (a *api) brokerList(*http.Request) (any, error) { return a.self(), nil }

func (a *api) databases(*http.Request) (any, error) { return []string{"default"}, nil }
