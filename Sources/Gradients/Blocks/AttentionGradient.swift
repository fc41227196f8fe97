import TensorCore
import Transformer

/// The backward pass through attention, with the pattern recomputed: from the gradient of z to those of the rotated
/// queries, the rotated keys and the values.
///
/// With P the pattern, S the scores and dP = dZ Vᵀ: dV = Pᵀ dZ, dS = P ⊙ (dP − rowsum(P ⊙ dP)), dQ = dS K, dK = dSᵀ Q,
/// the last two with the scale of the scores (Dao et al. 2022, arXiv 2205.14135, appendix B). Query rows are processed
/// in blocks, so no T × T matrix is made.
struct AttentionGradient {
    /// The number of query rows per block; a text with at least this many is worth transposing the keys and values for.
    private static let block = 32

    let groups: HeadGroups
    let rule: AttentionRule
    /// The queries, as attention takes them, and the gradient of z, [R, H, D].
    let query, z: UnsafePointer<Float>
    /// The result: the gradient of the queries, [R, H, D]; zero beforehand.
    let queryGradient: UnsafeMutablePointer<Float>

    /// The positions that a text's rows attend to: all of the text, its past first.
    struct Seen {
        /// The number of positions before the text's rows.
        var past: Int
        /// Keys and values, [positions, K, D], as attention takes them.
        var key, value: UnsafePointer<Float>
        /// The result: the gradients of the text's own keys and values for each query head, [R, H, D]; zero beforehand.
        /// There are none for its past.
        var keyGradient, valueGradient: UnsafeMutablePointer<Float>
    }

    /// The number of scratch values that a head needs.
    func scratchCount(longest: Int) -> Int {
        3 * Self.block * (longest + 1) + 2 * groups.headSize * Self.transposedStride(longest)
    }

    /// The stride between rows of transposed keys: slightly more than the positions, so that rows don't share cache
    /// lines.
    private static func transposedStride(_ length: Int) -> Int { length + 16 }

    /// The keys or values of a head, [positions, D].
    private struct Operand {
        let rows: FloatRows
        /// The same as [D, positions], if there are many queries.
        var transposed: FloatRows?

        /// The products of some rows with the positions from `first` on: A·Bᵀ, [m, n].
        func products(
            with a: FloatRows, from first: Int, m: Int, n: Int, size: Int, into c: UnsafeMutablePointer<Float>,
            stride: Int
        ) {
            if let transposed {
                let columns = FloatRows(transposed.start + first, stride: transposed.stride)
                FloatProducts.product(a, columns, m: m, n: n, k: size, into: .init(c, stride: stride))
            } else {
                FloatProducts.product(a, transposed: from(first), m: m, n: n, k: size, into: c, stride: stride)
            }
        }

        /// The rows from `first` on.
        func from(_ first: Int) -> FloatRows { FloatRows(rows.start + first * rows.stride, stride: rows.stride) }
    }

    /// Computes one query head of one text.
    ///
    /// - Parameter pattern: receives the pattern and its gradient if they are read: rows of H · T values, zero
    ///   beforehand.
    func run(
        _ segment: PassSegment, _ all: Seen, head: Int, scratch: UnsafeMutablePointer<Float>,
        pattern: (weights: UnsafeMutablePointer<Float>, gradients: UnsafeMutablePointer<Float>)?
    ) {
        let size = groups.headSize
        let kvHead = groups.kvHead(of: head)
        let row = segment.rows.lowerBound
        let length = all.past + segment.rows.count
        let (stride, kvStride) = (groups.heads * size, groups.kvHeads * size)
        let own = groups.offset(row: row, head: head)
        let shared = groups.kvOffset(row: 0, kvHead: kvHead)
        var keysOfHead = Operand(rows: FloatRows(all.key + shared, stride: kvStride))
        var valuesOfHead = Operand(rows: FloatRows(all.value + shared, stride: kvStride))
        if segment.rows.count >= Self.block {
            let columns = Self.transposedStride(length)
            let start = scratch + 3 * Self.block * (length + 1)
            for (operand, place) in [(keysOfHead, start), (valuesOfHead, start + size * columns)] {
                FloatProducts.transpose(operand.rows, m: length, n: size, into: place, stride: columns)
            }
            keysOfHead.transposed = FloatRows(start, stride: columns)
            valuesOfHead.transposed = FloatRows(start + size * columns, stride: columns)
        }
        for first in Swift.stride(from: 0, to: segment.rows.count, by: Self.block) {
            let rows = min(Self.block, segment.rows.count - first)
            let firstKey = rule.firstKey(of: all.past + first)
            let keys = all.past + first + rows - firstKey
            // One extra column, for a sink.
            let columns = keys + 1
            let weights = scratch
            let gradients = scratch + Self.block * columns
            let slopes = scratch + 2 * Self.block * columns
            let q = FloatRows(query + own + first * stride, stride: stride)
            let dz = FloatRows(z + own + first * stride, stride: stride)
            keysOfHead.products(with: q, from: firstKey, m: rows, n: keys, size: size, into: weights, stride: columns)
            valuesOfHead.products(
                with: dz, from: firstKey, m: rows, n: keys, size: size, into: gradients, stride: columns)
            for index in 0..<rows {
                let position = all.past + first + index
                let seen = rule.firstKey(of: position) - firstKey..<position + 1 - firstKey
                weigh(weights + index * columns, slopes + index * columns, seen, head: head, columns: columns)
                if let pattern {
                    let place = ((first + index) * groups.heads + head) * length + firstKey
                    (pattern.weights + place + seen.lowerBound).update(
                        from: weights + index * columns + seen.lowerBound, count: seen.count)
                    (pattern.gradients + place + seen.lowerBound).update(
                        from: gradients + index * columns + seen.lowerBound, count: seen.count)
                }
                takeBack(
                    weights + index * columns, gradients + index * columns, slopes + index * columns, seen,
                    columns: columns)
            }
            FloatProducts.product(
                FloatRows(gradients, stride: columns), keysOfHead.from(firstKey), m: rows, n: size, k: keys,
                into: .init(queryGradient + own + first * stride, stride: stride, times: rule.scale))
            let firstOwn = max(firstKey, all.past)
            let ofPast = firstOwn - firstKey
            let place = groups.offset(row: firstOwn - all.past, head: head)
            FloatProducts.product(
                transposed: FloatRows(weights + ofPast, stride: columns), dz, m: keys - ofPast, n: size, k: rows,
                into: .init(all.valueGradient + place, stride: stride, isAdded: true))
            FloatProducts.product(
                transposed: FloatRows(gradients + ofPast, stride: columns), q, m: keys - ofPast, n: size, k: rows,
                into: .init(all.keyGradient + place, stride: stride, times: rule.scale, isAdded: true))
        }
    }

    /// Turns a row's products with keys into weights, which are zero for positions that aren't seen.
    ///
    /// - Parameter slopes: receives the derivative of the soft cap, if there is one.
    private func weigh(
        _ row: UnsafeMutablePointer<Float>, _ slopes: UnsafeMutablePointer<Float>, _ seen: Range<Int>, head: Int,
        columns: Int
    ) {
        let start = row + seen.lowerBound
        Elementwise.scale(start, by: rule.scale, count: seen.count)
        if let cap = rule.softCap {
            Elementwise.softCap(start, at: cap, count: seen.count)
            for i in seen { slopes[i] = 1 - row[i] / cap * (row[i] / cap) }
        }
        var count = seen.count
        if let sinks = rule.sinks {
            start[count] = sinks[head]
            count += 1
        }
        Elementwise.softmax(start, count: count)
        row.update(repeating: 0, count: seen.lowerBound)
        (row + seen.upperBound).update(repeating: 0, count: columns - seen.upperBound)
    }

    /// Turns the gradients of a row's weights into those of its products with keys, in place.
    private func takeBack(
        _ weights: UnsafePointer<Float>, _ gradients: UnsafeMutablePointer<Float>, _ slopes: UnsafePointer<Float>,
        _ seen: Range<Int>, columns: Int
    ) {
        let mean = Elementwise.dot(weights + seen.lowerBound, gradients + seen.lowerBound, count: seen.count)
        for i in seen { gradients[i] = weights[i] * (gradients[i] - mean) }
        if rule.softCap != nil { for i in seen { gradients[i] *= slopes[i] } }
        gradients.update(repeating: 0, count: seen.lowerBound)
        (gradients + seen.upperBound).update(repeating: 0, count: columns - seen.upperBound)
    }
}
