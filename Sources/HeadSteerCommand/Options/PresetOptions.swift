import ArgumentParser
import CausalSearch
import DataFiles

/// Options that change the constants of a preset.
struct PresetOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "ablate, iti: a JSON array of texts without the label; --data is then a JSON array of texts with it.",
            valueName: "file"))
    var negative: String?

    @Option(
        help: ArgumentHelp(
            "iti: texts to measure σ on, whatever their labels (default: those of --data).", valueName: "file"))
    var spreadData: String?

    @Flag(
        help: """
            iti: take --data as the published TruthfulQA.csv, and measure σ on its answers, each with another question \
            after it.
            """)
    var truthfulqa = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "iti: the maximum number of questions of TruthfulQA, evenly spaced (default: all of them).",
            valueName: "n"))
    var truthfulqaQuestions: Int?

    @Option(
        help: ArgumentHelp("ablate: contrast prompts or choice questions to compare layers on.", valueName: "file"))
    var contrast: String?

    @Option(
        help: ArgumentHelp(
            "hsi, iti: the number of heads that the plan edits (default: 4 in hsi, 48 in iti).", valueName: "k"))
    var heads: Int?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            """
            hsi, iti: the strength in σ; caa: the number to multiply the vector by (default: the best of 25, 35 and 55 \
            in hsi, 15 in iti, 1 in caa).
            """, valueName: "x"))
    var alpha: Double?

    @Option(help: ArgumentHelp("caa, ablate: the layer to take (default: the best one).", valueName: "n"))
    var layer: Int?

    @Option(help: ArgumentHelp("iti: the number of folds; with 1 nothing is held out (default: 2).", valueName: "n"))
    var folds: Int?

    @Option(
        help: ArgumentHelp(
            "iti: the directions, mass-mean, probe or random (default: mass-mean).", valueName: "name"))
    var direction: String?

    @Option(
        help: ArgumentHelp("hsi: the number of texts per head to write in the sweep (default: 6).", valueName: "n"))
    var samples: Int?

    @Option(help: ArgumentHelp("hsi: the maximum number of tokens in a text (default: 24).", valueName: "n"))
    var maxTokens: Int?

    @Flag(
        inversion: .prefixedNo,
        help: "Apply the model's chat template to texts, or don't (default: don't in iti, do in the other recipes).")
    var chat: Bool?

    func check(for preset: Preset) throws {
        let given: [(String, Bool, [Preset])] = [
            ("--negative", negative != nil, [.ablate, .iti]), ("--spread-data", spreadData != nil, [.iti]),
            ("--truthfulqa", truthfulqa, [.iti]), ("--contrast", contrast != nil, [.ablate]),
            ("--truthfulqa-questions", truthfulqaQuestions != nil, [.iti]),
            ("--heads", heads != nil, [.hsi, .iti]), ("--alpha", alpha != nil, [.hsi, .iti, .caa]),
            ("--layer", layer != nil, [.caa, .ablate]), ("--folds", folds != nil, [.iti]),
            ("--direction", direction != nil, [.iti]), ("--samples", samples != nil, [.hsi]),
            ("--max-tokens", maxTokens != nil, [.hsi]),
        ]
        for (name, isGiven, presets) in given where isGiven && !presets.contains(preset) {
            let takes = presets.map(\.rawValue).joined(separator: ", ")
            throw ValidationError("\(name) is given to \(preset.rawValue); it is an option of \(takes)")
        }
        for (name, value) in [
            ("--heads", heads), ("--samples", samples), ("--folds", folds), ("--max-tokens", maxTokens),
            ("--truthfulqa-questions", truthfulqaQuestions),
        ] {
            if let value, value < 1 { throw ValidationError("\(name) is \(value); give a positive number") }
        }
        if let alpha, !alpha.isFinite { throw ValidationError("--alpha is \(alpha); give a finite number") }
        if truthfulqaQuestions != nil, !truthfulqa {
            throw ValidationError("--truthfulqa-questions without the questions; give --truthfulqa too")
        }
        if truthfulqa, spreadData != nil || negative != nil {
            throw ValidationError("--truthfulqa has its own texts; leave --spread-data and --negative out")
        }
    }

    /// Whether texts go through a chat template, if the model has one.
    func usesChatTemplate(for preset: Preset) -> Bool {
        switch preset {
        case .hsi: chat ?? HSIOptions().usesChatTemplate
        case .iti: chat ?? ITIOptions().usesChatTemplate
        case .caa: chat ?? CAAOptions().usesChatTemplate
        case .ablate: chat ?? AblateOptions().usesChatTemplate
        }
    }

    /// A preset's constants, for its report.
    func options(for preset: Preset, seed: UInt64) throws -> any Encodable {
        switch preset {
        case .hsi: hsi(seed: seed)
        case .iti: try iti(seed: seed)
        case .caa: caa()
        case .ablate: ablate()
        }
    }

    func hsi(seed: UInt64) -> HSIOptions {
        var options = HSIOptions()
        if let heads { options.heads = heads }
        if let alpha { options.strengths = [alpha] }
        if let samples { options.sweepSamples = samples }
        if let maxTokens { options.maxTokens = maxTokens }
        if let chat { options.usesChatTemplate = chat }
        options.seed = seed
        return options
    }

    func iti(seed: UInt64) throws -> ITIOptions {
        var options = ITIOptions()
        if let heads { options.heads = heads }
        if let alpha { options.strength = alpha }
        if let folds { options.folds = folds }
        if let direction {
            guard let known = ITIOptions.Direction(rawValue: direction) else {
                let names = ITIOptions.Direction.allCases.map(\.rawValue).joined(separator: ", ")
                throw InputError.usage("the direction \(direction)", remedy: "give one of \(names)")
            }
            options.direction = known
        }
        if let chat { options.usesChatTemplate = chat }
        options.seed = seed
        return options
    }

    func caa() -> CAAOptions {
        var options = CAAOptions()
        options.layer = layer
        if let alpha { options.multiplier = alpha }
        if let chat { options.usesChatTemplate = chat }
        return options
    }

    func ablate() -> AblateOptions {
        var options = AblateOptions()
        options.layer = layer
        if let chat { options.usesChatTemplate = chat }
        return options
    }
}
