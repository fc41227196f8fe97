import ArgumentParser
import DataFiles
import Directions
import Documents
import Foundation
import Interchange
import Reporting

/// `headsteer convert`: to and from other tools' files.
struct ConvertCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "convert",
        abstract: "Turn a plan into a llama.cpp control vector, or honest_llama's arrays into directions.",
        discussion: """
            --to control-vector writes the control vector nearest to a plan, and says what is lost: llama.cpp adds a \
            vector after a block, at every token, and never after block 0. Use it with llama-cli --control-vector.

            --from honest-llama reads .npy files: directions of all heads (--directions, [layers·heads, head size]), or \
            head-wise activations with labels (--activations, --labels), from which it computes mass-mean directions. The \
            spread comes from --sigmas, or else from the activations of --tuning, or else from those of --activations.

            Examples:
              headsteer convert model.gguf --plan plan.json --to control-vector --out vector.gguf
              headsteer convert model.gguf --from honest-llama --directions com_directions.npy --activations \
            llama_7B_tqa_gen_end_q_head_wise.npy --out directions.safetensors
            """)

    /// What a plan can be turned into.
    enum Target: String, ExpressibleByArgument, CaseIterable {
        case controlVector = "control-vector"
    }

    /// What directions can be read from.
    enum Source: String, ExpressibleByArgument, CaseIterable {
        case honestLlama = "honest-llama"
    }

    @OptionGroup var model: ModelArgument

    @Option(help: ArgumentHelp("The form to turn --plan into.", valueName: "control-vector"))
    var to: Target?

    @Option(help: ArgumentHelp("The kind of files to read directions from.", valueName: "honest-llama"))
    var from: Source?

    @OptionGroup var plan: PlanOptions

    @Option(help: ArgumentHelp("Directions of all heads: .npy, [layers·heads, head size].", valueName: "file"))
    var directions: String?

    @Option(help: ArgumentHelp("Head-wise activations: .npy, [N, layers, heads·head size].", valueName: "file"))
    var activations: String?

    @Option(help: ArgumentHelp("The activations' labels, 0 and 1: .npy, [N].", valueName: "file"))
    var labels: String?

    @Option(help: ArgumentHelp("Head-wise activations to take the spread from: .npy.", valueName: "file"))
    var tuning: String?

    @Option(help: ArgumentHelp("The spread of each head: .npy, [layers·heads].", valueName: "file"))
    var sigmas: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("The spread divides by N − ddof: 0 as in np.std, 1 as in torch.std.", valueName: "0|1"))
    var ddof = 0

    @Option(help: ArgumentHelp("The file to write.", valueName: "file"))
    var out: String

    @OptionGroup var common: CommonOptions

    struct ControlVectorOutput: Encodable {
        var out: String
        /// The blocks after which a vector is added.
        var layers: [Int]
        /// The length of each addition.
        var norms: [Double]
        /// The parts of the plan that the file can't express.
        var losses: [String]
    }

    struct DirectionsOutput: Encodable {
        var out: String
        var heads: Int
        var headSize: Int
        /// Whether the directions have a spread, so that plans can use the unit sigma.
        var hasSigma: Bool
    }

    func validate() throws {
        guard (to == nil) != (from == nil) else {
            throw ValidationError("give --to control-vector with a plan, or --from honest-llama with .npy files")
        }
        let arrays = [directions, activations, labels, tuning, sigmas].contains { $0 != nil }
        if to != nil {
            guard plan.plan != nil else { throw ValidationError("there is no plan; give --plan FILE") }
            guard !arrays else { throw ValidationError("--to takes a plan and no arrays; leave the .npy files out") }
        } else {
            guard plan.plan == nil else { throw ValidationError("--from takes arrays and no plan; leave --plan out") }
            guard (directions == nil) == (labels != nil), labels == nil || activations != nil else {
                throw ValidationError(
                    "give --directions FILE, or --activations FILE and --labels FILE to compute them from")
            }
        }
        guard ddof == 0 || ddof == 1 else { throw ValidationError("--ddof is \(ddof); give 0 or 1") }
    }

    func run(_ environment: CommandEnvironment) throws {
        let url = try OutputFile.check(out)
        let opened = try OpenedModel(model.model, common, placement: .mapped)
        try to == nil ? importDirections(opened, url, environment) : exportControlVector(opened, url, environment)
    }

    private func exportControlVector(_ opened: OpenedModel, _ url: URL, _ environment: CommandEnvironment) throws {
        let vector = try ControlVector(
            nearest: try plan.edits(for: opened, environment), model: opened.model, place: plan.plan ?? "plan")
        try vector.write(to: url)
        let layers = vector.directions.keys.sorted()
        let norms = layers.map { layer in
            (vector.directions[layer] ?? []).reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
        }
        if common.json {
            return try environment.console.json(
                ControlVectorOutput(out: out, layers: layers, norms: norms, losses: vector.losses))
        }
        var table = TextTable([.init("after block", .right), .init("norm", .right)])
        for (layer, norm) in zip(layers, norms) { table.add(["\(layer)", NumberText.format("%.4g", norm)]) }
        environment.console.output(table.rendered(environment.console.tableStyle))
        let losses = vector.losses.isEmpty ? ["nothing is lost"] : vector.losses
        environment.console.output("")
        for loss in losses { environment.console.prose(loss) }
        environment.console.close(
            wrote: [("vector", out)],
            next: ["llama-cli -m \(ShellWord.path(opened.path)) --control-vector \(ShellWord.path(out))"])
    }

    private func importDirections(_ opened: OpenedModel, _ url: URL, _ environment: CommandEnvironment) throws {
        func array(_ path: String?) throws -> NumPyArray? {
            try path.map { try NumPyArray(contentsOf: URL(filePath: $0)) }
        }
        let shape = HeadShape(opened.configuration)
        var reader = HonestLlamaImport(shape)
        reader.ddof = ddof
        let sigmas = try array(sigmas)
        let activations = try array(activations)
        let tuning = try array(tuning)
        var file: DirectionFile
        if let directions = try array(directions) {
            file = try reader.directions(directions, sigmas: sigmas, activations: tuning ?? activations)
        } else if let activations, let labels = try array(labels) {
            file = try reader.massMeanDirections(
                activations: activations, labels: labels, sigmas: sigmas, tuning: tuning)
        } else {
            throw InputError.usage("there is nothing to read", remedy: "give --directions FILE")
        }
        file.metadata["fingerprint"] = try opened.model.fingerprint(workers: opened.workers)
        try file.write(to: url)
        let output = DirectionsOutput(
            out: out, heads: file.names.count, headSize: shape.headSize,
            hasSigma: file.names.contains { file[$0]?.sigma != nil })
        if common.json { return try environment.console.json(output) }
        environment.console.output(
            "Directions of \(output.heads) heads \(output.hasSigma ? "with" : "without") their spread")
        environment.console.close(
            wrote: [("directions", out)],
            next: [
                "\(ShellWord.program) sweep \(ShellWord.path(opened.path)) --directions \(ShellWord.path(out)) "
                    + "--contrast DATA.jsonl\(output.hasSigma ? "" : " --unit raw")"
            ])
    }
}
