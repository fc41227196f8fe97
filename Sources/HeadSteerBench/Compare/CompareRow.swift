import DataFiles
import Foundation
import TensorCore

/// A line of the comparison.
struct CompareRow {
    /// How a result is written.
    enum Scale {
        /// 1.62
        case ratio
        /// +0.4%, of a share over 1
        case percent
        /// 118 MB, of bytes
        case megabytes
        /// 312 s
        case seconds
    }

    /// What was done.
    var work: String
    /// What we reach: `182 tokens/s`.
    var own: String
    /// Who else, and what they reach; empty where the result is no comparison.
    var peer: String
    /// Nil where it wasn't measured; then `peer` says why.
    var result: Spread?
    var scale = Scale.ratio
    var goal: Goal?

    /// A row of a pairing: rates and their ratio.
    ///
    /// - Parameters:
    ///   - unit: of the rates, `tokens/s`.
    ///   - peer: the rival's name.
    init(_ work: String, _ pairing: Pairing, unit: String, peer: String, goal: Goal?) {
        self.work = work
        own = Self.rate(Spread(pairing.own).median, unit)
        self.peer = "\(peer): \(Self.rate(Spread(pairing.peer).median, unit))"
        result = pairing.ratio
        self.goal = goal
    }

    init(_ work: String, own: String, peer: String = "", result: Spread, scale: Scale, goal: Goal?) {
        self.work = work
        self.own = own
        self.peer = peer
        self.result = result
        self.scale = scale
        self.goal = goal
    }

    /// A row that couldn't be measured.
    ///
    /// - Parameter peer: what was missing.
    init(_ work: String, peer: String, notRun reason: InputError, goal: Goal?) {
        self.work = work
        own = ""
        self.peer = "\(peer): \(reason)"
        self.goal = goal
    }

    /// The row that `make` measures; where that can't be, one that says so.
    ///
    /// - Parameter peer: what may be missing.
    /// - Throws: what isn't an `InputError`.
    static func measured(
        _ work: String, peer: String, goal: Goal? = nil, _ make: () throws -> CompareRow
    ) throws -> CompareRow {
        do {
            return try make()
        } catch let reason as InputError {
            return CompareRow(work, peer: peer, notRun: reason, goal: goal)
        }
    }

    /// A rate with three digits that count.
    static func rate(_ value: Double, _ unit: String) -> String {
        "\(String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)) \(unit)"
    }

    /// A result or a goal as it is written.
    func text(_ value: Double) -> String {
        switch scale {
        case .ratio: String(format: "%.2f", value)
        case .percent: String(format: "%+.1f%%", (value - 1) * 100)
        case .megabytes: String(format: "%.0f MB", value / 1e6)
        case .seconds: String(format: "%.0f s", value)
        }
    }

    /// The goal as it is written: `≥ 1.60`.
    func goalText(_ precision: Precision) -> String {
        guard let goal else { return "" }
        return "\(goal.bound == .atLeast ? "≥" : "≤") \(text(goal.value(precision)))"
    }
}
