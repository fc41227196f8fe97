/// The result of comparing files with a signature.
public struct VerificationReport: Sendable {
    /// A file that exists.
    public struct File: Sendable, Equatable, Encodable {
        /// The path relative to the signed item; `.` if that is the file itself.
        public let name: String
        /// The file's SHA-256 in hexadecimal digits.
        public let sha256: String
    }

    /// A file that differs from the signed one.
    public struct Difference: Sendable, Equatable, Encodable {
        /// The kind of difference.
        public enum Problem: String, Sendable, Encodable {
            /// The file exists with other bytes.
            case changed
            /// The file was signed but doesn't exist.
            case missing
            /// The file exists but was not signed.
            case added
            /// The path exists but can't be signed, because it is a link for example.
            case refused
        }

        /// The path relative to the signed item.
        public let name: String
        /// The kind of difference.
        public let problem: Problem
        /// A description of a refused item.
        public var what: String?
    }

    /// The existing files, in the format's order.
    public internal(set) var files: [File] = []
    /// The differences, sorted by name.
    public internal(set) var differences: [Difference] = []
    /// The changes in the tensors; nil without a manifest, or if it is not the signed one.
    public internal(set) var tensors: TensorChanges?

    /// Whether everything matches the signature.
    public var holds: Bool { differences.isEmpty }
}
