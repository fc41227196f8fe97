/// What a comparison with a signature found.
public struct VerificationReport: Sendable {
    /// A file that is there.
    public struct File: Sendable, Equatable, Encodable {
        /// Relative to what was signed; `.` for a file that was signed itself.
        public let name: String
        /// In hexadecimal digits.
        public let sha256: String
    }

    /// A file that isn't as it was signed.
    public struct Difference: Sendable, Equatable, Encodable {
        /// What is wrong with a file.
        public enum Problem: String, Sendable, Encodable {
            /// There, with other bytes.
            case changed
            /// Signed, and not there.
            case missing
            /// There, and not signed.
            case added
            /// There, and nothing that can be signed: a link for example.
            case refused
        }

        /// Relative to what was signed.
        public let name: String
        /// What is wrong with it.
        public let problem: Problem
        /// What a refused one is.
        public var what: String?
    }

    /// In the format's order.
    public internal(set) var files: [File] = []
    /// By name.
    public internal(set) var differences: [Difference] = []
    /// What changed in the tensors; nil without a manifest, or with one that isn't the signed one.
    public internal(set) var tensors: TensorChanges?

    /// Whether everything is as it was signed.
    public var holds: Bool { differences.isEmpty }
}
