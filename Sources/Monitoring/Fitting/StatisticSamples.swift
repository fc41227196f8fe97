import TensorCore

/// Values of all heads' statistics at those clean positions at which it is their layer's turn.
struct StatisticSamples {
    let layers: Int
    /// The number of heads in a layer, H.
    let heads: Int
    /// One out of this many turns of a layer is kept.
    let every: Int
    /// How often it was each layer's turn.
    private var turns: [Int]
    /// For each layer, [kept turns, statistics, H].
    private var values: [[Float]]
    private let buffer = FloatBuffer()

    init(layers: Int, heads: Int, every: Int) {
        self.layers = layers
        self.heads = heads
        self.every = max(every, 1)
        turns = [Int](repeating: 0, count: layers)
        values = Array(repeating: [], count: layers)
    }

    /// Adds the positions of z, for each layer [positions, H · D].
    mutating func add(_ z: [Matrix], by tracker: HeadTracker) {
        let rows = z[0].rows
        let all = layers * heads
        let layersOfRow = (0..<rows).map { tracker.layers(after: $0) }
        let statistics = buffer.reserve(rows * HeadStatistic.count * all)
        tracker.take(z, into: statistics)
        for (row, layers) in layersOfRow.enumerated() {
            for layer in layers {
                defer { turns[layer] += 1 }
                guard turns[layer].isMultiple(of: every) else { continue }
                for statistic in 0..<HeadStatistic.count {
                    let start = statistics + (row * HeadStatistic.count + statistic) * all + layer * heads
                    values[layer].append(contentsOf: UnsafeBufferPointer(start: start, count: heads))
                }
            }
        }
    }

    /// The values of one statistic of every head, [L · H][kept turns].
    func columns(of statistic: HeadStatistic) -> [[Float]] {
        (0..<layers * heads).map { index in
            let own = values[index / heads]
            return stride(
                from: statistic.rawValue * heads + index % heads, to: own.count, by: HeadStatistic.count * heads
            ).map { own[$0] }
        }
    }
}

/// Puts the scores of texts into their groups.
struct GroupedScores {
    private let members: [[Int]]

    init(_ names: [String]) {
        var numbers: [String: Int] = [:]
        var members: [[Int]] = []
        for (index, name) in names.enumerated() {
            let number = numbers[name] ?? members.count
            if number == members.count {
                numbers[name] = number
                members.append([])
            }
            members[number].append(index)
        }
        self.members = members
    }

    /// [group][text][score]
    func arrange(_ scores: [[Double]]) -> [[[Double]]] { members.map { $0.map { scores[$0] } } }
}

/// The progress of several passes over texts.
final class FitProgress {
    private let all: Int
    private let report: (Int, Int) throws -> Void
    private var before = 0

    init(all: Int, report: @escaping (Int, Int) throws -> Void) {
        self.all = all
        self.report = report
    }

    /// - Parameter done: the texts done in the present pass.
    func update(_ done: Int) throws { try report(before + done, all) }

    func finish(_ texts: Int) { before += texts }
}
