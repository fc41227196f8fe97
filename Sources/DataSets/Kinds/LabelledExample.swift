import DataFiles

/// A text that shows a behaviour or doesn't.
public struct LabelledExample: Sendable, Hashable {
    /// The text before the part that carries the label; may be empty.
    public var prompt: String
    /// The part that carries the label; the text that a model reads is `prompt + completion`.
    public var completion: String
    /// Whether the behaviour is shown.
    public var label: Bool
    /// The row's group, shared with related rows (a question, a template): a group's rows stay on one side of every
    /// split.
    public var group: String
    /// The line of the file on which the row begins, from 1; 0 for a row that comes from no file.
    public var line: Int
    /// The marked part of ``text``, in UTF-8 bytes, for reading the mean over its tokens; nil if none is marked.
    public var span: Range<Int>?

    /// A text, all of it `completion` unless a prompt is given; rows made from one another need the same group.
    public init(
        prompt: String = "", completion: String, label: Bool, group: String, line: Int = 0, span: Range<Int>? = nil
    ) {
        self.prompt = prompt
        self.completion = completion
        self.label = label
        self.group = group
        self.line = line
        self.span = span
    }

    /// The text that the model reads.
    public var text: String { prompt + completion }
}

extension Sequence<LabelledExample> {
    /// Checks that both classes occur, which fitting a direction needs.
    /// - Throws: `InputError` that names `file` and the missing class.
    public func requireBothClasses(file: String) throws {
        var seen: Set<Bool> = []
        for example in self where seen.insert(example.label).inserted && seen.count == 2 { return }
        guard let only = seen.first else {
            throw InputError.badData("no rows", in: file, remedy: "add rows of both labels")
        }
        throw InputError.badData(
            "every row has the label \(only)", in: file, remedy: "add rows with the label \(!only) to compare with")
    }
}
