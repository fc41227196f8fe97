import DataFiles

/// Gives the fields of rows their meaning: collects rows of the first row's kind.
struct DataSetDecoder {
    private enum Kind: String {
        case labelled, choice, contrast
    }

    let file: String
    private var kind: Kind?
    private var labelled: [LabelledExample] = []
    private var choice: [ChoiceQuestion] = []
    private var contrast: [ContrastPrompt] = []
    /// Groups that the file names, and the labelled rows that have none.
    private var namedGroups: Set<String> = []
    private var rowsWithoutGroup: [Int] = []

    init(file: String) {
        self.file = file
    }

    mutating func append(_ row: DataRow) throws {
        let fields = DataRowFields(row: row, file: file)
        let kind = try self.kind ?? self.kind(of: row)
        self.kind = kind
        switch kind {
        case .labelled: try appendLabelled(fields)
        case .choice:
            let (matching, other) = try fields.sides("answer_matching_behavior", "answer_not_matching_behavior")
            choice.append(
                ChoiceQuestion(
                    question: try fields.text("question"), matching: matching, notMatching: other,
                    group: try fields.group(), line: row.place.line))
        case .contrast:
            let (positive, negative) = try fields.sides("positive", "negative")
            contrast.append(
                ContrastPrompt(
                    prompt: try fields.text("prompt"), positive: positive, negative: negative,
                    group: try fields.group(), line: row.place.line))
        }
    }

    /// The texts of the rows added since the last call; rows without a group have an empty one.
    mutating func takeExamples() -> [LabelledExample] {
        defer { (labelled, choice, contrast, rowsWithoutGroup) = ([], [], [], []) }
        return labelled + choice.flatMap(\.labelledExamples) + contrast.flatMap(\.labelledExamples)
    }

    private func kind(of row: DataRow) throws -> Kind {
        let has = { (name: String) in row.fields[name] != nil }
        if has("answer_matching_behavior") || has("answer_not_matching_behavior") { return .choice }
        if has("positive") || has("negative") { return .contrast }
        if has("label") || has("text") || has("statement") || has("completion") { return .labelled }
        if has("question") { return .choice }
        throw InputError.badData(
            "a first row whose fields fit no kind of data set", in: row.place.description(in: file),
            remedy: "give it prompt, completion, label (or text, label); or question, answer_matching_behavior, "
                + "answer_not_matching_behavior; or prompt, positive, negative")
    }

    private mutating func appendLabelled(_ fields: DataRowFields) throws {
        let (prompt, completion) = try fields.promptAndCompletion()
        let group = try fields.group()
        if let group { namedGroups.insert(group) } else { rowsWithoutGroup.append(labelled.count) }
        labelled.append(
            LabelledExample(
                prompt: prompt, completion: completion, label: try fields.label(), group: group ?? "",
                line: fields.row.place.line, span: try fields.span(of: prompt + completion)))
    }

    /// The data set, once all rows are in.
    mutating func finish() throws -> DataSet {
        switch kind {
        case nil: throw InputError.badData("no rows", in: file, remedy: "write at least one row")
        case .choice: return .choice(choice)
        case .contrast: return .contrast(contrast)
        case .labelled:
            for row in rowsWithoutGroup {
                var name = "row \(row + 1)"
                while namedGroups.contains(name) { name += "'" }
                labelled[row].group = name
            }
            return .labelled(labelled)
        }
    }
}
