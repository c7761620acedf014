package coursecheck

import (
	"path"
	"slices"
	"strings"

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
// kinds. What is wrong with it the loader says.
func (c *checker) terms() []term {
	terms := kindTerms()
	c.used[path.Join(c.dir, "glossary.yaml")] = true
	own, _ := lessons.Glossary(c.fsys, c.dir)
	for _, t := range own {
		en, zh := t.Name[lessons.English], t.Name[lessons.Chinese]
		// The course's word for it goes before the built-in one.
		terms = slices.DeleteFunc(terms, func(t term) bool { return t.zh == zh })
		if !t.Ordinary && zh != en {
			terms = append(terms, term{en, zh})
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
