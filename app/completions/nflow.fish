# Completion of nflow's command line in fish. nflow itself knows what can stand where; see nflow(1).

function __nflow_complete
    set -l words (commandline -opc)
    set -l word (string replace -ra '["\'\\\\]' '' -- (commandline -ct))
    for line in ($words[1] complete $words[2..-1] "$word" 2>/dev/null)
        switch $line
            case files
                set -l option (string match -r -- '^--[^=]*=' "$word")
                __fish_complete_path (string replace -r -- '^--[^=]*=' '' "$word") | string replace -r '^' -- "$option"
            case open
            case '*'
                echo $line
        end
    end
end

complete -c nflow -f -a '(__nflow_complete)'
