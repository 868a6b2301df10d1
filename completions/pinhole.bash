# pinhole.bash - completion for bash: asks the program itself, so it never lags behind it.
#
# bash splits words at "=" and ":"; they are glued together again before the program is asked, and
# what stands before the last such split is taken off each answer.

_pinhole() {
	local word glued=() answer candidate head='' i
	COMPREPLY=()
	for ((i = 1; i <= COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		if ((${#glued[@]})) && { [[ $word == [=:] ]] || [[ ${COMP_WORDS[i - 1]} == [=:] ]]; }; then
			glued[-1]+=$word
		else
			glued+=("$word")
		fi
	done
	word=${glued[-1]-}
	[[ $word == *[=:]* ]] && head=${word%"${word##*[=:]}"}
	while IFS= read -r answer; do
		candidate=${answer%%$'\t'*}
		case $candidate in
		:file)
			compopt -o filenames 2>/dev/null
			while IFS= read -r candidate; do
				COMPREPLY+=("$candidate")
			done < <(compgen -f -- "${word#"$head"}")
			;;
		:dir)
			compopt -o filenames 2>/dev/null
			while IFS= read -r candidate; do
				COMPREPLY+=("$candidate")
			done < <(compgen -d -- "${word#"$head"}")
			;;
		*)
			COMPREPLY+=("${candidate#"$head"}")
			;;
		esac
	done < <("${COMP_WORDS[0]}" --complete "${glued[@]}" 2>/dev/null)
}
complete -F _pinhole pinhole
