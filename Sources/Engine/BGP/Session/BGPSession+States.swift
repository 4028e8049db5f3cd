// SPDX-License-Identifier: Apache-2.0

import Primitives
import Wire

// One function for each state of RFC 4271 §8.2.2.
extension BGPSession {
    mutating func inIdle(_ input: Input, _ step: inout SessionStep) {
        switch input {
        case .start:
            if neighbor.isPassive { become(.active, &step) } else { connect(&step) }
        case .accepted(let id): refuse(id, .connectionRejected, &step)
        default: break
        }
    }

    mutating func inConnect(_ id: ConnectionID, _ input: Input, _ step: inout SessionStep) {
        switch input {
        case .start:
            // What was sent while the interface was down is lost; a little later it is sent again.
            step.emit(.arm(.connectRetry(key), at: step.now + Self.retryDelayMin))
        case .connected:
            step.emit(.cancel(.connectRetry(key)))
            open(id, &step)
        case .lost(let reason):
            step.emit(.cancel(.connectRetry(key)))
            fail(reason, &step)
        case .connectRetryTimer:
            failures += 1
            close(id, &step)
            connect(&step)
        case .accepted(let new):
            step.emit(.cancel(.connectRetry(key)))
            open(new, &step)
        case .stop(_, let reason):
            step.emit(.cancel(.connectRetry(key)))
            stop(reason, &step)
        case .holdTimer, .keepaliveTimer, .message, .fault: break
        }
    }

    mutating func inActive(_ input: Input, _ step: inout SessionStep) {
        switch input {
        case .start where !neighbor.isPassive, .connectRetryTimer where !neighbor.isPassive:
            step.emit(.cancel(.connectRetry(key)))
            connect(&step)
        case .accepted(let id):
            if !neighbor.isPassive { step.emit(.cancel(.connectRetry(key))) }
            open(id, &step)
        case .stop(_, let reason):
            if !neighbor.isPassive { step.emit(.cancel(.connectRetry(key))) }
            stop(reason, &step)
        default: break
        }
    }

    mutating func inOpenSent(_ id: ConnectionID, _ input: Input, _ step: inout SessionStep) {
        switch input {
        case .message(.open(let open)): opened(id, open, &step)
        case .message(.notification(let notification)):
            fail(Self.text(of: notification), &step)
        case .message:
            end(with: .finiteStateMachine(.unexpectedMessageInOpenSent), &step)
        case .fault(let notification): end(with: notification, &step)
        case .holdTimer: end(with: .holdTimerExpired, &step)
        case .lost(let reason): fail(reason, &step)
        case .accepted(let new): acceptRival(new, &step)
        case .stop(let notification, let reason):
            bidFarewell(notification, &step)
            stop(reason, &step)
        case .start, .connectRetryTimer, .keepaliveTimer, .connected: break
        }
    }

    mutating func inOpenConfirm(
        _ id: ConnectionID, _ agreement: Agreement, _ input: Input, _ step: inout SessionStep
    ) {
        switch input {
        case .message(.keepalive):
            heard(id, &step)
            failures = 0
            become(.established(id, agreement, since: step.now), &step)
            step.outputs.append(.up(agreement.session))
        case .message(.notification(let notification)):
            fail(Self.text(of: notification), &step)
        case .message:
            end(with: .finiteStateMachine(.unexpectedMessageInOpenConfirm), &step)
        case .fault(let notification): end(with: notification, &step)
        case .holdTimer: checkHold(id, agreement, &step)
        case .keepaliveTimer: keepAlive(id, agreement, &step)
        case .lost(let reason): fail(reason, &step)
        case .accepted(let new):
            refuse(new, .connectionCollisionResolution, &step)
            challenge(id, &step)
        case .stop(let notification, let reason):
            bidFarewell(notification, &step)
            stop(reason, &step)
        case .start, .connectRetryTimer, .connected: break
        }
    }

    mutating func inEstablished(
        _ id: ConnectionID, _ agreement: Agreement, _ input: Input, _ step: inout SessionStep
    ) {
        switch input {
        case .message(.keepalive): heard(id, &step)
        case .message(.update(let update)):
            heard(id, &step)
            take(update, agreement, &step)
        case .message(.routeRefresh(let request)):
            heard(id, &step)
            take(request, agreement, &step)
        case .message(.notification(let notification)):
            fail(Self.text(of: notification), &step)
        case .message(.open):
            end(with: .finiteStateMachine(.unexpectedMessageInEstablished), &step)
        case .fault(let notification): end(with: notification, &step)
        case .holdTimer: checkHold(id, agreement, &step)
        case .keepaliveTimer: keepAlive(id, agreement, &step)
        case .lost(let reason): fail(reason, &step)
        case .accepted(let new):
            // The RFC keeps the established connection. But the neighbor would hardly connect if it
            // still had that one, so we also see whether it has.
            refuse(new, .connectionCollisionResolution, &step)
            challenge(id, &step)
        case .stop(let notification, let reason):
            bidFarewell(notification, &step)
            stop(reason, &step)
        case .start, .connectRetryTimer, .connected: break
        }
    }
}
