import Foundation
import Monitoring
import Transformer

/// What to check before, while and after a model answers; it is saved as JSON.
///
/// ```json
/// {"format": "headsteer.guard/1",
///  "input": [{"phrases": "words.txt"}, {"command": ["python3", "judge.py"], "limit": 2.5}],
///  "activations": {"monitor": "monitor.safetensors", "response": "stop"},
///  "output": [{"probes": "probes.safetensors", "heads": ["21.0"], "limit": 3.5, "name": "mood"}],
///  "log": "guard.jsonl"}
/// ```
///
/// Every part may be left out. Paths start at the file's folder.
public struct GuardPlan: Sendable, Equatable {
    /// The value of the field `format`.
    public static let format = "headsteer.guard/1"

    /// The checks of the prompt; the first that objects decides.
    public var input: [FilterPlan]
    /// The monitor that watches the heads; nil for none.
    public var activations: ActivationsPlan?
    /// The checks of the text.
    public var output: [FilterPlan]
    /// Where events are written; nil for nowhere.
    public var log: String?

    /// The monitor, and what is done if it flags a text.
    public struct ActivationsPlan: Sendable, Equatable {
        /// The monitor's file, relative to the plan.
        public var monitor: String
        /// What is done if a text is flagged; by default it is only logged.
        public var response: MonitorResponse

        /// A monitor and its response.
        public init(monitor: String, response: MonitorResponse = .log) {
            self.monitor = monitor
            self.response = response
        }
    }

    /// One check of texts.
    public struct FilterPlan: Sendable, Equatable {
        /// The kinds of check; files are relative to the plan.
        public enum Kind: Sendable, Equatable {
            /// A list of words, phrases and patterns; see ``PhraseFilter``.
            case phrases(String)
            /// Another program; see ``CommandJudge``.
            case command([String], timeout: Double)
            /// Probes of some heads, read over the text; see ``ProbeJudge``.
            case probes(String, heads: [Head])
        }
        /// The kind of check.
        public var kind: Kind
        /// The check's name in reports; nil for the file's or the program's name.
        public var name: String?
        /// The score from 0 to 5 above which a text is refused; not for phrases.
        public var limit: Double

        /// A check; the default limit, 2.5, is the middle of the judges' scale.
        public init(_ kind: Kind, name: String? = nil, limit: Double = 2.5) {
            self.kind = kind
            self.name = name
            self.limit = limit
        }
    }

    /// A plan; parts that aren't given aren't checked.
    public init(
        input: [FilterPlan] = [], activations: ActivationsPlan? = nil, output: [FilterPlan] = [], log: String? = nil
    ) {
        self.input = input
        self.activations = activations
        self.output = output
        self.log = log
    }

    /// The paths of the files that the guard reads, as it names them.
    public var files: [String] {
        (input + output).compactMap { filter in
            switch filter.kind {
            case .phrases(let path), .probes(let path, _): path
            case .command: nil
            }
        } + [activations?.monitor].compactMap { $0 }
    }
}
