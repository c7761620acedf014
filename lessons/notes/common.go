package notes

import (
	"sync"
	"unicode"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// common lists what is frequent in Chinese prose on computers, most frequent
// first: marks, then characters, by our own count of the lessons and of general
// text. It decides which character was meant when a byte of it is lost.
const common = "”、，。！（）：；？“《》【】」『』—…" +
	"的一是不了在有人我他这中大来上个国到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏" +
	"器集群节镜控副标签选择空间服务端调滚更探针状态存储配置命令创删查启停止重载卷挂志错误默认参类型值键例注意权限访问协议监听均衡负绪容错版览编辑括号引粘贴览窗屏幕终脚循环函量符串码源库仓拉推送测试验证环境境依赖装卸级维护障碍恢复备份"

// commonRanks returns the place of each character of common, from 1 on.
var commonRanks = sync.OnceValue(func() map[rune]int {
	ranks := map[rune]int{}
	n := 0
	for _, r := range common {
		n++
		if ranks[r] == 0 {
			ranks[r] = n
		}
	}
	return ranks
})

func isHan(r rune) bool { return unicode.Is(unicode.Han, r) }

// isEveryday reports whether r is one of the 3755 characters of the first level
// of GB 2312, which are those of daily use.
func isEveryday(r rune) bool {
	if !isHan(r) {
		return false
	}
	code, err := simplifiedchinese.GBK.NewEncoder().String(string(r))
	return err == nil && len(code) == 2 && code[0] >= 0xb0 && code[0] <= 0xd7 && code[1] >= 0xa1
}

// likeliest returns the candidate that was most probably meant; ok is false when
// none stands out.
func likeliest(candidates []rune) (best rune, ok bool) {
	ranks := commonRanks()
	for _, r := range candidates {
		if n := ranks[r]; n > 0 && (!ok || n < ranks[best]) {
			best, ok = r, true
		}
	}
	if ok {
		return best, true
	}
	everyday := 0
	for _, r := range candidates {
		if r != best && isEveryday(r) {
			best = r
			everyday++
		}
	}
	switch {
	case everyday == 1:
		return best, true
	case everyday == 0 && len(candidates) == 1 && unicode.IsPrint(candidates[0]):
		return candidates[0], true
	}
	return 0, false
}
