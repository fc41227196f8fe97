import DataFiles
import TensorCore
import Transformer

extension Edit {
    /// - Throws: `InputError` of the kind `.usage` if the edit has no derivative here.
    func checkDerivative() throws {
        func refuse(_ what: String, _ remedy: String) -> InputError {
            InputError.usage("\(what) of \(site) in a gradient run", remedy: remedy)
        }
        if gate != nil {
            throw refuse("a gated edit", "leave the gate out: whether it opens has no derivative")
        }
        if keepsNorm { throw refuse("an edit that keeps the norm", "let it change the norm") }
        if site.kind == .logits { throw refuse("an edit", "change the objective instead") }
        switch change {
        case .rotate: throw refuse("a rotation", "add, scale or project instead")
        case .custom: throw refuse("a custom edit", "use one whose derivative is known")
        case .add, .multiply, .scale, .zero, .replace, .projectOut, .setComponent, .reflect: break
        }
    }

    /// Turns the gradient of the values after the edit into the gradient before it, for n values at one position.
    ///
    /// All changes that have a derivative are affine, so the values themselves aren't needed.
    func takeBack(_ gradient: UnsafeMutablePointer<Float>, count n: Int, place: EditPlace) {
        let share = Float(schedule.factor(position: place.position, promptCount: place.promptCount))
        if share == 0 { return }
        switch change {
        case .add, .rotate, .custom: break
        case .scale(let factor): Elementwise.scale(gradient, by: 1 + share * (factor - 1), count: n)
        case .multiply(let factors): for i in 0..<n { gradient[i] *= 1 + share * (factors[i] - 1) }
        case .zero, .replace: Elementwise.scale(gradient, by: 1 - share, count: n)
        case .projectOut(let unit), .setComponent(let unit, _):
            Self.add(-share, along: unit, to: gradient)
        case .reflect(let unit): Self.add(-2 * share, along: unit, to: gradient)
        }
    }

    /// x + a (x·u) u
    private static func add(_ a: Float, along unit: [Float], to x: UnsafeMutablePointer<Float>) {
        unit.withUnsafeBufferPointer { unit in
            guard let u = unit.baseAddress else { return }
            Elementwise.add(a * Elementwise.dot(x, u, count: unit.count), times: u, to: x, count: unit.count)
        }
    }
}
