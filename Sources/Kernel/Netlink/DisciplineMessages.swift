// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about the root queueing discipline of a link, and what the kernel says of it
/// (linux/pkt_sched.h, tc-netem(8)).
enum DisciplineMessages {
    /// `tc qdisc replace dev … root netem …`.
    static func replace(
        with netem: NetemDiscipline, on index: UInt32, _ operation: String
    ) -> NetlinkMessage {
        var message = request(
            operation, Int(RTM_NEWQDISC), flags: NLM_F_CREATE | NLM_F_REPLACE, on: index)
        message.attribute(Int(TCA_KIND), kind)
        // The options begin with a fixed part, and so have no flag of nesting.
        let options = message.open(Int(TCA_OPTIONS))
        message.append(fixedPart(netem))
        let impairment = netem.impairment
        message.attribute(Int(TCA_NETEM_LATENCY64), native: impairment.delay.nanoseconds)
        message.attribute(Int(TCA_NETEM_JITTER64), native: impairment.jitter.nanoseconds)
        if let rate = impairment.rate { describe(rate, &message) }
        message.close(options)
        return message
    }

    /// `tc qdisc del dev … root`.
    static func remove(on index: UInt32, _ operation: String) -> NetlinkMessage {
        request(operation, Int(RTM_DELQDISC), flags: 0, on: index)
    }

    /// `tc qdisc show`.
    static func list() -> NetlinkMessage {
        var message = NetlinkMessage("list qdiscs", type: Int(RTM_GETQDISC), flags: NLM_F_DUMP)
        message.append(tcmsg())
        return message
    }

    private static let kind = "netem"

    private static func request(
        _ operation: String, _ type: Int, flags: Int32, on index: UInt32
    ) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: type, flags: flags)
        var header = tcmsg()
        header.tcm_ifindex = Int32(bitPattern: index)
        header.tcm_parent = UInt32(TC_H_ROOT)
        message.append(header)
        return message
    }

    /// Times are left to the attributes: in here they are in the kernel's ticks.
    private static func fixedPart(_ netem: NetemDiscipline) -> tc_netem_qopt {
        var options = tc_netem_qopt()
        options.limit = netem.limit
        options.loss = probability(netem.impairment.loss)
        return options
    }

    private static func describe(_ rate: BitRate, _ message: inout NetlinkMessage) {
        var value = tc_netem_rate()
        value.rate = UInt32(clamping: rate.octetsPerSecond)
        message.attribute(Int(TCA_NETEM_RATE), native: value)
        guard rate.octetsPerSecond > UInt64(UInt32.max) else { return }
        message.attribute(Int(TCA_NETEM_RATE64), native: rate.octetsPerSecond)
    }

    /// 0 is never, all bits set is always.
    private static func probability(_ share: PacketShare) -> UInt32 {
        let product = UInt64(share.millionths) * UInt64(UInt32.max)
        return UInt32((product + 500_000) / 1_000_000)
    }

    private static func share(_ probability: UInt32) -> PacketShare {
        let product = UInt64(probability) * 1_000_000
        let millionths = UInt32((product + UInt64(UInt32.max) / 2) / UInt64(UInt32.max))
        return PacketShare(millionths: millionths) ?? .all
    }

    /// The link and the discipline that a message of a list is about; nil for other kinds, and
    /// where it is not the link's root.
    static func netem(_ reply: NetlinkReply) -> (index: UInt32, NetemDiscipline)? {
        guard let (header, attributes) = reply.parsed(tcmsg.self),
            header.tcm_parent == UInt32(TC_H_ROOT), attributes[Int(TCA_KIND)]?.text == kind,
            let options = attributes[Int(TCA_OPTIONS)],
            let fixed = options.load(tc_netem_qopt.self)
        else { return nil }
        let rest = NetlinkAttributes(options.dropFirst(MemoryLayout<tc_netem_qopt>.size))
        let delay: Int64 = rest[Int(TCA_NETEM_LATENCY64)]?.load() ?? 0
        let jitter: Int64 = rest[Int(TCA_NETEM_JITTER64)]?.load() ?? 0
        let rate: tc_netem_rate? = rest[Int(TCA_NETEM_RATE)]?.load()
        let longRate: UInt64? = rest[Int(TCA_NETEM_RATE64)]?.load()
        let octets = longRate ?? UInt64(rate?.rate ?? 0)
        let impairment = Impairment(
            delay: .nanoseconds(delay), jitter: .nanoseconds(jitter), loss: share(fixed.loss),
            rate: BitRate(bitsPerSecond: octets * 8))
        return (UInt32(bitPattern: header.tcm_ifindex), .init(impairment, limit: fixed.limit))
    }
}

extension NetlinkSocket {
    /// Has a link impair what it sends; what was there before is replaced.
    package func impair(
        link index: UInt32, _ name: String, _ netem: NetemDiscipline
    ) throws(SystemError) {
        try send(DisciplineMessages.replace(with: netem, on: index, "set netem on \(name)"))
    }

    /// Has a link send again as it was made; one that was never impaired is no error.
    package func repair(link index: UInt32, _ name: String) throws(SystemError) {
        // The kernel calls its own default discipline an invalid one to remove, or none at all.
        try send(
            DisciplineMessages.remove(on: index, "remove netem from \(name)"),
            tolerating: [ENOENT, EINVAL])
    }

    /// The impairing root disciplines of all links, by index.
    package func impairments() throws(SystemError) -> [UInt32: NetemDiscipline] {
        var found: [UInt32: NetemDiscipline] = [:]
        for reply in try dump(DisciplineMessages.list()) {
            if let (index, netem) = DisciplineMessages.netem(reply) { found[index] = netem }
        }
        return found
    }
}
