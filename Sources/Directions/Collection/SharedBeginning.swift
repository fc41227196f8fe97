import DataSets

/// Texts of a batch that begin with the same tokens, such as a question with each of its answers. What they share goes
/// through the model once.
struct SharedBeginning: Equatable {
    /// How many tokens they share, none of which is read; 0 for a text by itself.
    var count: Int
    /// Which of the texts.
    var members: [Int]
}

extension ActivationReading {
    /// The fewest tokens that are worth a pass of their own.
    private static let leastShared = 16

    /// The texts of a batch, together where that saves tokens.
    func beginnings(of batch: [Int]) -> [SharedBeginning] {
        let inOrder = batch.sorted { first, second in
            let (one, other) = (texts[first].tokens, texts[second].tokens)
            return one == other ? first < second : one.lexicographicallyPrecedes(other)
        }
        var groups: [(beginning: SharedBeginning, most: Int)] = []
        for text in inOrder {
            // A text that shares all of its tokens would have nothing left to read.
            let most = min(texts[text].positions.lowerBound, texts[text].tokens.count - 1)
            if let (last, shared) = groups.last, let first = last.members.first, hasSameAngles(first, text) {
                let same = zip(texts[first].tokens, texts[text].tokens).prefix { $0 == $1 }.count
                let count = min(same, most, shared)
                let saved = (last.members.count - 1) * last.count
                if count >= Self.leastShared, last.members.count * count > saved {
                    groups[groups.count - 1] = (
                        SharedBeginning(count: count, members: last.members + [text]), count
                    )
                    continue
                }
            }
            groups.append((SharedBeginning(count: 0, members: [text]), most))
        }
        return groups.map(\.beginning)
    }

    /// Whether two texts have the same rotary frequencies, which may depend on a text's length.
    private func hasSameAngles(_ first: Int, _ second: Int) -> Bool {
        let lengths = [first, second].map { model.longestText(promptCount: texts[$0].tokens.count) }
        return lengths[0] == lengths[1]
    }
}
