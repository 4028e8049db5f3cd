// SPDX-License-Identifier: Apache-2.0

import Engine
import Primitives
import Wire

extension FuzzTarget {
    static let isisRouter = FuzzTarget(
        "isis-router", sizeMax: 3000,
        words: [
            [0, 43, 0x83, 20, 1, 0, 17, 1, 0, 0], [1, 51, 0x83, 27, 1, 0, 15, 1, 0, 0],
            [0, 60, 0x83, 27, 1, 0, 20, 1, 0, 0], [0, 83, 0x83, 33, 1, 0, 25, 1, 0, 0],
            [0x10, 0], [0x20, 3], [0x30, 100], [0xff, 0xff, 0xff, 0xff],
        ], cost: 5, isisStory)

    /// A router's life: the input is a script of what two neighbors send, of its links and of the
    /// clock. It never traps, arms no timer for the past, and does the same again.
    @Sendable private static func isisStory(_ input: [UInt8]) throws(Finding) {
        var story = ISISStory()
        try story.run(input)
        var again = ISISStory()
        try again.run(input)
        try require(story.outputs == again.outputs, "the same events, other outputs")
    }

    /// The PDU with a right length, and a right checksum if it is an LSP.
    static func repairPDU(_ octets: inout [UInt8]) {
        guard octets.count > 27 else { return }
        let type = octets[4] & 0x1f
        let place = 15...17 ~= type ? 17 : 8
        octets[place] = UInt8(octets.count >> 8)
        octets[place + 1] = UInt8(octets.count & 0xff)
        guard type == 18 || type == 20 else { return }
        let checksum = FletcherChecksum.of(octets.dropFirst(12), fieldAt: 12)
        octets[24] = UInt8(checksum >> 8)
        octets[25] = UInt8(checksum & 0xff)
    }
}

/// One life of a router of both levels with a point-to-point circuit and a LAN.
private struct ISISStory {
    private var instance: ISISInstance
    private var now = Instant(nanoseconds: 1_000_000_000)
    private var timers: [RoutingTimer: Instant] = [:]
    private(set) var outputs: [ProtocolOutput] = []

    init() {
        let circuits = (1...2).map { number in
            ISISCircuitConfiguration(
                interface: "eth\(number)", mac: MACAddress(bits: UInt64(number)),
                addresses: [
                    InterfaceAddress(
                        IPAddress(family: .ipv4, bits: UInt128(0x0a00_0001 + number << 16)),
                        length: 16)
                ],
                levels: .both, isPointToPoint: number == 1)
        }
        instance = ISISInstance(
            ISISConfiguration(
                systemID: SystemID(bits: 0x1000_0000_0002),
                areas: [AreaAddress(octets: [0x49, 0, 1])], levels: .both, hostname: "fuzz",
                routerID: IPv4Address(bits: 0x0a00_0001), circuits: circuits,
                families: [.ipv4, .ipv6], maximumLSPs: 20))
    }

    mutating func run(_ input: [UInt8]) throws(Finding) {
        try step { $0.start(&$1) }
        for circuit in 1...2 { try step { $0.interface("eth\(circuit)", isUp: true, &$1) } }
        var script = Script(input)
        while !script.isEmpty {
            let code = script.octet()
            let interface = "eth\(1 + code & 1)"
            switch code >> 4 {
            case 1: try step { $0.interface(interface, isUp: code & 2 == 0, &$1) }
            case 2: try wait(.milliseconds(Int64(script.octet()) * 100))
            case 3: try wait(.seconds(Int64(script.octet()) * 10))
            default:
                var octets = script.octets(Int(script.octet()))
                FuzzTarget.repairPDU(&octets)
                let packet = RoutingPacket(
                    .isis, interface: interface, source: .mac(MACAddress(bits: 9)),
                    destination: .mac(ISISPacket.allIntermediateSystems), hopLimit: 255,
                    payload: octets)
                try step { $0.received(packet, &$1) }
            }
        }
        _ = instance.show(at: now)
        try step { $0.shutDown(&$1) }
        try require(timers.isEmpty, "timers are left of a router that has stopped")
    }

    /// Lets time pass: a number of timers run out, the first ones first.
    private mutating func wait(_ duration: Duration) throws(Finding) {
        let end = now + duration
        for _ in 0..<50 {
            let due = timers.filter { $0.value <= end }
                .min { ($0.value, $0.key) < ($1.value, $1.key) }
            guard let (timer, moment) = due else { break }
            now = max(now, moment)
            timers[timer] = nil
            try step { $0.timer(timer, &$1) }
        }
        now = end
    }

    private mutating func step(
        _ body: (inout ISISInstance, inout ProtocolStep) -> Void
    ) throws(Finding) {
        var step = ProtocolStep(at: now)
        body(&instance, &step)
        for output in step.outputs {
            switch output {
            case .arm(let timer, let moment):
                try require(moment >= now, "\(timer) is armed for the past")
                timers[timer] = moment
            case .cancel(let timer): timers[timer] = nil
            case .send(let packet):
                let isPDU = (try? ISISPacket(decoding: packet.payload)) != nil
                try require(isPDU, "what is sent is no PDU")
            default: break
            }
        }
        outputs += step.outputs
    }
}
