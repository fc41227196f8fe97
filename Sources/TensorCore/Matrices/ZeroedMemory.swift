import DataFiles
import Foundation

/// Memory that starts as zeros, at an address that is a multiple of 64.
///
/// The system provides it page by page as it is written to: pages that are never touched take no memory.
public final class ZeroedMemory: @unchecked Sendable {
    // Unchecked: who has it decides who writes to it.
    private let allocation: UnsafeMutableRawPointer
    /// Its size.
    package let bytes: Int
    /// The first byte.
    public let start: UnsafeMutableRawPointer

    /// - Parameter bytes: its size.
    public init(bytes: Int) {
        guard let allocation = calloc(bytes + 64, 1) else {
            preconditionFailure("There is no memory for \(bytes) bytes.")
        }
        self.allocation = allocation
        self.bytes = bytes
        start = allocation.alignedUp(toMultipleOf: 64)
    }

    deinit { free(allocation) }
}
