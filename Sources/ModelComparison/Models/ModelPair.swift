import DataFiles
import Dispatch
import TensorCore
import Tokenization
import Transformer

/// One of the two models that are compared.
public enum ComparedModel: String, Sendable, CaseIterable, Codable {
    /// The first one: the base, in a comparison with a tuned model.
    case a
    /// The second one.
    case b
}

/// Something that both models have.
public struct OfBoth<Value> {
    /// The first model's value.
    public var a: Value
    /// The second model's value.
    public var b: Value

    /// A pair of both models' values.
    public init(a: Value, b: Value) {
        self.a = a
        self.b = b
    }

    /// One model's value.
    public subscript(model: ComparedModel) -> Value { model == .a ? a : b }

    /// The results of a function for both values, with the first model's computed first.
    public func map<Result>(_ transform: (Value) throws -> Result) rethrows -> OfBoth<Result> {
        OfBoth<Result>(a: try transform(a), b: try transform(b))
    }
}

extension OfBoth: Sendable where Value: Sendable {}
extension OfBoth: Equatable where Value: Equatable {}
extension OfBoth: Encodable where Value: Encodable {}
extension OfBoth: Decodable where Value: Decodable {}

/// Two checkpoints of one architecture: a base and a tuned one, a full and a quantised one, a clean and a baked one.
///
/// Both stay mapped where they lie; of their weights, only what is being looked at is copied. Work on both goes on at
/// the same time, each with half of the threads.
public struct ModelPair: Sendable {
    /// Both models.
    public let models: OfBoth<LanguageModel>
    /// Each model's tokenizer, or the other's if it has none.
    public let tokenizers: OfBoth<Tokenizer>
    /// A's tokenizer, which makes the tokens that both get.
    public var tokenizer: Tokenizer { tokenizers.a }
    /// The differences between the vocabularies, in sentences; empty if there are none.
    public let vocabularyNotes: [String]
    /// What the models compute differently with the same weights, such as rotary embeddings of another base; empty if
    /// nothing.
    public let settings: [String]
    /// The number of tokens that both have: logits beyond them are left out.
    public let sharedTokens: Int
    /// The threads for work on one thing at a time.
    public let workers: WorkerPool
    private let halves: OfBoth<WorkerPool>

    /// A's configuration; B's has the same sizes.
    public var configuration: ModelConfiguration { models.a.configuration }

    /// Checks that the models can be compared.
    ///
    /// - Parameter tokenizers: one of them may be nil, for a checkpoint without a tokenizer.
    /// - Throws: `InputError` of the kind `.otherModel` that names what differs: the architecture, a size, or a token
    ///   that isn't the same in both vocabularies; of the kind `.missingPart` if neither model has a tokenizer.
    public init(_ models: OfBoth<LanguageModel>, tokenizers: OfBoth<Tokenizer?>, workers: WorkerPool) throws {
        let (a, b) = (models.a.configuration, models.b.configuration)
        let place = models.b.checkpoint.path
        guard a.architecture == b.architecture else {
            throw InputError(
                .otherModel, "the architecture \(b.architecture), but that of the first model is \(a.architecture)",
                in: place, remedy: "compare two checkpoints of the same architecture")
        }
        for (name, first, second) in [
            ("layers", a.layers, b.layers), ("heads", a.heads, b.heads), ("key-value heads", a.kvHeads, b.kvHeads),
            ("values of a head", a.headSize, b.headSize), ("values of the residual stream", a.width, b.width),
            ("values of the MLP", a.feedForward, b.feedForward),
        ] where first != second {
            throw InputError(
                .otherModel, "\(second) \(name), where the first model has \(first)", in: place,
                remedy: "compare two checkpoints of the same shape")
        }
        guard let first = tokenizers.a ?? tokenizers.b, let second = tokenizers.b ?? tokenizers.a else {
            throw InputError(
                .missingPart, "no tokenizer", in: models.a.checkpoint.path,
                remedy: "give one of the models with its tokenizer: both get the same tokens")
        }
        let vocabulary = try VocabularyDifference(tokenizers, models: models)
        self.models = models
        self.tokenizers = OfBoth(a: first, b: second)
        vocabularyNotes = vocabulary.notes
        settings = SettingsDifference.names(a, b)
        sharedTokens = vocabulary.sharedTokens
        self.workers = workers
        let half = max(1, workers.count / 2)
        halves = OfBoth(a: WorkerPool(count: max(1, workers.count - half)), b: WorkerPool(count: half))
    }

    /// Does the same with both models at the same time; if both fail, A's error is thrown.
    public func both<Value: Sendable>(
        _ work: @Sendable (_ which: ComparedModel, _ model: LanguageModel, _ workers: WorkerPool) throws -> Value
    ) throws -> OfBoth<Value> {
        guard workers.count > 1 else {
            return OfBoth(a: try work(.a, models.a, workers), b: try work(.b, models.b, workers))
        }
        var results: [Result<Value, any Error>?] = [nil, nil]
        results.withUnsafeMutableBufferPointer { results in
            // Each iteration writes only its own element.
            nonisolated(unsafe) let results = results
            DispatchQueue.concurrentPerform(iterations: 2) { index in
                let which: ComparedModel = index == 0 ? .a : .b
                results[index] = Result { try work(which, models[which], halves[which]) }
            }
        }
        guard let first = results[0], let second = results[1] else {
            preconditionFailure("Both models were to be worked on.")
        }
        return OfBoth(a: try first.get(), b: try second.get())
    }
}
