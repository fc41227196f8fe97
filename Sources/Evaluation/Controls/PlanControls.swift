import DataFiles
import Directions
import Intervention
import Statistics
import Transformer

/// Edits that a plan is compared with; they should do much less than the plan.
enum PlanControls {
    /// The same edits along random directions of the same length; nil if no edit has a direction.
    static func randomDirections(_ edits: [Edit], using random: inout SeededGenerator) -> [Edit]? {
        var anyDirection = false
        let changed = edits.map { edit in
            guard let change = edit.change.turned(into: { _ in random.gaussian() }) else { return edit }
            anyDirection = true
            var own = edit
            own.change = change
            return own
        }
        return anyDirection ? changed : nil
    }

    /// The same edits along directions fitted to shuffled labels, each as long as the plan's; nil if no edit of a head
    /// has a direction.
    static func shuffledLabels(_ edits: [Edit], training: TrainingActivations, seed: UInt64) throws -> [Edit]? {
        let labels = training.rows.relabelled(training.shuffledLabels(seed: seed))
        var anyDirection = false
        let changed = try edits.map { edit in
            guard edit.site.kind == .z, let layer = edit.site.layer, let index = edit.head else { return edit }
            let direction = try HeadDirection(
                fitting: .massMean, to: training.z[Head(layer: layer, index: index)], rows: labels)
            guard !direction.isZero, let change = edit.change.turned(into: { Double(direction.unit[$0]) }) else {
                return edit
            }
            anyDirection = true
            var own = edit
            own.change = change
            return own
        }
        return anyDirection ? changed : nil
    }

    /// Edits of whole layers in place of heads; nil if the plan adds nothing.
    ///
    /// At each layer to which the plan adds something, the edit adds the mass-mean direction of the residual stream
    /// there. It is as long as the sum of what the plan's edits of that layer write to the residual stream. It is added
    /// after the layer's block, as in CAA (Rimsky et al. 2023, arXiv 2312.06681), at the positions, times and gates of
    /// the layer's last edit.
    static func layers(_ edits: [Edit], training: TrainingActivations, model: LanguageModel) throws -> [Edit]? {
        var written: [Int: [Double]] = [:]
        var edited: [Int: Edit] = [:]
        for edit in edits {
            guard case .add(let vector) = edit.change, let layer = edit.site.layer else { continue }
            var total = written[layer] ?? [Double](repeating: 0, count: model.configuration.width)
            if let head = edit.head, edit.site.kind == .z {
                let output = model.outputProjection(layer: layer, head: head)
                for row in total.indices {
                    for (weight, value) in zip(output.row(row), vector) { total[row] += Double(weight) * Double(value) }
                }
            } else if vector.count == total.count {
                for row in total.indices { total[row] += Double(vector[row]) }
            }
            written[layer] = total
            edited[layer] = edit
        }
        let result = try written.sorted { $0.key < $1.key }.compactMap { layer, total -> Edit? in
            let direction = try HeadDirection(
                fitting: .massMean, to: training.residual[layer: layer], rows: training.rows)
            let length = total.reduce(0) { $0 + $1 * $1 }.squareRoot()
            guard !direction.isZero, let own = edited[layer] else { return nil }
            return Edit(
                .residualPost(layer), positions: own.positions, schedule: own.schedule, gate: own.gate,
                .add(direction.unit.map { Float(length * Double($0)) }))
        }
        return result.isEmpty ? nil : result
    }

    /// The same plan at random heads that it doesn't edit; nil if the model has too few other heads, or if the plan
    /// edits whole layers.
    ///
    /// An edit uses the new head's own direction if the directions file has one, and the plan's direction otherwise.
    static func randomHeads(
        _ loaded: LoadedPlan, configuration: ModelConfiguration, using random: inout SeededGenerator
    ) -> LoadedPlan? {
        let (plan, directions) = (loaded.plan, loaded.directions)
        let ordered = plan.edits.compactMap(\.head)
        guard ordered.count == plan.edits.count else { return nil }
        let used = Set(ordered)
        var free = Head.all(configuration).filter { head in
            // A head whose classes don't differ has no direction of its own.
            !used.contains(head) && directions?["\(head)"]?.vector.allSatisfy { $0 == 0 } != true
        }
        guard free.count >= used.count else { return nil }
        random.shuffle(&free)
        var replacement: [Head: Head] = [:]
        for head in ordered where replacement[head] == nil { replacement[head] = free.removeLast() }
        var moved = loaded
        for (index, edit) in plan.edits.enumerated() {
            guard let head = replacement[ordered[index]] else { continue }
            moved.plan.edits[index].target = .head(head)
            // A gate at the old head has no meaning here.
            moved.plan.edits[index].gate = nil
            let own = "\(head)"
            if edit.direction == .named("\(edit.target)"), directions?[own] != nil {
                moved.plan.edits[index].direction = .named(own)
            }
        }
        return moved
    }
}

extension Change {
    /// The same change along another direction of the same length; nil if the change has no direction.
    ///
    /// - Parameter values: the value of the new direction at an index; the values can have any scale.
    fileprivate func turned(into values: (Int) -> Double) -> Change? {
        func direction(like vector: [Float]) -> [Float] {
            let norm = vector.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
            let values = vector.indices.map(values)
            let length = values.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return values.map { Float($0 / max(length, .leastNormalMagnitude) * norm) }
        }
        switch self {
        case .add(let vector): return .add(direction(like: vector))
        case .multiply(let factors):
            // A factor of 1 changes nothing, so the difference from 1 is turned.
            return .multiply(direction(like: factors.map { $0 - 1 }).map { 1 + $0 })
        case .projectOut(let unit): return .projectOut(direction(like: unit))
        case .setComponent(let unit, let value): return .setComponent(direction(like: unit), value)
        case .reflect(let unit): return .reflect(direction(like: unit))
        case .rotate(let unit, let degrees): return .rotate(direction(like: unit), degrees: degrees)
        case .scale, .zero, .replace, .custom: return nil
        }
    }
}
