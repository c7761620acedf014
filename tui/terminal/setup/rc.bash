# What the tutor's terminal adds to your bash, after your own ~/.bashrc.

alias k >/dev/null 2>&1 || alias k=kubectl

case $PS1 in
'' | '\s-\v\$ ') PS1='\w \$ ' ;;
esac
: "${PROMPT_DIRTRIM:=2}" # a pane is narrow: the last two folders tell enough

# Marks around prompts and commands, so that the tutor sees which command ran and
# how it ended. The line is what went into the history; what your settings keep
# out of it, the tutor reads from the screen.
__k8stutor_prompt() {
	local status=$? mark='\[\e]133;B;aid=@NONCE@\a\]'
	printf '\033]133;D;%s;aid=@NONCE@\007\033]133;A;aid=@NONCE@\007' "$status"
	__k8stutor_last=$(HISTTIMEFORMAT= builtin history 1 2>/dev/null)
	[[ $PS1 == *"$mark"* ]] || PS1+=$mark
	return "$status"
}
__k8stutor_run() {
	local line status=$?
	line=$(HISTTIMEFORMAT= builtin history 1 2>/dev/null)
	if [[ $line != "$__k8stutor_last" && $line =~ ^\ *[0-9]+[\ \*]\ (.*)$ ]]; then
		line=${BASH_REMATCH[1]:0:4096}
		line=${line//\\/\\x5c}
		line=${line//;/\\x3b}
		line=${line//$'\t'/ }
		line=${line//$'\n'/\\x0a}
		line=${line//[[:cntrl:]]/}
		printf '\033]633;E;%s;@NONCE@\007' "$line"
	fi
	printf '\033]133;C;aid=@NONCE@\007'
	return "$status"
}
PROMPT_COMMAND="__k8stutor_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
PS0="${PS0-}"'$(__k8stutor_run)'

# Completion is loaded when it is asked for first.
__k8stutor_complete() {
	if ! declare -F __start_kubectl >/dev/null; then
		local file
		file=$(sh @DIR@/completion.sh bash @CACHE@) && . "$file" || return
		complete -o default -F __start_kubectl kubectl k
		# It builds on the package bash-completion, which is not everywhere.
		declare -F _get_comp_words_by_ref >/dev/null || _get_comp_words_by_ref() {
			local typed=${COMP_LINE:0:COMP_POINT}
			read -ra words <<<"$typed"
			[[ $typed != *[[:space:]] ]] || words+=('')
			cword=$((${#words[@]} - 1))
			cur=${words[cword]} prev=${words[cword - 1]}
		}
	fi
	__start_kubectl "$@"
}
complete -p kubectl >/dev/null 2>&1 || complete -o default -F __k8stutor_complete kubectl
complete -p k >/dev/null 2>&1 || complete -o default -F __k8stutor_complete k
