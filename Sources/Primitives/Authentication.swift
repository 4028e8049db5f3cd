// SPDX-License-Identifier: Apache-2.0

/// How a routing protocol's packets are signed.
public struct Authentication: Hashable, Sendable {
    public var method: Method
    /// What packets name the password by, where the method has such a number.
    public var keyID: UInt16
    /// Never shown.
    public var password: String

    public enum Method: String, Hashable, Sendable, CaseIterable {
        /// The password itself.
        case clear
        case md5
        case hmacMD5 = "hmac-md5"
        case sha1 = "sha-1"
        case hmacSHA1 = "hmac-sha-1"
        case hmacSHA224 = "hmac-sha-224"
        case hmacSHA256 = "hmac-sha-256"
        case hmacSHA384 = "hmac-sha-384"
        case hmacSHA512 = "hmac-sha-512"
        /// Of BFD: the sequence number grows with every packet (RFC 5880 §6.7.3).
        case meticulousMD5 = "meticulous-md5"
        case meticulousSHA1 = "meticulous-sha-1"
    }

    public init(method: Method, keyID: UInt16 = 1, password: String) {
        self.method = method
        self.keyID = keyID
        self.password = password
    }
}
