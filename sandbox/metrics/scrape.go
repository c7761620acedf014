package metrics

import (
	"bufio"
	"bytes"
	"fmt"
	"strconv"
	"strings"
	"time"
)

// point is what was counted at a moment: CPU time since the start, and memory.
type point struct {
	at     time.Time
	start  time.Time     // of the container; zero for a node
	cpu    time.Duration // cumulative
	memory int64         // working set in bytes
}

// podKey names a Pod.
type podKey struct{ namespace, name string }

// reading is one answer of a kubelet's /metrics/resource.
type reading struct {
	node point
	pods map[podKey]map[string]point // by container
}

// parse reads the text format of Prometheus as far as /metrics/resource uses
// it: NAME{LABELS} VALUE TIMESTAMP, the timestamp in milliseconds.
func parse(text []byte) (reading, error) {
	r := reading{pods: map[podKey]map[string]point{}}
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		name, labels, value, at, err := sample(line)
		if err != nil {
			return reading{}, fmt.Errorf("read %q: %w", line, err)
		}
		switch name {
		case "node_cpu_usage_seconds_total":
			r.node.cpu, r.node.at = seconds(value), at
		case "node_memory_working_set_bytes":
			r.node.memory = int64(value)
		case "container_cpu_usage_seconds_total", "container_memory_working_set_bytes", "container_start_time_seconds":
			pod := podKey{labels["namespace"], labels["pod"]}
			if r.pods[pod] == nil {
				r.pods[pod] = map[string]point{}
			}
			p := r.pods[pod][labels["container"]]
			switch name {
			case "container_cpu_usage_seconds_total":
				p.cpu, p.at = seconds(value), at
			case "container_memory_working_set_bytes":
				p.memory = int64(value)
			default:
				p.start = time.Unix(0, int64(seconds(value)))
			}
			r.pods[pod][labels["container"]] = p
		}
	}
	return r, lines.Err()
}

func seconds(v float64) time.Duration { return time.Duration(v * float64(time.Second)) }

// sample takes a line apart.
func sample(line string) (name string, labels map[string]string, value float64, at time.Time, err error) {
	rest := ""
	if i := strings.IndexByte(line, '{'); i >= 0 {
		end := strings.LastIndexByte(line, '}')
		if end < i {
			return "", nil, 0, at, fmt.Errorf("the labels do not end")
		}
		name, rest = line[:i], line[end+1:]
		labels = map[string]string{}
		for pair := range strings.SplitSeq(line[i+1:end], ",") {
			k, v, _ := strings.Cut(pair, "=")
			labels[k] = strings.Trim(v, `"`) // names of Kubernetes hold neither quotes nor commas
		}
	} else {
		name, rest, _ = strings.Cut(line, " ")
	}
	words := strings.Fields(rest)
	if len(words) == 0 {
		return "", nil, 0, at, fmt.Errorf("the value is missing")
	}
	if value, err = strconv.ParseFloat(words[0], 64); err != nil {
		return "", nil, 0, at, err
	}
	if len(words) > 1 {
		ms, err := strconv.ParseInt(words[1], 10, 64)
		if err != nil {
			return "", nil, 0, at, err
		}
		at = time.UnixMilli(ms)
	}
	return name, labels, value, at, nil
}
