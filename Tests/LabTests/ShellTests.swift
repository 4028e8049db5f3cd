// SPDX-License-Identifier: Apache-2.0

import Foundation
import Primitives
import Testing

/// Shells: one in a node, with a terminal that `script` makes, and those that complete our command
/// lines. Needs root.
@Suite(.serialized) struct ShellTests {
    private func shell(_ line: String, _ weft: WeftLab) throws -> String {
        try CaptureTests.shell(line, weft).text
    }

    @Test func `a shell in a node says where it is and leaves the terminal as it was`() throws {
        let weft = try WeftLab("shell")
        try weft.up()
        let scratch = [".before", ".after", ".ready"].map { weft.file + $0 }
        defer {
            try? weft.down()
            for file in scratch { try? FileManager.default.removeItem(atPath: file) }
        }
        let typed = #"echo in-$WEFT_NODE-$(hostname)-$(ls /sys/class/net | tr '\n' +); exit 5\n"#
        let inside = "stty -g > $FILE.before; $WEFT shell a --lab $LAB; echo left-$?; "
        let whole = inside + "stty -g > $FILE.after"
        let said = try shell(
            "printf '\(typed.replacingOccurrences(of: "'", with: "'\\''"))' | "
                + "SHELL=/bin/bash script -qc '\(whole)' /dev/null; "
                + "cmp $FILE.before $FILE.after && echo restored", weft)
        #expect(said.contains("in-a-a-eth1+lo+"), "\(said)")
        #expect(said.contains("(a) "))
        #expect(said.contains("left-5"))
        #expect(said.contains("restored"))
        // The lab dies under the shell.
        let pid = try #require(try weft.listing()?["pid"]?.int)
        let died = try shell(
            "(echo 'touch $FILE.ready'; until test -e $FILE.ready; do sleep 0.05; done; "
                + "kill -9 \(pid)) | SHELL=/bin/sh script -qc '\(whole)' /dev/null; "
                + "cmp $FILE.before $FILE.after && echo restored", weft)
        #expect(died.contains("left-3"), "\(died)")
        #expect(died.contains("restored"))
    }

    @Test func `bash, zsh and fish complete verbs, nodes and links of a running lab`() throws {
        let weft = try WeftLab("complete")
        try weft.up()
        defer { try? weft.down() }
        let path = "PATH=${WEFT%/*}:$PATH; "
        func bash(_ line: String) throws -> String {
            try shell(
                path + "source <(weft completion bash); complete -p weft; "
                    + "COMP_LINE='\(line)' COMP_POINT=\(line.count) _weft; "
                    + #"printf '%s\n' "${COMPREPLY[@]}""#, weft)
        }
        let head = "complete -F _weft weft\n"
        #expect(try bash("weft sh") == head + "show\nshell\n")
        #expect(try bash("weft show --lab \(weft.lab) ") == head + "a\nb\n")
        #expect(try bash("weft set --lab=\(weft.lab) link-down ") == head + "a-b\n")
        #expect(try bash("weft capture --lab \(weft.lab) a:et") == head + "eth1\n")
        #expect(try bash("weft down \(weft.lab.dropLast())").contains(weft.lab + "\n"))
        #expect(try bash("weft up /etc/hostnam") == head + "/etc/hostname\n")
        let fish = try shell(
            path + "fish -c 'weft completion fish | source; complete -C \"weft sh\"; "
                + "complete -C \"weft show --lab $LAB \"; complete -C \"weft up /etc/hostnam\"'",
            weft)
        #expect(fish.split(separator: "\n") == ["shell", "show", "a", "b", "/etc/hostname"])
        #expect(try zsh("weft set --lab \(weft.lab) link-down ", weft).hasSuffix("down a-b \n"))
        #expect(try zsh("weft capture --lab \(weft.lab) b:et", weft).hasSuffix(" b:eth1 \n"))
        #expect(try zsh("weft up /etc/hostnam", weft) == "weft up /etc/hostname \n")
    }

    /// What the Tab key makes of a line, in a zsh with a terminal of its own.
    private func zsh(_ line: String, _ weft: WeftLab) throws -> String {
        let script = """
            zmodload zsh/zpty
            zpty z zsh -f -i
            zpty -w z 'autoload -Uz compinit; compinit -u -D; source <(weft completion zsh)'
            zpty -w z 'show() { print -r -- "$BUFFER" > $FILE.new; mv $FILE.new $FILE.line }'
            zpty -w z "zle -N show; bindkey '^T' show; echo rea''dy"
            zpty -r z said '*ready*'
            zpty -w -n z '\(line)'$'\\t\\x14'
            until test -e $FILE.line; do sleep 0.05; done
            cat $FILE.line; rm $FILE.line; zpty -d z
            """
        return try CaptureTests.shell(
            "PATH=${WEFT%/*}:$PATH timeout 30 zsh -f <<'END'\n\(script)\nEND", weft
        ).text
    }
}
