/// An exact map from byte strings to token ids.
///
/// It doesn't use `String`, whose equality is canonical equivalence, under which different pieces of a vocabulary are
/// equal.
///
/// It uses open addressing over one flat byte array; a lookup is O(length of the piece).
struct PieceIndex: Sendable {
    private struct Entry {
        var start: Int
        var length: Int
        var id: Int32
    }

    private var storage: [UInt8] = []
    private var entries: [Entry] = []
    /// Entry numbers, -1 for a free slot.
    private var slots: [Int32]
    private let seed: UInt64
    /// The length in bytes of the longest piece.
    private(set) var longestPiece = 0

    init(minimumCapacity: Int = 0) {
        var generator = SystemRandomNumberGenerator()
        seed = generator.next()
        slots = Array(repeating: -1, count: HashMixing.slotCount(for: minimumCapacity))
        entries.reserveCapacity(minimumCapacity)
    }

    var count: Int { entries.count }

    /// The id of the piece, or -1 if there is none.
    @inline(__always)
    func id(of piece: UnsafeBufferPointer<UInt8>) -> Int32 {
        if piece.count > longestPiece || piece.isEmpty { return -1 }
        let entry = slots[slot(of: piece)]
        return entry < 0 ? -1 : entries[Int(entry)].id
    }

    func id(of piece: [UInt8]) -> Int32 { piece.withUnsafeBufferPointer { id(of: $0) } }

    /// Adds a piece unless it is already there.
    ///
    /// - Returns: the id that the piece now has; -1 for the empty piece, which is never found.
    @discardableResult
    mutating func insert(_ piece: [UInt8], id: Int32) -> Int32 {
        piece.withUnsafeBufferPointer { insert($0, id: id) }
    }

    @discardableResult
    mutating func insert(_ piece: UnsafeBufferPointer<UInt8>, id: Int32) -> Int32 {
        if piece.isEmpty { return -1 }
        if (entries.count + 1) * 2 > slots.count { grow() }
        let slot = slot(of: piece)
        if slots[slot] >= 0 { return entries[Int(slots[slot])].id }
        slots[slot] = Int32(entries.count)
        entries.append(Entry(start: storage.count, length: piece.count, id: id))
        storage.append(contentsOf: piece)
        longestPiece = max(longestPiece, piece.count)
        return id
    }

    private func slot(of piece: UnsafeBufferPointer<UInt8>) -> Int {
        let mask = slots.count &- 1
        var slot = Int(truncatingIfNeeded: HashMixing.hash(piece, seed: seed)) & mask
        while true {
            let number = slots[slot]
            if number < 0 { return slot }
            let entry = entries[Int(number)]
            if entry.length == piece.count, equal(piece, at: entry.start) { return slot }
            slot = (slot &+ 1) & mask
        }
    }

    private func equal(_ piece: UnsafeBufferPointer<UInt8>, at start: Int) -> Bool {
        storage.withUnsafeBufferPointer { storage in
            for index in 0..<piece.count where storage[start &+ index] != piece[index] { return false }
            return true
        }
    }

    private mutating func grow() {
        slots = Array(repeating: -1, count: slots.count * 2)
        let mask = slots.count - 1
        for (number, entry) in entries.enumerated() {
            let hash = storage.withUnsafeBufferPointer {
                HashMixing.hash(
                    UnsafeBufferPointer(rebasing: $0[entry.start..<entry.start + entry.length]), seed: seed)
            }
            var slot = Int(truncatingIfNeeded: hash) & mask
            while slots[slot] >= 0 { slot = (slot + 1) & mask }
            slots[slot] = Int32(number)
        }
    }
}
