import DataSets
import Monitoring
import Tasks
import Transformer

/// What is audited: the data of one behaviour, and how they are read.
public struct AuditInput: Sendable {
    /// Labelled texts or choice questions for the behaviour, of both classes.
    public var data: DataSet
    /// The data's name in reports and errors.
    public var name: String
    /// The data that effects are measured on; nil for the data themselves.
    public var contrast: DataSet?
    /// The contrast data's name in reports and errors.
    public var contrastName: String?
    /// Whether texts go through the model's chat template.
    public var usesChatTemplate: Bool
    /// The positions at which labelled texts are read; not all positions.
    public var positions: ReadPositions
    /// A prompt that asks for the behaviour; nil for one that shows three examples.
    public var instruction: String?
    /// The texts that the cost of edits is measured on.
    ///
    /// Figures can be compared only if these texts are the same, as the default ones are.
    public var neutral: [String]
    /// Clean texts that defences are fitted to, for a monitor of ``AuditProtocol/cleanGroups`` groups or more.
    ///
    /// If nil, means are those of the texts that directions are fitted to, and no monitor is tried.
    public var clean: [PlainText]?

    /// An input; everything but the data has a default, with which figures of different models can be compared.
    public init(
        data: DataSet, name: String, contrast: DataSet? = nil, contrastName: String? = nil,
        usesChatTemplate: Bool = false, positions: ReadPositions = .last, instruction: String? = nil,
        neutral: [String] = NeutralTexts.sentences, clean: [PlainText]? = nil
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
