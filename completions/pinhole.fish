# pinhole.fish - completion for fish: asks the program itself, so it never lags behind it.

function __pinhole_complete
	set -l words (commandline -opc)
	set -l typed (commandline -ct)
	for answer in ($words[1] --complete $words[2..-1] "$typed" 2>/dev/null)
		switch $answer
			case :file
				__fish_complete_path "$typed"
			case :dir
				__fish_complete_directories "$typed"
			case '*'
				echo $answer
		end
	end
end

complete -c pinhole -f -a '(__pinhole_complete)'
