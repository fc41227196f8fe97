import Checkpoints
import DataFiles
import Foundation
import Interchange
import Sealing
import TensorCore
import Tokenization
import Transformer

extension FuzzTarget {
    /// Models and the files that belong to them.
    static let modelTargets = [
        FuzzTarget("gguf", file: "m.gguf") { url in
            readModel(url)
            readTokenizer(url)
        },
        FuzzTarget("config", file: "config.json") { readModel($0.deletingLastPathComponent()) },
        FuzzTarget("weights", file: "model.safetensors") { readModel($0.deletingLastPathComponent()) },
        FuzzTarget("index", file: "model.safetensors.index.json") { readModel($0.deletingLastPathComponent()) },
        FuzzTarget("sealed", file: "m.sealed") { url in
            attempt {
                let key = try SealingKey(contentsOf: url.deletingLastPathComponent().appending(path: "key.hex"))
                let sealed = try SealedModel(MappedFile(contentsOf: url), key: key, threads: 1)
                for name in sealed.names { blackHole(try sealed.file(name).bytes.last) }
            }
            attempt { blackHole(try SealingKey(contentsOf: url)) }
        },
        FuzzTarget("tokenizer", file: "tokenizer.json") { readTokenizer($0.deletingLastPathComponent()) },
        FuzzTarget("tokenizer-config", file: "tokenizer_config.json") {
            readTokenizer($0.deletingLastPathComponent())
        },
    ]

    /// Opens a model, reads every tensor's first and last byte, and runs three tokens through it.
    private static func readModel(_ url: URL) {
        attempt {
            let checkpoint = try Checkpoint(contentsOf: url)
            for tensor in try checkpoint.tensors() { blackHole((tensor.bytes.first, tensor.bytes.last, tensor.count)) }
            let workers = WorkerPool(count: 1)
            attempt {
                guard try BakeRecord(checkpoint) != nil else { return }
                let original = FileManager.default.temporaryDirectory.appending(path: "unbaked-\(UUID().uuidString)")
                defer { try? FileManager.default.removeItem(at: original) }
                try Unbake.write(checkpoint, to: original, workers: workers)
            }
            let model = try LanguageModel(checkpoint, threads: 1)
            blackHole(try model.fingerprint(workers: workers))
            let run = Run(model, workers: workers)
            run.sequences = [model.makeSequence(promptCount: 3)]
            let tokens = [0, 1, 2].map { $0 % model.configuration.vocabulary }
            blackHole(try run.advance([Step(tokens: tokens, reads: [Read(.z(0))])]))
        }
    }

    /// Opens a tokenizer, encodes texts, decodes all ids, and renders a conversation.
    private static func readTokenizer(_ url: URL) {
        attempt {
            let tokenizer = try Tokenizer(contentsOf: url)
            for text in ["", "the dog was happy", " ä\u{301}漢字 \u{1F600}\r\n\t12345's <s></s>", "\u{0}\u{FFFD}  \n"] {
                for handling in [SpecialTokenHandling.parsed, .plainText] {
                    attempt {
                        let ids = try tokenizer.encode(text, specialTokens: handling)
                        blackHole(try tokenizer.decode(ids))
                    }
                }
            }
            attempt { blackHole(try tokenizer.decode(Array(0..<min(tokenizer.vocabularyCount, 4096)))) }
            let formatter = try ChatFormatter(tokenizer)
            blackHole(try formatter.format([ChatMessage(role: "user", content: "Hello")]))
        }
    }
}
