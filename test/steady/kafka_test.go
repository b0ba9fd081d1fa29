//go:build steady

package steady

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"testing"

	"github.com/freshetdb/freshet/internal/embedkafka"
	"github.com/freshetdb/freshet/test/stalls"
)

// kafkaDirVariable makes this test's program serve Kafka from a folder until its standard input ends, instead of running tests.
const kafkaDirVariable = "STEADY_KAFKA_DIR"

func TestMain(m *testing.M) {
	if watched, err := stalls.ServeIfAsked(); watched {
		if err != nil {
			fmt.Fprintln(os.Stderr, "stalls:", err)
			os.Exit(1)
		}
		return
	}
	dir, serve := os.LookupEnv(kafkaDirVariable)
	if !serve {
		os.Exit(m.Run())
	}
	if err := serveKafka(dir); err != nil {
		fmt.Fprintln(os.Stderr, "kafka:", err)
		os.Exit(1)
	}
}

// serveKafka runs the embedded Kafka with its topics in a folder: in memory it copies a partition's whole log as it grows, which
// shows as gaps of its own. Its first line of output is its address.
func serveKafka(dir string) error {
	kafka, err := embedkafka.Start(embedkafka.Config{Dir: dir, Addr: "127.0.0.1:0"})
	if err != nil {
		return err
	}
	fmt.Println(kafka.Addr())
	_, err = io.Copy(io.Discard, os.Stdin)
	return errors.Join(err, kafka.Close())
}

// startKafka runs Kafka in a process of its own, whose collector does not stop the node's, and gives its address.
func startKafka(t *testing.T) (addr string) {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(self)
	cmd.Env = append(os.Environ(), kafkaDirVariable+"="+t.TempDir())
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe() // ends with this process, however it ends
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { check(t, errors.Join(in.Close(), cmd.Wait())) })
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the embedded Kafka gave no address: %v", err)
	}
	return strings.TrimSpace(line)
}
