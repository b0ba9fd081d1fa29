// Package config composes the settings of a node: defaults < one YAML file < FRESHET_* variables < flags. An unknown
// key, an unreadable value or a value out of range is an error that names it. The result is immutable.
package config

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"github.com/freshetdb/freshet/catalog"
)

// EnvPrefix begins every environment variable; two underscores separate levels: FRESHET_BROKER__HTTP_PORT.
const EnvPrefix = "FRESHET_"

// Config is the settings of one process.
type Config struct {
	DataDir string `koanf:"data_dir"` // everything that must survive; locked by one process
	Role    string `koanf:"role"`     // all; single roles are refused until they run apart
	Listen  string `koanf:"listen"`   // address of every port, 127.0.0.1 by default: there is no authentication yet
	// MemoryLimit bounds what the process holds: 8G, or auto for 80 % of the container's or the machine's.
	MemoryLimit string     `koanf:"memory_limit"`
	Controller  Controller `koanf:"controller"`
	Broker      Broker     `koanf:"broker"`
	Server      Server     `koanf:"server"`
	Cluster     Cluster    `koanf:"cluster"`
	Log         Log        `koanf:"log"`
}

// MemoryAuto is the memory_limit that follows the container or the machine.
const MemoryAuto = "auto"

// leastMemory is the smallest memory_limit.
const leastMemory = 64 << 20

// Controller is the admin REST. Port 0 takes a free port (tests).
type Controller struct {
	HTTPPort int `koanf:"http_port"`
}

// Broker is the query endpoints and their limits.
type Broker struct {
	PostgresPort     int           `koanf:"postgres_port"`
	HTTPPort         int           `koanf:"http_port"`
	MaxConnections   int           `koanf:"max_connections"`    // Postgres connections
	MaxQueries       int           `koanf:"max_queries"`        // running at once; more wait
	QueryTimeout     time.Duration `koanf:"query_timeout"`      // deadline of a query that states none
	QueryMemory      string        `koanf:"query_memory"`       // budget of one query: 1G
	PlanCache        string        `koanf:"plan_cache"`         // bytes of parsed and planned statements that are kept: 32M
	MaxResultRows    int64         `koanf:"max_result_rows"`    // rows of a result without LIMIT over the Postgres wire
	PinotNullDefault bool          `koanf:"pinot_null_default"` // true: queries see default values instead of NULL unless they say otherwise
}

// Server is segment hosting and ingestion.
type Server struct {
	HTTPPort          int           `koanf:"http_port"`
	CPUSlots          int           `koanf:"cpu_slots"`          // cores that queries share; 0: all that the process had at start
	IOThreads         int           `koanf:"io_threads"`         // reads of data that is not in memory at once
	Workers           int           `koanf:"workers"`            // threads of one query; 0: one per slot
	FrozenLimit       string        `koanf:"frozen_limit"`       // bytes frozen and uncommitted per partition before it pauses: 1G
	DiscoveryInterval time.Duration `koanf:"discovery_interval"` // how often topics are asked for new partitions
	RetentionInterval time.Duration `koanf:"retention_interval"` // how often old segments are dropped
	Profiles          bool          `koanf:"profiles"`           // Go's profiles and traces on the HTTP port
}

// Cluster is the cluster store. Without endpoints it is embedded.
type Cluster struct {
	Endpoints []string `koanf:"endpoints"`
	Prefix    string   `koanf:"prefix"`
}

// Log is the process's own log, on standard error.
type Log struct {
	Level  string `koanf:"level"`  // debug, info, warn, error
	Format string `koanf:"format"` // text, json
}

// Default is the configuration without a file.
func Default() Config {
	return Config{
		DataDir: "data", Role: "all", Listen: "127.0.0.1", MemoryLimit: MemoryAuto,
		Controller: Controller{HTTPPort: 9000},
		Broker: Broker{PostgresPort: 5433, HTTPPort: 8099, MaxConnections: 200, MaxQueries: 64, QueryTimeout: time.Minute, QueryMemory: "1G", PlanCache: "32M",
			MaxResultRows: 1_000_000},
		Server:  Server{HTTPPort: 8097, IOThreads: 16, FrozenLimit: "1G", DiscoveryInterval: 30 * time.Second, RetentionInterval: time.Minute},
		Cluster: Cluster{Prefix: "freshet"},
		Log:     Log{Level: "info", Format: "text"},
	}
}

// Load reads a file ("" for none), the environment (as os.Environ gives it) and flags (dotted keys), and validates.
func Load(path string, environ []string, flags map[string]any) (Config, error) {
	k := koanf.New(".")
	if path != "" {
		if err := k.Load(file.Provider(path), yaml.Parser()); err != nil {
			return Config{}, fmt.Errorf("cannot read config file %s: %w", path, err)
		}
		if err := unknownKeys(k.Keys(), "config file "+path, func(key string) string { return key }); err != nil {
			return Config{}, err
		}
	}
	names := map[string]string{}
	provider := env.Provider(".", env.Opt{Prefix: EnvPrefix, EnvironFunc: func() []string { return environ },
		TransformFunc: func(name, value string) (string, any) {
			key := strings.ToLower(strings.ReplaceAll(strings.TrimPrefix(name, EnvPrefix), "__", "."))
			names[key] = name
			if key == "cluster.endpoints" {
				return key, strings.Split(value, ",")
			}
			return key, value
		}})
	fromEnv := koanf.New(".")
	if err := fromEnv.Load(provider, nil); err != nil {
		return Config{}, fmt.Errorf("cannot read environment: %w", err)
	}
	if err := unknownKeys(fromEnv.Keys(), "environment", func(key string) string { return names[key] }); err != nil {
		return Config{}, err
	}
	if err := k.Merge(fromEnv); err != nil {
		return Config{}, fmt.Errorf("cannot merge environment: %w", err)
	}
	for key, value := range flags {
		if err := k.Set(key, value); err != nil {
			return Config{}, fmt.Errorf("cannot read flag %s: %w", key, err)
		}
	}
	c := Default()
	if err := k.Unmarshal("", &c); err != nil {
		return Config{}, fmt.Errorf("cannot read configuration: %w", err)
	}
	return c, c.Validate()
}

// Keys lists every setting as a dotted key, sorted.
func Keys() []string {
	var keys []string
	collect(reflect.TypeOf(Config{}), "", &keys)
	sort.Strings(keys)
	return keys
}

func collect(t reflect.Type, prefix string, keys *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		key := prefix + f.Tag.Get("koanf")
		if f.Type.Kind() == reflect.Struct {
			collect(f.Type, key+".", keys)
			continue
		}
		*keys = append(*keys, key)
	}
}

func unknownKeys(got []string, where string, spelled func(string) string) error {
	known := map[string]bool{}
	for _, k := range Keys() {
		known[k] = true
	}
	var problems []error
	for _, k := range got {
		if !known[k] {
			problems = append(problems, fmt.Errorf("%s: unknown setting %s; known are %s", where, spelled(k), strings.Join(Keys(), ", ")))
		}
	}
	return errors.Join(problems...)
}

// Validate reports every value that cannot be used.
func (c Config) Validate() error {
	var problems []error
	bad := func(format string, args ...any) { problems = append(problems, fmt.Errorf(format, args...)) }
	if c.DataDir == "" {
		bad("data_dir is empty, want a directory")
	}
	switch c.Role {
	case "all":
	case "controller", "broker", "server":
		bad("role is %s: roles do not run apart yet, want all", c.Role)
	default:
		bad("role is %q, want all", c.Role)
	}
	if net.ParseIP(c.Listen) == nil && c.Listen != "localhost" {
		bad("listen is %q, want an IP address such as 127.0.0.1 or 0.0.0.0", c.Listen)
	}
	ports := map[int]string{}
	for _, p := range []struct {
		key  string
		port int
	}{{"controller.http_port", c.Controller.HTTPPort}, {"broker.postgres_port", c.Broker.PostgresPort},
		{"broker.http_port", c.Broker.HTTPPort}, {"server.http_port", c.Server.HTTPPort}} {
		if p.port < 0 || p.port > 65535 {
			bad("%s is %d, want a port from 0 to 65535", p.key, p.port)
		}
		if other := ports[p.port]; other != "" && p.port != 0 {
			bad("%s and %s are both %d", other, p.key, p.port)
		}
		ports[p.port] = p.key
	}
	for key, n := range map[string]int64{"broker.max_connections": int64(c.Broker.MaxConnections), "broker.max_queries": int64(c.Broker.MaxQueries),
		"broker.max_result_rows": c.Broker.MaxResultRows, "broker.query_timeout": int64(c.Broker.QueryTimeout),
		"server.discovery_interval": int64(c.Server.DiscoveryInterval), "server.retention_interval": int64(c.Server.RetentionInterval)} {
		if n <= 0 {
			bad("%s is %d, want a positive value", key, n)
		}
	}
	if c.Server.IOThreads < 1 || c.Server.IOThreads > 1024 {
		bad("server.io_threads is %d, want 1 to 1024", c.Server.IOThreads)
	}
	for key, n := range map[string]int{"server.cpu_slots": c.Server.CPUSlots, "server.workers": c.Server.Workers} {
		if n < 0 || n > 1024 {
			bad("%s is %d, want 0 to 1024", key, n)
		}
	}
	if n, err := catalog.ParseSize(c.MemoryLimit); c.MemoryLimit != MemoryAuto && (err != nil || n < leastMemory) {
		bad("memory_limit is %q, want auto or a size of at least 64M", c.MemoryLimit)
	}
	for key, text := range map[string]string{"broker.query_memory": c.Broker.QueryMemory, "broker.plan_cache": c.Broker.PlanCache, "server.frozen_limit": c.Server.FrozenLimit} {
		if n, err := catalog.ParseSize(text); err != nil || n <= 0 {
			bad("%s is %q, want a size such as 512M", key, text)
		}
	}
	if c.Cluster.Prefix == "" || strings.ContainsAny(c.Cluster.Prefix, "/ ") {
		bad("cluster.prefix is %q, want a name without slashes", c.Cluster.Prefix)
	}
	if _, err := c.Log.SlogLevel(); err != nil {
		bad("%w", err)
	}
	if c.Log.Format != "text" && c.Log.Format != "json" {
		bad("log.format is %q, want text or json", c.Log.Format)
	}
	sort.Slice(problems, func(i, j int) bool { return problems[i].Error() < problems[j].Error() })
	if err := errors.Join(problems...); err != nil {
		return fmt.Errorf("invalid configuration: %w", err)
	}
	return nil
}

// SlogLevel is the level as slog's.
func (l Log) SlogLevel() (slog.Level, error) {
	var level slog.Level
	if err := level.UnmarshalText([]byte(l.Level)); err != nil {
		return 0, fmt.Errorf("log.level is %q, want debug, info, warn or error", l.Level)
	}
	return level, nil
}

// Addr is the listen address with a port.
func (c Config) Addr(port int) string { return net.JoinHostPort(c.Listen, strconv.Itoa(port)) }

// Size reads a size that Validate has accepted.
func Size(text string) int64 {
	n, err := catalog.ParseSize(text)
	if err != nil {
		return 0
	}
	return n
}

// Environ is the process environment.
func Environ() []string { return os.Environ() }
