import DataFiles
import Foundation

/// Memory that begins as zeros, at an address that is a multiple of 64.
///
/// The system hands it out page by page as it is written to: what nobody touches takes no memory.
public final class ZeroedMemory {
    private let allocation: UnsafeMutableRawPointer
    /// The first byte.
    public let start: UnsafeMutableRawPointer

    /// - Parameter bytes: how many there are to be.
    public init(bytes: Int) {
        guard let allocation = calloc(bytes + 64, 1) else {
            preconditionFailure("There is no memory for \(bytes) bytes.")
        }
        self.allocation = allocation
        start = allocation.alignedUp(toMultipleOf: 64)
    }

    deinit { free(allocation) }
}
