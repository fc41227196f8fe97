import Transformer

/// What two models compute differently with the same weights: settings in `config.json` or in a file's metadata.
enum SettingsDifference {
    /// Each difference, with A's value before B's: `the base of the rotary embedding (10000 and 500000)`.
    static func names(_ a: ModelConfiguration, _ b: ModelConfiguration) -> [String] {
        var found: [String] = []
        func compare<Value: Equatable>(_ name: String, _ first: Value, _ second: Value, _ shown: (Value) -> String?) {
            guard first != second else { return }
            let values = [shown(first), shown(second)].compactMap(\.self)
            found.append(values.count == 2 ? "\(name) (\(values[0]) and \(values[1]))" : name)
        }
        func number<Value>(_ value: Value?) -> String { value.map { "\($0)" } ?? "none" }
        compare("the norm's kind", a.norm.kind, b.norm.kind) { $0.rawValue }
        compare("the norm's ε", a.norm.epsilon, b.norm.epsilon) { "\($0)" }
        compare("the embedding's multiplier", a.embedding.multiplier, b.embedding.multiplier) { "\($0)" }
        compare("learned positions", a.embedding.hasPositions, b.embedding.hasPositions) { $0 ? "yes" : "no" }
        compare("the logits' multiplier", a.unembedding.multiplier, b.unembedding.multiplier) { "\($0)" }
        compare("the logits' soft cap", a.unembedding.softCap, b.unembedding.softCap) { number($0) }
        func rotaries(_ c: ModelConfiguration) -> [RotaryDescription?] { c.blocks.map(\.attention.rotary) }
        compare("the base of the rotary embedding", rotaries(a).map { $0?.base }, rotaries(b).map { $0?.base }) {
            number($0.first ?? nil)
        }
        compare("how many values are rotated", rotaries(a).map { $0?.size }, rotaries(b).map { $0?.size }) {
            number($0.first ?? nil)
        }
        if !zip(rotaries(a), rotaries(b)).allSatisfy({ isOneScaling($0?.scaling, $1?.scaling) }) {
            found.append("the scaling of the rotary embedding")
        }
        func rest(_ c: ModelConfiguration) -> [BlockDescription] {
            c.blocks.map { block in
                var block = block
                block.attention.rotary = nil
                return block
            }
        }
        let layers = zip(rest(a), rest(b)).enumerated().filter { $1.0 != $1.1 }.map(\.offset)
        if let first = layers.first {
            found.append("the settings of \(layers.count) of \(a.layers) blocks, the first being block \(first)")
        }
        return found
    }

    /// Whether both may be the same rule; GGUF files hold the divisors that a rule gives, instead of the rule.
    private static func isOneScaling(_ a: RopeScaling?, _ b: RopeScaling?) -> Bool {
        switch (a, b) {
        case (.divisors?, .divisors?): a == b
        case (.divisors?, .llama3?), (.llama3?, .divisors?): true
        default: a == b
        }
    }
}
