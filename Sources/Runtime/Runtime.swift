// SPDX-License-Identifier: Apache-2.0

// The room where a router meets the kernel. Everything here runs inside a namespace, in a child
// that the supervisor forked:
//
// Router/  RouterProcess: one thread, one loop, between the engine's events and effects and the
//          kernel's sockets, timers, links and forwarding tables.
// Probe/   ping, traceroute, path MTU, the outage meter and captures of links, each a process of
//          its own.
