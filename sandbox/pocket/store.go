package pocket

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"

	"google.golang.org/protobuf/proto"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/files"
)

// store keeps one JSON file for each sandbox and container. Records matter
// only to tell, after a restart, what ended before it, so a record that cannot
// be written is logged and otherwise goes unmissed.
type store struct {
	dir string
	log *slog.Logger
}

// record is a sandbox when Container is empty, else a container. The CRI
// messages are kept in their own encoding.
type record struct {
	ID         string `json:"id"`
	Sandbox    []byte `json:"sandbox,omitempty"`
	Container  []byte `json:"container,omitempty"`
	SandboxID  string `json:"sandboxID,omitempty"`
	Address    string `json:"address,omitempty"`
	Ready      bool   `json:"ready,omitempty"`
	Image      string `json:"image,omitempty"`
	ImageID    string `json:"imageID,omitempty"`
	ImageRef   string `json:"imageRef,omitempty"`
	LogPath    string `json:"logPath,omitempty"`
	State      int32  `json:"state,omitempty"`
	CreatedAt  int64  `json:"createdAt"`
	StartedAt  int64  `json:"startedAt,omitempty"`
	FinishedAt int64  `json:"finishedAt,omitempty"`
	ExitCode   int32  `json:"exitCode,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Message    string `json:"message,omitempty"`
}

func (st store) file(id string) string { return filepath.Join(st.dir, id+".json") }

func (st store) saveSandbox(s *sandbox) {
	st.save(record{ID: s.id, Ready: s.ready, CreatedAt: s.createdAt}, s.config, func(r *record, b []byte) { r.Sandbox = b })
}

func (st store) saveContainer(c *container) {
	st.save(record{
		ID: c.id, SandboxID: c.sandboxID, Image: c.imageName(), ImageID: c.imageID, ImageRef: c.imageRef, LogPath: c.logPath,
		State: int32(c.state), CreatedAt: c.createdAt, StartedAt: c.startedAt, FinishedAt: c.finishedAt,
		ExitCode: c.exitCode, Reason: c.reason, Message: c.message,
	}, c.config, func(r *record, b []byte) { r.Container = b })
}

func (st store) save(rec record, config proto.Message, set func(*record, []byte)) {
	if st.dir == "" {
		return
	}
	encoded, err := proto.Marshal(config)
	if err == nil {
		set(&rec, encoded)
		var text []byte
		if text, err = json.Marshal(rec); err == nil {
			err = st.write(rec.ID, text)
		}
	}
	if err != nil {
		st.log.Error("keep the record of a container", "id", rec.ID, "err", err)
	}
}

// write replaces a record in one step. It does not wait for the disk: a record
// lost in a power cut is missed by nobody.
func (st store) write(id string, text []byte) error {
	draft := st.file(id) + ".new"
	if err := os.WriteFile(draft, text, 0o600); err != nil {
		return err
	}
	return os.Rename(draft, st.file(id))
}

func (st store) remove(id string) {
	if st.dir == "" {
		return
	}
	if err := os.Remove(st.file(id)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		st.log.Error("remove the record of a container", "id", id, "err", err)
	}
}

// load reads the records of an earlier run. A file that does not parse was cut
// short by a crash of the machine and is dropped.
func (r *Runtime) load() error {
	if r.store.dir == "" {
		return nil
	}
	if err := os.MkdirAll(r.store.dir, 0o700); err != nil {
		return err
	}
	entries, err := os.ReadDir(r.store.dir)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".json") {
			continue
		}
		text, err := os.ReadFile(filepath.Join(r.store.dir, e.Name()))
		if err != nil {
			return err
		}
		var rec record
		if err = json.Unmarshal(text, &rec); err == nil {
			err = r.adopt(rec)
		}
		if err != nil {
			r.store.log.Warn("drop an unreadable container record", "file", e.Name(), "err", err)
			_ = os.Remove(filepath.Join(r.store.dir, e.Name()))
		}
	}
	return nil
}

// adopt takes a record in as it looks after a reboot: nothing runs.
func (r *Runtime) adopt(rec record) error {
	if rec.ID == "" {
		return errors.New("no id")
	}
	if len(rec.Container) == 0 {
		s := &sandbox{id: rec.ID, config: &runtimeapi.PodSandboxConfig{}, createdAt: rec.CreatedAt}
		if err := proto.Unmarshal(rec.Sandbox, s.config); err != nil {
			return fmt.Errorf("sandbox configuration: %w", err)
		}
		r.sandboxes[s.id] = s
		return nil
	}
	c := &container{
		id: rec.ID, sandboxID: rec.SandboxID, config: &runtimeapi.ContainerConfig{}, logPath: rec.LogPath, imageID: rec.ImageID, imageRef: rec.ImageRef,
		state: runtimeapi.ContainerState(rec.State), createdAt: rec.CreatedAt, startedAt: rec.StartedAt, finishedAt: rec.FinishedAt,
		exitCode: rec.ExitCode, reason: rec.Reason, message: rec.Message, files: files.New(),
	}
	if err := proto.Unmarshal(rec.Container, c.config); err != nil {
		return fmt.Errorf("container configuration: %w", err)
	}
	if c.state != runtimeapi.ContainerState_CONTAINER_EXITED {
		// What containerd says of a container it finds gone.
		c.state, c.exitCode, c.reason, c.finishedAt = runtimeapi.ContainerState_CONTAINER_EXITED, 255, "Unknown", now()
	}
	r.containers[c.id] = c
	r.images.restore(rec.Image)
	return nil
}
