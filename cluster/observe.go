package cluster

import (
	"context"
	"fmt"
	"io"
	"strconv"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/fields"

	"github.com/k8stutor/k8stutor/lessons"
)

// EventsOf lists the events about one object, in the order in which the API server
// has them.
func (c *Cluster) EventsOf(ctx context.Context, namespace, uid string) ([]lessons.Object, error) {
	conn := c.current()
	kind, _ := lessons.KindNamed("Event")
	call, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	if namespace == "" {
		namespace = metav1.NamespaceDefault // where events of what has no namespace are
	}
	list, err := conn.resource(kind, namespace).List(call, metav1.ListOptions{FieldSelector: fields.OneTermEqualSelector("involvedObject.uid", uid).String()})
	if err != nil {
		return nil, conn.at.fail("list events in "+namespace, err)
	}
	events := make([]lessons.Object, 0, len(list.Items))
	for i := range list.Items {
		o, _, err := received(&list.Items[i])
		if err != nil {
			return nil, err
		}
		events = append(events, o)
	}
	return events, nil
}

// ReadLogs opens what a container has printed. It ends with ctx; the caller closes
// what it returns.
func (c *Cluster) ReadLogs(ctx context.Context, r lessons.LogRequest) (io.ReadCloser, error) {
	conn := c.current()
	request := conn.rest.Get().AbsPath("/api/v1/namespaces", r.Namespace, "pods", r.Pod, "log").MaxRetries(0)
	if r.Container != "" {
		request.Param("container", r.Container)
	}
	if r.Previous {
		request.Param("previous", "true")
	}
	if r.Follow {
		request.Param("follow", "true")
	}
	if r.Lines > 0 {
		request.Param("tailLines", strconv.Itoa(r.Lines))
	}
	body, err := request.Stream(ctx)
	if err != nil {
		return nil, conn.at.fail(fmt.Sprintf("read the log of Pod %s in %s", r.Pod, r.Namespace), err)
	}
	return body, nil
}
