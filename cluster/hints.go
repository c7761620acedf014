package cluster

import (
	"errors"
	"fmt"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"

	"github.com/k8stutor/k8stutor/lessons"
)

// say makes a text in both languages from the same values.
func say(en, zh string, values ...any) lessons.Text {
	return lessons.Text{
		lessons.English: fmt.Sprintf(en, values...),
		lessons.Chinese: fmt.Sprintf(zh, values...),
	}
}

// hint says what to do about a trouble met at p. Errors made in this package
// carry their own hints; these are for what clusters and networks say.
func (p place) hint(trouble lessons.Trouble, err error) lessons.Text {
	switch trouble {
	case lessons.Unreachable:
		return p.hintUnreachable()
	case lessons.TimedOut:
		return say("The API server did not answer in time. Try again; if it stays so, look at the cluster with `k8stutor cluster`.",
			"API 服务器没有及时回应。请再试一次；如果一直这样，请用 `k8stutor cluster` 查看集群。")
	case lessons.Unauthorized:
		return p.hintUnauthorized(err)
	case lessons.Forbidden:
		if limit := hintLimit(err); limit != nil {
			return limit
		}
		return say("Your user on this cluster may not do that. Ask the cluster's administrator, or use a cluster of your own: `k8stutor --cluster sandbox`.",
			"你在这个集群上的用户没有这项权限。请联系集群管理员，或者使用自己的集群：`k8stutor --cluster sandbox`。")
	case lessons.UnknownKind:
		return say("This cluster does not serve that kind; it may be too old. Another cluster will do: `k8stutor --cluster sandbox`.",
			"这个集群不提供该类型的对象，可能版本太旧。可以换一个集群：`k8stutor --cluster sandbox`。")
	case lessons.BadConfig:
		return p.hintConfig()
	}
	if apierrors.HasStatusCause(err, namespaceTerminating) {
		return say("The namespace is still being deleted. Try again in a few seconds.",
			"这个命名空间还在删除中，请过几秒再试。")
	}
	return say("The message is the API server's own. Reset the exercise with `k8stutor reset LESSON` and try again.",
		"这是 API 服务器给出的信息。请用 `k8stutor reset LESSON` 重置练习后再试。")
}

func (p place) hintUnreachable() lessons.Text {
	switch p.provider {
	case ProviderSandbox:
		return say("The sandbox does not run. Start it again with `k8stutor sandbox up`; your work is kept.",
			"沙箱没有运行。用 `k8stutor sandbox up` 重新启动它，你的练习内容都还在。")
	case ProviderMinikube:
		return say("Start it with `minikube start -p %s`, or use the sandbox: `k8stutor --cluster sandbox`.",
			"用 `minikube start -p %s` 启动它，或者使用沙箱：`k8stutor --cluster sandbox`。", p.name)
	}
	return say("Nothing answers there. Is the cluster running, and the address of context %q right? The sandbox needs neither: `k8stutor --cluster sandbox`.",
		"该地址没有回应。集群在运行吗？上下文 %q 的地址对吗？也可以使用沙箱：`k8stutor --cluster sandbox`。", p.name)
}

func (p place) hintUnauthorized(err error) lessons.Text {
	if isPlugin(err) {
		return say("The program that your kubeconfig names for credentials failed. Log in with it in another terminal (`kubectl --context %s get ns` shows what it says), then try again.",
			"kubeconfig 中指定的凭据程序运行失败。请在另一个终端里登录（`kubectl --context %s get ns` 会显示它的提示），然后再试。", p.name)
	}
	if p.provider == ProviderSandbox {
		return say("The sandbox does not accept its own credentials: another sandbox may have taken its place. Run `k8stutor sandbox down`, then `k8stutor sandbox up`.",
			"沙箱不接受自己的凭据，可能已被另一个沙箱取代。请先运行 `k8stutor sandbox down`，再运行 `k8stutor sandbox up`。")
	}
	return say("The credentials of context %q are missing, wrong or expired. Log in to the cluster again, then try again.",
		"上下文 %q 的凭据缺失、错误或已过期。请重新登录集群后再试。", p.name)
}

func (p place) hintConfig() lessons.Text {
	if p.provider == ProviderSandbox {
		return say("What answers there is not this sandbox. Run `k8stutor sandbox down`, then `k8stutor sandbox up`.",
			"该地址上的服务不是这个沙箱。请先运行 `k8stutor sandbox down`，再运行 `k8stutor sandbox up`。")
	}
	if p.provider == ProviderMinikube {
		return say("The kubeconfig does not fit the cluster any more. Run `minikube update-context -p %s`.",
			"kubeconfig 与集群已不匹配。请运行 `minikube update-context -p %s`。", p.name)
	}
	return say("The kubeconfig does not fit what answers at that address (certificate or protocol). Get a fresh kubeconfig for context %q.",
		"kubeconfig 与该地址上的服务不匹配（证书或协议）。请为上下文 %q 重新获取 kubeconfig。", p.name)
}

func isPlugin(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		if strings.Contains(err.Error(), "getting credentials:") {
			return true
		}
	}
	return false
}

// hintLimit explains a refusal that comes from the limits of a workspace and not
// from what the learner may do; nil for any other.
func hintLimit(err error) lessons.Text {
	said := err.Error()
	switch {
	case strings.Contains(said, "exceeded quota: "+quotaName+","):
		return say("This is the limit that k8stutor set on the workspace, so that a slip cannot hurt the machine. Delete what you do not need: `kubectl describe quota %[1]s` shows what is used.",
			"这是 k8stutor 给工作区设置的上限，避免误操作拖垮机器。请删除不需要的对象：`kubectl describe quota %[1]s` 可以查看用量。", quotaName)
	case strings.Contains(said, "violates PodSecurity"):
		return say("The workspace takes no Pods that leave their containers: it has the Pod Security label `enforce: baseline`. Leave out what the message names.",
			"工作区不接受会突破容器隔离的 Pod：它带有 Pod Security 标签 `enforce: baseline`。请去掉错误信息中提到的设置。")
	}
	return nil
}
