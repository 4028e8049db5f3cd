// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Testing

/// Whole routers and cables between them in virtual time. Every life of a router is kept as the
/// lines of a recording, with what each event led to.
struct RecordedRouters {
    /// A cable has one name at all its ends.
    struct Cable {
        let name: String
        let ends: [Int]
        var isUp = true
    }

    /// A router from its start until it is killed.
    struct Life {
        let configuration: RouterConfiguration
        var lines: [String] = []
        /// By line, as text.
        var effects: [[String]] = []
    }

    private struct End: Hashable {
        var router: Int
        var connection: ConnectionID
    }

    let configurations: [RouterConfiguration]
    private(set) var now = Instant.zero
    /// nil for one that was killed.
    private(set) var routers: [Router?]
    private(set) var lives: [[Life]]
    private var cables: [Cable]
    private var timers: [[TimerID: Instant]]
    private var agenda: [(at: Instant, router: Int, event: Event)] = []
    /// By each end of a connection the other one.
    private var connections: [End: End] = [:]
    private var acceptedCount: UInt64 = 0

    private static let delay = Duration.milliseconds(1)

    init(_ configurations: [RouterConfiguration], _ cables: [Cable]) {
        self.configurations = configurations
        self.cables = cables
        routers = configurations.map { _ in nil }
        lives = configurations.map { _ in [] }
        timers = configurations.map { _ in [:] }
    }

    // MARK: What happens

    mutating func start() { for router in routers.indices { start(router) } }

    /// Begins a life of a router.
    mutating func start(_ router: Int) {
        routers[router] = Router(configurations[router])
        lives[router].append(Life(configuration: configurations[router]))
        perform(router, .start)
        for cable in cables where cable.isUp && cable.ends.contains(router) {
            perform(router, .link(interface: cable.name, isUp: true))
        }
    }

    /// Ends a router without a word; its connections are reset.
    mutating func kill(_ router: Int) {
        routers[router] = nil
        timers[router] = [:]
        agenda.removeAll { $0.router == router }
        for end in connections.keys.filter({ $0.router == router }).sorted(by: {
            $0.connection < $1.connection
        }) {
            disconnect(end, reason: "reset")
        }
    }

    mutating func set(_ cable: Int, isUp: Bool) {
        cables[cable].isUp = isUp
        for router in cables[cable].ends {
            perform(router, .link(interface: cables[cable].name, isUp: isUp))
        }
    }

    private mutating func perform(_ router: Int, _ event: Event) {
        guard let effects = routers[router]?.step(event, at: now) else { return }
        let life = lives[router].count - 1
        lives[router][life].lines.append(RecordedEvent(at: now, event: event).json.text)
        lives[router][life].effects.append(effects.map(\.json.text))
        for effect in effects { take(effect, of: router) }
    }

    private mutating func take(_ effect: Effect, of router: Int) {
        switch effect {
        case .arm(let timer, let moment): timers[router][timer] = moment
        case .cancel(let timer): timers[router][timer] = nil
        case .packet(let packet):
            for cable in cables where cable.isUp && cable.name == packet.interface {
                for end in cable.ends where end != router { later(end, .packet(packet)) }
            }
        case .connect(let id, .ldp(let address)):
            connect(End(router: router, connection: id), to: address)
        case .send(let id, let octets):
            guard let other = connections[End(router: router, connection: id)] else { break }
            later(other.router, .connection(other.connection, .received(octets)))
        case .close(let id):
            disconnect(End(router: router, connection: id), reason: "closed by the other side")
        default: break
        }
    }

    private mutating func later(_ router: Int, _ event: Event) {
        agenda.append((now + Self.delay, router, event))
    }

    // MARK: Connections

    private mutating func connect(_ end: End, to address: IPv4Address) {
        guard let other = configurations.firstIndex(where: { $0.routerID == address }),
            routers[other] != nil
        else {
            return later(end.router, .connection(end.connection, .failed(reason: "no route")))
        }
        acceptedCount += 1
        let far = End(
            router: other, connection: ConnectionID(isOutgoing: false, number: acceptedCount))
        connections[end] = far
        connections[far] = end
        let peer = ConnectionPeer.ldp(configurations[end.router].routerID)
        later(other, .connection(far.connection, .accepted(peer)))
        later(end.router, .connection(end.connection, .connected))
    }

    private mutating func disconnect(_ end: End, reason: String) {
        guard let other = connections.removeValue(forKey: end) else { return }
        connections[other] = nil
        later(other.router, .connection(other.connection, .closed(reason: reason)))
    }

    // MARK: Time

    /// Lets time pass; what comes by cable is before the timers of the same moment.
    mutating func run(for duration: Duration) {
        let end = now + duration
        while true {
            let timer = timers.indices.flatMap { router in
                timers[router].map { (at: $0.value, router: router, timer: $0.key) }
            }.min { ($0.at, $0.router, $0.timer) < ($1.at, $1.router, $1.timer) }
            if let first = agenda.first, first.at <= min(end, timer?.at ?? end) {
                agenda.removeFirst()
                now = max(now, first.at)
                perform(first.router, first.event)
            } else if let timer, timer.at <= end {
                now = max(now, timer.at)
                timers[timer.router][timer.timer] = nil
                perform(timer.router, .timer(timer.timer))
            } else {
                break
            }
        }
        now = end
    }

    // MARK: What must hold

    /// All that a router ever did, in words.
    func effects(_ router: Int) -> [String] { lives[router].flatMap { $0.effects.joined() } }

    /// Each life, read back from its lines and lived again, has the same effects.
    func expectReplay(sourceLocation: SourceLocation = #_sourceLocation) throws {
        for life in lives.joined() {
            var again = Router(life.configuration)
            for (line, expected) in zip(life.lines, life.effects) {
                let event = try #require(RecordedEvent(json: try JSON(parsing: line)), "\(line)")
                let effects = again.step(event.event, at: event.at).map(\.json.text)
                #expect(effects == expected, "\(line)", sourceLocation: sourceLocation)
            }
        }
    }
}
