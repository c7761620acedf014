# What the tutor's terminal adds to your zsh, after your own .zshrc.

setopt no_err_return

alias k >/dev/null 2>&1 || alias k=kubectl

[[ $PROMPT == '%m%# ' ]] && PROMPT='%~ %# '

# Marks around prompts and commands, so that the tutor sees which command ran and
# how it ended.
autoload -Uz add-zsh-hook
__k8stutor_precmd() { printf '\033]133;D;%s;aid=@NONCE@\007\033]133;A;aid=@NONCE@\007' $? }
__k8stutor_preexec() {
	emulate -L zsh
	local line=${1[1,4096]}
	line=${line//\\/\\x5c}
	line=${line//;/\\x3b}
	line=${line//$'\n'/\\x0a}
	line=${line//[[:cntrl:]]/ }
	printf '\033]633;E;%s;@NONCE@\007\033]133;C;aid=@NONCE@\007' $line
}
add-zsh-hook precmd __k8stutor_precmd
add-zsh-hook preexec __k8stutor_preexec

# Completion is loaded when it is asked for first. zsh knows k as what it is short for.
__k8stutor_complete() {
	local file
	file=$(sh @DIR@/completion.sh zsh @CACHE@) && source $file || return 1
	_kubectl "$@"
}
if (( $+functions[compdef] )); then
	[[ -n ${_comps[kubectl]-} ]] || compdef __k8stutor_complete kubectl
elif [[ $(bindkey '^I') == *expand-or-complete ]]; then
	# Your .zshrc starts no completion: the first tab does.
	__k8stutor_tab() {
		bindkey '^I' expand-or-complete
		autoload -Uz compinit && compinit -i -d @CACHE@/zcompdump-$ZSH_VERSION
		compdef __k8stutor_complete kubectl
		zle expand-or-complete
	}
	zle -N __k8stutor_tab && bindkey '^I' __k8stutor_tab
fi
