import DataFiles
import Tasks
import Transformer

/// The inputs of the measurements: seeded random tokens, the same for all sides, and edits of some heads.
struct Workload {
    let configuration: ModelConfiguration
    let seed: UInt64

    init(_ configuration: ModelConfiguration, seed: UInt64 = 0) {
        self.configuration = configuration
        self.seed = seed
    }

    /// Random tokens.
    ///
    /// - Parameter stream: the number of the text; each gives different tokens.
    func tokens(_ count: Int, stream: Int = 0) -> [Int] {
        var generator = SeededGenerator(seed: seed, stream: UInt64(stream))
        return (0..<count).map { _ in generator.integer(below: configuration.vocabulary) }
    }

    /// Random texts of the same length.
    func texts(_ count: Int, length: Int) -> [[Int]] { (0..<count).map { tokens(length, stream: 1 + $0) } }

    /// A plan of four heads, spread over the layers, that adds each head's direction at the last position.
    func plan() -> [Edit] {
        (0..<4).map { index in
            let layer = (2 * index + 1) * configuration.layers / 8
            return edit(layer: layer, head: index % configuration.heads).at(.last)
        }
    }

    /// A causal sweep of some heads over random prompts.
    ///
    /// - Parameter heads: the number of heads, evenly spread; nil for all.
    func sweep(prompts: Int, length: Int, heads: Int? = nil) -> SweepWork {
        let all = configuration.layers * configuration.heads
        let count = min(heads ?? all, all)
        let edits = (0..<count).map { index in
            let place = index * all / count
            return edit(layer: place / configuration.heads, head: place % configuration.heads)
        }
        let items = texts(prompts, length: length).enumerated().map { index, prompt in
            ContrastItem(
                prompt: prompt, positive: [1 % configuration.vocabulary], negative: [2 % configuration.vocabulary],
                group: "\(index)")
        }
        return SweepWork(items: items, edits: edits)
    }

    /// The amount that is added to each value of z.
    static let strength: Float = 0.1

    private func edit(layer: Int, head: Int) -> HeadEdit {
        let vector = [Float](repeating: Self.strength, count: configuration.headSize)
        return HeadEdit(layer: layer, head: head, .add(vector))
    }
}

/// A causal sweep to measure.
struct SweepWork {
    var items: [ContrastItem]
    /// One edit for each head.
    var edits: [HeadEdit]
}
