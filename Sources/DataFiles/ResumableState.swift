import Foundation

/// What a long piece of work has found so far, kept in a file while it lasts: work that is begun again with it does nothing twice.
public protocol ResumableState: Codable {
    /// What the work was begun with, a digest of everything that its result depends on; a state of another key is of no use.
    var key: String { get }
    /// Whether what was read fits together: a file that somebody changed may not. By default it does.
    var isWhole: Bool { get }
}

extension ResumableState {
    /// By default a state that can be decoded fits together.
    public var isWhole: Bool { true }

    /// Reads a state.
    ///
    /// - Returns: nil if there is none, it is of another key, or its bytes aren't those that were written: the work then begins anew.
    public init?(contentsOf url: URL, key: String) {
        guard let data = try? Data(contentsOf: url), let state = CheckedJSON.decode(Self.self, from: data),
            state.key == key, state.isWhole
        else { return nil }
        self = state
    }

    /// Writes the state with a checksum, under a temporary name, and renames it.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        try AtomicOutput.write(try CheckedJSON.encode(self), to: url)
    }

    /// A part's result: what an earlier run has, or else what `body` gives, which is kept.
    ///
    /// - Parameters:
    ///   - fits: whether what an earlier run has can be a result; what somebody changed is made anew.
    ///   - onState: called with the state that has the new part.
    /// - Throws: `CancellationError` before a part; what `body`, `fits` and `onState` throw.
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
