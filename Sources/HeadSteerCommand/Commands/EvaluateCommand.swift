import ArgumentParser
import DataFiles
import Documents
import Evaluation
import Foundation
import Intervention
import Tasks
import Tokenization
import Transformer

/// `headsteer evaluate`: what a plan does, and what it costs.
struct EvaluateCommand: Subcommand {
    static let configuration = CommandConfiguration(
        commandName: "evaluate",
        abstract: "Measure what a plan does, beside controls, and what it costs.",
        discussion: """
            Choice questions are scored by the log-probabilities of their answers, also with the options exchanged \
            between the letters, and by generated texts. Contrast prompts are scored by the next tokens of the two \
            sides. Controls: the same plan along random directions and at random heads; with --train also shuffled \
            labels, and whole layers at the same residual norm; and a prompt that asks for the behaviour. Side \
            effects: neutral text, repetition and --unrelated questions.

            Give data that the plan was not made from: if the plan's folder records that it was made from some of the \
            rows, a warning says so. With --report a stopped evaluation continues when the same command is given \
            again.

            Example:
              headsteer evaluate model.gguf --plan runs/mood/plan.json --data mood-contrast.jsonl --train mood.jsonl \
            --doses --report runs/mood/evaluation
            """)

    @OptionGroup var model: ModelArgument

    @Option(help: ArgumentHelp("The plan to evaluate: a plan.json.", valueName: "file"))
    var plan: String

    @Flag(help: "Use the plan on a model that it was not made for, if the shape is the same.")
    var allowOtherModel = false

    @OptionGroup var budgeting: BudgetOptions
    @OptionGroup var data: DataOption
    @OptionGroup var measuring: EvaluationOptions

    @Option(
        help: ArgumentHelp(
            "The folder for report.json, report.html, report.md and the figures (default: no report is written).",
            valueName: "folder"))
    var report: String?

    @OptionGroup var seed: SeedOption
    @OptionGroup var common: CommonOptions

    func run(_ environment: CommandEnvironment) throws {
        let folder = try report.map { try OutputFile.checkNewFolder($0, option: "--report") }
        let file = try DataFile(data.data)
        let planURL = URL(filePath: plan)
        var plan = try LoadedPlan(contentsOf: planURL)
        let leak = LeakCheck(
            file, plan: plan, folder: planURL.deletingLastPathComponent(), train: try measuring.train.map(DataFile.init)
        )
        let opened = try OpenedModel(model.model, common, template: measuring.template)
        let template = try opened.templateSettings(isUsed: measuring.chat, environment)
        try plan.check(opened.model, allowOtherModel: allowOtherModel, workers: opened.workers)
        let found: BudgetedStrength?
        (plan, found) = try budgeting.apply(to: plan, opened, neutral: measuring.neutral.texts(), environment)
        // Before the work begins: not every plan has doses.
        for factor in measuring.doses { _ = try plan.scaled(by: factor) }
        let workers = opened.workers
        var clock = StageClock { workers.multiplications }
        let asked = try measuring.judging.askedModel(opened, common, measuring.template)
        let input = try measuring.input(file, opened, asking: asked, environment)
        clock.end("reading data")
        let reading = clock.stages
        let parts = try PartJournal.continuing("evaluation", in: report, environment.console) {
            let own = try ModelKey(opened, usesTemplate: template != nil)
            let judge = try asked.map { try ModelKey(judge: $0, besides: opened, own.fingerprint) }
            return try WorkKey(
                [own, judge].compactMap(\.self), environment.arguments,
                files: measuring.files + [data.data] + WorkKey.files(of: plan, at: self.plan)
            ).digest()
        }
        defer { parts.removeIfEmpty() }
        var evaluation = PlanEvaluation(
            opened.model, tokenizer: try opened.tokenizer, workers: opened.workers, seed: seed.seed)
        evaluation.isCancelled = { environment.interruption.isRequested }
        evaluation.repetitions = measuring.repetitions
        evaluation.textTokens = measuring.writing.textTokens
        evaluation.intended = measuring.against ? -1 : 1
        let run = EvaluationRun(evaluation, of: plan, on: input, parts: parts)
        let (result, seconds) = try environment.stage("Evaluating", total: 3 * measuring.repetitions + 6) { progress in
            try run.report(onProgress: { done, _ in try? progress(done) })
        }
        // The evaluation has timed its own stages; the time of the doses begins here.
        clock = StageClock { workers.multiplications }
        let doses =
            try measuring.doses.isEmpty
            ? nil
            : environment.stage("Trying doses", total: measuring.doses.count + 1) { progress in
                let doses = try run.doseResponse(
                    factors: measuring.doses, onProgress: { done, _ in try? progress(done) })
                clock.end("doses")
                return doses
            }
        try environment.interruption.check()
        let stages = reading + seconds + clock.stages
        let tokenizer = try opened.tokenizer
        let prompts = try input.answers?.items.map { try tokenizer.decode($0.prompt) } ?? []
        var document = EvaluationDocument(
            title: "Evaluation of \(planURL.lastPathComponent)",
            facts: measuring.facts(input) + (template?.facts ?? []) + (found.map { [$0.fact] } ?? []) + [
                ("model", opened.path), ("plan", self.plan), ("data", "\(file.name), \(file.digest)"),
                ("program", "\(Version.text), precision \(common.precision.rawValue), seed \(seed.seed)"),
            ], report: result, doses: doses, seconds: stages,
            prompts: prompts)
        document.cautions = [leak?.warning].compactMap(\.self)
        let output = EvaluationOutput(
            report: result, doses: doses, seconds: stages, prompts: prompts, template: template,
            warnings: document.warnings, sharedWithPlan: leak, budget: found)
        if let folder {
            var written = output
            written.seconds = nil
            try document.write(to: folder, written)
            parts.remove()
        }
        let console = environment.console
        if common.json {
            try console.json(output, precision: common.precision)
        } else {
            console.output(document.text(console.style, tables: console.tableStyle))
            let edited = "\(ShellWord.path(opened.path)) --plan \(ShellWord.path(self.plan))"
            console.close(
                wrote: report.map { [("report", "\($0)/report.html, report.md, report.json")] } ?? [],
                next: [
                    "\(ShellWord.program) generate \(edited) --prompt \(ShellWord.text(file.data.examplePrompt)) "
                        + "--scale -1,0,1"
                ])
        }
        // Warnings come after the result: above it they would scroll away.
        for warning in document.warnings { console.warning(warning) }
    }
}
