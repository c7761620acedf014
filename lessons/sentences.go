package lessons

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// The sentences that the engine says itself. Everything else a learner reads
// about a step stands in the lesson.

func say(en, zh string, args ...any) Text {
	return Text{English: fmt.Sprintf(en, args...), Chinese: fmt.Sprintf(zh, args...)}
}

func sayMissing(ref Ref) Text {
	if ref.Name == "" {
		return say("There is no %s that fits yet.", "还没有符合条件的 %s。", ref.Kind.Kind)
	}
	return say("There is no %[1]s `%[2]s` in namespace `%[3]s` yet.", "命名空间 `%[3]s` 里还没有 %[1]s `%[2]s`。",
		ref.Kind.Kind, ref.Name, ref.Namespace)
}

func saySeveral(q Query, names []string) Text {
	return say("Exactly one %[1]s is meant, and there are %[2]d: %[3]s. Delete those that are too many.",
		"这里只应有一个 %[1]s，现在有 %[2]d 个：%[3]s。请删掉多余的。", q.Kind.Kind, len(names), quote(strings.Join(names, ", ")))
}

func sayUnseen() Text {
	return say("The controller has not seen the newest change yet.", "控制器还没有处理最新的改动。")
}

func sayConverging(ref Ref) Text {
	if ref.Name == "" {
		return say("The cluster is working on it.", "集群正在处理。")
	}
	return say("The cluster is working on %s.", "集群正在处理 %s。", quote(ref.String()))
}

func sayNoProgress(within time.Duration, waiting Text) Text {
	return say("Nothing has moved for %[1]s. %[2]s The events may say why: `kubectl get events --sort-by=.lastTimestamp`.",
		"已经 %[1]s 没有进展。%[3]s事件里也许有原因：`kubectl get events --sort-by=.lastTimestamp`。", within, waiting.In(English), waiting.In(Chinese))
}

func sayHold(d time.Duration) Text {
	return say("It looks right. It must stay so for %s.", "看起来对了，需要保持 %s。", d)
}

func sayYourAnswer() Text { return say("Your answer", "你的答案") }

func sayNoAnswer() Text { return say("No answer was given yet.", "还没有作答。") }

func sayWrongAnswer() Text {
	return say("That is not what the cluster says at this moment. Look again; a hint may help.",
		"你的答案和集群此刻的状态不一致。再看一次，需要的话可以看提示。")
}

func sayNoTruth() Text {
	return say("The cluster does not hold the answer yet. Wait a moment and answer again.",
		"集群里暂时还没有答案，稍等片刻再回答。")
}

func sayBroken(err error) Text {
	return say("This check could not be evaluated, which is a fault of the lesson and not yours: %v",
		"这一项无法判定，是课程本身的问题，与你的操作无关：%v", err)
}

func sayNotBegun(previous string) Text {
	return say("This step begins when step `%s` is passed.", "通过步骤 `%s` 之后，这一步才会开始。", previous)
}

func sayPlanting() Text {
	return say("The objects of this step are being made.", "正在创建这一步需要的对象。")
}

func sayFreshWorkspace() Text {
	return say("The workspace was made anew, because it had been deleted, so the steps start again.",
		"原来的工作区已被删除，现在重新创建了一个，步骤从头开始。")
}

func sayOtherCluster() Text {
	return say("This is another cluster than the one on which the exercise was begun, so its steps start again here. What you passed there is remembered.",
		"这里和开始练习时不是同一个集群，步骤在这里从头开始。之前通过的步骤仍然记着。")
}

func sayNotSaved(err error) Text {
	if store, ok := errors.AsType[*StoreError](err); ok {
		return store.Notice
	}
	return say("Progress could not be saved: %v. You can go on; it is kept until k8stutor ends.",
		"进度无法保存：%v。可以继续学习，进度会保留到 k8stutor 退出。", err)
}

func hintWait() Text { return say("Wait a moment.", "请稍候。") }

// Sentence says the trouble and what to do in words.
func (e *ClusterError) Sentence() Text {
	what := map[Trouble]Text{
		Unreachable:  say("The cluster cannot be reached, so this cannot be judged.", "连不上集群，无法判定。"),
		Unauthorized: say("The cluster does not accept the credentials, so this cannot be judged.", "集群不接受当前凭据，无法判定。"),
		Forbidden:    say("Reading this is not allowed here, so it cannot be judged.", "没有读取权限，无法判定。"),
		TimedOut:     say("The cluster has not answered in time, so this cannot be judged yet.", "集群没有及时应答，暂时无法判定。"),
		UnknownKind:  say("This cluster does not know that kind of object, so it cannot be judged.", "这个集群不支持该类对象，无法判定。"),
	}[e.Trouble]
	if what == nil {
		what = say("This cannot be judged.", "无法判定。")
	}
	out := Text{}
	for _, l := range Languages() {
		out[l] = what.In(l)
		if e.Op != "" {
			out[l] += fmt.Sprintf(" (%s: %v)", e.Op, e.Err)
		}
		if hint := e.Hint.In(l); hint != "" {
			out[l] += " " + hint
		}
	}
	return out
}
