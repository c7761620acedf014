package markdown_test

import (
	"fmt"

	"github.com/k8stutor/k8stutor/tui/markdown"
)

func ExampleRender() {
	doc := markdown.Render([]byte("> [!TIP]\n> 用 `kubectl get endpointslices` 看就绪的地址，它们随 Pod 变化。"), 30,
		markdown.Options{CalloutTitle: func(string) string { return "提示" }})
	fmt.Print(doc.Plain())
	// Output:
	// ▌ ✦ 提示
	// ▌ 用 kubectl get
	// ▌ endpointslices 看就绪的地
	// ▌ 址，它们随 Pod 变化。
}

func ExampleWrapIndent() {
	for _, line := range markdown.WrapIndent("expected 3 ready addresses, found 0, because no Pod matches", 32, "✗ ", "  ") {
		fmt.Println(line)
	}
	// Output:
	// ✗ expected 3 ready addresses,
	//   found 0, because no Pod
	//   matches
}
