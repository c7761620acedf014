package cli

import (
	"context"

	"github.com/k8stutor/k8stutor/lessons"
	"github.com/k8stutor/k8stutor/tui/picture"
	"github.com/k8stutor/k8stutor/tui/styles"
)

// clusterFlag is --cluster of `show`: without a value it asks for the picture of the
// workspace, with one it says of which cluster, as the global flag of that name does.
type clusterFlag struct {
	wanted bool
	choice *string
}

func (f *clusterFlag) String() string   { return "" }
func (f *clusterFlag) Type() string     { return "NAME" }
func (f *clusterFlag) IsBoolFlag() bool { return true }
func (f *clusterFlag) Set(s string) error {
	f.wanted = true
	if s != clusterAsChosen {
		*f.choice = s
	}
	return nil
}

// clusterAsChosen is what --cluster without a value reads as.
const clusterAsChosen = "as chosen"

// showCluster tells what is in a lesson's workspace: in sentences, as a drawing, or
// as nodes and edges.
func (p *Program) showCluster(ctx context.Context, l *lessons.Lesson, draw bool) error {
	c, err := p.openCluster(ctx)
	if err != nil {
		return err
	}
	defer c.Close()
	all, err := c.Workspaces(ctx)
	if err != nil {
		return err
	}
	ws := lessons.Workspace{Lesson: l.ID}
	for _, one := range all {
		if one.Lesson == l.ID {
			ws = one
		}
	}
	snap := lessons.Snapshot{Kinds: map[lessons.Kind]lessons.Listing{}}
	for _, k := range picture.Kinds(l) {
		if ws.Namespace == "" {
			break // the workspace has not been made
		}
		objects, err := c.List(ctx, ws.Namespace, []lessons.Kind{k})
		if trouble := troubleOf(err); trouble != nil && trouble.Trouble == lessons.Forbidden {
			snap.Kinds[k] = lessons.Listing{Err: trouble}
			continue
		}
		if err != nil {
			return err
		}
		snap.Kinds[k] = lessons.Listing{Synced: true, Objects: objects}
	}
	g := picture.Build(picture.Source{Snapshot: snap, Namespace: ws.Namespace, Words: picture.WordsIn(p.lang), Places: picture.Places(l)})
	switch {
	case p.json():
		return p.printJSON(graphJSON(l, ws, g))
	case ws.Namespace == "":
		p.printf(p.t("There is no workspace of %[1]s on %[2]s yet: `k8stutor start %[1]s` makes it.\n", "%[2]s 上还没有 %[1]s 的工作区：用 `k8stutor start %[1]s` 创建。\n"), l.ID, c.Info().Name)
	case draw:
		p.drawing(g)
	default:
		p.printf("%s", g.Text())
	}
	return nil
}

// drawing prints the picture as wide as the terminal.
func (p *Program) drawing(g *picture.Graph) {
	width := p.Width
	if width <= 0 {
		width = 100
	}
	d := g.Draw(picture.Options{Width: width, ASCII: p.flags.plain || p.asciiOnly()})
	if !p.OutTerminal || p.colourless() {
		p.printf("%s", d.Plain())
		return
	}
	st := styles.New(styles.Options{Dark: true, Colors: styles.SixteenColors})
	text := ""
	for _, line := range d.Lines {
		for _, s := range line {
			text += roleLook(st, s.Role).Paint(s.Text)
		}
		text += "\n"
	}
	p.printf("%s", painted(text))
}

// roleLook says what the roles of a picture look like in 16 colours.
func roleLook(st *styles.Styles, r picture.Role) styles.Style {
	switch r {
	case picture.RoleTitle:
		return st.Strong
	case picture.RoleGood:
		return st.Good
	case picture.RoleProgressing, picture.RoleIdle:
		return st.Wait
	case picture.RoleBroken, picture.RoleGap:
		return st.Bad
	case picture.RoleLine:
		return st.Label
	case picture.RoleText, picture.RoleName:
		return styles.Style{}
	}
	return st.Dim
}

type nodeJSON struct {
	Key       string   `json:"key"`
	Kind      string   `json:"kind"`
	Name      string   `json:"name"`
	Namespace string   `json:"namespace,omitempty"`
	UID       string   `json:"uid,omitempty"`
	Health    string   `json:"health"`
	State     string   `json:"state,omitempty"`
	Facts     []string `json:"facts,omitempty"`
}

type edgeJSON struct {
	From     string           `json:"from"`
	To       string           `json:"to"`
	Relation picture.Relation `json:"relation"`
	Ready    bool             `json:"ready"`
	Label    string           `json:"label,omitempty"`
}

type gapJSON struct {
	From     string           `json:"from"`
	Relation picture.Relation `json:"relation"`
	Wanted   string           `json:"wanted,omitempty"`
	Why      string           `json:"why"`
}

type pictureJSON struct {
	Lesson    string     `json:"lesson"`
	Cluster   string     `json:"cluster,omitempty"`
	Namespace string     `json:"namespace,omitempty"`
	Nodes     []nodeJSON `json:"nodes"`
	Edges     []edgeJSON `json:"edges"`
	Gaps      []gapJSON  `json:"gaps"` // lines that are missing
	Unseen    []string   `json:"unseen,omitempty"`
}

func graphJSON(l *lessons.Lesson, ws lessons.Workspace, g *picture.Graph) pictureJSON {
	out := pictureJSON{Lesson: l.ID, Cluster: ws.Cluster, Namespace: ws.Namespace, Nodes: []nodeJSON{}, Edges: []edgeJSON{}, Gaps: []gapJSON{}, Unseen: g.Unseen}
	for _, n := range g.Nodes {
		out.Nodes = append(out.Nodes, nodeJSON{n.Key, n.Kind, n.Name, n.Namespace, n.UID, n.Health.String(), n.State, n.Facts})
	}
	for _, e := range g.Edges {
		out.Edges = append(out.Edges, edgeJSON{e.From, e.To, e.Relation, e.Ready, e.Label})
	}
	for _, gap := range g.Gaps {
		out.Gaps = append(out.Gaps, gapJSON{gap.From, gap.Relation, gap.Wanted, gap.Why})
	}
	return out
}
