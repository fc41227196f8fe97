import Crypto
import Foundation

/// A proof that an entry is in a log of a certain size (RFC 6962, 2.1.1; checked as in RFC 9162, 2.1.3.2).
struct MerkleProof {
    let index: UInt64
    let size: UInt64
    let hashes: [Data]

    /// The root that the proof leads to; nil if the proof doesn't fit the index and size.
    func root(of entry: Data) -> Data? {
        guard index < size else { return nil }
        var node = index
        var last = size - 1
        var hash = Data(SHA256.hash(data: Data([0]) + entry))
        for other in hashes {
            guard other.count == 32, last > 0 else { return nil }
            if node & 1 == 1 || node == last {
                hash = Data(SHA256.hash(data: Data([1]) + other + hash))
                while node & 1 == 0, node != 0 {
                    node >>= 1
                    last >>= 1
                }
            } else {
                hash = Data(SHA256.hash(data: Data([1]) + hash + other))
            }
            node >>= 1
            last >>= 1
        }
        return last == 0 ? hash : nil
    }
}
