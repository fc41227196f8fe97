import Intervention
import Transformer

/// Sums up a monitor's scores of a text's positions.
struct AnswerAccumulator {
    private var scores: RunningAggregates
    private var behaviours: [RunningAggregates]
    private var flaggedAt: Int?
    private var changed: [Head: Double] = [:]
    private var unusual: [Head: Double] = [:]
    private var sites: [EditTarget] = []
    private var positions = 0
    private var alarms = 0

    init(_ monitor: HeadMonitor) {
        scores = RunningAggregates(smoothing: monitor.smoothing)
        behaviours = monitor.detectors.map { _ in RunningAggregates(smoothing: monitor.smoothing) }
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
            switch alarm.reason {
            case .changed: changed[alarm.head] = max(changed[alarm.head] ?? 0, alarm.score)
            case .unusual:
                guard alarm.score > monitor.answerThreshold else { continue }
                unusual[alarm.head] = max(unusual[alarm.head] ?? 0, alarm.score)
            }
        }
        for site in score.sites where !sites.contains(site) { sites.append(site) }
    }

    var isFlagged: Bool { flaggedAt != nil }

    func answer(_ monitor: HeadMonitor) -> AnswerScore {
        func alarms(_ heads: [Head: Double], _ reason: HeadAlarm.Reason) -> [HeadAlarm] {
            heads.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
                .map { HeadAlarm(head: $0.key, reason: reason, score: $0.value) }
        }
        return AnswerScore(
            scores: scores.aggregates, flagged: flaggedAt != nil, flaggedAt: flaggedAt,
            heads: alarms(changed, .changed) + alarms(unusual.filter { changed[$0.key] == nil }, .unusual),
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
