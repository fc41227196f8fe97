import CWeightKernels
import DataFiles
import Foundation
import TensorCore

/// Attention of some rows to one key-value head, for the kernels and in plain loops.
struct AttentionCase {
    let format: KeyValueFormat
    let headSize: Int
    /// The positions whose keys and values are stored.
    var positions: Int
    /// The rows of one position.
    var group = 1
    /// Each row's own position: it sees those up to it. Rows of `group` in turn have the same one.
    var places: [Int] = [0]
    /// How many positions a row sees, its own included; nil for all.
    var window: Int?
    var softCap: Float = 0
    var sinks: [Float]?
    /// Whether each place has a key and a value of its own that aren't stored.
    var hasOwn = false
    /// Whether the last stored position is the only place's own.
    private var storesOwn = false
    var seed: UInt64 = 1
    /// What queries are multiplied by.
    var size: Float = 3

    /// A position whose value's first number is another.
    var replaced: (position: Int, by: Float)?

    init(format: KeyValueFormat, headSize: Int, positions: Int, group: Int = 1) {
        self.format = format
        self.headSize = headSize
        self.positions = positions
        self.group = group
    }

    var rows: Int { places.count * group }
    var scale: Float { 1 / Float(headSize).squareRoot() }
    var name: String {
        "\(format), D \(headSize), \(positions) positions, \(places.count) × \(group) rows, window \(window ?? 0), cap \(softCap), "
            + "sinks \(sinks ?? []), own \(hasOwn)"
    }

    private var inputs: (queries: [Float], keys: [Float], values: [Float], ownKeys: [Float], ownValues: [Float]) {
        var random = SeededGenerator(seed: seed)
        func gaussians(_ count: Int, _ scale: Float) -> [Float] {
            (0..<count).map { _ in Float(random.gaussian()) * scale }
        }
        let queries = gaussians(rows * headSize, size)
        let ownKeys = gaussians(places.count * headSize, 1)
        let ownValues = gaussians(places.count * headSize, 1)
        var keys: [Float] = []
        var values: [Float] = []
        for _ in 0..<positions {
            keys += gaussians(headSize, 1)
            values += gaussians(headSize, 1)
        }
        if let replaced { values[replaced.position * headSize] = replaced.by }
        if storesOwn {
            keys.replaceSubrange(((positions - 1) * headSize)..., with: ownKeys)
            values.replaceSubrange(((positions - 1) * headSize)..., with: ownValues)
        }
        return (queries, keys, values, ownKeys, ownValues)
    }

    /// The same with the only place's own key and value stored.
    func withOwnStored() -> AttentionCase {
        var copy = self
        copy.hasOwn = false
        copy.storesOwn = true
        copy.positions += 1
        return copy
    }

    /// The first position that a row sees.
    private func first(_ row: Int) -> Int { window.map { max(0, places[row / group] - $0 + 1) } ?? 0 }

    /// z in double precision, [rows, D], and for each value what its error may be measured by: the sum of the magnitudes, for
    /// integers the row's largest one.
    func reference() -> (z: [Double], magnitudes: [Double], weights: [[Double]]) {
        let (queries, keys, values, ownKeys, ownValues) = inputs
        var z: [Double] = []
        var magnitudes: [Double] = []
        var weights: [[Double]] = []
        for row in 0..<rows {
            let place = places[row / group]
            func vector(_ position: Int, _ stored: [Float], _ own: [Float]) -> ArraySlice<Float> {
                hasOwn && position == place
                    ? own[(row / group * headSize)..<(row / group * headSize + headSize)]
                    : stored[(position * headSize)..<(position * headSize + headSize)]
            }
            let query = queries[(row * headSize)..<(row * headSize + headSize)]
            let seen = Array(first(row)...place)
            var scores = seen.map { position in
                zip(query, vector(position, keys, ownKeys)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                    * Double(scale)
            }
            if softCap != 0 { scores = scores.map { Double(softCap) * tanh($0 / Double(softCap)) } }
            let all = scores + (sinks.map { [Double($0[row % group])] } ?? [])
            let largest = all.max() ?? 0
            let sum = all.reduce(0.0) { $0 + exp($1 - largest) }
            let rowWeights = scores.map { exp($0 - largest) / sum }
            weights.append(rowWeights)
            var row = [Double](repeating: 0, count: headSize)
            var magnitude = row
            for (weight, position) in zip(rowWeights, seen) {
                for (i, value) in vector(position, values, ownValues).enumerated() {
                    row[i] += weight * Double(value)
                    magnitude[i] += weight * abs(Double(value))
                }
            }
            z += row
            magnitudes +=
                format == .floats
                ? magnitude : [Double](repeating: magnitude.max() ?? 0, count: headSize)
        }
        return (z, magnitudes, weights)
    }

    /// z by some kernels, [rows, D], and where they are wanted the weights of each row.
    ///
    /// - Parameters:
    ///   - chosen: the places that go together; nil for all.
    ///   - inParts: whether each chunk's results are computed by themselves and then merged.
    func run(
        _ kernels: headsteer_attention_kernels, only chosen: Range<Int>? = nil, inParts: Bool = false,
        withWeights: Bool = false
    ) -> (z: [Float], weights: [[Float]]) {
        let (allQueries, keys, values, ownKeys, ownValues) = inputs
        let chosen = chosen ?? 0..<places.count
        let places = Array(places[chosen])
        let rows = places.count * group
        let stored = StoredKeysAndValues(format, headSize: headSize, positions: positions)
        for position in 0..<positions {
            stored.store(kernels, position, Array(keys[slice(position)]), Array(values[slice(position)]))
        }
        let own = StoredKeysAndValues(format, headSize: headSize, positions: 16)
        if hasOwn {
            for (index, place) in chosen.enumerated() {
                own.store(kernels, index, Array(ownKeys[slice(place)]), Array(ownValues[slice(place)]))
            }
        }
        let queries = FloatMemory(rows * format.words(headSize: headSize))
        let queryScales = FloatMemory(rows)
        allQueries.withUnsafeBufferPointer {
            kernels.queries(
                format.rawValue, headSize, $0.baseAddress.map { $0 + chosen.lowerBound * group * headSize }, headSize,
                rows, queries.words, queryScales.start)
        }
        let scores = (0..<rows).map { _ in FloatMemory(positions + 2) }
        let results = Results(rows: rows, headSize: headSize)
        let scratch = FloatMemory(headsteer_attention_scratch(rows))
        let chunks = (places.max() ?? 0) / KeyValueFormat.chunk
        for chunk in 0...chunks {
            let start = chunk * KeyValueFormat.chunk
            let from = IntegerMemory(rows)
            let to = IntegerMemory(rows)
            for row in 0..<rows {
                let end = places[row / group] + (hasOwn ? 0 : 1) - start
                to.start[row] = Int32(min(max(end, 0), KeyValueFormat.chunk))
                let begin = max(first(chosen.lowerBound * group + row) - start, 0)
                from.start[row] = min(Int32(begin), to.start[row])
            }
            let target = inParts ? Results(rows: rows, headSize: headSize) : results
            let starts = scores.map { Optional($0.start + start) }
            withUnsafePointer(to: own.from(chunk: 0)) { own in
                starts.withUnsafeBufferPointer { starts in
                    var part = headsteer_attention_part(
                        format: format.rawValue, head_size: headSize, scale: scale, soft_cap: softCap,
                        chunk: stored.from(chunk: chunk), rows: rows, queries: queries.words,
                        query_scales: queryScales.start, from: from.start, to: to.start,
                        own: hasOwn && chunk == chunks ? own : nil, rows_of_own: group,
                        scores: withWeights ? starts.baseAddress : nil, scratch: scratch.start,
                        z: target.z.start, largest: target.largest.start, sums: target.sums.start)
                    kernels.compute(&part)
                }
            }
            if inParts { results.merge(target, kernels) }
        }
        var z = [Float](repeating: .nan, count: rows * headSize)
        kernels.finish(
            rows, headSize, results.z.start, results.largest.start, results.sums.start, sinks, group, &z,
            group * headSize)
        let weights = scores.enumerated().map { row, scores in
            let first = first(chosen.lowerBound * group + row)
            let count = places[row / group] + 1 - first
            guard withWeights else { return [Float]() }
            kernels.weights(scores.start + first, count, results.largest.start[row], results.sums.start[row])
            return Array(UnsafeBufferPointer(start: scores.start + first, count: count))
        }
        return (z, weights)
    }

    private func slice(_ index: Int) -> Range<Int> { (index * headSize)..<((index + 1) * headSize) }
}

/// Memory whose contents are NaNs until they are written.
final class FloatMemory {
    let start: UnsafeMutablePointer<Float>
    var words: UnsafeMutablePointer<UInt32> {
        UnsafeMutableRawPointer(start).assumingMemoryBound(to: UInt32.self)
    }
    private let buffer: FloatBuffer

    init(_ count: Int) {
        buffer = FloatBuffer(capacity: count)
        start = buffer.pointer
        start.update(repeating: .nan, count: count)
    }
}

private final class IntegerMemory {
    let start: UnsafeMutablePointer<Int32>

    init(_ count: Int) { start = .allocate(capacity: count) }

    deinit { start.deallocate() }
}

/// Keys and values in memory that holds NaNs, and as integers the largest codes, where nothing is stored.
private final class StoredKeysAndValues {
    private let format: KeyValueFormat
    private let headSize: Int
    private let keys: FloatMemory
    private let values: FloatMemory
    private let keyScales: FloatMemory
    private let valueScales: FloatMemory

    init(_ format: KeyValueFormat, headSize: Int, positions: Int) {
        self.format = format
        self.headSize = headSize
        let room = (positions + 1 + KeyValueFormat.lanes - 1) / KeyValueFormat.lanes * KeyValueFormat.lanes
        keys = FloatMemory(format.keyWords(positions: room, headSize: headSize))
        values = FloatMemory(format.valueWords(positions: room, headSize: headSize))
        keyScales = FloatMemory(room)
        valueScales = FloatMemory(room)
        if format == .integers {
            for i in 0..<format.valueWords(positions: room, headSize: headSize) { values.words[i] = 0x7fff_8001 }
        }
    }

    func store(_ kernels: headsteer_attention_kernels, _ position: Int, _ key: [Float], _ value: [Float]) {
        withUnsafePointer(to: from(chunk: 0)) {
            kernels.store(format.rawValue, headSize, $0, position, key, value)
        }
    }

    func from(chunk: Int) -> headsteer_keys_values {
        let position = chunk * KeyValueFormat.chunk
        return headsteer_keys_values(
            keys: keys.words + format.keyWords(positions: position, headSize: headSize),
            values: values.words + format.valueWords(positions: position, headSize: headSize),
            key_scales: keyScales.start + position, value_scales: valueScales.start + position)
    }
}

/// What rows have seen.
private final class Results {
    let z: FloatMemory
    let largest: FloatMemory
    let sums: FloatMemory
    private let rows: Int
    private let columns: Int

    init(rows: Int, headSize: Int) {
        self.rows = rows
        columns = KeyValueFormat.columns(headSize: headSize)
        z = FloatMemory(rows * columns)
        largest = FloatMemory(rows)
        sums = FloatMemory(rows)
        headsteer_attention_begin(rows, columns, z.start, largest.start, sums.start)
    }

    func merge(_ next: Results, _ kernels: headsteer_attention_kernels) {
        kernels.merge(
            rows, columns, z.start, largest.start, sums.start, next.z.start, next.largest.start, next.sums.start)
    }
}
