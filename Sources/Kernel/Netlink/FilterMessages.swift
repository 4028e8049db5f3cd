// SPDX-License-Identifier: Apache-2.0

import CNetlink
import Glibc
import KernelObjects
import Primitives

/// Requests about traffic control: the clsact hook, the filter that takes a packet with a VPN label
/// out of MPLS and into its VRF, and the one that marks packets of a VRF (tc-flower(8), tc-mpls(8),
/// tc-mirred(8), tc-skbedit(8)).
enum FilterMessages {
    /// TC_H_MAKE(TC_H_CLSACT, 0), and the parent of ingress filters below it.
    private static let clsactHandle: UInt32 = 0xffff_0000
    private static let clsactParent: UInt32 = 0xffff_fff1
    private static let ingressParent: UInt32 = 0xffff_fff2

    /// Of our filters alone, so that we never touch those of others.
    private static let priority = UInt32(RouteProtocol.weft)

    /// `tc qdisc add dev … clsact`; one that is there stays.
    static func addHook(_ index: UInt32, _ operation: String) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: Int(RTM_NEWQDISC), flags: NLM_F_CREATE)
        var header = tcmsg()
        header.tcm_ifindex = Int32(bitPattern: index)
        header.tcm_handle = clsactHandle
        header.tcm_parent = clsactParent
        message.append(header)
        message.attribute(Int(TCA_KIND), "clsact")
        return message
    }

    /// The filter of one label, for packets that carry it alone and the family below it. Its handle
    /// is made of the label and its priority is one for all labels, so that replacing and removing
    /// name exactly one filter.
    static func decapsulate(
        _ label: Label, _ family: AddressFamily, on index: UInt32, to popDevice: UInt32,
        _ operation: String
    ) -> NetlinkMessage {
        var message = header(
            labels(handle(of: label)), on: index, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_REPLACE,
            operation)
        message.attribute(Int(TCA_KIND), "flower")
        message.nest(Int(TCA_OPTIONS)) { options in
            options.attribute(Int(TCA_FLOWER_KEY_ETH_TYPE), native: UInt16(ETH_P_MPLS_UC).bigEndian)
            options.attribute(Int(TCA_FLOWER_KEY_MPLS_LABEL), label.value)
            options.attribute(Int(TCA_FLOWER_KEY_MPLS_BOS), UInt8(1))
            options.nest(Int(TCA_FLOWER_ACT)) { actions in
                pop(&actions, order: 1, to: family)
                redirect(&actions, order: 2, to: popDevice)
            }
        }
        return message
    }

    /// `tc filter del dev … ingress protocol mpls_uc pref …`: the filters of all labels.
    static func removeAll(on index: UInt32, _ operation: String) -> NetlinkMessage {
        header(labels(0), on: index, RTM_DELTFILTER, 0, operation)
    }

    static func remove(
        _ label: Label, on index: UInt32, _ operation: String
    ) -> NetlinkMessage {
        var message = header(labels(handle(of: label)), on: index, RTM_DELTFILTER, 0, operation)
        message.attribute(Int(TCA_KIND), "flower")
        return message
    }

    /// The bit above the 20 of a label keeps handles off 0, which means any.
    static func handle(of label: Label) -> UInt32 { label.value | 1 << 20 }

    /// The filter that marks packets of IPv6 that arrive on a port of a VRF with the number of its
    /// table, which is also the filter's handle.
    static func mark(with table: UInt32, on index: UInt32, _ operation: String) -> NetlinkMessage {
        var message = header(
            marks(table), on: index, RTM_NEWTFILTER, NLM_F_CREATE | NLM_F_REPLACE, operation)
        message.attribute(Int(TCA_KIND), "flower")
        message.nest(Int(TCA_OPTIONS)) { options in
            options.attribute(Int(TCA_FLOWER_KEY_ETH_TYPE), native: UInt16(ETH_P_IPV6).bigEndian)
            options.nest(Int(TCA_FLOWER_ACT)) { setMark(&$0, order: 1, to: table) }
        }
        return message
    }

    static func removeMark(
        with table: UInt32, on index: UInt32, _ operation: String
    ) -> NetlinkMessage {
        var message = header(marks(table), on: index, RTM_DELTFILTER, 0, operation)
        message.attribute(Int(TCA_KIND), "flower")
        return message
    }

    /// Lists the ingress filters of a link.
    static func list(on index: UInt32) -> NetlinkMessage {
        var message = NetlinkMessage("list filters", type: Int(RTM_GETTFILTER), flags: NLM_F_DUMP)
        var header = tcmsg()
        header.tcm_ifindex = Int32(bitPattern: index)
        header.tcm_parent = ingressParent
        message.append(header)
        return message
    }

    /// Whether a listed filter is that which `mark` makes.
    static func isMark(_ filter: tcmsg, with table: UInt32) -> Bool {
        filter.tcm_handle == table && filter.tcm_info == marks(table).information
    }

    /// What tells a filter from others of its link.
    private struct Place {
        var handle: UInt32
        var priority: UInt32
        var etherType: UInt16

        /// Priority in the high half, protocol in network order in the low one (TC_H_MAKE).
        var information: UInt32 { priority << 16 | UInt32(etherType.bigEndian) }
    }

    /// - Parameter handle: 0 means all.
    private static func labels(_ handle: UInt32) -> Place {
        Place(handle: handle, priority: priority, etherType: UInt16(ETH_P_MPLS_UC))
    }

    /// Filters of one priority must be of one protocol.
    private static func marks(_ table: UInt32) -> Place {
        Place(handle: table, priority: priority + 1, etherType: UInt16(ETH_P_IPV6))
    }

    private static func header(
        _ place: Place, on index: UInt32, _ type: Int, _ flags: Int32, _ operation: String
    ) -> NetlinkMessage {
        var message = NetlinkMessage(operation, type: type, flags: flags)
        var header = tcmsg()
        header.tcm_ifindex = Int32(bitPattern: index)
        header.tcm_handle = place.handle
        header.tcm_parent = ingressParent
        header.tcm_info = place.information
        message.append(header)
        return message
    }

    /// `action skbedit mark …`, and on to filters of others.
    private static func setMark(_ actions: inout NetlinkMessage, order: Int, to mark: UInt32) {
        actions.nest(order) { action in
            action.attribute(Int(TCA_ACT_KIND), "skbedit")
            action.nest(Int(TCA_ACT_OPTIONS)) { options in
                var parameters = tc_skbedit()
                parameters.action = TC_ACT_UNSPEC
                options.attribute(Int(TCA_SKBEDIT_PARMS), native: parameters)
                options.attribute(Int(TCA_SKBEDIT_MARK), mark)
            }
        }
    }

    /// `action mpls pop protocol … pipe`.
    private static func pop(
        _ actions: inout NetlinkMessage, order: Int, to family: AddressFamily
    ) {
        let below = UInt16(family == .ipv4 ? ETH_P_IP : ETH_P_IPV6)
        actions.nest(order) { action in
            action.attribute(Int(TCA_ACT_KIND), "mpls")
            action.nest(Int(TCA_ACT_OPTIONS)) { options in
                var parameters = tc_mpls()
                parameters.action = TC_ACT_PIPE
                parameters.m_action = TCA_MPLS_ACT_POP
                options.attribute(Int(TCA_MPLS_PARMS), native: parameters)
                options.attribute(Int(TCA_MPLS_PROTO), native: below.bigEndian)
            }
        }
    }

    /// `action mirred ingress redirect dev …`.
    private static func redirect(
        _ actions: inout NetlinkMessage, order: Int, to popDevice: UInt32
    ) {
        actions.nest(order) { action in
            action.attribute(Int(TCA_ACT_KIND), "mirred")
            action.nest(Int(TCA_ACT_OPTIONS)) { options in
                var parameters = tc_mirred()
                parameters.action = TC_ACT_STOLEN
                parameters.eaction = TCA_INGRESS_REDIR
                parameters.ifindex = popDevice
                options.attribute(Int(TCA_MIRRED_PARMS), native: parameters)
            }
        }
    }
}
