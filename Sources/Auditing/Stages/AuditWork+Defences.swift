import DataFiles
import Directions
import Statistics
import TensorCore
import Tokenization
import Transformer

/// What a defender has.
extension AuditWork {
    /// Directions of a defender who has half of the groups, drawn at random.
    func defender(_ readings: Readings) throws -> [Head: HeadDirection] {
        var random = SeededGenerator(seed: seed, stream: 35)
        let groups = readings.rows.groups.rowsOfGroup
        var own: [Int] = []
        // If groups have one class each, half of either class.
        let kinds = Dictionary(grouping: groups.indices, by: readings.rows.composition(ofGroup:))
        for kind in [GroupedLabels.Composition.onlyFalse, .onlyTrue, .both] {
            var order = kinds[kind] ?? []
            random.shuffle(&order)
            own += order.prefix((order.count + 1) / 2).flatMap { groups[$0] }
        }
        let rows = own.sorted()
        let labels = rows.map { readings.rows.labels[$0] }
        let directions = try Head.all(model.configuration).concurrentMap(audit.workers) { head in
            try HeadDirection(fitting: .massMean, to: readings.z[head].selecting(rows), labels: labels)
        }
        let means = try cleanMeans()
        return Dictionary(
            uniqueKeysWithValues: directions.map { direction in
                var direction = direction
                if let mean = means?[direction.head] { direction.mean = mean }
                return (direction.head, direction)
            })
    }

    /// The monitor that is tried as a defence; nil without enough clean texts.
    func monitor(fingerprint: String) throws -> MonitorDefence? {
        guard let clean = input.clean else { return nil }
        return try MonitorDefence(
            model, tokenizer: tokenizer, clean: clean, fingerprint: fingerprint, workers: audit.workers, seed: seed,
            isCancelled: audit.isCancelled)
    }

    /// The mean of z at the last token of each clean text; nil if none were given.
    private func cleanMeans() throws -> [Head: [Float]]? {
        guard let clean = input.clean else { return nil }
        let tokens = try clean.map {
            try tokenizer.encode(
                $0.prompt + $0.completion, specialTokens: .parsed, addBeginning: tokenizer.addsBeginning)
        }
        let table = try HeadCollection(
            tokens, model: model, workers: audit.workers, isCancelled: audit.isCancelled
        ).table
        return Dictionary(
            uniqueKeysWithValues: Head.all(model.configuration).map { head in
                let own = table[head]
                return (
                    head,
                    Matrix(rows: own.examples, columns: own.features, elements: own.values).columnMeans().elements
                )
            })
    }
}
