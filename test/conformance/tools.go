//go:build tools

package main

import (
	_ "github.com/onsi/ginkgo/v2/ginkgo/command"
	_ "k8s.io/kubernetes/test/e2e"
)
