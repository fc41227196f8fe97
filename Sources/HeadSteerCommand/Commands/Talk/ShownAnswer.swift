import Reporting

/// An answer on its way to standard output: on a terminal as it comes, and wrapped; elsewhere as a whole.
struct ShownAnswer {
    private let console: Console
    private let isSilent: Bool
    private var wrapping: WrappedStream
    private var text = ""
    /// A note to print on standard error after the text.
    var remark: String?

    init(_ console: Console, isSilent: Bool) {
        self.console = console
        self.isSilent = isSilent
        wrapping = WrappedStream(width: console.proseWidth)
    }

    private var isStreaming: Bool { !isSilent && console.isOutputTerminal }

    mutating func take(_ new: String) {
        text += new
        if isStreaming, !new.isEmpty { console.outputFragment(wrapping.take(new)) }
    }

    /// - Returns: the whole text.
    mutating func finish() -> String {
        if isStreaming {
            console.output(wrapping.finish())
        } else if !isSilent {
            console.output(text)
        }
        if let remark { console.error(remark) }
        return text
    }
}
