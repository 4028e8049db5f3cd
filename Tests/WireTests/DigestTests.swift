// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Wire

@Suite("Digests and keyed digests")
struct DigestTests {
    private func digest(_ algorithm: DigestAlgorithm, _ message: String) -> String {
        text(algorithm.hash(Array(message.utf8)))
    }

    /// RFC 1321 appendix A.5.
    @Test(arguments: [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        (
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789",
            "d174ab98d277d9f5a5611c2c9f419d9f"
        ),
        (
            String(repeating: "1234567890", count: 8), "57edf4a22be3c955ac49da2e2107b67a"
        ),
    ])
    func md5IsThatOfItsStandard(message: String, expected: String) {
        #expect(digest(.md5, message) == expected)
    }

    /// The examples that NIST gives with FIPS 180: one block, and two.
    @Test(arguments: [
        (DigestAlgorithm.sha1, "a9993e364706816aba3e25717850c26c9cd0d89d"),
        (.sha256, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            .sha384,
            "cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7"
        ),
        (
            .sha512,
            "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f"
        ),
    ])
    func shaOfABCIsThatOfItsStandard(algorithm: DigestAlgorithm, expected: String) {
        #expect(digest(algorithm, "abc") == expected)
    }

    @Test func shaOfTwoBlocksIsThatOfItsStandard() {
        let message = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"
        #expect(digest(.sha1, message) == "84983e441c3bd26ebaae4aa1f95129e5e54670f1")
        #expect(
            digest(.sha256, message)
                == "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1")
    }

    /// RFC 2202 §2 and §3, RFC 4231 §4: a short key, a short text key, a long key.
    @Test(arguments: [
        (
            DigestAlgorithm.md5, "9294727a3638bb1c13f48ef8158bfc9d",
            "750c783e6ab0b503eaa86e310a5db738"
        ),
        (
            .sha1, "b617318655057264e28bc0b6fb378c8ef146be00",
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        ),
        (
            .sha256, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            .sha384,
            "afd03944d84895626b0825f4ab46907f15f9dadbe4101ec682aa034c7cebc59cfaea9ea9076ede7f4af152e8b2fa9cb6",
            "af45d2e376484031617f78d2b58a6b1b9c7ef464f5a01b47e42ec3736322445e8e2240ca5e69e2c78b3239ecfab21649"
        ),
        (
            .sha512,
            "87aa7cdea5ef619d4ff0b4241a1d6cb02379f4e2ce4ec2787ad0b30545e17cdedaa833b7d6b8a702038b274eaea3f4e4be9d914eeb61f1702e696c203a126854",
            "164b7a7bfcf819e2e395fbe73b56e0a387bd64222e831fd610270cd7ea2505549758bf75c05a994a6d034f65f8f0e6fdcaeab1a34d4a6b4b636e070a38bce737"
        ),
    ])
    func hmacIsThatOfItsStandard(
        algorithm: DigestAlgorithm, first: String, second: String
    ) {
        // The keys of test case 1 are 16 octets for MD5, 20 for the others.
        let key = [UInt8](repeating: 0x0b, count: algorithm == .md5 ? 16 : 20)
        #expect(text(algorithm.hmac(Array("Hi There".utf8), key: key)) == first)
        let question = Array("what do ya want for nothing?".utf8)
        #expect(text(algorithm.hmac(question, key: Array("Jefe".utf8))) == second)
    }

    /// 300 messages and keys of 0 to 299 octets, so every length about the blocks' ends, against
    /// what Python's hashlib and hmac made of the same.
    @Test(arguments: [
        (
            DigestAlgorithm.md5, "f8af60b65188a9e6e6d4bb503281ac3a",
            "8d4ff4c11ff297bad871bc49ef35a427"
        ),
        (
            .sha1, "c42f5e5245ebcfb0cce738fbb054ba04618a2fbc",
            "c3dada1c894af4831d98626f74c6fa73671c962c"
        ),
        (
            .sha224, "bd1e0022cba05d23d31b164e20b2dd6863cf8e784f91ad4014753a3b",
            "5bee51bb60257105d13596365416905a72d8d6884550d33cf04d41ed"
        ),
        (
            .sha256, "759ec0862b4074135650ecc6b52b8c31b3b62a5d62c043fed94c4c3da04f9eca",
            "790687cbda5304426afa1ee2631d0a6a41cb00e9fb010765047d9589168b0f04"
        ),
        (
            .sha384,
            "f33f1a0dbef4b85dcf6dca2dc0772ec874d3c5ba9979d9e72444cdff85148b884567d6a44fb8c75a81c0243e6cb79631",
            "533e6aca3fab2d79712a422b68708883695376b1aa4cbcc8451543ea8e117a8d9ffb2a8f77f48be1e2480dad86597767"
        ),
        (
            .sha512,
            "2de1b3586d7e63540c1c99cfb0fa17a89a3e41b71bc97c518923e03550f5f2a99b5ba2d24ea0996b31db844b9edbd096b145bb9e9b9c3ba4a5257ed628a504e5",
            "ab72ee01f040517daf14972c4e9a3eca7af77e506971f35b182a263a476aa189d91d2ec6d61e381430d4358ec508a24955f4999ae8158d9b87bc5f53ec78bcd3"
        ),
    ])
    func everyLengthIsPaddedRight(
        algorithm: DigestAlgorithm, hashes: String, keyedHashes: String
    ) {
        var all: [UInt8] = []
        var allKeyed: [UInt8] = []
        for length in 0..<300 {
            let message = (0..<length).map { UInt8((length * 7 + $0 * 13) & 255) }
            let key = (0..<length).map { UInt8((length + $0 * 3) & 255) }
            all += algorithm.hash(message)
            allKeyed += algorithm.hmac(message, key: key)
        }
        #expect(text(algorithm.hash(all)) == hashes)
        #expect(text(algorithm.hash(allKeyed)) == keyedHashes)
    }

    @Test func aDigestIsAsLongAsItSays() {
        #expect(DigestAlgorithm.allCases.map(\.octetCount) == [16, 20, 28, 32, 48, 64])
        for algorithm in DigestAlgorithm.allCases {
            #expect(algorithm.hash([]).count == algorithm.octetCount)
        }
    }
}
