package coursecheck

import (
	"path"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/k8stutor/k8stutor/lessons"
)

// term is a word of the field in both languages.
type term struct{ en, zh string }

// kindTerms are the names of Kubernetes' kinds that are translated, as its own
// documentation in Chinese has them. Words that are ordinary Chinese as well
// (部署, 服务, 任务) are left out.
func kindTerms() []term {
	return []term{
		{"ReplicaSet", "副本集"}, {"StatefulSet", "有状态副本集"}, {"StatefulSet", "有状态应用集"}, {"DaemonSet", "守护进程集"},
		{"CronJob", "定时任务"}, {"EndpointSlice", "端点切片"}, {"namespace", "命名空间"}, {"node", "节点"},
		{"PersistentVolume", "持久卷"}, {"PersistentVolumeClaim", "持久卷申领"}, {"PersistentVolumeClaim", "持久卷声明"},
		{"StorageClass", "存储类"}, {"ServiceAccount", "服务账号"}, {"ServiceAccount", "服务账户"}, {"NetworkPolicy", "网络策略"},
		{"ResourceQuota", "资源配额"}, {"LimitRange", "限制范围"}, {"ConfigMap", "配置映射"}, {"Secret", "保密字典"},
		{"ClusterRole", "集群角色"}, {"RoleBinding", "角色绑定"}, {"PodDisruptionBudget", "干扰预算"},
		{"selector", "选择算符"}, {"label", "标签"}, {"annotation", "注解"}, {"taint", "污点"}, {"toleration", "容忍度"}, {"probe", "探针"}, {"tag", "镜像标签"},
	}
}

// terms reads the course's glossary.yaml, whose terms are added to the names of
// kinds.
func (c *checker) terms() []term {
	terms := kindTerms()
	file := path.Join(c.dir, "glossary.yaml")
	if !slices.Contains(c.files, file) {
		return longestFirst(terms)
	}
	c.used[file] = true
	root := c.yaml(file)
	bad := func(n *yaml.Node, said lessons.Text) {
		pos := lessons.Position{File: file}
		if n != nil {
			pos.Line = n.Line
		}
		c.add(pos, Error, "glossary", said, say("terms:, a list of {en: EndpointSlice, zh: 端点切片}", "terms:，由 {en: EndpointSlice, zh: 端点切片} 组成的列表"))
	}
	if root == nil || at(root, "terms") == nil || root.Kind != yaml.MappingNode || len(root.Content) != 2 {
		bad(root, say("this is no glossary", "这不是术语表"))
		return longestFirst(terms)
	}
	seen := map[string]bool{}
	for _, n := range items(at(root, "terms")) {
		en, zh := at(n, "en"), at(n, "zh")
		switch {
		case en == nil || zh == nil || en.Value == "" || zh.Value == "" || len(n.Content) != 4:
			bad(n, say("a term has en and zh", "每个术语要有 en 和 zh"))
		case seen[zh.Value]:
			bad(zh, say("%q stands there twice", "%q 出现了两次", zh.Value))
		default:
			seen[zh.Value] = true
			// The course's word for it goes before the built-in one.
			terms = slices.DeleteFunc(terms, func(t term) bool { return t.zh == zh.Value })
			terms = append(terms, term{en.Value, zh.Value})
		}
	}
	return longestFirst(terms)
}

func longestFirst(terms []term) []term {
	slices.SortStableFunc(terms, func(a, b term) int { return len(b.zh) - len(a.zh) })
	return terms
}

// glossary reports terms beside whose first use in the Chinese file the English
// term does not stand: in the same paragraph, or where a heading has the first
// use in the paragraph below it.
func (c *checker) glossary(d *document, terms []term) {
	met := map[string]bool{}
	var all []paragraph
	for _, s := range d.sections {
		all = append(all, d.paragraphs(s)...)
	}
	for i, p := range all {
		rest := p.plain
		for _, t := range terms {
			if !strings.Contains(rest, t.zh) {
				continue
			}
			rest = strings.ReplaceAll(rest, t.zh, "\n") // 持久卷 is not met in 持久卷申领
			if met[t.zh] {
				continue
			}
			met[t.zh] = true
			beside := p.all
			if p.node.Kind().String() == "Heading" && i+1 < len(all) {
				beside += "\n" + all[i+1].all
			}
			if !strings.Contains(strings.ToLower(beside), strings.ToLower(t.en)) {
				c.add(d.pos(p.node), Warning, "glossary", say("%s is used here for the first time, without %s beside it", "%s 在这里首次出现，旁边没有英文 %s", t.zh, t.en), say("%s（%s）", "%s（%s）", t.zh, t.en))
			}
		}
	}
}
