import DataFiles
import DataSets
import Opening
import Transformer

extension TextModel {
    /// z of all heads at the last token of each text, [texts, L, H, D]: the input of the output projection.
    ///
    /// ```swift
    /// let z = try model.z(of: examples.map(\.text))
    /// let directions = try z.directions(labels: examples.map(\.label))
    /// ```
    ///
    /// For other sites and positions, and for more than fits in memory, see ``ActivationReading`` and
    /// ``ActivationCollection``.
    ///
    /// - Throws: `InputError` if there are no texts, a text is empty or longer than the model's context, or an
    ///   activation is NaN or infinite; `CancellationError`.
    /// - Complexity: a pass over all tokens; memory 4 · L · H · D bytes for each text.
    public func z(of texts: [String]) throws -> ActivationTable {
        guard !texts.isEmpty else { throw InputError.usage("no texts", remedy: "give at least one") }
        let tokens = try texts.map { text in
            let tokens = try self.tokens(of: text)
            try model.check(prompt: tokens)
            return tokens
        }
        return try HeadCollection(tokens, model: model, workers: workers).table
    }
}
