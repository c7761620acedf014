package tui

// welcomeWords are those of the first run.
type welcomeWords struct {
	Title   string
	StepOf  string // number, of how many
	Intro   string
	Where   string // Markdown: where exercises run
	Looking string
	Chosen  string // name, provider; Markdown
	Sandbox string // why it is safe, on the sandbox
	Shared  string // and on a cluster of the learner's
	Keys    string
	Later   string
	Next    string
	Before  string
	Skip    string
	Begin   string
	Choose  string
}

func welcomeWordsEN() welcomeWords {
	return welcomeWords{
		Title: "Welcome", StepOf: "%d of %d",
		Intro:   "Learn Kubernetes here: read a lesson, do its exercise on a real cluster, answer questions.",
		Where:   "Exercises run on a **real Kubernetes cluster**, and every step is judged by what is really in it.",
		Looking: "Looking which cluster there is …",
		Chosen:  "Yours will be **%s** (%s).",
		Sandbox: "It is a Kubernetes of the tutor's own: a program on this machine that needs neither root nor a container engine, keeps to a folder of its own, and ends when you quit. It starts with the first exercise. You can break everything in it.",
		Shared:  "Each lesson works in a namespace of its own, `k8stutor-…`; what lies outside of it is left alone, and so is your kubeconfig. The key `c` shows other clusters, the sandbox among them.",
		Keys:    "Three keys are enough to begin:",
		Later:   "The line at the bottom always shows the keys that work. Nothing here can be lost by trying.",
		Next:    "next", Before: "before", Skip: "skip", Begin: "begin", Choose: "choose",
	}
}

func welcomeWordsZH() welcomeWords {
	return welcomeWords{
		Title: "欢迎", StepOf: "第 %d 页，共 %d 页",
		Intro:   "在这里学 Kubernetes：读一课讲解，在真实的集群上做练习，再答几道题。",
		Where:   "练习在**真实的 Kubernetes 集群**上进行，每一步都按集群里的实际状态判定。",
		Looking: "正在查看有哪些集群……",
		Chosen:  "将使用 **%s**（%s）。",
		Sandbox: "它是教程自带的 Kubernetes：只是本机上的一个程序，不需要 root，也不需要容器引擎，只使用自己的一个目录，退出教程时随之结束。做第一个练习时才启动，里面的东西可以随便弄坏。",
		Shared:  "每一课都在自己的命名空间 `k8stutor-…` 里进行，不会改动其他命名空间，也不会改动你的 kubeconfig。按 `c` 可以换成别的集群，包括自带的沙箱。",
		Keys:    "先记住三个键就够了：",
		Later:   "最下面一行总会列出当前能用的键。放心尝试，不会丢失任何东西。",
		Next:    "下一页", Before: "上一页", Skip: "跳过", Begin: "开始", Choose: "选择",
	}
}
