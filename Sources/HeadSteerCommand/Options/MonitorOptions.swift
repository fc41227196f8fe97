import ArgumentParser
import Foundation
import Monitoring
import TensorCore
import Transformer

/// The monitor, for commands that use one.
struct MonitorOption: ParsableArguments {
    @Option(help: ArgumentHelp("The monitor: the file that monitor fit wrote.", valueName: "file"))
    var monitor: String

    /// Reads the monitor and checks that it was fitted on the model.
    ///
    /// - Throws: `InputError` if the file is wrong or was fitted on another model.
    func load(
        for opened: OpenedModel, allowOtherModel: Bool, _ environment: CommandEnvironment
    ) throws -> HeadMonitor {
        let monitor = try HeadMonitor(contentsOf: URL(filePath: monitor))
        try monitor.check(
            opened.model, allowOtherModel: allowOtherModel, workers: opened.workers, place: self.monitor)
        if allowOtherModel, let difference = monitor.differences(from: opened.model, workers: opened.workers) {
            environment.console.warning(difference)
        }
        return monitor
    }
}

extension HeadMonitor {
    /// How a model's output projections differ from those of the monitor's own model; nil if they don't.
    fileprivate func differences(from model: LanguageModel, workers: WorkerPool) -> String? {
        let changed = changedProjections(of: model, workers: workers)
        var parts: [String] = []
        if !changed.heads.isEmpty {
            parts.append("the output projection of \(changed.heads.prefix(20).map { "\($0)" }.joined(separator: ", "))")
        }
        if !changed.biases.isEmpty {
            parts.append("the bias in layer \(changed.biases.prefix(20).map { "\($0)" }.joined(separator: ", "))")
        }
        guard !parts.isEmpty else { return nil }
        return "the model differs from the monitor's own in \(parts.joined(separator: " and in "))"
    }
}
