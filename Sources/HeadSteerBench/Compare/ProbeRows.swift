import DataFiles
import Directions
import Foundation
import Probing
import Statistics
import TensorCore
import Transformer

extension Comparison {
    /// Probing all heads of a 7B model at once, against a loop over heads with scikit-learn that is measured on some of
    /// them.
    func probeRows() throws -> [CompareRow] {
        let all = try ProbeWork(layers: 32, heads: 32)
        let sample = try ProbeWork(layers: 1, heads: 8)
        let file = FileManager.default.temporaryDirectory.appending(path: "headsteer-bench-\(UUID().uuidString).f32")
        try AtomicOutput.write(sample.headsInTurn, to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let scikitLearn = {
            try peers.scikitLearn(
                file.path(percentEncoded: false), heads: sample.count, rows: ProbeWork.rows, size: ProbeWork.size)
        }
        let shape = "\(all.count) heads × \(ProbeWork.size) values × \(ProbeWork.rows) texts"
        return [
            try logisticRow("logistic probes, 5 folds, \(shape)", all, sample, scikitLearn),
            try relabellingRow("mass-mean, 1,000 relabellings, \(shape)", all, sample, scikitLearn),
        ]
    }

    private func logisticRow(
        _ name: String, _ all: ProbeWork, _ sample: ProbeWork, _ start: () throws -> Peer
    ) throws -> CompareRow {
        let goal = Goal.atLeast(exact: 20, fast: 20)
        let options = ProbeOptions(estimator: .logistic, repeats: 1, permutations: 0, controlTasks: 0)
        return try .measured(name, peer: "scikit-learn", goal: goal) {
            let peer = try start()
            let pairing = try Pairing.alternate(
                rounds: rounds, ownWork: Double(all.count), peerWork: Double(sample.count),
                own: { try all.seconds(options, own.workers) }, peer: { try peer.seconds("logistic") })
            return CompareRow(
                name, pairing, unit: "heads/s", peer: "scikit-learn, a loop over \(sample.count) of the heads",
                goal: goal)
        }
    }

    private func relabellingRow(
        _ name: String, _ all: ProbeWork, _ sample: ProbeWork, _ start: () throws -> Peer
    ) throws -> CompareRow {
        let relabellings = 1000
        let options = ProbeOptions(estimator: .massMean, repeats: 1, permutations: relabellings, controlTasks: 0)
        return try .measured(name, peer: "NumPy") {
            let peer = try start()
            let pairing = try Pairing.alternate(
                rounds: 1, ownWork: Double(all.count * relabellings), peerWork: Double(sample.count * 5),
                own: { try all.seconds(options, own.workers) },
                peer: { try peer.seconds("permutations", ["count": 5]) })
            return CompareRow(
                name, pairing, unit: "head relabellings/s", peer: "NumPy, 5 relabellings of \(sample.count) heads",
                goal: nil)
        }
    }
}

/// Random activations of two classes, in which the first heads are the same for any number of heads.
struct ProbeWork {
    static let rows = 1000
    static let size = 128

    /// The number of heads.
    let count: Int
    private let table: ActivationTable
    private let labels: GroupedLabels

    /// - Throws: never for random numbers; a table rejects numbers that aren't finite.
    init(layers: Int, heads: Int) throws {
        count = layers * heads
        let size = Self.size
        let width = count * size
        var values = [Float](repeating: 0, count: Self.rows * width)
        // A random square matrix mixes each head's values, because in real heads some combinations vary much more than
        // others.
        var mixer = SeededGenerator(seed: 1, stream: .max)
        let mixing = (0..<(size * size)).map { _ in Float(mixer.gaussian() / Double(size).squareRoot()) }
        var independent = [Float](repeating: 0, count: Self.rows * size)
        for head in 0..<count {
            var generator = SeededGenerator(seed: 1, stream: UInt64(head))
            let shift = (0..<size).map { _ in Float(0.05 * generator.gaussian()) }
            for index in independent.indices { independent[index] = Float(generator.gaussian()) }
            values.withUnsafeMutableBufferPointer { values in
                guard let start = values.baseAddress else { return }
                DotProducts.run(
                    n: size, independent, rows: Self.rows, strideX: size, mixing, rows: size, strideW: size,
                    into: start + head * size, strideY: width)
                for row in 0..<Self.rows {
                    for i in 0..<size { start[row * width + head * size + i] += row % 2 == 0 ? shift[i] : -shift[i] }
                }
            }
        }
        table = try ActivationTable(
            values: values, examples: Self.rows, layers: layers, heads: heads, headSize: Self.size)
        labels = GroupedLabels(labels: (0..<Self.rows).map { $0 % 2 == 0 })
    }

    /// The values as [heads, rows, size], little-endian.
    var headsInTurn: Data {
        var data = Data()
        for head in 0..<count {
            for value in table[Head(layer: head / table.heads, index: head % table.heads)].values {
                withUnsafeBytes(of: value.bitPattern.littleEndian) { data.append(contentsOf: $0) }
            }
        }
        return data
    }

    func seconds(_ options: ProbeOptions, _ workers: WorkerPool) throws -> Double {
        try Stopwatch.seconds { _ = try table.probeHeads(labels, options: options, workers: workers) }
    }
}
