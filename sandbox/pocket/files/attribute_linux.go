package files

import "golang.org/x/sys/unix"

const noAttribute = unix.ENODATA
