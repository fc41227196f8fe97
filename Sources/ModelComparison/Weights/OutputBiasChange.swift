import TensorCore
import Transformer

/// The heads that a change of the output projection's bias comes from.
///
/// The change is explained as a bias b = Σ W_O[:, h] v_h of a few heads h, as baked edits of z leave it (Li et al.
/// 2023, arXiv 2306.03341).
///
/// Heads are taken one after the other, each time the one whose columns explain most of what is left, and all heads
/// taken so far are then fitted again (orthogonal matching pursuit, Pati et al. 1993, with the columns of a head as one
/// group). Heads that turn out to be dispensable are dropped.
struct OutputBiasChange {
    /// ‖b_B − b_A‖
    let length: Double
    /// v_h of the heads that it comes from, [D] each: what is added to their z; of all that give the same bias, the
    /// shortest.
    let heads: [Int: [Double]]
    /// The share of the change's length that these heads leave unexplained; 1 if no few heads explain it.
    let unexplained: Double

    /// The share of its length that a bias of few heads may leave unexplained if W_O is as it was; biases are float32.
    static let least = 1e-5
    /// The most that it may leave if W_O was rounded; of a bias that comes from no head, three quarters of all heads
    /// leave more.
    static let most = 0.3

    /// - Parameters:
    ///   - change: b_B − b_A, [M].
    ///   - output: A's W_O, [M, H·D].
    ///   - tolerance: the share of the change's length that may be left if it is to count as explained.
    /// - Throws: `LAPACKError`, which finite weights don't cause.
    init(_ change: [Double], output: Matrix, size: Int, tolerance: Double = Self.least) throws {
        length = norm(change)
        guard length > 0 else {
            (heads, unexplained) = ([:], 0)
            return
        }
        let count = output.columns / size
        let columns = (0..<count).map { head in
            // [D, M]: the columns of a head as rows.
            (0..<size).flatMap { value in
                (0..<output.rows).map { Double(output[$0, head * size + value]) }
            }
        }
        var chosen: [Int] = []
        var left = change
        // With as many columns as the bias has values, anything would be explained.
        let most = max(1, min(count, output.rows * 3 / 4 / size))
        while norm(left) > tolerance * length, chosen.count < most {
            var best: (head: Int, explained: Double)?
            for head in 0..<count where !chosen.contains(head) {
                let fit = try Self.fit(left, columns[head], size: size)
                let explained = norm(left) - norm(fit.left)
                if explained > best?.explained ?? 0 { best = (head, explained) }
            }
            guard let best else { break }
            chosen.append(best.head)
            left = try Self.fit(change, chosen.flatMap { columns[$0] }, size: size * chosen.count).left
        }
        guard norm(left) <= tolerance * length else {
            (heads, unexplained) = ([:], 1)
            return
        }
        for head in chosen where chosen.count > 1 {
            let fewer = chosen.filter { $0 != head }
            let fit = try Self.fit(change, fewer.flatMap { columns[$0] }, size: size * fewer.count)
            if norm(fit.left) <= tolerance * length { chosen = fewer }
        }
        let fit = try Self.fit(change, chosen.flatMap { columns[$0] }, size: size * chosen.count)
        heads = Dictionary(
            uniqueKeysWithValues: chosen.enumerated().map { place, head in
                (head, Array(fit.values[place * size..<(place + 1) * size]))
            })
        unexplained = norm(fit.left) / length
    }

    /// The least-squares fit of a vector by the rows of a matrix, [size, M].
    private static func fit(
        _ vector: [Double], _ rows: [Double], size: Int
    ) throws -> (values: [Double], left: [Double]) {
        let gram = SymmetricMatrix(gramOfRows: rows, columns: vector.count)
        let products = MatrixVectorProducts.product(rows, columns: vector.count, times: vector)
        // A head's columns can depend on each other: it then writes to fewer dimensions than it has values.
        let values =
            try CholeskyDecomposition(of: gram)?.solving(products)
            ?? SymmetricEigendecomposition(of: gram).minimumNormSolution(products)
        let fitted = MatrixVectorProducts.transposedProduct(rows, columns: vector.count, times: values)
        return (values, zip(vector, fitted).map { $0 - $1 })
    }
}

/// ‖x‖
func norm(_ x: [Double]) -> Double { x.reduce(0) { $0 + $1 * $1 }.squareRoot() }
