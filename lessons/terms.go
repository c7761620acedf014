package lessons

import "context"

// Terms are what a learner has to agree to before the first thing is made on a
// cluster that is not theirs alone.
type Terms struct {
	Context   string // of the kubeconfig
	Server    string
	User      string // as the API server knows the learner; "" when it does not say
	Namespace string // the workspace that would be made
	Makes     []Text // what would be made there
	// Lacks names what the learner may not do and the lesson wants done:
	// "create services in k8stutor-services".
	Lacks []string
	// Refused says why it cannot be done here at all; nil when a yes is enough.
	Refused Text
}

// WorkspaceQuota is the name of the ResourceQuota that limits a workspace.
const WorkspaceQuota = "k8stutor"

// Admitter is a cluster that says beforehand whether a lesson can be done there
// at all. The error is a *ClusterError; nothing has been made then.
type Admitter interface {
	Admit(ctx context.Context, lesson *Lesson) error
}
