import Foundation

/// The identity of the file or folder that a path leads to, links followed: two paths to the same one have equal
/// identities.
struct FileIdentity: Hashable {
    private let device: UInt64
    private let number: UInt64

    /// - Parameter regularOnly: whether folders, devices and pipes count as missing, because no output takes their
    ///   place.
    /// - Returns: nil if nothing is there.
    init?(_ url: URL, regularOnly: Bool = false) {
        var status = stat()
        guard stat(url.path(percentEncoded: false), &status) == 0 else { return nil }
        guard !regularOnly || (status.st_mode & S_IFMT) == S_IFREG else { return nil }
        device = UInt64(truncatingIfNeeded: status.st_dev)
        number = UInt64(status.st_ino)
    }
}
