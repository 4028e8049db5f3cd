// SPDX-License-Identifier: Apache-2.0

/// What teaches a shell to complete our command lines: it asks us for every word.
enum CompletionScript: String, CaseIterable {
    case bash, zsh, fish

    var text: String {
        switch self {
        case .bash: Self.bashText
        case .zsh: Self.zshText
        case .fish: Self.fishText
        }
    }

    /// The line is split here and not by readline, which takes ':' and '=' for ends of words; what
    /// it takes for a word's beginning is then left out of the answers.
    private static let bashText = #"""
        # bash completion for weft: eval "$(weft completion bash)"
        _weft() {
            local line=${COMP_LINE:0:COMP_POINT} word done_part candidate IFS=$' \t\n'
            local -a words
            read -ra words <<<"$line"
            [[ $line == *[[:blank:]] ]] && words+=("")
            word=${words[-1]}
            done_part=${word%"${word##*[:=]}"}
            COMPREPLY=()
            while IFS= read -r candidate; do
                case $candidate in
                    :files)
                        compopt -o filenames 2>/dev/null
                        while IFS= read -r candidate; do
                            COMPREPLY+=("$candidate")
                        done < <(compgen -f -- "${word#"$done_part"}") ;;
                    :commands)
                        while IFS= read -r candidate; do
                            COMPREPLY+=("$candidate")
                        done < <(compgen -c -- "$word") ;;
                    *)
                        [[ $candidate == *[:=] ]] && compopt -o nospace 2>/dev/null
                        COMPREPLY+=("${candidate#"$done_part"}") ;;
                esac
            done < <("${words[0]}" __complete -- "${words[@]:1}" 2>/dev/null)
        }
        complete -F _weft weft

        """#

    private static let zshText = #"""
        #compdef weft
        # zsh completion for weft: source <(weft completion zsh), after compinit
        _weft() {
            local candidate
            local -a whole open
            for candidate in "${(@f)$("${words[1]}" __complete -- "${(@)words[2,CURRENT]}" 2>/dev/null)}"; do
                case $candidate in
                    '') ;;
                    :files) compset -P '*='; _files ;;
                    :commands) _command_names -e ;;
                    *[:=]) open+=("$candidate") ;;
                    *) whole+=("$candidate") ;;
                esac
            done
            compadd -a whole
            compadd -S '' -a open
        }
        compdef _weft weft

        """#

    private static let fishText = #"""
        # fish completion for weft: weft completion fish | source
        function __weft_complete
            set -l words (commandline -opc)
            set -l token (commandline -ct)
            for candidate in ($words[1] __complete -- $words[2..-1] "$token" 2>/dev/null)
                switch $candidate
                    case :files
                        __fish_complete_path (string replace -r '^--[^=]*=' '' -- "$token")
                    case :commands
                        __fish_complete_command
                    case '*'
                        echo $candidate
                end
            end
        end
        complete -c weft -f -a '(__weft_complete)'

        """#
}
