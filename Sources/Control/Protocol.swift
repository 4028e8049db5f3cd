// SPDX-License-Identifier: Apache-2.0

import Primitives

/// The control protocol: what the command line, the verifier and the supervisor say to each other.
///
/// A connection carries frames: a 4-octet length in network order, one octet that tells the kind,
/// and the body (at most 16 MiB). Kind 0 is a JSON message. Kind 1 is bytes of a running command:
/// 4 octets of request id, one of stream (0 standard input, 1 output, 2 error), then data; no
/// data means end of stream.
///
/// A request is {id, op, …}. It is answered by {id, result: …} or {id, error: TEXT}; before that,
/// operations that take time or never end send {id, progress: …} messages. Requests of one
/// connection run side by side. Closing the connection cancels what it asked for.
package enum ControlOperation: String, Sendable, CaseIterable {
    /// → {name, description, substrate, state: building|running|stopping, pid, nodes: [{name, role,
    /// state: running|stopped, pid}], file, topology (the file's text), started (seconds ago),
    /// unfinished? (why the lab is not all that its file says: a change that failed)}
    case hello
    /// {topology: TEXT, file} → {changes: N}; progress: {phase, text}. Only once, first thing.
    case build
    /// {topology: TEXT, file} → {equal, changes: [{change: added|removed|changed, kind:
    /// node|link|lan, name, details?: [TEXT]}], kernel (objects changed)}; progress: {phase, text}.
    /// Makes the running lab what another file of its name says. Where it fails, the error says
    /// what the lab is now, and the same again completes it.
    case apply
    /// {node, query: neighbors|routes|received|advertised|vrfs|vrrp|mpls|transports|interfaces|
    /// isis|ospf|ospf3|rip|ripng|ldp|bfd|counters,
    /// vrf?, prefix?, source?, neighbor?} → as Engine's Query says
    case show
    /// {node} → {peers: [{name (the peer's), transport, profile, keying: manual|ike, mode, cipher,
    /// state: up|down|failing, reason? (unless up), associations: [{direction: in|out, spi, bytes,
    /// packets, integrity-failures, replayed, age (whole seconds), rekey-in? (whole seconds)}]}]},
    /// from the kernel's own associations
    case ipsec
    /// {nodes?: [...]} → {nodes: [{name, counters}]}: counters of all running routers in one answer
    case counters
    /// {node, vrf?, prefix} → {routes: [{prefix, table, via?, interface?, labels: []}]}, from the
    /// kernel
    case kernelRoutes = "kernel-routes"
    /// {node, address, vrf?} or {node, label} → {engine, kernel}: what the router wants done with
    /// such a packet, as Engine's Query.lookUp says, and what the kernel's tables do with it
    case lookUp = "look-up"
    /// {event: deactivate|activate, node, vrf?, neighbor} or
    /// {event: link-down|link-up, link, node?} or {event: kill|stop|start, node} or
    /// {event: impair, link, node?, delay?, jitter?: DURATION, loss?: "1%", rate?: "10mbit"} or
    /// {event: repair, link, node?} or {event: rekey, node, peer} →
    /// {at: nanoseconds of the lab's monotonic clock, text: what happened, in words, nodes: [the
    /// routers that it touches directly]}. Answered once the event has happened and all of them
    /// have taken it in.
    case event
    /// {} → {sessions: [{node, vrf?, neighbor, address, deactivated}], links: [{link, node}],
    /// nodes: [{node, state, reason?}], impairments: [{link, node, delay?, jitter?, loss?,
    /// rate?}]}: what is not as the file says. A link is named once for every end that is pulled
    /// or impaired.
    case deviations
    /// {} → {nodes: [{name, vrfs: [NAME], devices: [NAME], neighbors: [{name, address, vrf?}],
    /// ipsec-peers: [NAME]}], links: [{name, nodes: [NAME]}]}: what can be named in requests;
    /// LANs are among the links
    case names
    /// {node, vrf?, source?, to, kind: ping, count, interval-ms, timeout-ms} →
    /// {sent, received, replies: [{sequence, rtt-us}], errors: [{from, type, code}]}
    case ping
    /// {node, vrf?, source?, to, hops-max, timeout-ms} → {hops: [{hop, from?, rtt-us?}], reached}
    case traceroute
    /// {node, vrf?, source?, to, interval-us} → starts probing; progress {started: true} when the
    /// first answer has come or 2 s have passed; runs until `outage-stop`
    case outageStart = "outage-start"
    /// {outage: id of the start request} → {sent, lost, longest-gap-us, lost-forward, lost-back,
    /// gaps: [{at (ns), duration-us, lost}], samples: [{at (ns), sent, lost, min-us?, mean-us?,
    /// max-us?}]}: forward and back are told apart by what the far end saw; samples, at most 2000,
    /// are neighbouring probes put together, with their round trips
    case outageStop = "outage-stop"
    /// {node, vrf?, source?, to, mtu, timeout-ms} → {passed: whether an echo request of `mtu`
    /// octets with DF was answered, refused-mtu?: what the ICMP error for one octet more says,
    /// refused-by?: its sender, or the node's own name, text: both in words}
    case pathMTU = "path-mtu"
    /// {link, only?: [KIND], some: [KIND], labels?: [N], never: [PREFIX]} → captures all packets
    /// of the link in both directions; progress {started: true} once it does; runs until
    /// `wire-stop`
    case wireStart = "wire-start"
    /// {wire: id of the start request} → {packets, kinds: [{kind, packets}], missing: [KIND of
    /// `some` that was not seen], offending (packets), lost (packets that passed unseen), first?:
    /// {at (ns), direction: TEXT, text: the packet's layers in words, octets: HEX}}
    case wireStop = "wire-stop"
    /// {node, argv: [...], env?: {…}, terminal?: {rows, columns}} → {status, signal?}; kind-1
    /// frames carry its streams both ways. With `terminal`, a pseudo-terminal is all three streams.
    case exec
    /// {node?, link (or with node a device), form: pcapng|text} → progress {started: true, node,
    /// device}, then kind-1 frames of standard output, until {id, stop: true} comes;
    /// → {packets, lost (because they were not read in time)}
    case capture
    /// {} → endless progress {node, report: {…}, at} whenever a router reports something; of more
    /// than can be read, {report: {type: left-out, reports: N}} stands for those of routes
    case watch
    /// {node?, kinds?: [lab|event|session|vrrp|link|malformed|problem|router|ike], since-ns? (no
    /// older), follow?} → progress {entries: [{number, at (ns), seconds (since the lab began), time
    /// (ISO 8601), node?, kind, text}], skipped (before these, as the client did not keep up)},
    /// then {total, dropped: how many are no longer kept}; with `follow` endless instead
    case logs
    /// {} → {}; the lab is gone when the connection closes
    case down
}
