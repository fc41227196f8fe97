import Directions
import Transformer

extension StudyComparisons {
    /// The plan's heads edited in other ways, all at the plan's cost.
    ///
    /// Each way has one number that its cost grows with: for `add` the factor of the strengths; for `rotate` the
    /// degrees towards the direction; for `clamp` how many σ above its mean each head's component is set, in proportion
    /// to the plan's strengths; for `project-out` how often the component is subtracted, once being the operation of
    /// plans. `gated add` is like `add`, but edits only where the head's own detector says that the behaviour isn't
    /// there.
    func operations() throws -> [Comparison] {
        let heads = Array(zip(found.heads, found.strengths))
        let ways: [(name: String, start: Double, edit: (Double, HeadDirection, Double) -> Edit)] = [
            ("add", 1, { factor, direction, strength in direction.edit(sigmas: factor * strength) }),
            (
                "rotate", 20,
                { factor, direction, _ in
                    Self.edit(direction, .rotate(direction.unit, degrees: Float(min(factor, 180))))
                }
            ),
            (
                "clamp", 1,
                { factor, direction, strength in
                    let mean = zip(direction.mean, direction.unit).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                    return Self.edit(
                        direction,
                        .setComponent(direction.unit, Float(mean + factor * strength * direction.sigma)))
                }
            ),
            (
                "project-out", 1,
                { factor, direction, _ in
                    let unit = direction.unit
                    return Self.edit(
                        direction,
                        .custom { values, _ in
                            var component = 0.0
                            for index in unit.indices { component += Double(values[index]) * Double(unit[index]) }
                            for index in unit.indices {
                                values[index] -= Float(factor * component * Double(unit[index]))
                            }
                        })
                }
            ),
            (
                "gated add", 1,
                { factor, direction, strength in
                    var edit = direction.edit(sigmas: factor * strength)
                    edit.gate = Gate(
                        .z(direction.head.layer), head: direction.head.index, direction: direction.unit,
                        threshold: Float(direction.threshold), opensAbove: false, positions: .last)
                    return edit
                }
            ),
        ]
        return try ways.compactMap { name, start, edit in
            func edits(_ factor: Double) -> [Edit] { heads.map { edit(factor, $0.0, $0.1) } }
            guard let (factor, cost) = try cost.factor(costing: target, from: start, edits) else { return nil }
            return try compare(.operation, name, edits(factor), factor: factor, cost: cost)
        }
    }

    private static func edit(_ direction: HeadDirection, _ change: Change) -> Edit {
        .z(layer: direction.head.layer, head: direction.head.index, positions: .last, change)
    }
}
