package styles

import "github.com/k8stutor/k8stutor/tui/markdown"

// rolesOf gives each role of a Markdown page its look.
func rolesOf(p palette) [markdown.RoleCount]look {
	code := func(l look) look {
		on := p.panel(l.fg)
		l.fg, l.bg = on.fg, on.bg
		return l
	}
	var r [markdown.RoleCount]look
	r[markdown.RoleHeading1] = look{fg: p.accent, bold: true, underline: p.none()}
	r[markdown.RoleHeading2] = look{fg: p.accent, bold: true}
	r[markdown.RoleHeading3] = look{bold: true}
	r[markdown.RoleCode] = look{fg: p.cyan, bold: p.none()}
	r[markdown.RoleLink] = look{fg: p.accent, underline: true}
	r[markdown.RoleImage] = p.dim()
	r[markdown.RoleQuote] = p.dim()
	r[markdown.RoleQuoteBar] = look{fg: p.faint}
	r[markdown.RoleListMarker] = look{fg: p.accent}
	r[markdown.RoleTaskOpen] = look{fg: p.yellow}
	r[markdown.RoleTaskDone] = look{fg: p.green}
	r[markdown.RoleRule] = look{fg: p.faint}
	r[markdown.RoleTableBorder] = look{fg: p.faint}
	r[markdown.RoleTableHead] = look{bold: true}
	r[markdown.RoleCalloutNote] = look{fg: p.accent, bold: true}
	r[markdown.RoleCalloutTip] = look{fg: p.green, bold: true}
	r[markdown.RoleCalloutImportant] = look{fg: p.magenta, bold: true}
	r[markdown.RoleCalloutWarning] = look{fg: p.yellow, bold: true}
	r[markdown.RoleCalloutCaution] = look{fg: p.red, bold: true}
	r[markdown.RoleCodeBlock] = code(look{})
	r[markdown.RoleDim] = code(p.dim())
	r[markdown.RoleKeyword] = code(look{fg: p.magenta})
	r[markdown.RoleString] = code(look{fg: p.green})
	r[markdown.RoleNumber] = code(look{fg: p.yellow})
	r[markdown.RoleComment] = code(p.dim())
	r[markdown.RoleKey] = code(look{fg: p.accent})
	r[markdown.RolePunct] = code(p.dim())
	r[markdown.RoleFunction] = code(look{fg: p.cyan, bold: p.none()})
	r[markdown.RoleVariable] = code(look{fg: p.yellow})
	r[markdown.RolePrompt] = code(p.dim())
	r[markdown.RoleOutput] = code(p.dim())
	r[markdown.RoleInserted] = code(look{fg: p.green})
	r[markdown.RoleDeleted] = code(look{fg: p.red})
	return r
}
