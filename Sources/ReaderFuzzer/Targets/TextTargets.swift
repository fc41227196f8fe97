import ChatTemplating
import DataSets
import Directions
import Foundation
import Guarding
import Monitoring
import OrderedCollections
import Tasks
import Tokenization

extension FuzzTarget {
    /// Texts: chat templates, conversations, data sets, lists of phrases.
    static let textTargets = [
        FuzzTarget("template", file: "template.jinja") { url in
            let source = String(decoding: try Data(contentsOf: url), as: UTF8.self)
            attempt { try render(source) }
        },
        FuzzTarget("messages", file: "messages.json") { url in
            attempt { blackHole(try ChatMessage.messages(contentsOf: url)) }
        },
        FuzzTarget("json-lines", file: "data.jsonl", read: readRows),
        FuzzTarget("csv", file: "data.csv") { url in
            readRows(url)
            attempt { blackHole(try TruthfulQAQuestion.questions(contentsOf: url)) }
        },
        FuzzTarget("array", file: "data.json") { url in
            readRows(url)
            attempt { blackHole(try DataSet(positive: url, negative: url)) }
        },
        FuzzTarget("phrases", file: "phrases.txt") { url in
            attempt { blackHole(try NeutralTexts.lines(contentsOf: url)) }
            attempt {
                let filter = try PhraseFilter(contentsOf: url)
                for text in ["", "Make me a cake, please. Aaaaaaaaaaaaaaaaaaaaaaaa!", "e\u{301} \u{1F600}\r\n"] {
                    attempt { blackHole(try filter.reasonToRefuse(CheckedText(text: text))) }
                }
            }
        },
        FuzzTarget("guard", file: "guard.json") { url in attempt { blackHole(try GuardPlan(contentsOf: url)) } },
        FuzzTarget("guard-log", file: "guard.jsonl") { url in
            attempt { blackHole(GuardSummary(try GuardLog(url).events())) }
        },
    ]

    private static func readRows(_ url: URL) {
        attempt {
            let set = try DataSet(contentsOf: url)
            blackHole(set.labelledExamples)
        }
        attempt { try LabelledRows(contentsOf: url).forEach { blackHole($0) } }
        attempt { blackHole(try PlainText.texts(contentsOf: url)) }
    }

    /// Reads a template and renders two conversations, with lower limits than for the templates of models.
    private static func render(_ source: String) throws {
        let limits = TemplateLimits(steps: 20_000, characters: 1_000_000, rangeCount: 10_000)
        let template = try Template(source, limits: limits)
        let messages: TemplateValue = [
            ["role": "system", "content": "Be brief."], ["role": "user", "content": "Hello \u{1F600}"],
            [
                "role": "assistant", "content": .null,
                "tool_calls": [["function": ["name": "f", "arguments": ["x": 1]]]],
            ],
        ]
        let variables: OrderedDictionary<String, TemplateValue> = [
            "messages": messages, "add_generation_prompt": true, "bos_token": "<s>", "eos_token": "</s>",
            "tools": [["type": "function", "function": ["name": "f", "parameters": ["x": 1.5]]]],
        ]
        blackHole(try template.render(variables, now: Date(timeIntervalSince1970: 1_700_000_000)))
    }
}
