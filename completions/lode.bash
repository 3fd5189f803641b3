# Completion for every lode-* program, for bash: source this file, or install it with `make install`.
# Options come from the program's own --help, so there is no list here to keep.
_lode() {
	local word=${COMP_WORDS[COMP_CWORD]}

	if [[ $word == -* ]]; then
		mapfile -t COMPREPLY < <(compgen -W "$("$1" --help 2>/dev/null | grep -oE -e '--[a-z][a-z0-9-]*')" -- "$word")
	else
		mapfile -t COMPREPLY < <(compgen -f -- "$word")
	fi
}

_lode_register() {
	local name

	while read -r name; do
		complete -o filenames -F _lode "$name"
	done < <(compgen -c lode- | sort -u)
}
_lode_register
