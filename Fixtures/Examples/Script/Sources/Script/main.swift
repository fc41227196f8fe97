// Finds the head that carries the mood of a text, and pushes it both ways while a sentence is written.
//
// usage: Script MODEL LABELLED-TEXTS

import Foundation
import HeadSteer

guard CommandLine.arguments.count == 3 else { fatalError("usage: Script MODEL LABELLED-TEXTS") }
let model = try TextModel(contentsOf: URL(filePath: CommandLine.arguments[1]))
let examples = try DataSet(contentsOf: URL(filePath: CommandLine.arguments[2])).labelledExamples
let labels = examples.map(\.label)

let z = try model.z(of: examples.map(\.text))
let report = try z.probeHeads(
    GroupedLabels(labels: labels, groups: examples.map(\.group)), options: ProbeOptions(permutations: 100),
    workers: model.workers)
for head in report.heads.prefix(3) {
    print("head \(head.head): AUROC \(head.auroc) [\(head.ciLow), \(head.ciHigh)], p \(head.p ?? 1)")
}

let direction = try z.directions(labels: labels)[head: report.heads[0].head]
for sigmas in [-8.0, 0, 8] {
    let edits = [direction.edit(sigmas: sigmas)]
    print(sigmas, try model.text(after: "My day at work was", edits: edits, maxTokens: 8))
}
