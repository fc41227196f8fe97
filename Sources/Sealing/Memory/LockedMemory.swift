import DataFiles
import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// Memory for secrets: kept out of the swap file if the system allows, left out of core dumps on Linux, wiped at the
/// end.
final class LockedMemory: Sendable {
    let count: Int
    /// Whether the system keeps the memory from being swapped out.
    let isLocked: Bool
    private let address: UInt

    /// Takes memory, all zero.
    ///
    /// - Parameter path: the file whose bytes it is for, for messages.
    /// - Throws: `InputError` if the system has none left.
    init(count: Int, path: String) throws {
        let start = mmap(nil, max(count, 1), PROT_READ | PROT_WRITE, MAP_PRIVATE | Self.anonymous, -1, 0)
        guard let start, start != MAP_FAILED else {
            throw InputError(
                .unreadable, "a model of \(count) bytes, which the memory has no room for", in: path,
                remedy: "close other programs or use a machine with more memory")
        }
        self.count = count
        address = UInt(bitPattern: start)
        #if os(Linux)
            madvise(start, max(count, 1), 16)  // MADV_DONTDUMP
        #endif
        isLocked = mlock(start, max(count, 1)) == 0
    }

    deinit {
        guard let start = UnsafeMutableRawPointer(bitPattern: address) else { return }
        mprotect(start, max(count, 1), PROT_READ | PROT_WRITE)
        UnsafeMutableRawBufferPointer(start: start, count: count).wipe()
        munmap(start, max(count, 1))
    }

    /// The bytes; valid while this object lives.
    var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    /// The bytes, to be filled; not after ``makeReadOnly()``.
    var mutableBytes: UnsafeMutableRawBufferPointer {
        UnsafeMutableRawBufferPointer(start: UnsafeMutableRawPointer(bitPattern: address), count: count)
    }

    /// Ends all writing: a write then traps.
    func makeReadOnly() {
        if let start = UnsafeMutableRawPointer(bitPattern: address) { mprotect(start, max(count, 1), PROT_READ) }
    }

    #if canImport(Darwin)
        private static let anonymous = MAP_ANON
    #else
        private static let anonymous = MAP_ANONYMOUS
    #endif
}

extension UnsafeMutableRawBufferPointer {
    /// Overwrites the bytes with zeros.
    func wipe() {
        guard let baseAddress else { return }
        memset(baseAddress, 0, count)
    }
}
