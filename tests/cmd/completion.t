#!/bin/bash
# completion.t - the hidden verb --complete, and the scripts that ask it in each shell.
. "$(dirname "$0")/../lib.sh"

names() {
	cut -f1 <"$work/.out" | sort | tr '\n' ' '
}

succeeds "commands" pinhole --complete ver
is "$out" "version	print the version" "with what they do"
succeeds "all commands" pinhole --complete ''
is "$(names)" "$("$PINHOLE" --commands | cut -d' ' -f1 | sort -u | tr '\n' ' ')" "from the table"
succeeds "topics of help" pinhole --complete help ro
like "$out" '^roles' "are offered"
succeeds "subcommands" pinhole --complete config ''
is "$(names)" "get list set unset " "of config"
succeeds "options" pinhole --complete config list --sh
is "$(names)" "--show-origin " "of a subcommand"
succeeds "options before the command" pinhole --complete --no
is "$(names)" "--no-color --no-input " "that every command takes"
succeeds "words" pinhole --complete config get thumb.
is "$(names)" "thumb.quality thumb.size " "by their placeholder"
succeeds "an option's value" pinhole --complete --store ''
is "$out" ":dir" "is the shell's business"
succeeds "a value behind =" pinhole --complete --store=x
is "$out" ":dir" "too"
succeeds "the command behind an option's value" pinhole --complete --store config vers
is "$(names)" "version " "is not mixed up with it"
succeeds "behind --" pinhole --complete config list -- --sh
is "$out" "" "there are no options"
succeeds "of what does not exist" pinhole --complete nonsense x ''
is "$out" "" "nothing is known"
succeeds "of nothing" pinhole --complete

succeeds "a store" pinhole init "$work/store" --name Ada
pinhole --store "$work/store" album create beach --title "At the sea" >/dev/null 2>&1
pinhole --store "$work/store" album create berg >/dev/null 2>&1
succeeds "albums of the store that is named" pinhole --complete --store "$work/store" album show be
is "$(names)" "beach berg " "by name"
like "$out" 'beach	At the sea' "with their titles"
succeeds "or by =" pinhole --complete album show "--store=$work/store" bea
is "$(names)" "beach " "too"
PINHOLE_STORE=$work/store succeeds "or in the environment" pinhole --complete album show bea
is "$(names)" "beach " "too"
succeeds "where there is no store" pinhole --complete album show be
is "$out$err" "" "there are none"
ok "no store is made" test ! -e "$XDG_DATA_HOME/pinhole"

# Every option of every command is offered.
missing=$(
	"$PINHOLE" --commands | while read -r line; do
		words=()
		for word in $line; do
			if [[ $word == --* ]]; then
				"$PINHOLE" --complete "${words[@]}" "$word" | cut -f1 | grep -qxe "$word" || echo "$line"
			elif [[ $word != -* ]]; then
				words+=("$word")
			fi
		done
	done
)
is "$missing" "" "every option of every command is offered"

mkdir bin files
ln -s "$PINHOLE" bin/pinhole
PATH=$work/bin:$PATH
touch files/one.jpg files/two.jpg

# bash_complete WORD...: what bash offers for the last word
bash_complete() {
	bash --norc -c '
		. "$1/completions/pinhole.bash"
		shift
		COMP_WORDS=("$@") COMP_CWORD=$(($# - 1))
		_pinhole
		printf "%s\n" "${COMPREPLY[@]}"' bash "$top" "$@" | sort | tr '\n' ' '
}
is "$(bash_complete pinhole conf)" "config " "bash: a command"
is "$(bash_complete pinhole config unset --)" \
	"$("$PINHOLE" --complete config unset -- | cut -f1 | sort | tr '\n' ' ')" "bash: options"
is "$(bash_complete pinhole --store = fil)" "files " "bash: a directory behind ="
is "$(bash_complete pinhole --store "fi")" "files " "bash: a directory as a word"

if command -v zsh >/dev/null; then
	# What zsh would show: compadd, told to collect.
	zsh_complete() {
		zsh -f -c '
			compadd() { shift 3; print -l -- "${(@P)1}"; }
			_files() { print -l -- "files $*"; }
			source_file=$1/completions/_pinhole; shift
			words=("$@") CURRENT=$#
			. $source_file' zsh "$top" "$@" | sort | tr '\n' ' '
	}
	is "$(zsh_complete pinhole conf)" "config " "zsh: a command"
	is "$(zsh_complete pinhole config '')" "get list set unset " "zsh: subcommands"
	is "$(zsh_complete pinhole --store '')" "files -/ " "zsh: directories"
else
	skip 3 "zsh is not installed"
fi

if command -v fish >/dev/null; then
	fish_complete() {
		fish --no-config -c "source '$top/completions/pinhole.fish'; complete -C '$1'" | cut -f1 |
			sort | tr '\n' ' '
	}
	is "$(fish_complete 'pinhole conf')" "config " "fish: a command"
	is "$(fish_complete 'pinhole config ')" "get list set unset " "fish: subcommands"
	is "$(fish_complete 'pinhole --store fi')" "files/ " "fish: directories"
else
	skip 3 "fish is not installed"
fi
done_testing
