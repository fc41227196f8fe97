import Transformer

/// One text while it is generated: what goes through the model next, and the results so far.
struct GrowingText: Sendable {
    private(set) var request: GenerationRequest
    private(set) var progress = BatchGenerator.Progress()
    private(set) var readings: [ReadResult] = []
    private var sampler: Sampler
    /// The tokens that have not gone through the model yet.
    private var pending: ArraySlice<Int>
    private var position: Int
    private var editsChanged = false
    private let longest: Int

    /// - Parameter stream: which of the seed's streams of random numbers the text draws from, if its request names
    ///   none.
    init(_ request: GenerationRequest, model: LanguageModel, stream: UInt64) {
        self.request = request
        sampler = Sampler(request.sampling, stream: request.stream ?? stream)
        position = request.prefix?.count ?? 0
        pending = request.prompt[position...]
        longest = model.longestText(promptCount: request.prompt.count)
        if request.maxTokens == 0 { progress.stopReason = .tokenLimit }
    }

    /// Whether some but not all of the prompt has gone through the model.
    var isInsidePrompt: Bool { progress.ids.isEmpty && position > (request.prefix?.count ?? 0) }
    /// How many tokens the next pass takes if nothing limits it.
    var pendingCount: Int { pending.count }

    mutating func setEdits(_ edits: [Edit]) {
        request.edits = edits
        editsChanged = true
    }

    mutating func end(_ reason: StopReason) {
        if progress.stopReason == nil { progress.stopReason = reason }
    }

    /// What the next pass computes.
    ///
    /// - Parameter most: the most prompt tokens to take, at least one.
    func step(sequence: Int, most: Int = .max) -> Step {
        Step(
            sequence: sequence, tokens: Array(pending.prefix(most)), edits: request.edits, changesEdits: editsChanged,
            reads: request.reads)
    }

    /// Takes the result of a pass, and chooses a token if all of the prompt has gone through the model.
    mutating func take(_ result: StepResult, of step: Step) {
        pending = pending.dropFirst(step.tokens.count)
        position += step.tokens.count
        editsChanged = false
        readings = result.reads
        guard pending.isEmpty else { return }
        let last = result.logits.row(result.logits.rows - 1)
        guard last.allSatisfy({ $0 > -.infinity && $0 < .infinity }) else { return end(.notFinite) }
        let token = sampler.next(last)
        progress.ids.append(token)
        pending = [token]
        if request.endTokens.contains(token) {
            end(.endToken)
        } else if progress.ids.count >= request.maxTokens {
            end(.tokenLimit)
        } else if position + 1 > longest {
            end(.contextFull)
        }
    }
}
