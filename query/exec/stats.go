package exec

import "github.com/freshetdb/freshet/query/result"

// addStats adds what happened in from to the statistics in to. Tables are united; the consuming freshness is the oldest.
func addStats(to, from *result.Stats) {
	to.RowsScanned += from.RowsScanned
	to.TotalRows += from.TotalRows
	to.EntriesScannedInFilter += from.EntriesScannedInFilter
	to.EntriesScannedPostFilter += from.EntriesScannedPostFilter
	to.ServersQueried += from.ServersQueried
	to.ServersResponded += from.ServersResponded
	to.SegmentsQueried += from.SegmentsQueried
	to.SegmentsProcessed += from.SegmentsProcessed
	to.SegmentsMatched += from.SegmentsMatched
	to.ConsumingQueried += from.ConsumingQueried
	to.ConsumingProcessed += from.ConsumingProcessed
	to.ConsumingMatched += from.ConsumingMatched
	to.SegmentsPrunedByBroker += from.SegmentsPrunedByBroker
	to.SegmentsPrunedByServer += from.SegmentsPrunedByServer
	to.SegmentsPrunedByValue += from.SegmentsPrunedByValue
	to.SegmentsPrunedByLimit += from.SegmentsPrunedByLimit
	to.BlocksPruned += from.BlocksPruned
	to.BlocksScanned += from.BlocksScanned
	to.GroupsLimitReached = to.GroupsLimitReached || from.GroupsLimitReached
	if f := from.MinConsumingFreshnessMillis; f != 0 && (to.MinConsumingFreshnessMillis == 0 || f < to.MinConsumingFreshnessMillis) {
		to.MinConsumingFreshnessMillis = f
	}
	to.Scans = addScans(to.Scans, from.Scans...)
	for _, t := range from.Tables {
		known := false
		for _, have := range to.Tables {
			known = known || have == t
		}
		if !known {
			to.Tables = append(to.Tables, t)
		}
	}
}
