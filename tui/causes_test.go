package tui

import (
	"testing"

	"github.com/k8stutor/k8stutor/lessons"
)

// waitingReport is the first step done right, with Pods still to come.
func waitingReport() lessons.Report {
	r := testReport()
	c := &r.Steps[0].Checks[1]
	c.Found, c.Expected, c.Path = "2", "3", "status.availableReplicas"
	c.Waiting = both("2 of 3 Pods are ready; `web-7d4b9c6f5-k2x8p` pulls its image.", "3 个 Pod 中有 2 个就绪；`web-7d4b9c6f5-k2x8p` 在拉取镜像。")
	r.Steps[0].Diagnosis = nil
	return r
}

// stuckReport is the same with an image that cannot be pulled.
func stuckReport() lessons.Report {
	r := waitingReport()
	c := &r.Steps[0].Checks[1]
	c.Waiting = nil
	c.Cause = &lessons.Cause{ID: "image-pull", Stuck: true, Object: lessons.Ref{Kind: podKind, Name: "web-7d4b9c6f5-k2x8p"},
		Path: "spec.containers[0].image", Expected: "nginx:1.27", Found: "ngnix:1.27",
		Text: both("ImagePullBackOff: the image `ngnix:1.27` of Pod `web-7d4b9c6f5-k2x8p` cannot be pulled. Is `nginx:1.27` meant?",
			"ImagePullBackOff：Pod `web-7d4b9c6f5-k2x8p` 的镜像 `ngnix:1.27` 拉取不到。是不是想写 `nginx:1.27`？")}
	r.Steps[0].Diagnosis = c.Cause.Text
	return r
}

// brokenReport is the first step taken back while the learner is at the second.
func brokenReport() lessons.Report {
	r := testReport()
	r.Seq = 3
	s := &r.Steps[0]
	s.Regressed, s.Broke, s.Diagnosis = true, both("The Deployment `web` was scaled from 3 to 1.", "Deployment `web` 的副本数从 3 改成了 1。"), nil
	return r
}

func TestAStepThatOnlyWaitsSaysSo(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	b.report(waitingReport())
	b.shows("waiting", "pulls its image")
	b.hides("not yet", "The Deployment asks for 1 Pod", "stuck", "What is wrong")
	r := waitingReport()
	r.Steps[0].Checks[0].Verdict = lessons.NotYet // there is something to be done
	r.Seq = 2
	b.report(r)
	b.shows("not yet", "waiting")
}

func TestAStepThatIsStuckSaysWhy(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.inExercise()
	b.report(stuckReport())
	b.shows("卡住了", "ngnix:1.27", "想写 nginx:1.27")
	b.hides("等待中")
}

func TestAnAuthorsWordsStandAloneForTheCause(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.English, 80, 24)
	b.inExercise()
	r := stuckReport()
	r.Steps[0].Mistake, r.Steps[0].Diagnosis = "typo", both("The author's words.", "作者的话。")
	b.report(r)
	b.shows("The author's words.")
	b.hides("cannot be pulled")
}

func TestWhatTookAStepBackIsSaid(t *testing.T) {
	t.Parallel()
	b := newBench(t, lessons.Chinese, 80, 24)
	b.inExercise()
	b.report(passedReport())
	b.report(brokenReport())
	b.keys("p")
	b.shows("不再满足", "副本数从 3 改成了 1")
}
