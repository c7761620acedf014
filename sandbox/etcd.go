package sandbox

import (
	"context"
	"errors"
	"fmt"
	"hash/crc32"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"runtime/debug"
	"strconv"
	"time"

	"go.etcd.io/bbolt"
	"go.etcd.io/etcd/client/pkg/v3/transport"
	"go.etcd.io/etcd/server/v3/embed"
	"go.etcd.io/etcd/server/v3/storage/wal"
	"go.uber.org/zap"
)

// maxEtcdCrashes is how often in a row etcd may end the process before it is in
// use until its data is taken for damaged: some damage makes it do that. Ends
// that come from outside do not count.
const maxEtcdCrashes = 2

// logSegment is how much of the disk etcd claims at a time for its log, in
// bytes; it claims two at once, and 64 MB each by default.
const logSegment = 16 << 20

// etcd is the cluster's store. It does not wait for the disk: what it
// acknowledged survives the end of this process, however sudden, but not a
// power cut, after which the data may have to be moved aside.
type etcd struct {
	server   *embed.Etcd
	endpoint string
	crashes  string // file that counts starts that ended in etcd
}

// startEtcd starts etcd on the data in dir/etcd. Damaged data is moved aside,
// never deleted, and repaired says so. crashed says whether etcd ended the
// process before this one.
func startEtcd(dir string, crashed bool, p *pki, log *zap.Logger) (e *etcd, repaired string, err error) {
	data := filepath.Join(dir, "etcd")
	crashes := filepath.Join(dir, "etcd.crashes")
	n := 0
	if crashed {
		n = readCount(crashes) + 1
		if err := writeFile(crashes, []byte(strconv.Itoa(n))); err != nil {
			return nil, "", err
		}
	}
	if n < maxEtcdCrashes {
		e, err = launchEtcd(data, p, log)
		if err == nil {
			e.crashes = crashes
			return e, "", nil
		}
		var damage *damageError
		if !errors.As(err, &damage) {
			return nil, "", err
		}
	} else {
		err = fmt.Errorf("it made etcd crash %d times in a row", n)
	}
	aside := data + ".broken-" + time.Now().UTC().Format("20060102-150405")
	if moved := os.Rename(data, aside); moved != nil && !errors.Is(moved, os.ErrNotExist) {
		return nil, "", fmt.Errorf("etcd's data is damaged (%w) and cannot be moved aside: %w", err, moved)
	}
	repaired = fmt.Sprintf("the cluster's data was damaged (%v); it was moved to %s and the cluster starts empty", err, aside)
	_ = os.Remove(crashes) // they were the damaged data's
	e, err = launchEtcd(data, p, log)
	if err != nil {
		return nil, "", err
	}
	e.crashes = crashes
	return e, repaired, nil
}

// damageError is etcd's refusal of its own data.
type damageError struct{ cause any }

func (e *damageError) Error() string { return fmt.Sprint(e.cause) }

func launchEtcd(data string, p *pki, log *zap.Logger) (e *etcd, err error) {
	_, statErr := os.Stat(filepath.Join(data, "member"))
	kept := statErr == nil
	defer func() {
		// etcd ends the process on data it cannot read; its logger panics in
		// place of that, and so do its data structures.
		if cause := recover(); cause != nil {
			err = fmt.Errorf("etcd failed: %v", cause)
			if kept {
				err = &damageError{cause}
			}
		}
	}()
	if err := os.MkdirAll(data, 0o700); err != nil {
		return nil, err
	}
	if kept {
		if err := checkDatabase(filepath.Join(data, "member", "snap", "db")); err != nil {
			return nil, &damageError{err}
		}
	}
	port, err := freePort()
	if err != nil {
		return nil, err
	}
	client := url.URL{Scheme: "https", Host: net.JoinHostPort("127.0.0.1", strconv.Itoa(port))}
	cfg := embed.NewConfig()
	cfg.Name = "sandbox"
	cfg.Dir = data
	cfg.ListenClientUrls, cfg.AdvertiseClientUrls = []url.URL{client}, []url.URL{client}
	cfg.ClientTLSInfo = transport.TLSInfo{
		CertFile: p.etcd.certFile, KeyFile: p.etcd.keyFile, TrustedCAFile: p.etcdCA.certFile, ClientCertAuth: true,
	}
	// The only member never hears from another: it has a peer URL, because its
	// identity is made from it, but does not listen there.
	peer := url.URL{Scheme: "http", Host: "127.0.0.1:2380"}
	cfg.ListenPeerUrls, cfg.AdvertisePeerUrls = nil, []url.URL{peer}
	cfg.InitialCluster = cfg.Name + "=" + peer.String()
	cfg.UnsafeNoFsync = true
	wal.SegmentSizeBytes = logSegment
	// Half a second passes until the only member has elected itself, while the API server is being made.
	cfg.TickMs, cfg.ElectionMs = 100, 500
	// What is acknowledged stands in the log; the file of keys may follow later.
	cfg.BackendBatchInterval = time.Second
	cfg.ZapLoggerBuilder = embed.NewZapLoggerBuilder(log)
	server, err := embed.StartEtcd(cfg)
	if err != nil {
		if kept && !errors.As(err, new(*net.OpError)) {
			return nil, &damageError{err}
		}
		return nil, err
	}
	return &etcd{server: server, endpoint: client.String()}, nil
}

// waitReady returns when etcd answers, or its end. What needs it may be started before.
func (e *etcd) waitReady(ctx context.Context) error {
	select {
	case <-e.server.Server.ReadyNotify():
		return nil
	case err := <-e.server.Err():
		return fmt.Errorf("etcd ended before it was ready: %w", err)
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}

// checkDatabase reads every key of etcd's database. etcd itself opens it on a
// goroutine where nothing can save the process from its panic.
func checkDatabase(file string) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true)) // pages missing at the end
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("%v", cause)
		}
	}()
	if _, err := os.Stat(file); errors.Is(err, os.ErrNotExist) {
		return nil // etcd makes it anew from its log
	}
	db, err := bbolt.Open(file, 0o600, &bbolt.Options{ReadOnly: true, Timeout: time.Second})
	if err != nil {
		return err
	}
	defer db.Close()
	return db.View(func(tx *bbolt.Tx) error {
		return tx.ForEach(func(_ []byte, bucket *bbolt.Bucket) error {
			sum := crc32.NewIEEE()
			return bucket.ForEach(func(key, value []byte) error {
				_, _ = sum.Write(key)
				_, _ = sum.Write(value)
				return nil
			})
		})
	})
}

// proven records that the data is good: the API server reads it.
func (e *etcd) proven() { _ = os.Remove(e.crashes) }

// stop closes the store in order. Its connections end with the process: to
// wait for them, as Close does, takes seconds.
func (e *etcd) stop() { e.server.Server.Stop() }

func readCount(file string) int {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0
	}
	n, _ := strconv.Atoi(string(text)) // a damaged count starts anew
	return n
}

// freePort finds a port of loopback that nobody listens on, for servers that
// cannot be given a listener.
func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return 0, fmt.Errorf("find a free port: %w", err)
	}
	defer l.Close()
	return l.Addr().(*net.TCPAddr).Port, nil
}
