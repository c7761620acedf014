package lessons

import (
	"slices"
	"strings"
)

// afterNode is what one lesson says it builds on, and where it says so.
type afterNode struct {
	lesson string
	on     []string
	pos    []Position // of each of on
}

// checkAfter reports lessons that build on ones that do not exist, or in a
// circle on themselves. folders are the lessons that course.yaml lists.
func (l *loader) checkAfter(folders map[string]Position) {
	var known []string
	for id := range folders {
		known = append(known, id)
	}
	slices.Sort(known)
	nodes := map[string]afterNode{}
	for _, n := range l.after {
		nodes[n.lesson] = n
		for i, on := range n.on {
			if _, ok := folders[on]; !ok {
				l.problems.add(n.pos[i], "lesson %q comes after %q, which is no lesson of this course%s", n.lesson, on, didYouMean(on, known))
			}
		}
	}
	done := map[string]bool{} // lessons from which every way was followed
	var way []string
	var follow func(id string)
	follow = func(id string) {
		way = append(way, id)
		for i, on := range nodes[id].on {
			if at := slices.Index(way, on); at >= 0 {
				l.problems.add(nodes[id].pos[i], "the lessons build on each other in a circle: %s", strings.Join(append(slices.Clone(way[at:]), on), " -> "))
			} else if !done[on] {
				follow(on)
			}
		}
		way = way[:len(way)-1]
		done[id] = true
	}
	for _, n := range l.after { // in the order of the course
		if !done[n.lesson] {
			follow(n.lesson)
		}
	}
}
