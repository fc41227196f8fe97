import Reporting

/// A profile as a table.
struct ProfileTable {
    /// The unit that figures refer to: a token, a prompt.
    let unit: String
    /// The number of units in a profile.
    let units: Int
    /// The profiles with all threads and with one thread, one for each round.
    let all: [PassProfile]
    let single: [PassProfile]
    let weights: [ProfileStage: StageWeights]

    /// The quantity of a stage's rate.
    enum Rate { case bytes, products }

    /// The table of all stages that took time, with their sum and then the waits of each worker, which are part of the
    /// stages.
    func text(_ rate: Rate) -> String {
        var table = TextTable([
            .init("stage", .left), .init("ms per \(unit)", .right), .init("share", .right),
            .init(rate == .bytes ? "GB/s" : "GMAC/s", .right), .init("speed-up", .right),
        ])
        let total = median(all) { $0.total }
        for stage in ProfileStage.allCases {
            let seconds = median(all) { $0.seconds[stage] ?? 0 }
            guard seconds > 0 else { continue }
            let work = weights[stage].map { Double(rate == .bytes ? $0.bytes : $0.products) }
            table.add(
                cells(stage.rawValue, seconds, of: total, work, single: median(single) { $0.seconds[stage] ?? 0 }))
        }
        let work = weights.values.reduce(0.0) { $0 + Double(rate == .bytes ? $1.bytes : $1.products) }
        table.add(cells("all", total, of: total, work, single: median(single) { $0.total }))
        let workers = all.first?.waits.count ?? 0
        for worker in 0..<workers where workers > 1 {
            let seconds = median(all) { $0.waits[worker].seconds }
            let count = median(all) { Double($0.waits[worker].count) }.text(digits: 0)
            let name =
                worker == 0 ? "waits of the caller for the others" : "waits of worker \(worker) for the next call"
            table.add([
                "\(name), \(count)", (seconds * 1000).text(digits: 3),
                "\((seconds / total * 100).text(digits: 1)) %", "", "",
            ])
        }
        return table.rendered(TerminalStyle(width: 400))
    }

    private func cells(
        _ name: String, _ seconds: Double, of total: Double, _ work: Double?, single: Double
    ) -> [String] {
        [
            name, (seconds * 1000).text(digits: 3), "\((seconds / total * 100).text(digits: 1)) %",
            work.map { ($0 / seconds / 1e9).text(digits: 1) } ?? "", (single / seconds).text(digits: 2),
        ]
    }

    private func median(_ profiles: [PassProfile], _ value: (PassProfile) -> Double) -> Double {
        Spread(profiles.map { value($0) / Double(units) }).median
    }
}
