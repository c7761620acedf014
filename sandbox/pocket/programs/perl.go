package programs

import (
	"context"
	"fmt"
	"math/big"
	"regexp"
	"strconv"
	"time"

	"github.com/k8stutor/k8stutor/sandbox/pocket/proc"
)

// maxDigits bounds the digits of π that Perl computes: more would keep a core
// busy for seconds.
const maxDigits = 20_000

// piCost is the CPU time of π by the square of its digits: a real Perl takes about
// 4 s for 2000 of them.
const piCost = time.Microsecond

// piScript is the program of the Job in Kubernetes' documentation.
var piScript = regexp.MustCompile(`^\s*print\s*\(?\s*bpi\s*\(\s*(\d+)\s*\)\s*\)?\s*;?\s*$`)

// Perl is the image perl as far as Kubernetes' documentation uses it: it prints
// π. Another script is refused, and why is said.
func Perl(ctx context.Context, p *proc.Process) int {
	script, lines, bignum := "", false, false
	for i := 1; i < len(p.Args); i++ {
		switch arg := p.Args[i]; {
		case arg == "-v" || arg == "--version":
			fmt.Fprintf(p.Stdout, "\nThis is perl 5, version %s, built for x86_64-linux-gnu\n", p.Image.Version)
			return 0
		case arg == "-Mbignum=bpi":
			bignum = true
		case len(arg) > 1 && arg[0] == '-' && arg[len(arg)-1] == 'e' && i+1 < len(p.Args):
			lines = regexp.MustCompile(`^-\w*l\w*$`).MatchString(arg)
			i++
			script = p.Args[i]
		}
	}
	match := piScript.FindStringSubmatch(script)
	if match == nil || !bignum {
		fmt.Fprintln(p.Stderr, "perl: the sandbox has no Perl; its image perl only computes π, as in -Mbignum=bpi -wle 'print bpi(2000)'")
		return 2
	}
	digits, err := strconv.Atoi(match[1])
	if err != nil || digits < 1 || digits > maxDigits {
		fmt.Fprintf(p.Stderr, "perl: the sandbox computes 1 to %d digits of π\n", maxDigits)
		return 2
	}
	if p.Usage.Burn(ctx, time.Duration(digits*digits)*piCost) != nil {
		return killedCode
	}
	text := pi(digits)
	if lines {
		text += "\n"
	}
	fmt.Fprint(p.Stdout, text)
	return 0
}

// pi is π with so many digits, the last one rounded, by Machin's formula.
func pi(digits int) string {
	const guard = 10
	unity := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(digits+guard)), nil)
	// π = 16 arctan(1/5) - 4 arctan(1/239)
	value := new(big.Int).Mul(big.NewInt(16), arctan(5, unity))
	value.Sub(value, new(big.Int).Mul(big.NewInt(4), arctan(239, unity)))
	drop := new(big.Int).Exp(big.NewInt(10), big.NewInt(guard+1), nil)
	value.Add(value, new(big.Int).Rsh(drop, 1))
	text := value.Quo(value, drop).String()
	if digits == 1 {
		return text
	}
	return text[:1] + "." + text[1:]
}

// arctan is unity * arctan(1/x).
func arctan(x int64, unity *big.Int) *big.Int {
	term := new(big.Int).Quo(unity, big.NewInt(x))
	sum := new(big.Int).Set(term)
	square := big.NewInt(x * x)
	part := new(big.Int)
	for n := int64(3); term.Sign() != 0; n += 2 {
		term.Quo(term, square)
		part.Quo(term, big.NewInt(n))
		if n%4 == 3 {
			sum.Sub(sum, part)
		} else {
			sum.Add(sum, part)
		}
	}
	return sum
}
