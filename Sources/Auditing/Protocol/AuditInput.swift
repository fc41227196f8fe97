import DataSets
import Tasks
import Transformer

/// What is audited: data of one behaviour, and how they are read.
public struct AuditInput: Sendable {
    /// Labelled texts or choice questions of the behaviour; both classes.
    public var data: DataSet
    /// The data's name in reports and errors.
    public var name: String
    /// What effects are measured on; nil for the data themselves.
    public var contrast: DataSet?
    public var contrastName: String?
    /// Whether texts go through the model's chat template.
    public var usesChatTemplate: Bool
    /// Where labelled texts are read; not all positions.
    public var positions: ReadPositions
    /// A prompt that asks for the behaviour; nil: one that shows three examples.
    public var instruction: String?
    /// What the cost of edits is measured on. Figures can be compared only where it is the same; the default is.
    public var neutral: [String]
    /// Clean texts that defences are fitted to; nil: the texts that directions are fitted from.
    public var clean: [String]?

    public init(
        data: DataSet, name: String, contrast: DataSet? = nil, contrastName: String? = nil,
        usesChatTemplate: Bool = false, positions: ReadPositions = .last, instruction: String? = nil,
        neutral: [String] = NeutralTexts.sentences, clean: [String]? = nil
    ) {
        self.data = data
        self.name = name
        self.contrast = contrast
        self.contrastName = contrastName
        self.usesChatTemplate = usesChatTemplate
        self.positions = positions
        self.instruction = instruction
        self.neutral = neutral
        self.clean = clean
    }
}

/// A monitor that is tried as a defence: what an audit asks of one.
public struct AuditedMonitor {
    /// The share of false alarms that its threshold is set to.
    public var falseAlarms: Double
    /// The share of clean texts, apart from those it was fitted on, that it flags.
    public var cleanFlagged: Double
    /// The share of texts written under some edits that it flags.
    public var flagged: ([Edit]) throws -> Double
    /// Edits that hold heads within their clean range, to be carried out after others.
    public var clamping: [Edit]

    public init(
        falseAlarms: Double, cleanFlagged: Double, clamping: [Edit], flagged: @escaping ([Edit]) throws -> Double
    ) {
        self.falseAlarms = falseAlarms
        self.cleanFlagged = cleanFlagged
        self.clamping = clamping
        self.flagged = flagged
    }
}
