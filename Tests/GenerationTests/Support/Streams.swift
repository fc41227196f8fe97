import Generation

/// What a stream brought: its tokens, its text and why it ended.
struct StreamedText: Equatable {
    var ids: [Int] = []
    var text = ""
    var reason: StopReason?

    mutating func take(_ event: GenerationEvent) {
        switch event {
        case .token(let id, let text):
            ids.append(id)
            self.text += text
        case .finished(let text, let reason):
            self.text += text
            self.reason = reason
        }
    }
}

extension AsyncTokenStream {
    /// Reads to the end.
    func read() async -> StreamedText {
        var result = StreamedText()
        for await event in self { result.take(event) }
        return result
    }
}

extension TokenStream {
    /// Reads to the end.
    func read() -> StreamedText {
        var result = StreamedText()
        for event in self { result.take(event) }
        return result
    }
}
