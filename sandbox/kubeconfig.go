package sandbox

import (
	"fmt"
	"os"

	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
)

// ContextName names the cluster, the user and the context in the kubeconfig.
const ContextName = "k8stutor-sandbox"

// writeKubeconfig writes a kubeconfig that holds everything it refers to, so
// that it can be copied.
func writeKubeconfig(file, server string, ca, user keyPair) error {
	cfg := clientcmdapi.NewConfig()
	cluster, auth := clientcmdapi.NewCluster(), clientcmdapi.NewAuthInfo()
	cluster.Server = server
	for _, part := range []struct {
		into *[]byte
		file string
	}{
		{&cluster.CertificateAuthorityData, ca.certFile},
		{&auth.ClientCertificateData, user.certFile},
		{&auth.ClientKeyData, user.keyFile},
	} {
		text, err := os.ReadFile(part.file)
		if err != nil {
			return fmt.Errorf("write the kubeconfig %s: %w", file, err)
		}
		*part.into = text
	}
	cfg.Clusters[ContextName] = cluster
	cfg.AuthInfos[ContextName] = auth
	context := clientcmdapi.NewContext()
	context.Cluster, context.AuthInfo, context.Namespace = ContextName, ContextName, "default"
	cfg.Contexts[ContextName] = context
	cfg.CurrentContext = ContextName
	text, err := clientcmd.Write(*cfg)
	if err == nil {
		err = writeFile(file, text)
	}
	if err != nil {
		return fmt.Errorf("write the kubeconfig %s: %w", file, err)
	}
	return nil
}

// clientConfig is the connection of one of the sandbox's own clients.
func clientConfig(server string, ca, user keyPair, agent string) *rest.Config {
	return &rest.Config{
		Host:      server,
		UserAgent: agent,
		QPS:       200,
		Burst:     400,
		TLSClientConfig: rest.TLSClientConfig{
			CAFile:   ca.certFile,
			CertFile: user.certFile,
			KeyFile:  user.keyFile,
		},
	}
}
