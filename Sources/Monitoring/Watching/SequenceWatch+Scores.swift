import DataFiles
import Intervention
import TensorCore
import Transformer

extension SequenceWatch {
    /// The scores of positions, from z of each layer at them.
    func scores(of positions: [Int], z: [Matrix], _ changed: [Inconsistency]) -> [TokenScore] {
        let heads = monitor.model.heads
        let size = HeadStatistic.count * monitor.model.layers * heads
        let layersOfRow = positions.indices.map { tracker.layers(after: $0) }
        tracker.take(z, into: statistics.reserve(positions.count * size))
        return positions.enumerated().map { row, position in
            var largest = (score: -Float.infinity, head: 0)
            headScores.withUnsafeMutableBufferPointer { scores in
                guard let scores = scores.baseAddress else { return }
                for layer in layersOfRow[row] {
                    let own = monitor.standards.score(
                        statistics.pointer + row * size, of: layer * heads..<(layer + 1) * heads, into: scores)
                    if own.score > largest.score { largest = own }
                }
            }
            let score = score(
                position: position, layers: layersOfRow[row], largest: largest,
                changed: changed.isEmpty ? [] : changed.filter { $0.position == position },
                behaviours: monitor.detectors.map { $0.score(z, row: row, headSize: monitor.model.headSize) })
            accumulator.add(score, monitor)
            return score
        }
    }

    private func score(
        position: Int, layers: [Int], largest: (score: Float, head: Int), changed: [Inconsistency],
        behaviours: [Double]
    ) -> TokenScore {
        let envelope = Double(largest.score)
        let head = Head(layer: largest.head / monitor.model.heads, index: largest.head % monitor.model.heads)
        let ratio = changed.map(\.ratio).max()
        let above = max(monitor.tokenThreshold, monitor.answerThreshold, 1e-3)
        let score = max(envelope, ratio.map { above * min($0, 1e9) } ?? envelope)
        guard score > monitor.tokenThreshold else {
            return TokenScore(
                position: position, score: score, envelopeScore: envelope, mostUnusual: head, isAlarm: false, heads: [],
                sites: [], behaviours: behaviours)
        }
        var alarms: [HeadAlarm] = []
        var sites: [EditTarget] = []
        for one in changed.sorted(by: { $0.ratio > $1.ratio }) {
            if let head = one.place.head {
                alarms.append(HeadAlarm(head: head, reason: .changed, score: one.ratio))
            } else {
                sites.append(one.place)
            }
        }
        var unusual: [HeadAlarm] = []
        for layer in layers {
            for index in 0..<monitor.model.heads {
                let score = Double(headScores[layer * monitor.model.heads + index])
                let head = Head(layer: layer, index: index)
                guard score > monitor.tokenThreshold, !alarms.contains(where: { $0.head == head }) else { continue }
                unusual.append(HeadAlarm(head: head, reason: .unusual, score: score))
            }
        }
        alarms += unusual.sorted { ($1.score, $0.head) < ($0.score, $1.head) }
        return TokenScore(
            position: position, score: score, envelopeScore: envelope, mostUnusual: head, isAlarm: true, heads: alarms,
            sites: sites, behaviours: behaviours)
    }
}
