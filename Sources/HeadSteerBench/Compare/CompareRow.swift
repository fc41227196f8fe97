import DataFiles
import Foundation
import TensorCore

/// A row of the comparison.
struct CompareRow {
    /// How a result is formatted.
    enum Scale {
        /// 1.62
        case ratio
        /// +0.4%, for a share above 1
        case percent
        /// 118 MB, for bytes
        case megabytes
        /// 312 s
        case seconds
    }

    /// The work that was done.
    var work: String
    /// Our own figure: `182 tokens/s`.
    var own: String
    /// The peer and its figure; empty if the result is not a comparison.
    var peer: String
    /// The result; nil if it wasn't measured, in which case `peer` says why.
    var result: Spread?
    var scale = Scale.ratio
    var goal: Goal?

    /// Creates a row for a pairing, with both rates and their ratio.
    ///
    /// - Parameters:
    ///   - unit: the unit of the rates, `tokens/s`.
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

    /// Creates a row for work that couldn't be measured.
    ///
    /// - Parameter peer: what was missing.
    init(_ work: String, peer: String, notRun reason: InputError, goal: Goal?) {
        self.work = work
        own = ""
        self.peer = "\(peer): \(reason)"
        self.goal = goal
    }

    /// The row that `make` measures or, if it can't be measured, a row that says so.
    ///
    /// - Parameter peer: what may be missing.
    /// - Throws: errors other than `InputError`.
    static func measured(
        _ work: String, peer: String, goal: Goal? = nil, _ make: () throws -> CompareRow
    ) throws -> CompareRow {
        do {
            return try make()
        } catch let reason as InputError {
            return CompareRow(work, peer: peer, notRun: reason, goal: goal)
        }
    }

    /// A rate with three significant digits.
    static func rate(_ value: Double, _ unit: String) -> String {
        "\(String(format: value >= 100 ? "%.0f" : value >= 10 ? "%.1f" : "%.2f", value)) \(unit)"
    }

    /// A result or a goal as text.
    func text(_ value: Double) -> String {
        switch scale {
        case .ratio: String(format: "%.2f", value)
        case .percent: String(format: "%+.1f%%", (value - 1) * 100)
        case .megabytes: String(format: "%.0f MB", value / 1e6)
        case .seconds: String(format: "%.0f s", value)
        }
    }

    /// The goal as text: `≥ 1.60`.
    func goalText(_ precision: Precision) -> String {
        guard let goal else { return "" }
        return "\(goal.bound == .atLeast ? "≥" : "≤") \(text(goal.value(precision)))"
    }
}
