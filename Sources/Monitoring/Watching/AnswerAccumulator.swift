import Intervention
import Transformer

/// Sums up what a monitor says of a text's positions.
struct AnswerAccumulator {
    private var scores: RunningAggregates
    private var behaviours: [RunningAggregates]
    private var flaggedAt: Int?
    /// The largest score of each head that was named, [L · H]; minus infinity for the others.
    private var changed: [Double]
    private var unusual: [Double]
    private var sites: [EditTarget] = []
    private var positions = 0
    private var alarms = 0

    init(_ monitor: HeadMonitor) {
        scores = RunningAggregates(smoothing: monitor.smoothing)
        behaviours = monitor.detectors.map { _ in RunningAggregates(smoothing: monitor.smoothing) }
        changed = [Double](repeating: -.infinity, count: monitor.model.layers * monitor.model.heads)
        unusual = changed
    }

    mutating func add(_ score: TokenScore, _ monitor: HeadMonitor) {
        positions += 1
        scores.add(score.score)
        for (index, value) in score.behaviours.enumerated() { behaviours[index].add(value) }
        guard score.isAlarm else { return }
        alarms += 1
        guard score.score > monitor.answerThreshold else { return }
        flaggedAt = flaggedAt ?? score.position
        for alarm in score.heads {
            let head = alarm.head.layer * monitor.model.heads + alarm.head.index
            switch alarm.reason {
            case .changed: changed[head] = max(changed[head], alarm.score)
            case .unusual:
                guard alarm.score > monitor.answerThreshold else { continue }
                unusual[head] = max(unusual[head], alarm.score)
            }
        }
        for site in score.sites where !sites.contains(site) { sites.append(site) }
    }

    var isFlagged: Bool { flaggedAt != nil }

    func answer(_ monitor: HeadMonitor) -> AnswerScore {
        func alarms(_ scores: [Double], _ reason: HeadAlarm.Reason) -> [HeadAlarm] {
            zip(Head.all(layers: monitor.model.layers, heads: monitor.model.heads), scores)
                .filter { $0.1 > -.infinity }
                .sorted { ($1.1, $0.0) < ($0.1, $1.0) }
                .map { HeadAlarm(head: $0.0, reason: reason, score: $0.1) }
        }
        let onlyUnusual = zip(unusual, changed).map { $1 > -.infinity ? -.infinity : $0 }
        return AnswerScore(
            scores: scores.aggregates, flagged: flaggedAt != nil, flaggedAt: flaggedAt,
            heads: alarms(changed, .changed) + alarms(onlyUnusual, .unusual),
            sites: sites, positions: positions, alarms: self.alarms,
            behaviours: zip(monitor.detectors, behaviours).map { detector, running in
                let own = running.aggregates
                let flagged = [
                    ("maximum", own.maximum > detector.thresholds.maximum),
                    ("mean", own.mean > detector.thresholds.mean), ("ewma", own.ewma > detector.thresholds.ewma),
                ].filter(\.1).map(\.0)
                return AnswerScore.BehaviourScore(behaviour: detector.name, scores: own, flagged: flagged)
            })
    }
}
