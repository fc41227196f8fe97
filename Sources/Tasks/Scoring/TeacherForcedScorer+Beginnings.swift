import Transformer

extension TeacherForcedScorer {
    /// Whether edits leave alone all positions of a prompt before its last one.
    ///
    /// The model's state after these positions is then the same with and without the edits. A latched gate that an
    /// earlier position can open counts as touching it, because the open gate is part of the state.
    public static func touchesOnlyLastAndLater(_ edits: [Edit], prompt: [Int]) -> Bool {
        let earlier = Array(prompt.dropLast())
        return !edits.contains { $0.concernsAny(of: earlier, promptCount: prompt.count) }
    }

    /// The number of tokens at the beginning of a prompt that edits leave alone; the last token isn't counted.
    static func untouchedTokens(_ edits: [Edit], prompt: [Int]) -> Int {
        var (low, high) = (0, prompt.count - 1)
        while low < high {
            let middle = (low + high + 1) / 2
            let beginning = Array(prompt.prefix(middle))
            if edits.contains(where: { $0.concernsAny(of: beginning, promptCount: prompt.count) }) {
                high = middle - 1
            } else {
                low = middle
            }
        }
        return low
    }
}
