import Checkpoints
import Directions
import Foundation
import Interchange
import Intervention
import Monitoring
import Probing
import TensorCore
import Transformer

extension FuzzTarget {
    /// Findings that people share: plans, directions, activations, probes, monitors, arrays from other programs.
    static let findingTargets = [
        FuzzTarget("plan", file: "plan.json", read: readPlan),
        FuzzTarget("directions", file: "directions.safetensors") { url in
            readTensors(url)
            readPlan(url.deletingLastPathComponent().appending(path: "plan.json"))
        },
        FuzzTarget("activations", file: "activations.safetensors", read: readTensors),
        FuzzTarget("probes", file: "probes.safetensors", read: readTensors),
        FuzzTarget("monitor", file: "monitor.safetensors", read: readTensors),
        FuzzTarget("numpy", file: "array.npy", read: readArray),
        FuzzTarget("journal", file: ".values.safetensors.journal", read: goOn),
    ]

    /// Reads a plan, writes it again, and tries every edit on the model in the same folder.
    private static func readPlan(_ url: URL) {
        attempt {
            let plan = try LoadedPlan(contentsOf: url)
            let folder = url.deletingLastPathComponent()
            attempt { try plan.write(to: folder.appending(path: "written")) }
            let model = try LanguageModel(contentsOf: folder.appending(path: "llama.gguf"), threads: 1)
            attempt { blackHole(try plan.edits(model.configuration)) }
            let verifier = PlanVerifier(model, prompts: [[1, 3, 5]], workers: WorkerPool(count: 1))
            attempt { blackHole(try verifier.verify(plan)) }
        }
    }

    /// Reads a safetensors file as each of the kinds of data that such files hold.
    private static func readTensors(_ url: URL) {
        attempt {
            let file = try SafetensorsFile(contentsOf: url)
            for entry in file.entries { attempt { blackHole(try file.floats(entry.name)) } }
        }
        attempt {
            let directions = try DirectionFile(contentsOf: url)
            for name in directions.names + ["0.0", "-1.99999"] {
                attempt { blackHole(try directions.entry(name, for: "a plan")) }
            }
        }
        attempt { blackHole(try LabelledActivations(contentsOf: url).rows) }
        attempt { blackHole(try ProbeFile(contentsOf: url, model: nil)) }
        attempt { blackHole(try HeadMonitor(contentsOf: url)) }
        readRun(url)
    }

    private static func readArray(_ url: URL) {
        attempt {
            let array = try NumPyArray(contentsOf: url)
            blackHole(array.values().last)
            if let rows = array.shape.first, rows > 0 { blackHole(array.values(at: rows - 1).last) }
            let reader = HonestLlamaImport(HeadShape(layers: 2, heads: 2, headSize: 3))
            attempt { blackHole(try reader.directions(array, sigmas: array, activations: array)) }
            attempt { blackHole(try reader.massMeanDirections(activations: array, labels: array)) }
        }
    }

    /// Resumes a file that a run began to write.
    private static func goOn(_ journal: URL) {
        attempt {
            let url = journal.deletingLastPathComponent().appending(path: "values.safetensors")
            let file = try StreamedSafetensors(
                url, tensors: [StreamedSafetensors.Tensor("z", shape: [4, 2])], metadata: ["seed": "1"])
            blackHole((file.finished, try file.read("z")))
        }
    }
}
