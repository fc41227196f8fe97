import DataFiles

/// The findings of one of the compared screens in a journal: its estimates, and each layer that was screened
/// completely.
struct KeptScreen {
    private let parts: PartJournal
    private let name: String

    init(_ parts: PartJournal, _ method: ScreenMethod) {
        self.parts = parts
        name = method.rawValue
    }

    /// The state from which the screen continues; one without findings if the journal has none.
    ///
    /// - Parameter layers: the number of layers of the model.
    func state(layers: Int) throws -> SearchState {
        var state = SearchState(key: "")
        state.estimates = try parts.value("\(name), estimates")
        for layer in 0..<layers { state.screened += try parts.value(part(layer)) ?? [] }
        return state
    }

    /// The seconds that were spent on these findings.
    var seconds: Double { get throws { try parts.value("\(name), seconds") ?? 0 } }

    /// Keeps what a state has more than the journal.
    ///
    /// - Throws: `InputError` if the journal can't be written, or a finding is NaN or infinite.
    func keep(_ state: SearchState, seconds: Double) throws {
        do {
            if let estimates = state.estimates, !parts.has("\(name), estimates") {
                try parts.add("\(name), estimates", estimates)
            }
            for (layer, heads) in Dictionary(grouping: state.screened, by: \.head.layer).sorted(by: { $0.key < $1.key })
            where !parts.has(part(layer)) {
                try parts.add(part(layer), heads)
            }
            try parts.add("\(name), seconds", seconds)
        } catch is EncodingError {
            throw InputError(
                .notFinite, "an effect that is NaN or infinite", in: "the screen \(name)",
                remedy: "move heads less far, and check the model's weights")
        }
    }

    private func part(_ layer: Int) -> String { "\(name), layer \(layer)" }
}
