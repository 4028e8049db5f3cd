// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Processes that this one starts by forking, and what becomes of them.
package enum ChildProcess {
    /// How a child ended.
    package struct Exit: Hashable, Sendable {
        package let pid: Int32
        /// Its exit status; nil when a signal ended it.
        package let status: Int32?
        package let signal: Int32?
    }

    /// What a child does that must not see the parent's descriptors or signals.
    package struct Options: OptionSet, Sendable {
        package let rawValue: Int
        package init(rawValue: Int) { self.rawValue = rawValue }
        /// Killed when this process ends, however that comes.
        package static let diesWithParent = Options(rawValue: 1)
        /// The first process of a process namespace of its own: when it ends, however that comes,
        /// the kernel kills all that it and its descendants started.
        package static let ownProcessNamespace = Options(rawValue: 2)
        /// The leader of a session without a terminal.
        package static let ownSession = Options(rawValue: 4)
    }

    /// Forks; the child runs `body` and exits with the status it returns. Default signal actions
    /// and an empty signal mask await it. The process must have one thread.
    /// - Returns: the child's number, as this process sees it.
    package static func fork(
        _ options: Options = [.diesWithParent], _ body: () -> Int32
    ) throws(SystemError) -> Int32 {
        let parent = getpid()
        let isOwnNamespace = options.contains(.ownProcessNamespace)
        let before = isOwnNamespace ? open("/proc/self/ns/pid", O_RDONLY | O_CLOEXEC) : -1
        defer { if before >= 0 { close(before) } }
        if isOwnNamespace {
            guard before >= 0 else { throw SystemError("open /proc/self/ns/pid") }
            guard weft_unshare(CLONE_NEWPID) == 0 else { throw SystemError("unshare processes") }
        }
        let pid = weft_fork()
        if pid == 0 {
            // The parent's number is 0 where it is outside of the child's namespace.
            begin(options, parent: isOwnNamespace ? 0 : parent)
            _exit(body())
        }
        let code = errno
        if isOwnNamespace { _ = weft_setns(before, CLONE_NEWPID) }
        guard pid > 0 else { throw SystemError("fork", code) }
        return pid
    }

    private static func begin(_ options: Options, parent: Int32) {
        if options.contains(.diesWithParent) {
            _ = weft_prctl(PR_SET_PDEATHSIG, UInt(SIGKILL))
            // The parent may have ended before the kernel was told.
            if getppid() != parent { _exit(128 + SIGKILL) }
        }
        for number in 1..<Int32(65) where number != SIGKILL && number != SIGSTOP {
            _ = Glibc.signal(number, SIG_DFL)
        }
        var none = sigset_t()
        sigemptyset(&none)
        sigprocmask(SIG_SETMASK, &none, nil)
        if options.contains(.ownSession) { setsid() }
    }

    /// All children that have ended since the last call. Does not wait.
    package static func reap() -> [Exit] {
        var exits: [Exit] = []
        var state: Int32 = 0
        while true {
            let pid = waitpid(-1, &state, WNOHANG)
            guard pid > 0 else { return exits }
            exits.append(exit(pid, state))
        }
    }

    /// Waits for one child to end.
    package static func wait(for pid: Int32) throws(SystemError) -> Exit {
        var state: Int32 = 0
        guard retrying({ waitpid(pid, &state, 0) }) == pid else { throw SystemError("waitpid") }
        return exit(pid, state)
    }

    /// Waits for one child to end until a deadline; nil where it goes on.
    package static func wait(for pid: Int32, until deadline: Instant) -> Exit? {
        let raw = weft_pidfd_open(pid)
        guard raw >= 0 else { return nil }
        let process = FileDescriptor(owning: raw)
        // An interrupting signal ends the wait early; the process is then asked once more.
        while MonotonicClock.now < deadline {
            if (try? Poller.wait(for: process.raw, .read, until: deadline)) != false { break }
        }
        var state: Int32 = 0
        return retrying({ waitpid(pid, &state, WNOHANG) }) == pid ? exit(pid, state) : nil
    }

    /// Waits until this process has no child left. New ones must not come meanwhile.
    package static func waitForAll() {
        var state: Int32 = 0
        while retrying({ waitpid(-1, &state, 0) }) > 0 {}
    }

    private static func exit(_ pid: Int32, _ state: Int32) -> Exit {
        let signal = state & 0x7f
        return Exit(
            pid: pid, status: signal == 0 ? state >> 8 & 0xff : nil,
            signal: signal == 0 ? nil : signal)
    }

    /// Sends a signal; one to a process that has just ended is no error. A negative number means
    /// the process group.
    package static func signal(_ pid: Int32, _ number: Int32) {
        precondition(pid != 0 && pid != -1, "a signal goes to one process or group")
        _ = kill(pid, number)
    }

    /// Sends a signal to every process of our process namespace but ourselves.
    /// - Precondition: we are the namespace's first process.
    package static func signalAll(_ number: Int32) {
        precondition(getpid() == 1, "only a namespace of our own may be emptied")
        _ = kill(-1, number)
    }

    package static var pid: Int32 { getpid() }

    /// A child's number as /proc has it, which differs from ours where /proc was mounted outside of
    /// our process namespace; nil when it has ended.
    package static func outsidePID(of pid: Int32) -> Int32? {
        let descriptor = weft_pidfd_open(pid)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        guard let text = try? FileSystem.read("/proc/self/fdinfo/\(descriptor)") else { return nil }
        let line = text.split(separator: "\n").first { $0.hasPrefix("Pid:") }
        return line?.split(separator: "\t").last.flatMap { Int32($0) }.flatMap { $0 > 0 ? $0 : nil }
    }

    /// Becomes another program, found on PATH. Returns only where that failed.
    package static func replace(
        _ arguments: [String], environment: [String: String]
    ) -> SystemError {
        var words = arguments.map { strdup($0) } + [nil]
        var variables =
            environment.sorted { $0.key < $1.key }.map { strdup("\($0.key)=\($0.value)") } + [nil]
        if let path = environment["PATH"] { setenv("PATH", path, 1) }
        _ = weft_execvpe(arguments.first ?? "", &words, &variables)
        return SystemError("run \(arguments.first ?? "")")
    }
}
