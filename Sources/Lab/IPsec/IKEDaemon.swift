// SPDX-License-Identifier: Apache-2.0

import Kernel
import Primitives

/// The IKE daemon of a node: strongSwan's charon, in the node's namespaces, told by us through its
/// control socket what to do.
///
/// Its associations and policies are the kernel's. They stay when the daemon ends, so that nothing
/// that was to be protected goes out in clear.
final class IKEDaemon {
    static let program = "/usr/sbin/charon-systemd"
    /// Debian's name of what has it.
    static let package = "charon-systemd"
    /// A directory in the node's own /run.
    private static let directory = "/run/weft-ike"
    private static let socketPath = "/run/charon.vici"

    let node: String
    private(set) var peers: [IKEPeer]
    private let secret: (IKEPeer) -> String
    private let loop: EventLoop
    private(set) var pid: Int32?
    private var log: DaemonLog?
    private var vici: ViciConnection?
    /// It knows all its peers, and the kernel holds back what is for them until it is protected.
    private(set) var isReady = false
    private var isEndExpected = false
    private var onReady: [(String?) -> Void] = []
    private var onEnd: [() -> Void] = []
    /// Called with every line that it prints, and with why it ended by itself.
    var onLine: (String) -> Void = { _ in }
    /// Whether the kernel has an association with a peer.
    var isUp: (IKEPeer) -> Bool = { _ in false }
    /// Why there is no association with a peer, by its name.
    private var reasons: [String: String] = [:]

    /// After a refusal, until the next attempt.
    private static let retryDelay: Duration = .seconds(2)
    private static let connectDelay: Duration = .milliseconds(10)

    /// - Parameter secret: the pre-shared key with a peer.
    init(
        _ node: String, _ peers: [IKEPeer], _ loop: EventLoop,
        secret: @escaping (IKEPeer) -> String
    ) {
        self.node = node
        self.peers = peers
        self.loop = loop
        self.secret = secret
    }

    /// Why there is no association with a peer; nil where that is not known.
    func reason(of peer: String) -> String? { reasons[peer] }

    // MARK: Life

    /// Starts the daemon. Look at `whenReady` for what comes of it.
    func start(in network: Namespace, _ room: NodeRoom) throws(SystemError) {
        precondition(pid == nil, "a daemon is started once")
        (isReady, isEndExpected, reasons) = (false, false, [:])
        let (ours, theirs) = try DescriptorPair.pipe().split()
        let log = try DaemonLog(FileDescriptor(owning: ours), loop)
        log.onLine = { [unowned self] in self.take(line: $0) }
        self.log = log
        let output = FileDescriptor(owning: theirs)
        let pid = try ChildProcess.fork([.diesWithParent, .ownSession]) {
            Self.become(output.raw) { () throws(SystemError) in
                try network.set()
                try room.enter()
            }
        }
        self.pid = pid
        connect(pid, room, until: loop.now + RunningLab.patience)
    }

    /// In the child: moves into the node and becomes the daemon.
    private static func become(
        _ output: Int32, _ move: () throws(SystemError) -> Void
    ) -> Int32 {
        do throws(SystemError) {
            let null = try FileDescriptor.open("/dev/null")
            try StandardStream.input.become(null.raw)
            try StandardStream.output.become(output)
            try StandardStream.error.become(output)
            try move()
            // One that was killed leaves its socket behind.
            FileSystem.remove(socketPath)
            try FileSystem.makePrivateDirectory(directory)
            let settings = "\(directory)/strongswan.conf"
            try FileSystem.replace(settings, Array(StrongSwanTemplates.daemon.utf8))
            FileDescriptor.closeAll(except: [])
            Surroundings.changeDirectory("/")
            throw ChildProcess.replace(
                [program], environment: ["STRONGSWAN_CONF": settings, "PATH": "/usr/sbin:/usr/bin"])
        } catch {
            StandardStream.error.write("\(error)\n".utf8)
            return 127
        }
    }

    /// Tries until the daemon listens.
    private func connect(_ pid: Int32, _ room: NodeRoom, until deadline: Instant) {
        guard self.pid == pid, vici == nil else { return }
        if let vici = try? ViciConnection(try room.connect(to: Self.socketPath), loop) {
            self.vici = vici
            return load(peers[...])
        }
        guard loop.now < deadline else { return finishStart("does not listen") }
        loop.call(at: loop.now + Self.connectDelay) { [weak self] in
            self?.connect(pid, room, until: deadline)
        }
    }

    /// Tells the daemon of one peer after the other.
    private func load(_ peers: ArraySlice<IKEPeer>) {
        guard let peer = peers.first else { return finishStart(nil) }
        var left = 0
        var failure: String?
        for (command, message) in peer.requests(secret: secret(peer)) {
            left += 1
            ask(command, message) { [weak self] answer in
                if case .failure(let refusal) = answer { failure = failure ?? refusal.text }
                left -= 1
                guard left == 0, let self else { return }
                if let failure { return finishStart("\(peer.node): \(failure)") }
                load(peers.dropFirst())
            }
        }
    }

    /// Takes other peers. Associations with those that are the same go on; what is to be protected
    /// is held back all the time, because a peer that changes is loaded again before it is left.
    func change(to new: [IKEPeer], _ body: @escaping (String?) -> Void) {
        let old = peers
        peers = new
        guard isReady else { return body(nil) }
        isReady = false
        let names = Set(new.map(\.node))
        let gone = old.filter { !names.contains($0.node) }
        let changed = new.filter { !old.contains($0) }
        onReady.append { [weak self] failure in
            for peer in changed where old.contains(where: { $0.node == peer.node }) {
                self?.terminate(peer) { if peer.initiates { self?.initiate(peer) } }
            }
            body(failure)
        }
        var left = gone.count + 1
        func loadWhenForgotten() {
            left -= 1
            if left == 0 { load(changed[...]) }
        }
        for peer in gone { forget(peer, loadWhenForgotten) }
        loadWhenForgotten()
    }

    /// Nothing to a peer is protected any more.
    private func forget(_ peer: IKEPeer, _ body: @escaping () -> Void) {
        reasons[peer.node] = nil
        let name = ViciMessage([.init(name: "name", value: .text(peer.node))])
        ask("unload-conn", name) { [weak self] _ in
            if let self { terminate(peer, body) } else { body() }
        }
    }

    /// Ends the associations with a peer, if there are any, and calls `body`.
    private func terminate(_ peer: IKEPeer, _ body: @escaping () -> Void) {
        let message = ViciMessage([
            .init(name: "ike", value: .text(peer.node)),
            .init(name: "timeout", value: .text(Self.goodbyeLimit)),
        ])
        ask("terminate", message) { _ in body() }
    }

    private func ask(
        _ command: String, _ message: ViciMessage, _ answer: @escaping ViciConnection.Answer
    ) {
        guard let vici else { return answer(.failure(.init(text: "it is not running"))) }
        vici.ask(command, message, answer)
    }

    private func finishStart(_ failure: String?) {
        isReady = failure == nil
        let waiting = onReady
        onReady = []
        for body in waiting { body(failure.map { "\(node)'s IKE daemon: \($0)" }) }
    }

    /// Calls `body` when the kernel holds back what is to be protected, or with what went wrong.
    func whenReady(_ body: @escaping (String?) -> Void) {
        if isReady { body(nil) } else { onReady.append(body) }
    }

    /// Calls `body` when the process has ended.
    func whenEnded(_ body: @escaping () -> Void) {
        if pid == nil { body() } else { onEnd.append(body) }
    }

    /// Ends the process without a goodbye.
    func kill() {
        isEndExpected = true
        if let pid { ChildProcess.signal(pid, SignalDescriptor.kill) }
    }

    /// Tells every peer that its associations are over, and ends the process. What is to be
    /// protected is still held back.
    func stop() {
        isEndExpected = true
        var left = peers.count
        guard vici != nil, left > 0 else { return kill() }
        for peer in peers {
            let message = ViciMessage([
                .init(name: "ike", value: .text(peer.node)),
                .init(name: "timeout", value: .text(Self.goodbyeLimit)),
            ])
            ask("terminate", message) { [weak self] _ in
                left -= 1
                if left == 0 { self?.kill() }
            }
        }
    }

    /// Milliseconds that a peer may take to take leave.
    private static let goodbyeLimit = "300"

    /// To be called with every child that ended.
    /// - Returns: whether it was this one.
    func take(_ exit: ChildProcess.Exit) -> Bool {
        guard let pid, exit.pid == pid else { return false }
        self.pid = nil
        let how = exit.signal.map { "signal \($0)" } ?? "status \(exit.status ?? 0)"
        let last = log?.close()
        log = nil
        vici?.close()
        vici = nil
        // One that was killed has not said why.
        let why = exit.signal == nil ? last.map { ": \($0)" } ?? "" : ""
        let text = "ended by \(how)\(why)"
        var reason = "\(node) is stopped"
        if !isEndExpected {
            reason = "\(node)'s IKE daemon \(text)"
            StandardStream.error.write("\(reason)\n".utf8)
            onLine(text)
        }
        for peer in peers { reasons[peer.node] = reason }
        finishStart(text)
        for body in onEnd { body() }
        onEnd = []
        return true
    }

    // MARK: Associations

    /// Speaks to all peers to whom it is ours to speak first.
    func initiateAll() { for peer in peers where peer.initiates && !isUp(peer) { initiate(peer) } }

    private func initiate(_ peer: IKEPeer) {
        ask("initiate", Self.selection(of: peer, more: [("timeout", "-1")])) { _ in }
    }

    /// Begins to replace the associations with a peer by new ones.
    /// - Parameter body: called when that is under way, or with why not.
    func rekey(_ peer: IKEPeer, _ body: @escaping (String?) -> Void) {
        ask("rekey", Self.selection(of: peer)) { answer in
            if case .failure(let refusal) = answer { body(refusal.text) } else { body(nil) }
        }
    }

    private static func selection(
        of peer: IKEPeer, more: [(String, String)] = []
    ) -> ViciMessage {
        ViciMessage(
            ([("ike", peer.node), ("child", peer.transport)] + more).map {
                .init(name: $0, value: .text($1))
            })
    }

    private func take(line: Substring) {
        onLine(String(line))
        guard let line = IKELogLine(line), let peer = peers.first(where: { $0.node == line.peer })
        else { return }
        switch line.news {
        case .established: reasons[peer.node] = nil
        case .goodbye: reasons[peer.node] = "the peer has said goodbye"
        case .silent: reasons[peer.node] = "the peer does not answer"
        case .refused(let reason):
            reasons[peer.node] = reason
            guard peer.initiates, let pid else { return }
            loop.call(at: loop.now + Self.retryDelay) { [weak self] in
                // Unless all is well by now, or this is another life.
                if let self, self.pid == pid, !isUp(peer) { initiate(peer) }
            }
        }
    }
}

/// What a daemon prints, line by line.
private final class DaemonLog {
    private let file: FileDescriptor
    private let loop: EventLoop
    private var rest = ""
    /// The last line that was not empty, and not about one peer.
    private var last: String?
    private var isClosed = false
    var onLine: (Substring) -> Void = { _ in }

    init(_ file: consuming FileDescriptor, _ loop: EventLoop) throws(SystemError) {
        self.file = file
        self.loop = loop
        try self.file.setNonBlocking()
        try loop.watch(self.file.raw) { [unowned self] _ in self.read() }
    }

    /// - Returns: the last line.
    func close() -> String? {
        read()
        if !isClosed { loop.forget(file.raw) }
        isClosed = true
        return last
    }

    private func read() {
        while !isClosed {
            do throws(SystemError) {
                let octets = try file.read(16 << 10)
                if octets.isEmpty {
                    isClosed = true
                    return loop.forget(file.raw)
                }
                take(octets)
            } catch { return }
        }
    }

    private func take(_ octets: [UInt8]) {
        rest += String(decoding: octets, as: UTF8.self)
        let lines = rest.split(separator: "\n", omittingEmptySubsequences: false)
        rest = String(lines.last ?? "")
        for line in lines.dropLast() where !line.isEmpty {
            if !IKELogLine.isAboutPeer(line) { last = String(line) }
            onLine(line)
        }
    }
}
