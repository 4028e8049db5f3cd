// SPDX-License-Identifier: Apache-2.0

import Control
import Kernel
import Primitives

/// The two processes behind a lab.
///
/// The server is the lab: a supervisor, or what keeps a microVM. Its keeper holds the lab's lock
/// with it, waits for its end, however that comes, and removes the lab's files. A keeper that is
/// killed leaves the lab as it is, and the server removes the files itself at its end. So whichever
/// one process is killed, nothing stays behind.
struct LabKeeper {
    let directory: LabDirectory
    /// A descriptor; when it can be read, the start is given up.
    let interrupt: Int32
    /// Told of what takes time.
    var say: (String) -> Void = { _ in }

    /// Forks a server: a process that runs what it is given. Returns its number.
    typealias Fork = (() -> Int32) throws(SystemError) -> Int32
    /// What a server does; returns its exit status.
    typealias Serve = (ServerEnds) -> Int32

    /// What a server is given of what the keeper has.
    struct ServerEnds {
        /// Where clients connect.
        var listener: Int32
        /// A client from the beginning: whoever started the lab.
        var client: Int32
        /// The same, to be told how the start goes.
        var starter: Starter
    }

    /// How long a lab that was not to begin after all may take to be gone.
    private static let patience: Duration = .seconds(10)

    /// Starts a lab's processes, which outlive the caller's terminal, and waits until the server
    /// serves. Until a lab is built, it ends with the connection that this returns.
    /// - Throws: where a lab of this name is running, or it cannot start. Nothing is left then.
    func start(_ fork: Fork, _ serve: @escaping Serve) throws(ControlError) -> ControlConnection {
        var ends: StarterEnds? = try begin(fork, serve)
        do throws(ControlError) {
            guard let connected = ends else { preconditionFailure("set above") }
            try awaitReady(connected.news)
            return connected.connection
        } catch {
            let keeper = ends?.keeper ?? 0
            // The server ends when nobody wants it any more.
            ends = nil
            _ = ChildProcess.wait(for: keeper, until: MonotonicClock.now + Self.patience)
            if error == Self.died { _ = try? directory.waitUntilGone { Self.patience } }
            throw error
        }
    }

    /// What the starter has.
    private struct StarterEnds {
        var keeper: Int32
        var connection: ControlConnection
        var news: HeldDescriptor
    }

    private func begin(
        _ fork: Fork, _ serve: @escaping Serve
    ) throws(ControlError) -> StarterEnds {
        do throws(SystemError) {
            let (ours, theirs) = HeldDescriptor.pair(try DescriptorPair.socketPair().split())
            let (news, telling) = HeldDescriptor.pair(try DescriptorPair.pipe().split())
            let keeper = try ChildProcess.fork([.ownSession]) {
                FileDescriptor.closeAll(except: [theirs.raw, telling.raw])
                return keep(theirs, Starter(telling), fork, serve)
            }
            let channel = FrameChannel(FileDescriptor(owning: ours.take()))
            return StarterEnds(keeper: keeper, connection: ControlConnection(channel), news: news)
        } catch {
            throw ControlError("start a lab: \(error)")
        }
    }

    private static let died = ControlError("the lab's process has ended at its start")

    private func awaitReady(_ news: HeldDescriptor) throws(ControlError) {
        var text: [UInt8] = []
        while true {
            let ready = try? Poller.wait(
                forAny: [(news.raw, .read), (interrupt, .read)], until: nil)
            if ready?[1] == true { throw ControlError("interrupted") }
            guard ready?[0] == true else { continue }
            guard let piece = try? news.read(4096), !piece.isEmpty else {
                throw Self.died
            }
            text += piece
            while let end = text.firstIndex(of: UInt8(ascii: "\n")) {
                let line = String(decoding: text[..<end], as: UTF8.self)
                text.removeSubrange(...end)
                if try Starter.isReady(line, say) { return }
            }
        }
    }

    // MARK: The keeper

    private func keep(
        _ client: HeldDescriptor, _ starter: Starter, _ fork: Fork, _ serve: @escaping Serve
    ) -> Int32 {
        ProcessControl.setName("weft-keeper")
        ProcessControl.ignore([
            SignalDescriptor.interrupt, SignalDescriptor.terminate, SignalDescriptor.hangUp,
        ])
        ProcessControl.ignoreFileSizeLimit()
        // The server may be a child of another process between us that ends before it.
        ProcessControl.adoptOrphans()
        do throws(ControlError) {
            let lock = try directory.lock()
            do throws(ControlError) {
                let server = try forkServer(lock.raw, client, starter, fork, serve)
                client.close()
                starter.leave()
                // One that we cannot wait for removes its files itself.
                guard (try? ChildProcess.wait(for: server)) != nil else { return 1 }
            } catch {
                directory.remove(lock)
                throw error
            }
            directory.remove(lock)
            return 0
        } catch {
            starter.fail("\(error)")
            return 1
        }
    }

    /// - Returns: the server's number, which stands in the lock's file as well.
    private func forkServer(
        _ lock: Int32, _ client: HeldDescriptor, _ starter: Starter, _ fork: Fork,
        _ serve: @escaping Serve
    ) throws(ControlError) -> Int32 {
        let listener = try directory.listen()
        do throws(SystemError) {
            try Self.redirect(directory.logPath)
            let ends = ServerEnds(listener: listener.raw, client: client.raw, starter: starter)
            let server = try fork {
                FileDescriptor.closeAll(
                    except: [lock, ends.listener, ends.client] + starter.descriptors)
                return serve(ends)
            }
            do throws(SystemError) { try directory.note(server: server) } catch {
                ChildProcess.signal(server, SignalDescriptor.kill)
                _ = try? ChildProcess.wait(for: server)
                throw error
            }
            return server
        } catch {
            throw ControlError("start a lab: \(error)")
        }
    }

    /// Gives the terminal back: reads nothing, and writes to the lab's log.
    private static func redirect(_ log: String) throws(SystemError) {
        Surroundings.changeDirectory("/")
        let null = try FileDescriptor.open("/dev/null")
        try StandardStream.input.become(null.raw)
        let file = try FileDescriptor.openLog(log)
        try StandardStream.output.become(file.raw)
        try StandardStream.error.become(file.raw)
    }
}

/// Whoever started a lab, as the lab's processes see it until the lab serves. It is told a line at
/// a time.
final class Starter {
    private let lines: HeldDescriptor

    init(_ lines: HeldDescriptor) { self.lines = lines }

    private static let note = "note "
    private static let ready = "ready"
    private static let failure = "failure "

    /// The descriptor to keep in a forked child. It is broken when the starter has gone.
    var descriptors: [Int32] { lines.isClosed ? [] : [lines.raw] }

    func note(_ text: String) { _ = tell(Self.note + text) }

    /// The lab serves; false where the starter has gone.
    func ready() -> Bool {
        defer { leave() }
        return tell(Self.ready)
    }

    /// There will be no lab.
    /// - Parameter text: one sentence for people.
    func fail(_ text: String) {
        _ = tell(Self.failure + text)
        leave()
    }

    /// Tells no more.
    func leave() { lines.close() }

    private func tell(_ line: String) -> Bool {
        guard !lines.isClosed else { return false }
        let oneLine = line.split(whereSeparator: \.isNewline).joined(separator: " ")
        ProcessControl.ignoreBrokenPipes()
        return (try? lines.write(Array("\(oneLine)\n".utf8), to: "our starter")) != nil
    }

    /// Takes in a line at the starter's side: whether the lab serves now.
    static func isReady(_ line: String, _ say: (String) -> Void) throws(ControlError) -> Bool {
        if line.hasPrefix(note) { say(String(line.dropFirst(note.count))) }
        if line.hasPrefix(failure) { throw ControlError(String(line.dropFirst(failure.count))) }
        return line == ready
    }
}

/// A descriptor that closures can share, and that can be closed before its end.
final class HeldDescriptor {
    /// Not to be used once it is closed.
    let raw: Int32
    private var file: FileDescriptor?

    init(_ file: consuming FileDescriptor) {
        raw = file.raw
        self.file = consume file
    }

    static func pair(_ raw: (Int32, Int32)) -> (HeldDescriptor, HeldDescriptor) {
        (
            HeldDescriptor(FileDescriptor(owning: raw.0)),
            HeldDescriptor(FileDescriptor(owning: raw.1))
        )
    }

    var isClosed: Bool { file == nil }

    func close() { file = nil }

    /// Gives the descriptor away.
    func take() -> Int32 {
        let raw = raw
        if let file = file.take() { _ = file.release() }
        return raw
    }

    /// Reads at most `count` octets; none at the end, or once it is closed.
    func read(_ count: Int) throws(SystemError) -> [UInt8] {
        switch file {
        case .some(let file): return try file.read(count)
        case .none: return []
        }
    }

    /// Writes all of it; nothing once it is closed.
    func write(_ octets: [UInt8], to name: String) throws(SystemError) {
        switch file {
        case .some(let file): try file.write(octets, to: name)
        case .none: break
        }
    }
}
