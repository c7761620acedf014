# What the tutor's terminal adds to a plain POSIX shell.

set +eu

alias k >/dev/null 2>&1 || alias k=kubectl

printf '\033]133;A;aid=@NONCE@\007'
