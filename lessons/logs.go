package lessons

// LogRequest asks for what a container has printed.
type LogRequest struct {
	Namespace, Pod string
	Container      string // "" only where a Pod has one
	Previous       bool   // of the run before the last restart
	Follow         bool   // go on until the container ends
	Lines          int    // at most as many of the newest; 0 is all
}
