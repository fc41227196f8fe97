import Tasks
import Transformer

// Whether parts of a comparison that were read from a file can be of these models and data; others are computed again.

extension WeightComparison {
    func fits(_ c: ModelConfiguration) -> Bool {
        heads.map(\.head) == Head.all(c) && Set(order.map(\.layer)).count == order.count
            && order.allSatisfy { order in
                (0..<c.layers).contains(order.layer) && order.queryHeads.sorted() == Array(0..<c.heads)
            }
    }
}

extension ActivationComparison {
    func fits(_ c: ModelConfiguration) -> Bool { heads.map(\.head) == Head.all(c) }
}

extension DirectionTransfer {
    func fits(_ c: ModelConfiguration) -> Bool {
        let own = Set(heads.map(\.head))
        return own.count == heads.count && own.isSubset(of: Head.all(c))
    }
}

extension TextPairs {
    func fits(_ task: AnswerTask, _ judges: [any TextJudge]) -> Bool {
        let names = Set(judges.map(\.name))
        return prompts.count == task.items.count && Set(judgedChanges.keys) == names
            && [a, b].allSatisfy { side in
                side.texts.count == prompts.count && side.outcomes.count == prompts.count
                    && Set(side.scores.keys) == names && side.scores.values.allSatisfy { $0.count == prompts.count }
            }
    }
}
