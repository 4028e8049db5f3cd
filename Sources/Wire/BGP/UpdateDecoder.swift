// SPDX-License-Identifier: Apache-2.0

import Primitives

/// Reads an UPDATE and handles its errors as RFC 7606 asks.
enum UpdateDecoder {
    /// Reads what follows the header.
    /// - Throws: the NOTIFICATION to send where the session cannot go on.
    static func decode(
        _ reader: inout WireReader, in context: BGPCodecContext
    ) throws(BGPNotification) -> BGPUpdate {
        var withdrawnField: WireReader
        var attributesField: WireReader
        do throws(WireError) {
            withdrawnField = try reader.readLengthPrefixed(
                as: UInt16.self, "Withdrawn Routes Length")
            attributesField = try reader.readLengthPrefixed(
                as: UInt16.self, "Total Path Attribute Length")
        } catch { throw .updateMessage(.malformedAttributeList) }
        let hasAttributes = !attributesField.isEmpty
        let withdrawn = try unicast(&withdrawnField, isWithdrawal: true, context)
        var received = try attributes(&attributesField, in: context)
        let announced = try unicast(&reader, isWithdrawal: false, context)
        if !hasAttributes, withdrawn.isEmpty, announced.isEmpty {
            return BGPUpdate(endOfRIB: .ipv4Unicast)
        }
        if !context.fourOctetAS { received.mergeFourOctetNumbers() }
        received.checkMandatory(hasNLRI: !announced.isEmpty, in: context)
        try received.checkThatRoutesWereFound(hasNLRI: !announced.isEmpty)
        return received.update(withdrawn: withdrawn, announced: announced)
    }

    /// Reads the Withdrawn Routes or the NLRI field. Where a prefix ends the next begins, so that
    /// one error leaves nothing to hold on to (RFC 7606 §3 j, §5.3).
    private static func unicast(
        _ reader: inout WireReader, isWithdrawal: Bool, _ context: BGPCodecContext
    ) throws(BGPNotification) -> [NLRI] {
        do throws(WireError) {
            return try NLRICodec.decodeAll(
                &reader, .ipv4Unicast, isWithdrawal: isWithdrawal, context)
        } catch { throw .updateMessage(.invalidNetworkField) }
    }

    private static func attributes(
        _ reader: inout WireReader, in context: BGPCodecContext
    ) throws(BGPNotification) -> ReceivedAttributes {
        var received = ReceivedAttributes()
        while !reader.isEmpty {
            let start = reader.offset
            guard let attribute = try RawAttribute(&reader, &received) else { break }
            let quote = reader.quote(from: start, to: reader.offset)
            try received.take(attribute, quote: quote, in: context)
        }
        return received
    }
}

/// One attribute, its value unread.
struct RawAttribute {
    let flags: UInt8
    let code: UInt8
    let value: WireReader

    /// nil when the attributes end within this one. The Total Path Attribute Length is then relied
    /// on to find the NLRI, and the routes are withdrawn (RFC 7606 §4); unless the attribute is
    /// one that carries routes, which are then unknown.
    init?(
        _ reader: inout WireReader, _ received: inout ReceivedAttributes
    ) throws(BGPNotification) {
        var code: UInt8?
        do throws(WireError) {
            flags = try reader.read(UInt8.self, "Attribute Flags")
            let type = try reader.read(UInt8.self, "Attribute Type Code")
            code = type
            self.code = type
            value =
                flags & PathAttributeTable.Flag.extendedLength != 0
                ? try reader.readLengthPrefixed(as: UInt16.self, "Attribute Length")
                : try reader.readLengthPrefixed(as: UInt8.self, "Attribute Length")
        } catch {
            if let code, PathAttributeTable.row(code)?.treatment == .sessionReset {
                throw .updateMessage(.malformedAttributeList)
            }
            received.fault(code, .treatAsWithdraw, .malformedAttributeList, error.description)
            received.endsEarly = true
            return nil
        }
    }
}

extension ReceivedAttributes {
    /// Decodes one attribute or notes what is wrong with it.
    mutating func take(
        _ attribute: RawAttribute, quote: [UInt8], in context: BGPCodecContext
    ) throws(BGPNotification) {
        let isFirst = !seen.contains(attribute.code)
        seen.insert(attribute.code)
        guard let row = PathAttributeTable.row(attribute.code) else {
            try takeUnknown(attribute, isFirst: isFirst, quote: quote)
            return
        }
        guard isFirst else {
            // RFC 7606 §3 g.
            if row.treatment == .sessionReset { throw .updateMessage(.malformedAttributeList) }
            fault(row.code, .attributeDiscard, .malformedAttributeList, "more than once")
            return
        }
        if row.isInternalOnly, !context.isInternal {
            fault(row.code, .attributeDiscard, .optionalAttributeError, "from an external peer")
            return
        }
        guard flagsAreRight(attribute, row) || row.treatment == .sessionReset else { return }
        try decode(attribute, row, quote: quote, in: context)
    }

    /// RFC 7606 §3 c, and §3 f for the attributes whose errors never cost a route.
    private mutating func flagsAreRight(
        _ attribute: RawAttribute, _ row: PathAttributeTable.Row
    ) -> Bool {
        let flags = attribute.flags & PathAttributeTable.Flag.fixed
        if flags == row.flags { return true }
        fault(
            row.code, min(row.treatment, .treatAsWithdraw), .attributeFlagsError,
            "flags 0x\(String(attribute.flags, radix: 16))")
        return false
    }

    private mutating func decode(
        _ attribute: RawAttribute, _ row: PathAttributeTable.Row, quote: [UInt8],
        in context: BGPCodecContext
    ) throws(BGPNotification) {
        var value = attribute.value
        do throws(WireError) {
            try row.decode(&value, &self, context)
            try value.expectEnd(row.name)
            if attribute.flags & PathAttributeTable.Flag.partial != 0 {
                attributes.partial.formUnion(row.partial)
            }
        } catch {
            if row.treatment == .sessionReset {
                throw .updateMessage(.optionalAttributeError, data: quote)
            }
            fault(row.code, row.treatment, subcode(of: error, row), error.description)
        }
    }

    /// RFC 4271 §6.3: a wrong length and a wrong value have different subcodes, AS_PATH but one.
    private func subcode(
        of error: WireError, _ row: PathAttributeTable.Row
    ) -> BGPNotification.UpdateSubcode {
        if case .invalidValue = error.problem { return row.valueSubcode }
        return row.valueSubcode == .malformedASPath ? .malformedASPath : .attributeLengthError
    }

    /// Attributes without a codec (RFC 4271 §5, §6.3): optional transitive ones are kept, other
    /// optional ones ignored, and one that we ought to know ends the session.
    private mutating func takeUnknown(
        _ attribute: RawAttribute, isFirst: Bool, quote: [UInt8]
    ) throws(BGPNotification) {
        guard attribute.flags & PathAttributeTable.Flag.optional != 0 else {
            throw .updateMessage(.unrecognizedWellKnownAttribute, data: quote)
        }
        guard isFirst else {
            fault(attribute.code, .attributeDiscard, .malformedAttributeList, "more than once")
            return
        }
        guard attribute.flags & PathAttributeTable.Flag.transitive != 0 else { return }
        // The low bits are to be ignored, and the length finds its own form when it is written.
        let kept = PathAttributeTable.Flag.fixed | PathAttributeTable.Flag.partial
        var value = attribute.value
        attributes.unknown.append(
            .init(flags: attribute.flags & kept, code: attribute.code, value: value.readRest()))
    }

    /// RFC 7606 §3 d. NEXT_HOP is needed only for the NLRI field (RFC 4760 §3), LOCAL_PREF only
    /// from internal peers (RFC 4271 §5.1.5).
    mutating func checkMandatory(hasNLRI: Bool, in context: BGPCodecContext) {
        guard hasNLRI || reach?.nlri.isEmpty == false else { return }
        var mandatory: [UInt8] = [1, 2]
        if hasNLRI { mandatory.append(3) }
        if context.isInternal { mandatory.append(5) }
        for code in mandatory where !seen.contains(code) {
            fault(code, .treatAsWithdraw, .missingWellKnownAttribute, "missing")
        }
    }

    /// RFC 7606 §5.2: attributes with a serious fault but no routes that they could be of. The
    /// routes may have been there and not been found, so that the session must end.
    func checkThatRoutesWereFound(hasNLRI: Bool) throws(BGPNotification) {
        let isWithdrawalOnly = !endsEarly && !seen.hasOther(than: 15)
        guard !hasNLRI, !reachHasNLRI, !isWithdrawalOnly,
            let serious = faults.first(where: { $0.treatment >= .treatAsWithdraw })
        else { return }
        throw .updateMessage(serious.subcode)
    }

    /// Puts the parts together and applies the strongest treatment (RFC 7606 §3 h).
    func update(withdrawn: [NLRI], announced: [NLRI]) -> BGPUpdate {
        var update = BGPUpdate(faults: faults)
        if !withdrawn.isEmpty {
            update.withdrawn.append(.init(family: .ipv4Unicast, nlri: withdrawn))
        }
        if let unreach {
            let isAlone = withdrawn.isEmpty && announced.isEmpty && !seen.hasOther(than: 15)
            if unreach.nlri.isEmpty, isAlone { update.endOfRIB = unreach.family }
            if !unreach.nlri.isEmpty { update.withdrawn.append(unreach) }
        }
        let isUsable = faults.allSatisfy { $0.treatment == .attributeDiscard }
        if let nextHop, isUsable, !announced.isEmpty {
            update.announced.append(
                .init(family: .ipv4Unicast, nextHop: nextHop, nlri: announced))
        } else if !announced.isEmpty {
            update.withdrawn.append(.init(family: .ipv4Unicast, nlri: announced))
        }
        if let reach, !reach.nlri.isEmpty {
            if isUsable {
                update.announced.append(reach)
            } else {
                let nlri = reach.nlri.map(\.unlabelled)
                update.withdrawn.append(.init(family: reach.family, nlri: nlri))
            }
        }
        if !update.announced.isEmpty { update.attributes = attributes }
        return update
    }
}
