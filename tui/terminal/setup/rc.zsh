# What the tutor's terminal adds to your zsh, after your own .zshrc.

alias k >/dev/null 2>&1 || alias k=kubectl

[[ $PROMPT == '%m%# ' ]] && PROMPT='%~ %# '

# Marks around prompts and commands, so that the tutor sees how a command ended.
autoload -Uz add-zsh-hook
__k8stutor_precmd() { printf '\033]133;D;%s\007\033]133;A\007' $? }
__k8stutor_preexec() { printf '\033]133;C\007' }
add-zsh-hook precmd __k8stutor_precmd
add-zsh-hook preexec __k8stutor_preexec
