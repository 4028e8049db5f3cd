// SPDX-License-Identifier: Apache-2.0

import Glibc
import Kernel

/// The packets that pass through a namespace.
final class Capture {
    private let descriptor: FileDescriptor
    /// Octets of Ethernet's header.
    private static let header = 14
    /// ETH_P_ALL, which alone shows what goes out, and ETH_P_MPLS_UC.
    private static let all: UInt16 = 3
    private static let labelled: [UInt8] = [0x88, 0x47]

    /// Listens on every link of the calling thread's namespace.
    init() throws(SystemError) {
        let type = Int32(SOCK_RAW.rawValue | SOCK_NONBLOCK.rawValue | SOCK_CLOEXEC.rawValue)
        let raw = socket(AF_PACKET, type, Int32(Self.all.bigEndian))
        guard raw >= 0 else { throw SystemError("open a packet socket") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Those that came since the last call, top label first: `102/502`.
    func stacks() -> [String] {
        var stacks: [String] = []
        for frame in frames() where Array(frame[12..<14]) == Self.labelled {
            var labels: [String] = []
            var rest = frame[Self.header...]
            while rest.count >= 4 {
                let entry = rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) }
                labels.append(String(entry >> 12))
                if entry & 0x100 != 0 { break }
                rest = rest.dropFirst(4)
            }
            stacks.append(labels.joined(separator: "/"))
        }
        return stacks
    }

    /// What came since the last call: `mpls`, `ip 47` for GRE and `ip 50` for ESP by the number of
    /// the protocol, `ipv6`. Packets of the links' own are left out: ARP, and IPv6 from link-local
    /// addresses or none.
    func kinds() -> Set<String> {
        Set(frames().compactMap(Self.kind))
    }

    private static func kind(_ frame: [UInt8]) -> String? {
        switch Array(frame[12..<14]) {
        case labelled: "mpls"
        case [0x08, 0x00] where frame.count > 23: "ip \(frame[23])"
        case [0x86, 0xdd] where frame.count > 22 && frame[22] & 0xe0 == 0x20: "ipv6"
        default: nil
        }
    }

    private func frames() -> [[UInt8]] {
        var frames: [[UInt8]] = []
        while let frame = try? descriptor.read(2048), !frame.isEmpty {
            if frame.count > Self.header { frames.append(frame) }
        }
        return frames
    }
}
