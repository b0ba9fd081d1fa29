// Package lint holds the package map and the size limits as data, and the tests that enforce them.
package lint

import "strings"

// Module is the module's path.
const Module = "github.com/freshetdb/freshet"

// Limits of house style.
const (
	MaxFileLines         = 1000
	MaxFunctionLines     = 70
	MaxSwitchLines       = 120 // an exhaustive switch whose comment says why, in a line that begins with "long: "
	MaxInterfaceMethods  = 10
	MaxImportChain       = 16
	MinDocumentedPercent = 95
)

// Rule places packages in a layer. A path stands for itself and everything below it, the longest match counts.
type Rule struct {
	Path     string
	Layer    int
	Peers    []string // paths of the same layer (or role) that it may import
	Optional bool     // may not exist yet
}

// Rules is the package map. A package may import lower layers, packages of its own path, and its peers.
var Rules = []Rule{
	{Path: "internal/errs", Layer: 0},
	{Path: "internal/clock", Layer: 0},
	{Path: "internal/lifecycle", Layer: 0, Peers: []string{"internal/errs"}},
	{Path: "internal/vfs", Layer: 0, Peers: []string{"internal/errs", "internal/lifecycle"}},
	{Path: "internal/binfmt", Layer: 0, Peers: []string{"internal/errs"}, Optional: true},
	{Path: "internal/offheap", Layer: 0, Peers: []string{"internal/errs"}},
	{Path: "internal/jsonindex", Layer: 0},
	{Path: "internal/prefetch", Layer: 0},
	{Path: "internal/sketch", Layer: 0, Peers: []string{"internal/errs"}},
	{Path: "internal/coldio", Layer: 0, Peers: []string{"internal/clock", "internal/lifecycle", "internal/vfs"}},
	{Path: "internal/memory", Layer: 0, Peers: []string{"internal/errs", "internal/vfs"}},
	{Path: "internal/sched", Layer: 0, Peers: []string{"internal/clock"}},
	{Path: "catalog", Layer: 1},
	{Path: "internal/vec", Layer: 1, Peers: []string{"catalog"}},
	{Path: "query/kernel", Layer: 1},
	{Path: "query/function", Layer: 2},
	{Path: "query/expr", Layer: 3, Peers: []string{"query/function"}},
	{Path: "segment/encoding", Layer: 2},
	{Path: "deepstore", Layer: 3},
	{Path: "cluster", Layer: 3},
	{Path: "segment", Layer: 4},
	{Path: "segment/partition", Layer: 4, Peers: []string{"segment"}},
	{Path: "segment/mutable", Layer: 4, Peers: []string{"segment", "segment/partition"}},
	{Path: "segment/immutable", Layer: 4, Peers: []string{"segment", "segment/partition"}},
	{Path: "segment/build", Layer: 4, Peers: []string{"segment"}},
	{Path: "segment/inspect", Layer: 4, Peers: []string{"segment", "segment/immutable"}},
	{Path: "segment/segtest", Layer: 4, Peers: []string{"segment"}},
	{Path: "query/sql", Layer: 4},
	{Path: "query/bind", Layer: 4, Peers: []string{"query/sql", "query/result"}},
	{Path: "query/logical", Layer: 4, Peers: []string{"query/bind", "query/sql", "query/result"}},
	{Path: "query/result", Layer: 4},
	{Path: "query/physical", Layer: 5},
	{Path: "query/exec", Layer: 5, Peers: []string{"query/physical"}},
	{Path: "query/oracle", Layer: 5},
	{Path: "ingest", Layer: 5},
	{Path: "server", Layer: 7},
	{Path: "broker", Layer: 7},
	{Path: "controller", Layer: 7, Peers: []string{"ingest"}},
	{Path: "configs", Layer: 0},
	{Path: "internal/embedkafka", Layer: 8},
	{Path: "internal/quickstart", Layer: 8, Peers: []string{"internal/embedkafka"}},
	{Path: "internal/config", Layer: 8},
	{Path: "internal/node", Layer: 8, Peers: []string{"internal/config"}},
	{Path: "internal/lint", Layer: 9},
	{Path: "internal/testkit", Layer: 9, Optional: true},
	{Path: "cmd", Layer: 9},
	{Path: "test", Layer: 9, Optional: true},
}

// Find gives the rule of a package path relative to the module.
func Find(path string) (Rule, bool) {
	var best Rule
	found := false
	for _, r := range Rules {
		if under(path, r.Path) && (!found || len(r.Path) > len(best.Path)) {
			best, found = r, true
		}
	}
	return best, found
}

func under(path, parent string) bool {
	return path == parent || strings.HasPrefix(path, parent+"/")
}

// Allowed reports whether a package of rule from may import target, which is of rule to.
func Allowed(from, to Rule, name, target string) bool {
	if to.Layer < from.Layer || to.Path == from.Path {
		return true
	}
	for _, peer := range from.Peers {
		if under(target, peer) {
			return true
		}
	}
	return false
}

// BannedImport gives the reason why a package must not import an outside package, "" if it may.
func BannedImport(name, imp string) string {
	switch {
	case imp == "github.com/pganalyze/pg_query_go/v6" && !under(name, "query/sql"):
		return "only query/sql knows the parser's tree; its cold build is slow"
	case strings.HasPrefix(imp, "github.com/uber/h3-go") && !under(name, "index/geo"):
		return "only index/geo knows H3; its cold build is slow"
	case imp == "github.com/twmb/franz-go/pkg/kfake" && !under(name, "internal/embedkafka"):
		return "only internal/embedkafka knows the embedded Kafka"
	case strings.HasPrefix(imp, "go.etcd.io/etcd") && !under(name, "cluster/etcd"):
		return "only cluster/etcd knows etcd"
	}
	return ""
}

// BannedGo gives the reason against a go statement in a file, "" if it may have one.
func BannedGo(path string) string {
	if under(path, "internal/lifecycle") {
		return ""
	}
	return "start goroutines through internal/lifecycle, which owns them and catches panics"
}

// bannedCalls maps a call to where it is allowed and the reason.
var bannedCalls = map[string]struct {
	allowed []string
	reason  string
}{
	"time.Now":             {[]string{"internal/clock", "cmd"}, "take a clock.Clock"},
	"time.Since":           {[]string{"internal/clock", "cmd"}, "take a clock.Clock"},
	"time.Sleep":           {[]string{"internal/clock"}, "wait on a channel or a clock.Clock"},
	"time.After":           {[]string{"internal/clock"}, "take a clock.Clock"},
	"os.Open":              {[]string{"internal/vfs", "internal/embedkafka", "cmd"}, "go through internal/vfs"},
	"os.OpenFile":          {[]string{"internal/vfs", "cmd"}, "go through internal/vfs"},
	"os.Create":            {[]string{"internal/vfs", "cmd"}, "go through internal/vfs"},
	"os.Remove":            {[]string{"internal/vfs", "cmd"}, "go through internal/vfs"},
	"os.RemoveAll":         {[]string{"internal/vfs", "cmd"}, "go through internal/vfs"},
	"os.Rename":            {[]string{"internal/vfs"}, "go through internal/vfs"},
	"os.Exit":              {[]string{"cmd"}, "return an error"},
	"log.Fatal":            {nil, "return an error"},
	"log.Fatalf":           {nil, "return an error"},
	"rand.Int":             {nil, "take a seeded source"},
	"rand.Intn":            {nil, "take a seeded source"},
	"fmt.Println":          {[]string{"cmd"}, "write to a writer that is passed in"},
	"fmt.Printf":           {[]string{"cmd"}, "write to a writer that is passed in"},
	"unsafe.Slice":         {[]string{"internal", "segment", "query", "ingest/decode"}, "keep unsafe in storage and kernels"},
	"runtime.GC":           {nil, "leave collection to the runtime"},
	"debug.SetGCPercent":   {[]string{"internal/node"}, "the node sets memory limits"},
	"debug.SetMemoryLimit": {[]string{"internal/node"}, "the node sets memory limits"},
}

// BannedCall gives the reason against a call in a file (path relative to the module), "" if it is allowed.
func BannedCall(path, call string) string {
	ban, ok := bannedCalls[call]
	if !ok {
		return ""
	}
	for _, a := range ban.allowed {
		if under(path, a) {
			return ""
		}
	}
	return ban.reason
}
