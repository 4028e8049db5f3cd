// SPDX-License-Identifier: Apache-2.0

import CLinux
import Glibc
import Primitives

/// Waits for descriptors to become ready (epoll, level-triggered).
package struct Poller: ~Copyable {
    /// What to wait for. Errors and hang-ups are always told.
    package struct Interest: OptionSet, Sendable {
        package let rawValue: UInt32
        package init(rawValue: UInt32) { self.rawValue = rawValue }
        package static let read = Interest(rawValue: EPOLLIN.rawValue)
        package static let write = Interest(rawValue: EPOLLOUT.rawValue)
    }

    /// A descriptor on which something can be done.
    package struct Ready: Hashable, Sendable {
        /// What the descriptor was added with.
        package let token: UInt64
        /// A read would not wait: octets, the end, or an error.
        package let canRead: Bool
        package let canWrite: Bool
        /// The other end is gone, or the descriptor has an error to tell.
        package let isBroken: Bool
    }

    private let descriptor: FileDescriptor
    private let capacity = 64

    package init() throws(SystemError) {
        let raw = epoll_create1(Int32(EPOLL_CLOEXEC))
        guard raw >= 0 else { throw SystemError("epoll_create1") }
        descriptor = FileDescriptor(owning: raw)
    }

    /// Waits for a descriptor until it is removed or closed.
    package borrowing func add(
        _ raw: Int32, token: UInt64, _ interest: Interest = .read
    ) throws(SystemError) {
        try control(EPOLL_CTL_ADD, raw, token, interest)
    }

    package borrowing func modify(
        _ raw: Int32, token: UInt64, _ interest: Interest
    ) throws(SystemError) {
        try control(EPOLL_CTL_MOD, raw, token, interest)
    }

    package borrowing func remove(_ raw: Int32) throws(SystemError) {
        try control(EPOLL_CTL_DEL, raw, 0, [])
    }

    private borrowing func control(
        _ operation: Int32, _ raw: Int32, _ token: UInt64, _ interest: Interest
    ) throws(SystemError) {
        var event = epoll_event()
        event.events = interest.rawValue
        event.data.u64 = token
        guard epoll_ctl(descriptor.raw, operation, raw, &event) == 0 else {
            throw SystemError("epoll_ctl")
        }
    }

    /// Waits until something is ready or the deadline passes; nil waits for ever. An interrupting
    /// signal ends the wait with nothing ready.
    package borrowing func wait(until deadline: Instant?) throws(SystemError) -> [Ready] {
        var events = [epoll_event](repeating: epoll_event(), count: capacity)
        let count: Int32
        if let deadline {
            var rest = max(0, (deadline - MonotonicClock.now).nanoseconds)
            count = weft_epoll_wait(descriptor.raw, &events, Int32(capacity), &rest)
        } else {
            count = weft_epoll_wait(descriptor.raw, &events, Int32(capacity), nil)
        }
        guard count >= 0 else {
            if errno == EINTR { return [] }
            throw SystemError("epoll_wait")
        }
        return events.prefix(Int(count)).map(Self.ready)
    }

    private static func ready(_ event: epoll_event) -> Ready {
        let flags = event.events
        let broken = EPOLLERR.rawValue | EPOLLHUP.rawValue
        return Ready(
            token: event.data.u64,
            canRead: flags & (EPOLLIN.rawValue | broken) != 0,
            canWrite: flags & EPOLLOUT.rawValue != 0, isBroken: flags & broken != 0)
    }
}
