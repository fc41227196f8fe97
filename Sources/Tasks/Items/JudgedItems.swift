import DataSets
import Tokenization

/// The items that a plan is judged by: choice questions or contrast prompts.
public enum JudgedItems: Sendable {
    /// Questions with answers; the measure is the log-odds of the answers.
    case choice(ChoiceTask)
    /// Prompts with tokens of two sides; the measure is the logit difference.
    case contrast([ContrastItem])

    /// Makes items from a data set: choice questions in both versions of their letters, or contrast items.
    ///
    /// - Throws: `InputError` as ``ChoiceTask`` and ``ContrastSet`` do.
    public init(
        _ data: DataSet, tokenizer: Tokenizer, choices: ChoiceTaskOptions = ChoiceTaskOptions(), file: String
    ) throws {
        if case .choice = data {
            self = .choice(try ChoiceTask(data, tokenizer: tokenizer, options: choices, file: file))
        } else {
            self = .contrast(try ContrastSet(data, tokenizer: tokenizer, file: file).items)
        }
    }

    /// The group of each question or contrast prompt.
    package var groups: [String] {
        switch self {
        case .choice(let task): task.items.filter { !$0.isSwapped }.map(\.group)
        case .contrast(let items): items.map(\.group)
        }
    }
}
