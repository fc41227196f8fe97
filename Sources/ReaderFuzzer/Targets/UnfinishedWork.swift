import Auditing
import CausalSearch
import DataFiles
import DataSets
import Documents
import Evidence
import Foundation
import LearnedEdits
import Tasks
import TensorCore
import Tokenization
import Transformer

/// A search, a study, an audit and a learning, each as small as possible, that start from a state.
struct UnfinishedWork {
    private static let key = "k"
    private let model: LanguageModel
    private let tokenizer: Tokenizer
    private let workers = WorkerPool(count: 1)
    private let folder: URL
    private let texts: DataSet
    private let contrasts: DataSet
    private let neutral = ["the dog", "a hat"]

    /// - Parameter folder: a folder with `llama.gguf`, `texts.jsonl` and `contrasts.jsonl`.
    init(in folder: URL) throws {
        self.folder = folder
        let url = folder.appending(path: "llama.gguf")
        model = try LanguageModel(contentsOf: url, threads: 1)
        tokenizer = try Tokenizer(contentsOf: url)
        texts = try DataSet(contentsOf: folder.appending(path: "texts.jsonl"))
        contrasts = try DataSet(contentsOf: folder.appending(path: "contrasts.jsonl"))
    }

    /// Resumes the work that the state belongs to, up to its report.
    ///
    /// It does so even if the checksum is wrong, because an attacker who changes a state can correct its checksum.
    func goOn(with url: URL) throws {
        let data = try Data(contentsOf: url)
        func read<State: ResumableState>(_ type: State.Type) -> State? {
            (try? JSONDecoder().decode(type, from: data)).flatMap { $0.isWhole ? $0 : nil }
        }
        if let state = read(SearchState.self) {
            attempt { try search(state) }
        } else if let state = read(LearningState.self) {
            for method in LearningMethod.allCases { attempt { try learn(method, state) } }
        } else if let state = read(StudyState.self) {
            attempt { try study(state) }
        } else if let state = read(AuditState.self) {
            attempt { try audit(state) }
        }
    }

    /// Writes the last state that each kind of work produces to a file with its name, as the corpus.
    ///
    /// For a study, whose report is long, it writes an early state.
    func writeStates(to folder: URL) throws {
        try AtomicOutput.makeFolder(folder)
        func keep(_ name: String, most: Int = .max) -> (any ResumableState) throws -> Void {
            var count = 0
            return { state in
                count += 1
                if count <= most { try state.write(to: folder.appending(path: name)) }
            }
        }
        try search(SearchState(key: Self.key), keep("search"))
        try study(StudyState(key: Self.key), keep("study", most: 4))
        try audit(AuditState(key: Self.key), keep("audit"))
        for method in LearningMethod.allCases {
            try learn(method, LearningState(key: Self.key), keep(method.rawValue))
        }
    }

    private func search(_ state: SearchState, _ keep: @escaping (SearchState) throws -> Void = { _ in }) throws {
        var search = HeadSearch(model, tokenizer: tokenizer, workers: workers)
        search.onState = keep
        let preparation = try TextPreparation(tokenizer)
        let options = SearchOptions(
            heads: 1, screen: HeadScreen.Options(nullDirections: 1), method: .halving, items: 4, checkedHeads: 2,
            checkPrompts: 2, checkTokens: 2)
        let input = SearchInput(
            texts: try texts.labelledExamples.map { try preparation.prepare($0) },
            contrasts: try ContrastSet(
                contrasts, tokenizer: tokenizer, choices: ChoiceTaskOptions(), file: "contrasts"),
            answers: try AnswerTask(contrasts, tokenizer: tokenizer, choices: ChoiceTaskOptions(), file: "contrasts"),
            neutral: neutral)
        let found = try search.find(options, in: input, state: state)
        blackHole((found.table().rendered(), found.trialTable.rendered(), found.loadedPlan(), found.warnings))
    }

    private func study(_ state: StudyState, _ keep: @escaping (StudyState) throws -> Void = { _ in }) throws {
        var study = Study(
            try StudyPlan(contentsOf: folder.appending(path: "study.json")), model: model, tokenizer: tokenizer,
            workers: workers)
        study.onState = keep
        let outcome = try study.run(folder: folder, own: folder, state: state)
        blackHole(EvidenceDocument([outcome.report], model: "m", precision: "exact").document.markdown())
    }

    private func audit(_ state: AuditState, _ keep: @escaping (AuditState) throws -> Void = { _ in }) throws {
        var audit = Audit(model, tokenizer: tokenizer, workers: workers)
        audit.onState = keep
        let outcome = try audit.run(
            AuditInput(
                data: texts, name: "texts", contrast: contrasts, contrastName: "contrasts", instruction: "the dog",
                neutral: neutral), state: state)
        blackHole(AuditDocument(title: "a", facts: [], report: outcome.report).document.markdown())
    }

    private func learn(
        _ method: LearningMethod, _ state: LearningState, _ keep: @escaping (LearningState) throws -> Void = { _ in }
    ) throws {
        var learner = EditLearner(model, tokenizer: tokenizer, workers: workers)
        learner.onState = keep
        let result = try learner.learn(
            LearningOptions(method: method, heads: 1, epochs: 2, hasControl: false),
            from: LearningInput(contrasts, tokenizer: tokenizer, neutral: neutral, file: "contrasts"), state: state)
        blackHole((result.curveTable.rendered(), result.heldOutTable.rendered()))
    }
}
