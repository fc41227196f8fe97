import DataSets
import Foundation
import Intervention
import Tasks
import Viewing

extension ViewCommand {
    /// Adds what needs the model: texts coloured by heads, attention, what heads write, and texts under the plan.
    func addReadings(
        _ opened: OpenedModel, _ folder: RunFolder, _ plan: LoadedPlan?, _ found: RunData?,
        _ contents: inout ViewContents, _ environment: CommandEnvironment
    ) throws {
        try plan?.check(opened.model, workers: opened.workers)
        try folder.requireModel(
            opened.configuration, fingerprint: opened.model.fingerprint(workers: opened.workers), model: opened.path)
        (contents.layers, contents.heads) = (opened.configuration.layers, opened.configuration.heads)
        let tokenizer = try opened.tokenizer
        var readings = ModelReadings(opened.model, tokenizer: tokenizer, workers: opened.workers)
        readings.isCancelled = { environment.interruption.isRequested }
        contents.facts.removeAll { $0.term == "model" }
        contents.facts.insert(.init("model", URL(filePath: opened.path).lastPathComponent), at: 0)

        if let directions = folder.directions ?? plan?.directions {
            if let found {
                let prepared = try PreparedData(found.file, found.options, opened, comparing: false)
                try prepared.warn(opened, environment)
                if let note = found.note(prepared.texts, folder) { contents.notes.append(note) }
                let chosen = ModelReadings.thinned(prepared.texts, to: texts)
                if chosen.count < prepared.texts.count {
                    contents.notes.append("\(chosen.count) of the data's \(prepared.texts.count) texts are shown.")
                }
                try environment.stage("Reading texts", total: chosen.count) { progress in
                    try readings.read(
                        chosen, along: directions, thresholds: folder.thresholds, into: &contents, onProgress: progress)
                }
            } else {
                contents.notes.append(RunData.missing(folder))
            }
            try environment.stage("Looking at what heads write", total: opened.configuration.layers) { progress in
                try readings.addWrites(of: directions, into: &contents, onProgress: progress)
            }
        } else {
            contents.notes.append(
                "Texts, attention and what heads write are left out: the folder has no directions (probe --out or search write them)."
            )
        }
        guard let plan, !plan.plan.edits.isEmpty else { return }
        // Texts that an evaluation wrote at its doses are the ones that its figures rest on, so they are kept.
        if prompt.isEmpty, self.plan == nil, (contents.steering?.labels.count ?? 0) > 2 { return }
        let prompts = try steeringPrompts(found, opened)
        guard !prompts.isEmpty else {
            contents.notes.append("Texts under the plan are left out: there is no prompt; give one with --prompt.")
            return
        }
        if let index = plan.firstWithoutDose() {
            let operation = plan.plan.edits[index].operation.rawValue
            contents.notes.append("Texts under the plan are left out: the operation \(operation) has no dose.")
            return
        }
        try environment.stage("Writing texts", total: prompts.count * ModelReadings.factors.count) { progress in
            try readings.addTexts(
                of: plan, prompts: prompts, maxTokens: maxTokens, into: &contents,
                onProgress: { done, _ in try progress(done) })
        }
    }

    /// The prompts to write from: those given, or at most six of the data's.
    private func steeringPrompts(_ found: RunData?, _ opened: OpenedModel) throws -> [[Int]] {
        if !prompt.isEmpty { return try prompt.map { try opened.promptTokens($0, specialTokens: .parsed) } }
        guard let found else { return [] }
        if case .labelled(let rows) = found.contrast?.data ?? found.file.data, !found.options.chat {
            // The prompt, or else the first words of the text, which seldom carry the label.
            let openings = rows.map { row in
                row.prompt.isEmpty ? row.completion.split(separator: " ").prefix(3).joined(separator: " ") : row.prompt
            }
            var seen: Set<String> = []
            return try ModelReadings.thinned(openings.filter { seen.insert($0).inserted }, to: 6).map {
                try opened.promptTokens($0, specialTokens: .parsed)
            }
        }
        let choices = ChoiceTaskOptions(
            swapsLetters: false, usesChatTemplate: found.options.chat, context: opened.configuration.context)
        let task = try? AnswerTask(
            found.contrast?.data ?? found.file.data, tokenizer: opened.tokenizer, choices: choices,
            file: found.file.name)
        var seen: Set<[Int]> = []
        return ModelReadings.thinned((task?.items ?? []).map(\.prompt).filter { seen.insert($0).inserted }, to: 6)
    }
}
