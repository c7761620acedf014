package proc

// Security is what a container may do, as the kernel shows it in
// /proc/PID/status. Nothing here is enforced by the kernel: a program that has
// something to refuse asks.
type Security struct {
	Privileged           bool
	NoNewPrivileges      bool
	Seccomp              int      // SeccompDisabled or SeccompFilter
	Capabilities         []string // effective and permitted: CAP_NET_RAW
	BoundingCapabilities []string
}

// The modes of seccomp, as /proc/PID/status shows them.
const (
	SeccompDisabled = 0
	SeccompFilter   = 2
)

// AllCapabilities lists the capabilities of Linux 6 in the order of their bits.
func AllCapabilities() []string {
	return []string{
		"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID",
		"CAP_SETPCAP", "CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST", "CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK",
		"CAP_IPC_OWNER", "CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE", "CAP_SYS_PACCT", "CAP_SYS_ADMIN",
		"CAP_SYS_BOOT", "CAP_SYS_NICE", "CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD", "CAP_LEASE",
		"CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP", "CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
		"CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF", "CAP_CHECKPOINT_RESTORE",
	}
}

// CapabilityMask is a set of capabilities as the kernel prints it, but for the
// 16 hexadecimal digits.
func CapabilityMask(capabilities []string) uint64 {
	var mask uint64
	for bit, name := range AllCapabilities() {
		for _, c := range capabilities {
			if c == name {
				mask |= 1 << bit
			}
		}
	}
	return mask
}
