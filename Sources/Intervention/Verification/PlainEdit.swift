import Foundation
import Transformer

/// The edits of one target in plain loops over double precision, independent of the code that runs edits, to compare
/// traced runs with.
struct PlainEdit {
    /// Returns the n values that a gate reads at every position, before the edits of its own site.
    typealias GateValues = (Gate) -> [[Double]]

    let edits: [RecordedEdit]

    /// The target's values after the edits, and the positions at which any edit is made.
    ///
    /// - Parameters:
    ///   - rows: the values before the edits, [positions][n].
    ///   - tokens: the token at each position.
    func apply(
        to rows: [[Double]], tokens: [Int], promptCount: Int, gateValues: GateValues
    ) -> (rows: [[Double]], concerned: [Bool]) {
        var result = rows
        var concerned = rows.map { _ in false }
        for edit in edits {
            let isOpen = edit.gate.map { Self.open($0, gateValues($0), tokens, promptCount) }
            for position in rows.indices {
                guard
                    edit.positions.contains(
                        position: position, token: tokens[position], promptCount: promptCount),
                    isOpen?[position] ?? true
                else { continue }
                let share = edit.schedule.factor(position: position, promptCount: promptCount)
                if share == 0 { continue }
                concerned[position] = true
                result[position] = Self.changed(result[position], edit, share: share)
            }
        }
        return (result, concerned)
    }

    /// Whether a gate is open, for each position.
    private static func open(_ gate: Gate, _ rows: [[Double]], _ tokens: [Int], _ promptCount: Int) -> [Bool] {
        var latched = false
        return rows.indices.map { position in
            let score = dot(rows[position], gate.direction.map(Double.init)) - Double(gate.threshold)
            let opens =
                gate.positions.contains(position: position, token: tokens[position], promptCount: promptCount)
                && (gate.opensAbove ? score > 0 : score < 0)
            if opens, gate.mode == .latched { latched = true }
            return opens || latched
        }
    }

    /// - Parameter share: the share of the change that is made.
    private static func changed(_ x: [Double], _ edit: RecordedEdit, share: Double) -> [Double] {
        let u = (edit.direction ?? []).map(Double.init)
        let amount = edit.amount ?? 0
        var y = x
        switch edit.operation {
        case .add: if !u.isEmpty { y = plus(x, u, amount) }
        case .scale: y = x.map { amount * $0 }
        case .multiply: y = zip(x, u).map { $0 * $1 }
        case .zero: y = x.map { _ in 0 }
        case .mean: y = u
        case .projectOut: y = plus(x, u, -dot(x, u))
        case .reflect: y = plus(x, u, -2 * dot(x, u))
        case .clamp: y = plus(x, u, amount - dot(x, u))
        case .rotate:
            // In the plane of u and the part of x that is orthogonal to it, x = a u + b w.
            let a = dot(x, u)
            let across = plus(x, u, -a)
            let b = norm(across)
            if b > 1e-12 * norm(x), norm(x) > 0 {
                let angle = share * amount * .pi / 180
                let (along, beside) = (a * cos(angle) + b * sin(angle), b * cos(angle) - a * sin(angle))
                y = plus(u.map { along * $0 }, across, beside / b)
            }
        }
        if edit.operation != .rotate, share != 1 { y = plus(x, plus(y, x, -1), share) }
        if edit.keepsNorm, norm(y) > 0 {
            let factor = norm(x) / norm(y)
            y = y.map { factor * $0 }
        }
        return y
    }

    private static func plus(_ x: [Double], _ y: [Double], _ factor: Double) -> [Double] {
        zip(x, y).map { $0 + factor * $1 }
    }
}

/// x · y
func dot(_ x: [Double], _ y: [Double]) -> Double {
    var sum = 0.0
    for i in 0..<min(x.count, y.count) { sum += x[i] * y[i] }
    return sum
}

/// ‖x‖
func norm(_ x: [Double]) -> Double { dot(x, x).squareRoot() }

/// x · y / (‖x‖ ‖y‖), with its sign; 0 if x or y is 0.
func cosine(_ x: [Double], _ y: [Double]) -> Double {
    let norms = norm(x) * norm(y)
    return norms > 0 ? dot(x, y) / norms : 0
}
