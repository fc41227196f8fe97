import Crypto
import DataFiles
import Foundation

/// Seals and opens the chunks of one file with AES-256-GCM (NIST SP 800-38D).
///
/// The key is made for this file alone, from the holder's key and the file's salt, so a nonce may be a count: the
/// chunk's number (8 bytes, little-endian), then 1 for the last chunk and 0 for others, then three bytes 0. Besides the
/// chunk, the header is authenticated. A chunk that was moved, duplicated, dropped, cut off or taken from another file
/// fails.
struct ChunkCipher: Sendable {
    let header: SealedHeader
    private let headerBytes: Data
    private let key: SymmetricKey

    init(_ header: SealedHeader, _ key: SealingKey) {
        self.header = header
        headerBytes = Data(header.bytes)
        self.key = key.derived(salt: header.salt, purpose: "headsteer.sealed/1 content")
    }

    /// A chunk as the file holds it: the encrypted content and the tag.
    func seal(_ content: Data, chunk index: Int) throws -> Data {
        let box = try AES.GCM.seal(content, using: key, nonce: nonce(index), authenticating: headerBytes)
        return box.ciphertext + box.tag
    }

    /// Opens a chunk into memory.
    ///
    /// - Parameters:
    ///   - bytes: the chunk as the file holds it.
    ///   - content: room for what the chunk holds; untouched if opening fails.
    /// - Throws: `CryptoKitError` if the chunk isn't what was sealed at this place of this file.
    func open(_ bytes: UnsafeRawBufferPointer, chunk index: Int, into content: UnsafeMutableRawBufferPointer) throws {
        let box = try AES.GCM.SealedBox(
            nonce: nonce(index), ciphertext: bytes.dropLast(SealedHeader.tagByteCount),
            tag: bytes.suffix(SealedHeader.tagByteCount))
        var opened = try AES.GCM.open(box, using: key, authenticating: headerBytes)
        opened.withUnsafeMutableBytes { opened in
            content.copyMemory(from: UnsafeRawBufferPointer(opened))
            opened.wipe()
        }
    }

    private func nonce(_ index: Int) throws -> AES.GCM.Nonce {
        let isLast: UInt8 = index == header.chunkCount - 1 ? 1 : 0
        return try AES.GCM.Nonce(data: UInt64(index).littleEndianBytes + [isLast, 0, 0, 0])
    }
}
