# What the tutor's terminal adds to your bash, after your own ~/.bashrc.

alias k >/dev/null 2>&1 || alias k=kubectl

case $PS1 in
'' | '\s-\v\$ ') PS1='\w \$ ' ;;
esac
: "${PROMPT_DIRTRIM:=2}" # a pane is narrow: the last two folders tell enough

# Marks around prompts and commands, so that the tutor sees how a command ended.
__k8stutor_prompt() {
	local status=$?
	printf '\033]133;D;%s\007\033]133;A\007' "$status"
	return "$status"
}
PROMPT_COMMAND="__k8stutor_prompt${PROMPT_COMMAND:+; $PROMPT_COMMAND}"
PS0="${PS0-}"'\e]133;C\a'
