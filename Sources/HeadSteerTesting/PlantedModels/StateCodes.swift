import DataFiles

/// A vector of signs for each grammatical state, nearly orthogonal to all others.
///
/// A token's embedding holds the code of the state that follows it. A word's row in the output matrix holds the code of
/// the state that it belongs to. The product of the two is therefore a table of bigrams.
struct StateCodes {
    /// The largest inner product of two codes (which have 48 signs).
    static let largestOverlap = 8

    private var codes: [String: [Float]] = [:]

    init(states: [String], seed: UInt64) {
        var source = NoiseSource(seed: seed, stream: 1)
        var accepted: [[Float]] = []
        for state in states where codes[state] == nil {
            var code: [Float]
            repeat {
                code = ResidualLayout.state.map { _ in source.sign() }
            } while accepted.contains { Self.overlap($0, code) > Float(Self.largestOverlap) }
            accepted.append(code)
            codes[state] = code
        }
    }

    subscript(state: String) -> [Float] {
        guard let code = codes[state] else { preconditionFailure("The grammar has the state \(state).") }
        return code
    }

    private static func overlap(_ a: [Float], _ b: [Float]) -> Float {
        zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
    }
}
