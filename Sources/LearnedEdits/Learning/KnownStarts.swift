import Gradients

/// The starts of passes over texts that are repeated, under edits of some block and later ones.
///
/// Each text goes through the earlier blocks only once. Use an object of this class from one thread at a time.
///
/// Memory: 4 · M bytes for each token; texts that don't fit go through all blocks.
final class KnownStarts {
    private struct Key: Hashable {
        let before, tokens: [Int]
        let promptCount: Int

        init(_ text: GradientText) {
            (before, tokens) = (text.past?.tokens ?? [], text.tokens)
            promptCount = text.promptCount
        }
    }

    private let bytes: Int
    private var layer = 0
    private var room: Int
    private var known: [Key: GradientStart] = [:]

    /// - Parameter bytes: the maximum number of bytes that are kept.
    init(bytes: Int) {
        self.bytes = bytes
        room = bytes
    }

    /// Sets the first block that is edited or read; starts for another block are forgotten.
    func begin(before layer: Int) {
        guard layer != self.layer else { return }
        self.layer = layer
        room = bytes
        known = [:]
    }

    /// Adds starts to texts, as far as there is room.
    ///
    /// - Throws: what ``GradientRun/starts(of:before:)`` throws.
    func added(to texts: [GradientText], _ run: GradientRun) throws -> [GradientText] {
        guard layer > 0 else { return texts }
        var new: Set<Key> = []
        let missing = texts.filter { text in
            let bytes = 4 * run.model.configuration.width * text.tokens.count
            guard known[Key(text)] == nil, bytes <= room, new.insert(Key(text)).inserted else { return false }
            room -= bytes
            return true
        }
        if !missing.isEmpty {
            for (text, start) in zip(missing, try run.starts(of: missing, before: layer)) { known[Key(text)] = start }
        }
        return texts.map { text in
            var text = text
            text.start = known[Key(text)]
            return text
        }
    }
}
