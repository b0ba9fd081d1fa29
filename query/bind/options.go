package bind

import "strings"

// knownOptions are the query options of Pinot that clients send, in lower case. Accepting one says nothing about its
// effect; one that is not listed is answered with a notice.
var knownOptions = []string{
	"timeoutms", "extrapassivetimeoutms", "usemultistageengine", "enablenullhandling", "skipupsert", "skipupsertdelete",
	"skipupsertview", "upsertviewfreshnessms", "numgroupslimit", "numgroupswarninglimit", "erroronnumgroupslimit",
	"minsegmentgrouptrimsize", "minservergrouptrimsize", "minbrokergrouptrimsize", "grouptrimthreshold",
	"accurategroupbywithoutorderby", "maxexecutionthreads", "maxserverresponsesizebytes", "maxqueryresponsesizebytes",
	"usestartree", "skipindexes", "andscanreordering", "usescanreorderopt", "useindexbaseddistinctoperator",
	"inpredicatelookupalgorithm", "serverreturnfinalresult", "serverreturnfinalresultkeyunpartitioned",
	"filteredaggregationsskipemptygroups", "numreplicagroupstoquery", "usefixedreplica", "orderedpreferredpools",
	"routingoptions", "skipunavailableservers", "ignoremissingsegments", "explainplanverbose", "explainaskingservers",
	"trace", "maxrowsinjoin", "joinoverflowmode", "maxrowsinwindow", "windowoverflowmode", "stageparallelism", "usespools",
	"multistageleaflimit", "usephysicaloptimizer", "uselitemode", "runinbroker", "getcursor", "cursornumrows",
	"clientqueryid", "applicationname", "workloadname", "issecondaryworkload", "dropresults", "autorewriteaggregationtype",
	"maxrowsindistinct", "maxrowswithoutchangeindistinct", "maxexecutiontimemsindistinct", "vectornprobe", "vectorefsearch",
	"vectorexactrerank", "vectormaxcandidates", "vectordistancethreshold", "regexdictsizethreshold", "groupbymode",
	"responseformat", "preservetype", "integer_division", "division_by_zero",
}

// KnownOption reports whether a query option has a meaning, here or in Pinot.
func KnownOption(name string) bool {
	name = strings.ToLower(name)
	for _, k := range knownOptions {
		if k == name {
			return true
		}
	}
	return false
}

// option finds an option without case.
func option(options map[string]string, name string) (string, bool) {
	if v, ok := options[name]; ok {
		return v, true
	}
	for k, v := range options {
		if strings.EqualFold(k, name) {
			return v, true
		}
	}
	return "", false
}
