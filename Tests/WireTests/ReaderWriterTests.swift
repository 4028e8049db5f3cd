// SPDX-License-Identifier: Apache-2.0

import Primitives
import Testing

@testable import Wire

@Suite("Reading and writing octets")
struct ReaderWriterTests {
    @Test func whatIsWrittenIsRead() throws {
        var writer = WireWriter()
        writer.write(UInt8(1))
        writer.write(UInt16(0x0203))
        writer.writeUInt24(0x040506)
        writer.write(UInt32(0x0708_090a))
        writer.write(value("10.0.0.1", as: IPv4Address.self))
        writer.write(value("2001:db8::1", as: IPAddress.self))
        writer.write(value("00:00:5e:00:01:01", as: MACAddress.self))
        writer.write([9, 9] as [UInt8])
        var reader = WireReader(writer.octets)
        #expect(try reader.read(UInt8.self, "a") == 1)
        #expect(try reader.read(UInt16.self, "b") == 0x0203)
        #expect(try reader.readUInt24("c") == 0x040506)
        #expect(try reader.read(UInt32.self, "d") == 0x0708_090a)
        #expect(try reader.readIPv4("e") == value("10.0.0.1"))
        #expect(try reader.readAddress(.ipv6, "f") == value("2001:db8::1"))
        #expect(try reader.readMAC("g") == value("00:00:5e:00:01:01"))
        #expect(try reader.readOctets(2, "h") == [9, 9])
        #expect(throws: Never.self) { try reader.expectEnd("end") }
    }

    @Test func anErrorTellsFieldAndOffsetAndMovesNothing() throws {
        var reader = WireReader([0, 1, 2])
        _ = try reader.read(UInt8.self, "first")
        let error = #expect(throws: WireError.self) { try reader.read(UInt32.self, "second") }
        #expect(error?.description == "second at octet 1: needs 4 octets, 2 are left")
        #expect(reader.offset == 1)
        #expect(throws: WireError.self) { try reader.readOctets(-1, "negative") }
        #expect(throws: WireError.self) { try reader.readNested(3, "nested") }
        #expect(throws: WireError.self) { try reader.expectEnd("end") }
        #expect(reader.readRest() == [1, 2])
    }

    @Test func aNestedReaderEndsWithItsPartAndCountsFromTheStart() throws {
        var reader = WireReader([2, 7, 8, 9])
        var nested = try reader.readLengthPrefixed(as: UInt8.self, "part")
        #expect(try nested.read(UInt8.self, "x") == 7)
        let error = #expect(throws: WireError.self) { try nested.read(UInt16.self, "y") }
        #expect(error?.offset == 2)
        #expect(reader.readRest() == [9])
    }

    @Test func aLengthHoleIsFilledWhenItsPartIsWritten() throws {
        var writer = WireWriter()
        try writer.writeLengthPrefixed(as: UInt16.self, "outer") { writer throws(WireError) in
            writer.write(UInt8(1))
            try writer.writeLengthPrefixed(as: UInt8.self, "inner") { writer throws(WireError) in
                writer.write([5, 6, 7] as [UInt8])
            }
        }
        #expect(text(writer.octets) == "00050103050607")
    }

    @Test func aPartThatIsTooLongForItsLengthIsAnError() {
        var writer = WireWriter()
        #expect(throws: WireError.self) {
            try writer.writeLengthPrefixed(as: UInt8.self, "part") { writer throws(WireError) in
                writer.write([UInt8](repeating: 0, count: 256))
            }
        }
    }
}
