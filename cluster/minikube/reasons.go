package minikube

import (
	"strings"

	"github.com/k8stutor/k8stutor/lessons"
)

// hintFor says what to do about an error with which minikube ended, by the name
// that minikube gives it (pkg/minikube/reason, v1.38.1), else by its exit code.
// Its own advice and link follow.
func hintFor(f fatal) lessons.Text {
	hint := byName(f.name)
	if hint == nil {
		hint = knownTrouble(f.message)
	}
	if hint == nil {
		hint = byExitCode(f.code)
	}
	if hint == nil {
		hint = say("Nothing was deleted. `minikube logs` says more; the sandbox needs no minikube: `k8stutor --cluster sandbox`.",
			"没有删除任何东西。`minikube logs` 有更多信息。沙箱不需要 minikube：`k8stutor --cluster sandbox`。")
	}
	return withAdvice(hint, f)
}

// withAdvice adds what minikube itself advises.
func withAdvice(hint lessons.Text, f fatal) lessons.Text {
	advice := strings.Join(strings.Fields(f.advice), " ")
	if strings.Contains(advice, "{{") {
		advice = "" // v1.38.1 forgets to fill some in
	}
	if advice == "" && f.url == "" {
		return hint
	}
	own := say(" minikube says: ", " minikube 的建议：")
	if advice == "" {
		own = say(" More: ", " 更多信息：")
	} else if f.url != "" {
		advice += " " + f.url
	}
	if advice == "" {
		advice = f.url
	}
	both := lessons.Text{}
	for _, l := range lessons.Languages() {
		both[l] = hint[l] + own[l] + advice
	}
	return both
}

func byName(name string) lessons.Text {
	switch name {
	case "RSRC_INSUFFICIENT_STORAGE", "RSRC_DOCKER_STORAGE", "RSRC_PODMAN_STORAGE", "GUEST_PROVISION_NOSPACE":
		return hintStorage()
	case "RSRC_INSUFFICIENT_REQ_MEMORY", "RSRC_INSUFFICIENT_SYS_MEMORY", "RSRC_INSUFFICIENT_CONTAINER_MEMORY", "RSRC_DOCKER_MEMORY",
		"RSRC_INVALID_HYPERV_MEMORY", "RSRC_KVM_OOM", "RSRC_SSH_OOM", "RSRC_SCP_OOM":
		return hintMemory()
	case "RSRC_INSUFFICIENT_CORES", "RSRC_DOCKER_CORES":
		return say("minikube wants two processors. Give the virtual machine or Docker more, or use the sandbox, which needs one: `k8stutor --cluster sandbox`.",
			"minikube 需要两个 CPU。请给虚拟机或 Docker 分配更多 CPU，或者使用只需一个 CPU 的沙箱：`k8stutor --cluster sandbox`。")
	case "DRV_DOCKER_NOT_RUNNING", "PROVIDER_DOCKER_NOT_RUNNING", "RT_DOCKER_UNAVAILABLE":
		return say("Docker does not run. Start it (Docker Desktop, or `sudo systemctl start docker`), then try again.",
			"Docker 没有运行。请先启动它（Docker Desktop，或 `sudo systemctl start docker`），然后再试。")
	case "DRV_NOT_DETECTED", "DRV_NOT_FOUND", "DRV_NOT_HEALTHY", "DRV_AUX_NOT_FOUND", "DRV_AUX_NOT_HEALTHY", "PROVIDER_NOT_FOUND", "PROVIDER_UNAVAILABLE":
		return say("minikube found nothing that it could run its machine with. Install Docker, Podman or a virtual machine (https://minikube.sigs.k8s.io/docs/drivers), or use the sandbox, which needs none: `k8stutor --cluster sandbox`.",
			"minikube 找不到可用的运行环境。请安装 Docker、Podman 或虚拟机软件（https://minikube.sigs.k8s.io/docs/drivers），或者使用什么都不需要的沙箱：`k8stutor --cluster sandbox`。")
	case "DRV_NEEDS_ROOT":
		return say("This driver needs root. Run minikube once yourself in a terminal, or choose another driver: `minikube start --driver=docker`.",
			"这个驱动需要 root 权限。请自己在终端里运行一次 minikube，或者换一个驱动：`minikube start --driver=docker`。")
	case "DRV_AS_ROOT":
		return say("This driver refuses to run as root. Run k8stutor as an ordinary user.", "这个驱动拒绝以 root 身份运行。请用普通用户运行 k8stutor。")
	case "DRV_UNSUPPORTED_PROFILE":
		return say("This driver (none) has one profile only, which is called minikube. Use that one: `k8stutor cluster start minikube`.",
			"这个驱动（none）只支持一个名为 minikube 的 profile。请使用它：`k8stutor cluster start minikube`。")
	case "GUEST_DRIVER_MISMATCH", "ENV_DRIVER_CONFLICT":
		return say("The profile was made with another driver. Start it with that one, or make another profile: `minikube start -p NAME`.",
			"这个 profile 是用另一个驱动创建的。请用原来的驱动启动，或者另建一个：`minikube start -p NAME`。")
	case "K8S_OLD_UNSUPPORTED", "K8S_NEW_UNSUPPORTED", "MK_KVERSION_USAGE", "INET_VERSION_UNAVAILABLE", "INET_VERSION_EMPTY":
		return say("This minikube does not take that version of Kubernetes. Make a profile with its own default: `minikube start -p k8stutor --kubernetes-version=stable`.",
			"这个 minikube 不支持该 Kubernetes 版本。请用默认版本另建一个 profile：`minikube start -p k8stutor --kubernetes-version=stable`。")
	case "K8S_DOWNGRADE_UNSUPPORTED":
		return say("The profile has a newer Kubernetes than minikube was asked for, and does not go back. Start it with its own version, or make another profile: `minikube start -p k8stutor`.",
			"这个 profile 里的 Kubernetes 比要求的版本新，无法降级。请用它自己的版本启动，或者另建一个：`minikube start -p k8stutor`。")
	case "GUEST_CONFIG_CORRUPT", "HOST_CONFIG_LOAD", "GUEST_DOES_NOT_EXIST", "GUEST_KVM2_NO_DOMAIN", "GUEST_VBOX_NO_VM", "GUEST_KIC_CP_PUBKEY":
		return say("The profile is damaged or half deleted. `minikube delete -p NAME` clears it away (k8stutor never does that); then start it again.",
			"这个 profile 已损坏或只删除了一半。请用 `minikube delete -p NAME` 清理（k8stutor 绝不会替你删除），然后重新启动。")
	case "GUEST_PORT_IN_USE", "IF_HOST_CIDR_CONFLICT", "PR_DOCKER_IP_CONFLICT":
		return say("A port or network that minikube wants is used by something else. `docker network ls` and `minikube profile list` show what runs.",
			"minikube 需要的端口或网段已被占用。可以用 `docker network ls` 和 `minikube profile list` 查看正在运行的东西。")
	case "K8S_APISERVER_MISSING", "K8S_APISERVER_TIMEOUT", "K8S_KUBELET_NOT_RUNNING", "K8S_UNHEALTHY_CONTROL_PLANE", "K8S_INSTALL_FAILED", "GUEST_START":
		return say("The machine runs, and Kubernetes did not come up in it. A machine with too little memory or a slow disk is often why. Start it again; `minikube logs` says more.",
			"机器已经运行，但其中的 Kubernetes 没有启动成功，常见原因是内存太少或磁盘太慢。请再启动一次；`minikube logs` 有更多信息。")
	case "HOST_HOME_PERMISSION", "HOST_HOME_CHOWN", "HOST_HOME_MKDIR", "HOST_KUBECONFIG_PERMISSION", "HOST_KUBECONFIG_WRITE", "HOST_KUBECONFIG_UPDATE":
		return say("minikube cannot write its folder or your kubeconfig; an earlier start with sudo often left them to root. Give them back: `sudo chown -R $USER ~/.minikube ~/.kube`.",
			"minikube 无法写入它的目录或你的 kubeconfig，常见原因是之前用 sudo 启动过。请改回属主：`sudo chown -R $USER ~/.minikube ~/.kube`。")
	case "MK_INTERRUPTED":
		return say("It was interrupted. Nothing is lost: start it again.", "启动被中断了，不会丢失任何东西：请再启动一次。")
	}
	switch {
	case strings.HasPrefix(name, "INET_"):
		return hintInternet()
	case strings.HasPrefix(name, "HOST_VTX"), strings.HasPrefix(name, "HOST_VIRT"), strings.HasPrefix(name, "HOST_SVM"):
		return say("This machine does not let virtual machines run; it is switched on in its BIOS. The docker driver does without: `minikube start --driver=docker`.",
			"本机没有开启虚拟化，需要在 BIOS 里打开。docker 驱动不需要虚拟化：`minikube start --driver=docker`。")
	case strings.HasPrefix(name, "PR_"), strings.HasPrefix(name, "DRV_"), strings.HasPrefix(name, "PROVIDER_"):
		return say("What minikube runs its machine with did not do its part. `minikube start --driver=NAME` chooses another; the sandbox needs none: `k8stutor --cluster sandbox`.",
			"minikube 所用的驱动出了问题。可以用 `minikube start --driver=NAME` 换一个；沙箱不需要任何驱动：`k8stutor --cluster sandbox`。")
	}
	return nil
}

// byExitCode goes by the ranges of pkg/minikube/reason/exitcodes.go.
func byExitCode(code int) lessons.Text {
	switch {
	case code == 23:
		return hintMemory()
	case code == 26:
		return hintStorage()
	case code >= 40 && code < 50:
		return hintInternet()
	case code == 14, code == 64:
		return say("minikube does not take what it was asked; it says above what. The name of a profile has letters, digits and dashes only, two characters at least.",
			"minikube 不接受这个请求，原因见上面的信息。profile 的名字只能包含字母、数字和短横线，至少两个字符。")
	}
	return nil
}

func hintFlag() lessons.Text {
	return say("This minikube does not know one of the flags; it is older than 1.11 or much newer than 1.38. `minikube version` shows which it is.",
		"这个 minikube 不认识其中的某个参数，可能早于 1.11 或远新于 1.38。可以用 `minikube version` 查看版本。")
}

// knownTrouble recognises what the machine itself says, in whatever words
// minikube wraps it. These are the C library's and cobra's, not translated.
func knownTrouble(text string) lessons.Text {
	switch low := strings.ToLower(text); {
	case strings.Contains(low, "no space left on device"), strings.Contains(low, "disk quota exceeded"):
		return hintStorage()
	case strings.Contains(low, "cannot allocate memory"), strings.Contains(low, "out of memory"):
		return hintMemory()
	case strings.Contains(low, "unknown flag"), strings.Contains(low, "unknown shorthand flag"):
		return hintFlag()
	case strings.Contains(low, "permission denied"):
		return byName("HOST_HOME_PERMISSION")
	}
	return nil
}

func hintStorage() lessons.Text {
	return say("There is no room left. Make some: `docker system prune` removes what Docker does not need, `df -h` shows which disk is full. Then start it again. The sandbox takes less: `k8stutor --cluster sandbox`.",
		"磁盘空间不足。请先腾出空间：`docker system prune` 会清理 Docker 不再需要的内容，`df -h` 会显示哪块磁盘满了，然后再启动。沙箱占用更少：`k8stutor --cluster sandbox`。")
}

func hintMemory() lessons.Text {
	return say("There is too little memory: minikube wants 1.8 GB at least. Close other programs, or give Docker or the virtual machine more. The sandbox needs about 400 MB: `k8stutor --cluster sandbox`.",
		"内存不足：minikube 至少需要 1.8 GB。请关闭其他程序，或者给 Docker、虚拟机分配更多内存。沙箱只需要约 400 MB：`k8stutor --cluster sandbox`。")
}

func hintInternet() lessons.Text {
	return say("minikube could not download what it needs. Is the machine online, and is there a proxy (HTTPS_PROXY)? In mainland China `minikube start --image-mirror-country=cn` takes a mirror. The sandbox needs no network: `k8stutor --cluster sandbox`.",
		"minikube 无法下载所需的内容。本机能上网吗？是否需要代理（HTTPS_PROXY）？在中国大陆可以用 `minikube start --image-mirror-country=cn` 使用镜像源。沙箱不需要网络：`k8stutor --cluster sandbox`。")
}
