// SPDX-License-Identifier: Apache-2.0

import Engine
import Kernel
import Primitives

/// The running daemons of a node: children of this process, which is the first of a process
/// namespace, so that they die with it.
struct FRRDaemons {
    /// By their process numbers.
    private(set) var running: [Int32: FRRDaemon] = [:]

    private static let patience = Duration.seconds(50)
    private static let look = Duration.milliseconds(10)
    /// How long a daemon may take to say goodbye.
    private static let farewell = Duration.seconds(5)

    // MARK: Start

    /// Writes the daemons' files and starts them; returns when all of them listen and have taken
    /// every line of their configuration.
    mutating func start(_ configuration: FRRConfiguration) throws(FRRError) {
        do throws(SystemError) {
            try Self.prepareFolders()
            for daemon in configuration.daemons {
                try FileSystem.replace(
                    Self.path(daemon, "conf"), Array(configuration.text(of: daemon).utf8))
            }
        } catch {
            throw FRRError("\(error)")
        }
        let rest = configuration.daemons.filter { $0 != .zebra && $0 != .ldpd }
        let last = configuration.daemons.filter { $0 == .ldpd }
        for daemons in [[.zebra], rest, last] {
            for daemon in daemons { try start(daemon) }
            for daemon in daemons { try awaitListening(daemon) }
            // Zebra gives out labels from 16 on to whoever asks first: BGP is to have the first
            // ones for its VRFs, as with our own engine.
            if daemons == rest { try VPNLabels(configuration).awaitAndFilter() }
        }
        for daemon in configuration.daemons { try Self.checkLog(of: daemon) }
        try tellPasswords(of: configuration.router)
    }

    /// When bgpd comes to listen in a VRF it gives that socket no key, so that neighbors there who
    /// call are not heard: it is told their passwords once more. What it answers may hold them.
    private func tellPasswords(of router: RouterConfiguration) throws(FRRError) {
        guard let local = router.autonomousSystem else { return }
        for neighbor in router.neighbors {
            guard let password = neighbor.password,
                let vrf = router.vrfs.first(where: { $0.name == neighbor.vrf })
            else { continue }
            let line = "neighbor \(neighbor.address) password"
            let commands = [
                "configure terminal", FRRConfiguration.instanceLine(local, vrf), "no \(line)",
                "\(line) \(password)",
            ]
            do throws(FRRError) { _ = try Vty.ask(.bgpd, commands) } catch {
                throw FRRError("bgpd does not take the password of \(neighbor.name)")
            }
        }
    }

    /// State is for this user alone. The daemons leave what they remember of crashes in /var/tmp,
    /// which is their own here.
    private static func prepareFolders() throws(SystemError) {
        let mounts = try MountNamespace { MountNamespace.cover("/var/tmp", with: "tmpfs") }
        try mounts.enter()
        FileSystem.removeTree(Vty.folder)
        try FileSystem.makePrivateDirectory(Vty.folder)
    }

    private static func path(_ daemon: FRRDaemon, _ ending: String) -> String {
        "\(Vty.folder)/\(daemon.rawValue).\(ending)"
    }

    private mutating func start(_ daemon: FRRDaemon) throws(FRRError) {
        guard FileSystem.exists(daemon.program) else {
            throw FRRError(
                "\(daemon.program) is not installed: apt-get install \(FRRDaemon.package)")
        }
        do throws(SystemError) {
            let pid = try ChildProcess.fork { Self.become(daemon) }
            running[pid] = daemon
        } catch {
            throw FRRError("\(daemon.rawValue): \(error)")
        }
    }

    /// As root, for what is written here is root's alone; and in the group that Debian's FRR must
    /// belong to, where there is one.
    private static func credentials() -> [String] {
        let groups = (try? FileSystem.read("/etc/group")) ?? ""
        let hasGroup = groups.split(separator: "\n").contains { $0.hasPrefix("frrvty:") }
        return ["-u", "root", "-g", hasGroup ? "frrvty" : "root"]
    }

    private static func become(_ daemon: FRRDaemon) -> Int32 {
        do throws(SystemError) {
            let null = try FileDescriptor.open("/dev/null")
            try StandardStream.input.become(null.raw)
            let output = try FileDescriptor.openLog(path(daemon, "out"))
            try StandardStream.output.become(output.raw)
            try StandardStream.error.become(output.raw)
            Surroundings.changeDirectory("/")
            FileDescriptor.closeAll(except: [])
            throw ChildProcess.replace(
                [
                    daemon.program, "-f", path(daemon, "conf"), "-i", path(daemon, "pid"),
                    "-P", "0", "--log", "file:\(path(daemon, "log"))",
                ] + credentials(), environment: ["PATH": "/usr/sbin:/usr/bin:/sbin:/bin"])
        } catch {
            StandardStream.error.write("\(error)\n".utf8)
            return 127
        }
    }

    private func awaitListening(_ daemon: FRRDaemon) throws(FRRError) {
        let deadline = MonotonicClock.now + Self.patience
        while (try? Vty(daemon)) == nil {
            guard let pid = running.first(where: { $0.value == daemon })?.key else { return }
            if ChildProcess.wait(for: pid, until: MonotonicClock.now + Self.look) != nil {
                throw FRRError("\(daemon.rawValue) ended at its start\(Self.lastWords(daemon))")
            }
            guard MonotonicClock.now < deadline else {
                throw FRRError("\(daemon.rawValue) does not listen")
            }
        }
    }

    /// The last line that a daemon printed or logged.
    static func lastWords(_ daemon: FRRDaemon) -> String {
        for ending in ["out", "log"] {
            let text = (try? FileSystem.read(path(daemon, ending))) ?? ""
            if let line = text.split(separator: "\n").last { return ": \(line)" }
        }
        return ""
    }

    /// A line that a daemon did not understand would otherwise be passed over. It is not repeated
    /// here, for it may hold a password.
    private static func checkLog(of daemon: FRRDaemon) throws(FRRError) {
        let mark = "on config line "
        for ending in ["log", "out"] {
            let text = (try? FileSystem.read(path(daemon, ending))) ?? ""
            for line in text.split(separator: "\n") {
                guard let range = line.firstRange(of: mark) else { continue }
                let number = line[range.upperBound...].prefix { $0.isNumber }
                throw FRRError(
                    "\(daemon.rawValue) does not understand line \(number) of its configuration")
            }
        }
    }

    // MARK: End

    /// Takes note of children that ended.
    /// - Returns: the first daemon that did.
    mutating func reap() -> FRRDaemon? {
        var first: FRRDaemon?
        for exit in ChildProcess.reap() {
            let daemon = running.removeValue(forKey: exit.pid)
            first = first ?? daemon
        }
        return first
    }

    /// Ends the daemons in good order, those that speak to others first.
    mutating func stop() {
        for (pid, _) in running.sorted(by: { $0.value > $1.value }) {
            ChildProcess.signal(pid, SignalDescriptor.terminate)
            if ChildProcess.wait(for: pid, until: MonotonicClock.now + Self.farewell) == nil {
                ChildProcess.signal(pid, SignalDescriptor.kill)
            }
        }
        running = [:]
    }
}
