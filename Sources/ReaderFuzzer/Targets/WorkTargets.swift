import Auditing
import CausalSearch
import DataFiles
import DataSets
import Evidence
import Foundation
import Sharding
import TensorCore
import Tokenization
import Transformer
import Viewing

extension FuzzTarget {
    /// Work: the contents of a run's folder, shares of work, studies, and the findings of unfinished work.
    static let workTargets = [
        FuzzTarget("run-report", file: "report.json") { url in
            readRun(url)
            let folder = url.deletingLastPathComponent()
            attempt { blackHole(try AuditedBehaviour(contentsOf: folder, fingerprint: "sha256:00")) }
        },
        FuzzTarget("run-log", file: "log.jsonl", read: readRun),
        FuzzTarget("shard", file: "shard.json", read: readShard),
        FuzzTarget("share", file: "activations.safetensors") { url in
            attempt { try SharedTexts(in: url.deletingLastPathComponent()).takeOver(url) }
        },
        FuzzTarget("parts", file: "parts.journal", read: goOnWithParts),
        FuzzTarget("study", file: "study.json", read: readStudy),
        FuzzTarget("state", file: "state.json") { url in
            attempt { try UnfinishedWork(in: url.deletingLastPathComponent()).goOn(with: url) }
        },
    ]

    /// Makes a page from the folder that a file is in; if the folder has a model, with the parts that need it.
    static func readRun(_ url: URL) {
        let folder = url.deletingLastPathComponent()
        attempt {
            let found = try RunFolder(contentsOf: folder)
            var contents = ViewContents(found)
            blackHole(try contents.html())
            let model = folder.appending(path: "llama.gguf")
            guard FileManager.default.fileExists(atPath: model.path(percentEncoded: false)),
                let directions = found.directions
            else { return }
            let readings = ModelReadings(
                try LanguageModel(contentsOf: model, threads: 1), tokenizer: try Tokenizer(contentsOf: model),
                workers: WorkerPool(count: 1))
            let text = PreparedText(tokens: [1, 3, 5], positions: 2..<3, label: true, group: "a")
            try readings.read([text], along: directions, thresholds: found.thresholds, into: &contents)
            try readings.addWrites(of: directions, into: &contents)
            blackHole(try contents.html())
        }
    }

    /// Reads a shard's record, and assembles shards.
    ///
    /// The record must be the same after writing and reading it again.
    private static func readShard(_ url: URL) {
        let folder = url.deletingLastPathComponent()
        attempt {
            let manifest = try ShardManifest(of: folder)
            blackHole(manifest.key)
            attempt { blackHole(try ShardSet([folder])) }
            attempt { blackHole(try ShardSet([folder, folder])) }
            try manifest.write(to: folder)
            guard try ShardManifest(of: folder) == manifest else { fatalError("A record changes when it is written.") }
        }
    }

    /// Resumes a journal of parts: a part added to the existing ones can be read again.
    private static func goOnWithParts(_ url: URL) {
        attempt { blackHole(try PartJournal(reading: url, key: "k").count) }
        attempt {
            var journal: PartJournal? = try PartJournal(url, key: "k")
            for part in ["0-3", "study"] {
                attempt { blackHole(try journal?.value(part, as: [ScreenedHead].self)) }
                attempt { blackHole(try journal?.value(part, as: [[Double]].self)) }
                attempt { blackHole(try journal?.value(part, as: StudyState.self)) }
            }
            let count = journal?.count
            let isNew = journal?.has("added") == false
            try journal?.add("added", [0.5])
            journal = nil
            let whole = try PartJournal(reading: url, key: "k")
            guard try whole.value("added") == [0.5], whole.count == count.map({ $0 + (isNew ? 1 : 0) }) else {
                fatalError("A part that was added isn't there, or others are lost.")
            }
        }
    }

    /// Reads a study with the data that it names, and divides its heads.
    private static func readStudy(_ url: URL) {
        attempt {
            let plan = try StudyPlan(contentsOf: url)
            let folder = url.deletingLastPathComponent()
            let model = folder.appending(path: "llama.gguf")
            let study = Study(
                plan, model: try LanguageModel(contentsOf: model, threads: 1),
                tokenizer: try Tokenizer(contentsOf: model),
                workers: WorkerPool(count: 1))
            blackHole(try study.screenParts(folder: folder, own: folder))
        }
    }
}
