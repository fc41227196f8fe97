import Foundation

/// Something wrong with what the user gave: a file, a field, an argument.
///
/// Programmer errors trap; bad data throws this. The message is one sentence that names the file and the field (with
/// an offset or line where it applies) and the remedy, in the form
/// `WHAT is wrong with WHICH file or field; what to do`.
public struct InputError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What kind of problem it is, for programs to switch on; the sentence is for people.
    ///
    /// Each kind belongs to one of three general kinds, which decide the exit status of the command line. A general
    /// kind as a pattern matches all of its special kinds, as with SQLite's extended result codes:
    ///
    /// ```swift
    /// switch error.kind {
    /// case .otherModel: …    // this one alone
    /// case .badData: …       // any other problem of a file's content
    /// default: …
    /// }
    /// ```
    ///
    /// More special kinds may be added, so keep a case for the general ones.
    public struct Kind: Sendable, Hashable, CustomStringConvertible {
        /// The kinds that decide the exit status.
        public enum General: String, Sendable, Hashable {
            /// The request itself makes no sense (exit status 64).
            case usage
            /// A file's content isn't what its format demands, or doesn't fit the model (exit status 65).
            case badData = "bad data"
            /// A file doesn't exist, or can't be read or written (exit status 66).
            case missingFile = "missing file"
        }

        /// The kind's name, such as `unsupported`; the general kind's name if nothing more special is known.
        public let name: String
        /// The kind that decides the exit status.
        public let general: General

        private init(_ general: General, _ name: String? = nil) {
            self.name = name ?? general.rawValue
            self.general = general
        }

        public var description: String { name }

        /// The request itself makes no sense.
        public static let usage = Kind(.usage)
        /// A file's content is wrong.
        public static let badData = Kind(.badData)
        /// A file is not there or can't be read.
        public static let missingFile = Kind(.missingFile)
        /// A format, an architecture or a feature that this version doesn't know, in a file that may be all right.
        public static let unsupported = Kind(.badData, "unsupported")
        /// The file isn't in the format that it should be in, or it is cut off: nothing in it can be relied on.
        public static let unreadable = Kind(.badData, "unreadable")
        /// The file lacks a field, a tensor or a stored value that is needed.
        public static let missingPart = Kind(.badData, "missing part")
        /// A name or number that refers to nothing: a field, an operation, a head, a token.
        public static let unknownName = Kind(.badData, "unknown name")
        /// Something made for another model than the one at hand, judged by its fingerprint or its shape.
        public static let otherModel = Kind(.badData, "other model")
        /// More tokens than fit into the model's context.
        public static let tooLong = Kind(.badData, "too long")
        /// A value that is NaN or infinite.
        public static let notFinite = Kind(.badData, "not finite")
        /// An output can't be written to its path.
        public static let notWritable = Kind(.missingFile, "not writable")

        /// Whether a kind is the pattern itself or, for a general pattern, one of its special kinds.
        public static func ~= (pattern: Kind, kind: Kind) -> Bool {
            kind == pattern || kind.general.rawValue == pattern.name
        }
    }

    /// The kind of problem, for programs.
    public var kind: Kind
    /// What is wrong, without a final full stop.
    public var problem: String
    /// The file, and where in it: `plan.json: edits[2].layer`; empty if no file is concerned.
    public var place: String
    /// What the user can do about it, without a final full stop.
    public var remedy: String

    /// An error that says what is wrong, where, and what to do.
    public init(_ kind: Kind, _ problem: String, in place: String = "", remedy: String) {
        self.kind = kind
        self.problem = problem
        self.place = place
        self.remedy = remedy
    }

    /// One line: `problem in place; remedy`.
    ///
    /// Names from files can hold anything, so line ends and other control characters become spaces, and long texts are
    /// cut.
    public var description: String {
        var text = Self.printable(problem)
        if !place.isEmpty { text += " in \(Self.printable(place))" }
        if !remedy.isEmpty { text += "; \(Self.printable(remedy))" }
        return text
    }

    private static func printable(_ text: String) -> String {
        let scalars = text.unicodeScalars
        guard scalars.count > 1000 else { return String(String.UnicodeScalarView(scalars.map(visible))) }
        let parts = [scalars.prefix(600).map(visible), [" ", "…", " "], scalars.suffix(300).map(visible)]
        return String(String.UnicodeScalarView(parts.joined()))
    }

    private static func visible(_ scalar: Unicode.Scalar) -> Unicode.Scalar {
        switch scalar.properties.generalCategory {
        case .control, .lineSeparator, .paragraphSeparator: " "
        default: scalar
        }
    }
}

extension InputError {
    /// A file's content is wrong.
    public static func badData(_ problem: String, in place: String, remedy: String) -> InputError {
        InputError(.badData, problem, in: place, remedy: remedy)
    }

    /// A file asks for something that this version doesn't know: a format, an architecture, a feature.
    public static func unsupported(_ problem: String, in place: String, remedy: String) -> InputError {
        InputError(.unsupported, problem, in: place, remedy: remedy)
    }

    /// A file is not there or can't be read.
    public static func missingFile(_ path: String, remedy: String = "check the path") -> InputError {
        InputError(.missingFile, "no readable file", in: path, remedy: remedy)
    }

    /// The request makes no sense.
    public static func usage(_ problem: String, remedy: String) -> InputError {
        InputError(.usage, problem, remedy: remedy)
    }
}

extension InputError: LocalizedError {
    /// The same line as ``description``, for callers that show `localizedDescription`.
    public var errorDescription: String? { description }
}
