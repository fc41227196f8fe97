import ArgumentParser
import DataFiles
import DataSets
import Directions
import Foundation
import Intervention
import Monitoring
import Probing
import Transformer

/// `NAME=FILE`: a behaviour to watch for, and where its directions come from.
struct BehaviourSource: ExpressibleByArgument {
    let name: String
    let path: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        name = String(argument[..<equals])
        path = String(argument[argument.index(after: equals)...])
        guard !path.isEmpty else { return nil }
    }

    /// The directions of a probes file, of a plan or of labelled texts; the file's content says which it is.
    ///
    /// - Throws: `InputError` if the file is none of these, or was made for another model.
    func directions(
        heads: Int, chat: Bool, template: TemplateOptions, _ common: CommonOptions, _ opened: OpenedModel,
        fingerprint: String, seed: UInt64, _ environment: CommandEnvironment
    ) throws -> BehaviourDirections {
        let url = URL(filePath: path)
        if path.hasSuffix(".safetensors") {
            return try BehaviourDirections(
                name: name, probes: ProbeFile(contentsOf: url, model: fingerprint), heads: heads)
        }
        if try isPlan(url) {
            let plan = try LoadedPlan(contentsOf: url, model: opened.model, workers: opened.workers)
            return try BehaviourDirections(name: name, plan: plan, headSize: opened.configuration.headSize)
        }
        var reading = try ReadingOptions.parse(chat ? ["--chat"] : [])
        reading.template = template
        let source = ProbeSource(
            options: reading, common: common, opened: opened, fingerprint: fingerprint, environment: environment)
        return try BehaviourDirections(
            name: name, activations: source.data(path, comparing: true), heads: heads, seed: seed,
            workers: opened.workers)
    }

    /// Whether a file is one JSON object with the format of a plan.
    private func isPlan(_ url: URL) throws -> Bool {
        let data = try InputFile.contents(url)
        guard let object = try? JSONObject(data: data, place: path) else { return false }
        return (try? object.string("format")) == InterventionPlan.format
    }
}
