# What the tutor's terminal adds to a plain POSIX shell.

alias k >/dev/null 2>&1 || alias k=kubectl

printf '\033]133;A;aid=@NONCE@\007'
