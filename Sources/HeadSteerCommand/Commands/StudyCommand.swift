import ArgumentParser
import DataFiles
import Evidence
import Foundation
import Intervention

/// `headsteer study`: search, evaluation and comparisons of one behaviour or several, as described in files.
struct StudyCommand: ShardedCommand {
    static let configuration = CommandConfiguration(
        commandName: "study",
        abstract:
            "Run whole studies: search, evaluate with all controls, compare with layers, probes and fewer examples.",
        discussion: """
            A study is a JSON file that says which data to use and how much of it (Fixtures/evidence has examples). \
            Heads are searched on one half of the data; everything is measured on the other. Each study gets a folder \
            with plan.json, directions.safetensors, study.json (all numbers), report.html and report.md; evidence.md \
            is about all of them. Stopped studies continue when the same command is given again, and finished ones are \
            kept. With --shard whole studies are done, or, with more shards than studies, a share of a study's heads; \
            merge does the rest.

            Example:
              headsteer study model.gguf Fixtures/evidence/*.json --data-folder Fixtures/fetched/behaviour --out runs/evidence
            """)

    @OptionGroup var model: ModelArgument

    @Argument(help: ArgumentHelp("The files of the studies.", valueName: "study.json"))
    var studies: [String]

    @Option(help: ArgumentHelp("The folder that the data paths of the studies start from.", valueName: "folder"))
    var dataFolder = "."

    @Option(
        help: ArgumentHelp(
            "The model to ask a study's judgeQuestion about texts (default: the one that is studied).",
            valueName: "model"))
    var judgeModel: String?

    @Option(help: ArgumentHelp("The folder for the results; with --shard the shard's folder.", valueName: "folder"))
    var out: String

    @OptionGroup var shard: ShardOption

    @OptionGroup var template: TemplateOptions
    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    func validate() throws {
        guard !studies.isEmpty else { throw ValidationError("there is no study; give the path of a study's JSON file") }
    }

    var inputPaths: [String] { [model.model, dataFolder] + studies + [judgeModel].compactMap(\.self) }

    func usedTemplate() throws -> TemplateOptions? { try named().contains { $0.plan.chat } ? template : nil }

    private func named() throws -> [NamedStudy] {
        try studies.map { path in
            NamedStudy(
                url: URL(filePath: path), plan: try StudyPlan(contentsOf: URL(filePath: path)),
                dataFolder: URL(filePath: dataFolder, directoryHint: .isDirectory))
        }
    }

    func run(_ environment: CommandEnvironment) throws {
        let folder = try OutputFile.checkNewFolder(out)
        let plans = try named()
        if let twice = plans.first(where: { one in plans.count { $0.plan.name == one.plan.name } > 1 }) {
            throw InputError.usage(
                "two studies named \(twice.plan.name)", remedy: "give each a name of its own: it names its folder")
        }
        let usesTemplate = plans.contains { $0.plan.chat }
        if let option = template.given, !usesTemplate {
            throw InputError.usage(
                "\(option), and no study puts texts through the chat template",
                remedy: "set \"chat\": true in a study, or leave it out")
        }
        let opened = try OpenedModel(model.model, common, template: template)
        let settings = try opened.templateSettings(isUsed: usesTemplate, environment)
        let judge = try judgeModel.map { try opened.other($0, common, template: template) }
        let fingerprint = try opened.model.fingerprint(workers: opened.workers)
        for study in plans { try warn(study, opened, environment) }
        let judgeFingerprint = try judge.flatMap { judge in
            judge.path == opened.path ? nil : try judge.model.fingerprint(workers: opened.workers)
        }
        let basis = try plans.map { study in
            StudyKey(
                fingerprint: fingerprint, judge: judgeFingerprint, precision: common.precision, seed: seed.seed,
                plan: study.plan, files: try study.digests(),
                template: study.plan.chat ? settings?.provenance ?? [:] : [:])
        }
        let keys = try basis.map { try $0.digest() }
        let work = try sharedWork(basis, keys, folder, environment)
        if let work, work.isFinished { return try work.finishShard(json: common.json) }
        let shares = StudyShares(
            studies: plans.count, shards: environment.merging?.members.count ?? work?.shard?.count ?? 1)
        let progress = StudyProgress(plans.map(\.plan.name), environment.console)
        var results = StudyResults(
            opened, judge: judge, model: ModelReference(opened.configuration, fingerprint: fingerprint), common,
            seed: seed.seed, folder: folder)
        for (index, named) in plans.enumerated() {
            let plan = named.plan
            let own = folder.appending(path: plan.name)
            if work == nil, results.keep(own, key: keys[index]) { continue }
            var study = Study(
                plan, model: opened.model, tokenizer: try opened.tokenizer, workers: opened.workers, seed: seed.seed)
            if let judge { study.judgeModel = (judge.model, try judge.tokenizer) }
            study.isCancelled = { environment.interruption.isRequested }
            var found: StudyState?
            if let work {
                found = try SharedStudy(
                    study: study, named: named, key: keys[index], work: work, interruption: environment.interruption
                ).state(by: shares.shards(of: index), in: folder) { progress.begin($0, of: index) }
                if work.shard != nil { continue }
            }
            let stateFile = Self.stateFile(in: own)
            let state = StudyState(contentsOf: stateFile, key: keys[index]) ?? found ?? StudyState(key: keys[index])
            study.onState = { state in
                try AtomicOutput.makeFolder(own)
                try state.write(to: stateFile)
            }
            var outcome = try study.run(folder: named.dataFolder, own: named.own, state: state) {
                progress.begin($0, of: index)
            }
            try environment.interruption.check()
            // The peak is measured again for each study: other work on the machine comes and goes.
            if let peak = opened.model.measuredPeakRate(workers: opened.workers) {
                outcome.report.seconds = outcome.report.seconds?.map { $0.relative(toPeak: peak) }
            }
            try results.add(outcome, of: named, key: keys[index], to: own, plan.chat ? settings : nil)
        }
        if let work, work.shard != nil { return try work.finishShard(json: common.json) }
        try results.writeEvidence()
        for study in plans {
            try? FileManager.default.removeItem(at: Self.stateFile(in: folder.appending(path: study.plan.name)))
        }
        try results.show(settings, environment.console)
    }

    /// The file with what a study has found so far; it stays in the study's folder until all studies are done.
    private static func stateFile(in folder: URL) -> URL { folder.appending(path: "study-state.json") }

    /// The parts of one shard, or of the shards that are merged; nil for a run without shards.
    ///
    /// - Parameter basis: what each study depends on.
    private func sharedWork(
        _ basis: [StudyKey], _ keys: [String], _ folder: URL, _ environment: CommandEnvironment
    ) throws -> SharedWork? {
        let identity = zip(basis, keys).reduce(into: [String: String]()) { identity, study in
            identity.merge(study.0.identity) { $1 }
            identity["study \(study.0.plan.name)"] = study.1
        }
        return try sharedParts(environment, in: folder, identity: identity)
    }

    /// Warns of texts that have been prepared for a model already.
    private func warn(_ study: NamedStudy, _ opened: OpenedModel, _ environment: CommandEnvironment) throws {
        let rendered = RenderedTexts(try opened.tokenizer, environment.console)
        let plan = study.plan
        for path in [plan.negative == nil ? plan.data : nil, plan.contrast].compactMap({ $0 }) {
            rendered.warn(
                try DataFile(study.file(path).path(percentEncoded: false)), usesChatTemplate: plan.chat)
        }
    }
}
