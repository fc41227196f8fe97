import Transformer

extension TeacherForcedScorer {
    /// Whether edits leave alone all positions of a prompt before its last one, so that what the model remembers of them
    /// is the same with and without the edits. A latched gate that an earlier position can open doesn't: the open gate is
    /// part of what is remembered.
    public static func touchesOnlyLastAndLater(_ edits: [Edit], prompt: [Int]) -> Bool {
        let earlier = Array(prompt.dropLast())
        return !edits.contains { $0.concernsAny(of: earlier, promptCount: prompt.count) }
    }

    /// How many of a prompt's tokens before its last one edits leave alone, up to the first one that they don't.
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
