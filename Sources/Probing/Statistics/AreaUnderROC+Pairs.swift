/// The area under the ROC curve alone, 0.5 when a class is missing: counts pairs when there are few of them, which is
/// faster than sorting.
func areaUnderROC(_ scores: [Double], _ labels: [Bool]) -> Double {
    guard scores.count <= 256 else { return AreaUnderROC(scores: scores, labels: labels)?.value ?? 0.5 }
    var trues: [Double] = []
    var falses: [Double] = []
    for (score, label) in zip(scores, labels) {
        if label { trues.append(score) } else { falses.append(score) }
    }
    guard !trues.isEmpty, !falses.isEmpty else { return 0.5 }
    var halves = 0
    falses.withUnsafeBufferPointer { falses in
        for score in trues {
            for index in 0..<falses.count {
                halves &+= (score > falses[index] ? 1 : 0) &+ (score >= falses[index] ? 1 : 0)
            }
        }
    }
    return Double(halves) / 2 / Double(trues.count * falses.count)
}
