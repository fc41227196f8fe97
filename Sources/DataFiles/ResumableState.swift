import Foundation

/// What a long piece of work has found so far, kept in a file while it lasts: work that starts again with it does
/// nothing twice.
public protocol ResumableState: Codable {
    /// A digest of everything that the work's result depends on; a state with another key is of no use.
    var key: String { get }
    /// Whether the parts of the state fit together, which may fail if somebody changed the file; by default they do.
    var isWhole: Bool { get }
}

extension ResumableState {
    /// By default, a state that can be decoded fits together.
    public var isWhole: Bool { true }

    /// Reads a state.
    ///
    /// - Returns: nil if there is none, it has another key, or it isn't as it was written: the work then begins from
    ///   the start.
    public init?(contentsOf url: URL, key: String) {
        guard let data = try? Data(contentsOf: url), let state = CheckedJSON.decode(Self.self, from: data),
            state.key == key, state.isWhole
        else { return nil }
        self = state
    }

    /// Writes the state with a checksum under a temporary name, then renames the file.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        try AtomicOutput.write(try CheckedJSON.encode(self), to: url)
    }

    /// The result of a part: the one from an earlier run, or else what `body` returns, which is kept.
    ///
    /// - Parameters:
    ///   - fits: whether the earlier run's result can be right; one that somebody changed is computed again.
    ///   - onState: called with the state that includes the new part.
    /// - Throws: `CancellationError` if the work is cancelled before the part; what `body`, `fits` and `onState` throw.
    package mutating func result<Value>(
        of part: WritableKeyPath<Self, Value?>, where fits: (Value) throws -> Bool = { _ in true },
        isCancelled: () -> Bool, onState: (Self) throws -> Void, _ body: () throws -> Value
    ) throws -> Value {
        if let known = self[keyPath: part], try fits(known) { return known }
        if isCancelled() { throw CancellationError() }
        let value = try body()
        self[keyPath: part] = value
        try onState(self)
        return value
    }
}
