import TensorCore

/// Values of all heads' statistics at clean positions.
struct StatisticSamples {
    let heads: Int
    /// One position in so many is kept.
    let every: Int
    private var positions = 0
    /// [kept positions, statistics · heads]
    private var values: [Float] = []
    private let buffer = FloatBuffer()

    init(heads: Int, every: Int) {
        self.heads = heads
        self.every = max(every, 1)
    }

    private var rowSize: Int { HeadStatistic.allCases.count * heads }

    /// Adds the positions of z, of each layer [positions, H · D].
    mutating func add(_ z: [Matrix], by tracker: HeadTracker) {
        let rows = z[0].rows
        let statistics = buffer.reserve(rows * rowSize)
        tracker.take(z, into: statistics)
        for row in 0..<rows {
            if positions.isMultiple(of: every) {
                values.append(contentsOf: UnsafeBufferPointer(start: statistics + row * rowSize, count: rowSize))
            }
            positions += 1
        }
    }

    /// The values of every statistic of every head, [statistics · heads][kept positions].
    var all: [[Float]] { (0..<rowSize).map(column) }

    /// The values of one statistic of every head.
    func columns(of statistic: HeadStatistic) -> [[Float]] {
        (0..<heads).map { column(statistic.rawValue * heads + $0) }
    }

    private func column(_ column: Int) -> [Float] {
        stride(from: column, to: values.count, by: rowSize).map { values[$0] }
    }
}

/// Puts what texts gave into their groups.
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

/// How far several passes over texts have come.
final class FitProgress {
    private let all: Int
    private let report: (Int, Int) throws -> Void
    private var before = 0

    init(all: Int, report: @escaping (Int, Int) throws -> Void) {
        self.all = all
        self.report = report
    }

    /// - Parameter done: texts of the pass under way.
    func update(_ done: Int) throws { try report(before + done, all) }

    func finish(_ texts: Int) { before += texts }
}
