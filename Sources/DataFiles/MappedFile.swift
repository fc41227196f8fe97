import Foundation

#if canImport(Darwin)
    import Darwin
#elseif canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// A file's bytes, mapped read-only into memory: opening copies nothing, and pages are read when they are first used.
///
/// The map lives as long as some value refers to it. If another program truncates the file while it is mapped, reads of
/// the lost pages fail with a bus error, as with every memory map (the program `headsteer` then ends with a line that
/// names the file). So write checkpoints beside their place and rename them, as this package does.
///
/// A file that lies within another one, such as a sealed model, has its bytes in memory that its owner keeps.
public final class MappedFile: Sendable {
    /// The file that was mapped.
    public let url: URL
    /// The address of the first byte; valid while this object lives.
    private let address: UInt
    /// The file's length in bytes.
    public let count: Int
    /// What keeps the bytes in memory; nil if this object has mapped them.
    private let owner: (any AnyObject & Sendable)?

    /// Maps a file.
    ///
    /// - Throws: `InputError` of the kind `.missingFile` if there is no readable file, `.badData` if it isn't a regular
    ///   file.
    public init(contentsOf url: URL) throws {
        let path = url.path(percentEncoded: false)
        // Without waiting: opening a pipe that nobody writes to would take forever.
        let descriptor = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { throw InputError.missingFile(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw InputError.missingFile(path) }
        guard (status.st_mode & S_IFMT) == S_IFREG else {
            throw InputError(.unreadable, "no regular file", in: path, remedy: "give the path of a file")
        }
        self.url = url
        self.owner = nil
        self.count = Int(status.st_size)
        if count == 0 {
            self.address = 0
        } else {
            guard let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), start != MAP_FAILED else {
                throw InputError(
                    .unreadable,
                    "the file can't be mapped into memory (error \(errno))", in: path,
                    remedy: "check that it is on a local disk and that address space is left")
            }
            self.address = UInt(bitPattern: start)
        }
    }

    /// The bytes of a small file.
    ///
    /// Pipes and devices are refused, as in ``init(contentsOf:)``: reading one may never end.
    ///
    /// - Throws: `InputError` if there is no readable file.
    package static func contents(of url: URL) throws -> Data {
        let file = try MappedFile(contentsOf: url)
        // The map ends with its object, which nothing refers to while its bytes are copied.
        return withExtendedLifetime(file) { Data(file.bytes) }
    }

    /// A file whose bytes are in memory already.
    ///
    /// - Parameters:
    ///   - url: where messages say that the file is.
    ///   - bytes: the file's bytes; they don't change and are valid while `owner` lives.
    public init(url: URL, bytes: UnsafeRawBufferPointer, owner: any AnyObject & Sendable) {
        self.url = url
        self.owner = owner
        count = bytes.count
        address = bytes.baseAddress.map { UInt(bitPattern: $0) } ?? 0
    }

    deinit {
        guard owner == nil else { return }
        if let start = UnsafeMutableRawPointer(bitPattern: address) { munmap(start, count) }
    }

    /// The file's path, for messages.
    public var path: String { url.path(percentEncoded: false) }

    /// All bytes, in a buffer that is valid while this object lives: keep the object alive as long as you use it.
    public var bytes: UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: address), count: count)
    }

    /// Drops the pages that lie wholly within some bytes from resident memory; they are read again when they are next
    /// used.
    ///
    /// Bytes that an owner keeps stay in memory: there is no file to read them from again.
    public func letGo(of bytes: UnsafeRawBufferPointer) {
        guard owner == nil else { return }
        let page = Int(sysconf(Int32(_SC_PAGESIZE)))
        guard let start = bytes.baseAddress, page > 0, bytes.count > 0 else { return }
        let lowest = (UInt(bitPattern: start) + UInt(page) - 1) / UInt(page) * UInt(page)
        let end = (UInt(bitPattern: start) + UInt(bytes.count)) / UInt(page) * UInt(page)
        guard lowest >= address, lowest < end, end <= address + UInt(count) else { return }
        madvise(UnsafeMutableRawPointer(bitPattern: lowest), Int(end - lowest), Int32(MADV_DONTNEED))
    }
}
