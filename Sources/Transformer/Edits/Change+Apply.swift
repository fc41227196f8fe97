import Foundation
import TensorCore

extension Edit {
    /// Applies the edit to n values of a position that it applies to.
    package func apply(to x: UnsafeMutablePointer<Float>, count n: Int, place: EditPlace) {
        let share = schedule.factor(position: place.position, promptCount: place.promptCount)
        if share == 0 { return }
        if share == 1 && !keepsNorm { return change.apply(to: x, count: n, place: place) }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: n) { scratch in
            guard let before = scratch.baseAddress else { return }
            before.initialize(from: x, count: n)
            if case .rotate(let unit, let degrees) = change {
                Change.rotate(unit, degrees: Float(share * Double(degrees))).apply(to: x, count: n, place: place)
            } else {
                change.apply(to: x, count: n, place: place)
                if share != 1 {
                    for i in 0..<n { x[i] = Float(Double(before[i]) + share * (Double(x[i]) - Double(before[i]))) }
                }
            }
            if keepsNorm { Self.rescale(x, toNormOf: before, count: n) }
        }
    }

    /// x ← x ‖y‖ / ‖x‖, in double precision.
    private static func rescale(_ x: UnsafeMutablePointer<Float>, toNormOf y: UnsafePointer<Float>, count n: Int) {
        var (now, before) = (0.0, 0.0)
        for i in 0..<n {
            now += Double(x[i]) * Double(x[i])
            before += Double(y[i]) * Double(y[i])
        }
        guard now > 0 else { return }
        let factor = (before / now).squareRoot()
        for i in 0..<n { x[i] = Float(Double(x[i]) * factor) }
    }
}

extension Change {
    /// Applies the change to n values.
    func apply(to x: UnsafeMutablePointer<Float>, count n: Int, place: EditPlace) {
        switch self {
        case .add(let vector):
            vector.withUnsafeBufferPointer { v in v.baseAddress.map { Elementwise.add($0, to: x, count: n) } }
        case .scale(let factor):
            Elementwise.scale(x, by: factor, count: n)
        case .multiply(let vector):
            for i in 0..<n { x[i] *= vector[i] }
        case .zero:
            x.update(repeating: 0, count: n)
        case .replace(let vector):
            vector.withUnsafeBufferPointer { v in v.baseAddress.map { x.update(from: $0, count: n) } }
        case .projectOut(let unit):
            Self.addAlong(unit, to: x) { -$0 }
        case .setComponent(let unit, let value):
            Self.addAlong(unit, to: x) { value - $0 }
        case .reflect(let unit):
            Self.addAlong(unit, to: x) { -2 * $0 }
        case .rotate(let unit, let degrees):
            Self.rotate(x, towards: unit, degrees: degrees)
        case .custom(let closure):
            closure(UnsafeMutableBufferPointer(start: x, count: n), place)
        }
    }

    /// x + f(x·u) u.
    private static func addAlong(
        _ unit: [Float], to x: UnsafeMutablePointer<Float>, _ factor: (Float) -> Float
    ) {
        unit.withUnsafeBufferPointer { u in
            guard let u = u.baseAddress else { return }
            let component = Elementwise.dot(x, u, count: unit.count)
            Elementwise.add(factor(component), times: u, to: x, count: unit.count)
        }
    }

    /// Given x = a u + b w, with w a unit vector at right angles to u and b > 0, reduces the angle φ between x and u by
    /// the given degrees: x ← r cos(φ − δ) u + r sin(φ − δ) w.
    private static func rotate(_ x: UnsafeMutablePointer<Float>, towards unit: [Float], degrees: Float) {
        let n = unit.count
        var along = 0.0
        var square = 0.0
        for i in 0..<n {
            along += Double(x[i]) * Double(unit[i])
            square += Double(x[i]) * Double(x[i])
        }
        let across = (0..<n).map { Double(x[$0]) - along * Double(unit[$0]) }
        let distance = across.reduce(0) { $0 + $1 * $1 }.squareRoot()
        let radius = square.squareRoot()
        guard distance > 1e-12 * radius, radius > 0 else { return }
        let angle = atan2(distance, along) - Double(degrees) * .pi / 180
        for i in 0..<n {
            x[i] = Float(radius * (cos(angle) * Double(unit[i]) + sin(angle) * across[i] / distance))
        }
    }
}
