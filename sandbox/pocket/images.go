package pocket

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"maps"
	"slices"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	cri "k8s.io/cri-api/pkg/apis"
	runtimeapi "k8s.io/cri-api/pkg/apis/runtime/v1"

	"github.com/k8stutor/k8stutor/sandbox/pocket/catalogue"
	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// image is one pulled image. Digests are derived from the name, so the same
// tag has the same digest on every machine.
type image struct {
	id      string // sha256:… of the configuration
	digest  string // sha256:… of the manifest
	ref     catalogue.Reference
	product catalogue.Product
	size    uint64
}

func (i *image) repoDigest() string { return i.ref.Name() + "@" + i.digest }

// Images implements the CRI image service. It is safe for concurrent use.
type Images struct {
	pullDelay float64
	programs  map[string]proc.Program // in place of the catalogue's

	mu     sync.Mutex
	pulled map[string]*image // by full reference
}

var _ cri.ImageManagerService = (*Images)(nil)

func newImages(pullDelay float64) *Images {
	return &Images{pullDelay: pullDelay, pulled: map[string]*image{}}
}

// PullImage implements the CRI service. It fails with the texts containerd
// prints for a tag that does not exist and for a repository that does not.
func (s *Images) PullImage(ctx context.Context, spec *runtimeapi.ImageSpec, _ *runtimeapi.AuthConfig, _ *runtimeapi.PodSandboxConfig) (string, error) {
	ref, err := catalogue.ParseReference(spec.GetImage())
	if err != nil {
		return "", status.Error(codes.InvalidArgument, err.Error())
	}
	full := ref.String()
	s.mu.Lock()
	known, ok := s.pulled[full]
	s.mu.Unlock()
	if ok {
		return known.id, nil
	}
	img, err := s.lookUp(ref)
	if err := s.transfer(ctx, full, img); err != nil {
		return "", err
	}
	if err != nil {
		return "", err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulled[full] = img
	return img.id, nil
}

// lookUp asks the registry, so to speak.
func (s *Images) lookUp(ref catalogue.Reference) (*image, error) {
	p, err := catalogue.Find(ref)
	full := ref.String()
	switch {
	case errors.Is(err, catalogue.ErrNoRepository) && ref.Registry == "docker.io":
		return nil, status.Errorf(codes.Unknown, "failed to pull and unpack image %q: failed to resolve reference %q: "+
			"pull access denied, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed", full, full)
	case err != nil:
		return nil, status.Errorf(codes.NotFound, "failed to pull and unpack image %q: failed to resolve reference %q: %s: not found", full, full, full)
	}
	for name, program := range s.programs {
		if _, ok := p.Programs[name]; ok {
			p.Programs = maps.Clone(p.Programs)
			p.Programs[name] = program
		}
	}
	return newImage(ref, p), nil
}

func newImage(ref catalogue.Reference, p catalogue.Product) *image {
	// A digest names the content, not the tag: pulling by it and by its tag
	// cannot be told apart here, so a given digest is taken at its word.
	digest := ref.Digest
	if digest == "" {
		digest = hash("manifest", ref.String())
	}
	img := &image{id: hash("config", digest), digest: digest, ref: ref, product: p}
	spread := binary.BigEndian.Uint16([]byte(digest)[7:9]) % 1000
	img.size = p.Size + p.Size/20*uint64(spread)/1000
	return img
}

func hash(kind, name string) string {
	sum := sha256.Sum256([]byte(kind + "\x00" + name))
	return "sha256:" + hex.EncodeToString(sum[:])
}

// transfer takes as long as a pull from a near mirror: 150 to 600 ms by size;
// a refusal comes after 150 ms.
func (s *Images) transfer(ctx context.Context, full string, img *image) error {
	took := 150 * time.Millisecond
	if img != nil {
		took += time.Duration(min(img.size/200_000, 450)) * time.Millisecond
	}
	timer := time.NewTimer(time.Duration(float64(took) * s.pullDelay))
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return status.Errorf(codes.Canceled, "failed to pull and unpack image %q: %v", full, ctx.Err())
	}
}

// resolve finds the image a container asks for, by id or by reference.
func (s *Images) resolve(spec *runtimeapi.ImageSpec) (*image, error) {
	if img, ok := s.byID(spec.GetImage()); ok {
		return img, nil
	}
	return nil, status.Errorf(codes.NotFound, "failed to resolve image %q: not found", spec.GetImage())
}

// byID finds a pulled image by its id, its reference or its digest.
func (s *Images) byID(name string) (*image, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, img := range s.pulled {
		if img.id == name || img.repoDigest() == name {
			return img, true
		}
	}
	ref, err := catalogue.ParseReference(name)
	if err != nil {
		return nil, false
	}
	img, ok := s.pulled[ref.String()]
	return img, ok
}

// ImageStatus implements the CRI service; an image that is not here is no
// error but an empty answer.
func (s *Images) ImageStatus(_ context.Context, spec *runtimeapi.ImageSpec, _ bool) (*runtimeapi.ImageStatusResponse, error) {
	img, ok := s.byID(spec.GetImage())
	if !ok {
		return &runtimeapi.ImageStatusResponse{}, nil
	}
	return &runtimeapi.ImageStatusResponse{Image: img.describe()}, nil
}

func (i *image) describe() *runtimeapi.Image {
	d := &runtimeapi.Image{
		Id:          i.id,
		RepoDigests: []string{i.repoDigest()},
		Size:        i.size,
		Spec:        &runtimeapi.ImageSpec{Image: i.id},
	}
	d.Uid, d.Username = imageUser(i.product.User)
	if i.ref.Tag != "" {
		d.RepoTags = []string{i.ref.Name() + ":" + i.ref.Tag}
	}
	return d
}

// ListImages implements the CRI service.
func (s *Images) ListImages(_ context.Context, filter *runtimeapi.ImageFilter) ([]*runtimeapi.Image, error) {
	if name := filter.GetImage().GetImage(); name != "" {
		if img, ok := s.byID(name); ok {
			return []*runtimeapi.Image{img.describe()}, nil
		}
		return nil, nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	var list []*runtimeapi.Image
	for _, name := range slices.Sorted(maps.Keys(s.pulled)) {
		list = append(list, s.pulled[name].describe())
	}
	return list, nil
}

// RemoveImage implements the CRI service.
func (s *Images) RemoveImage(_ context.Context, spec *runtimeapi.ImageSpec) error {
	img, ok := s.byID(spec.GetImage())
	if !ok {
		return nil
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	maps.DeleteFunc(s.pulled, func(_ string, other *image) bool { return other.id == img.id })
	return nil
}

// imageStore is the mount point the image file system is reported at. Nothing
// is stored there; the kubelet only asks how full it is.
const imageStore = "/var/lib/" + Name

// ImageFsInfo implements the CRI service.
func (s *Images) ImageFsInfo(context.Context) (*runtimeapi.ImageFsInfoResponse, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var used uint64
	for _, img := range s.pulled {
		used += img.size
	}
	usage := []*runtimeapi.FilesystemUsage{{
		Timestamp:  now(),
		FsId:       &runtimeapi.FilesystemIdentifier{Mountpoint: imageStore},
		UsedBytes:  &runtimeapi.UInt64Value{Value: used},
		InodesUsed: &runtimeapi.UInt64Value{Value: uint64(len(s.pulled))},
	}}
	return &runtimeapi.ImageFsInfoResponse{ImageFilesystems: usage, ContainerFilesystems: usage}, nil
}

// Close implements the CRI service.
func (s *Images) Close(context.Context) error { return nil }

// restore makes an image known that a record from an earlier run names.
func (s *Images) restore(name string) {
	ref, err := catalogue.ParseReference(name)
	if err != nil {
		return
	}
	img, err := s.lookUp(ref)
	if err != nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.pulled[ref.String()] = img
}
