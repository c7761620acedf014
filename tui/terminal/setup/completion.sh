# Prints where kubectl's completion for a shell is kept: for the shell $1, in the
# folder $2. kubectl writes it when it is wanted first, and anew when there is
# another kubectl; a shell that starts does not wait for it.
file=$2/kubectl.$1
program=$(command -v kubectl) || exit
if [ ! -s "$file" ] || [ "$program" -nt "$file" ]; then
	mkdir -p "$2" && kubectl completion "$1" >"$file.$$" 2>/dev/null &&
		[ -s "$file.$$" ] && mv -f "$file.$$" "$file" || { rm -f "$file.$$"; exit 1; }
fi
printf '%s\n' "$file"
