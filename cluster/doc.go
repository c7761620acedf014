// Package cluster reaches a Kubernetes cluster on behalf of the tutor: it
// chooses one (the sandbox, a minikube, a context of the learner's
// kubeconfig), makes and clears the namespaces in which lessons are done, and
// watches the objects in them.
//
// It promises that
//   - nothing outside a namespace labelled as k8stutor's is ever deleted or
//     written (see guard.go, the only file that deletes);
//   - the learner's kubeconfig is read and never written;
//   - every error it returns is a *lessons.ClusterError, with a hint;
//   - every request has a timeout, and nothing is written to the terminal.
//
// It talks to API servers through client-go's dynamic client and reflectors
// only. It must not import typed clients, discovery, informers factories,
// k8s.io/kubernetes, or any package of this module but lessons: the program
// that links it has to stay small and start fast.
package cluster
