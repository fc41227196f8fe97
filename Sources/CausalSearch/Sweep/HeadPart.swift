import Transformer

/// Consecutive heads that are moved in one pass.
///
/// Long work over all heads is divided into such parts, which are saved one by one or dealt to several machines.
public struct HeadPart: Sendable, Equatable {
    /// The heads' indices among all heads, in the order of layers.
    public let range: Range<Int>
    /// The first head and the last one: `2.0-2.3`.
    public let name: String

    /// The maximum number of last positions in one part, unless a single head has more.
    ///
    /// Larger parts are hardly faster, and take longer to finish when the work should stop.
    static let rows = 256

    /// Divides heads into parts.
    ///
    /// - Parameters:
    ///   - heads: the heads, in the order of layers.
    ///   - variantsOfHead: the number of edits tried at each head.
    ///   - items: the number of prompts that each edit is tried on.
    public static func all(_ heads: [Head], variantsOfHead: Int, items: Int) -> [HeadPart] {
        // One row of each prompt is unedited.
        let size = max(1, (rows / max(items, 1) - 1) / max(variantsOfHead, 1))
        return stride(from: 0, to: heads.count, by: size).map { start in
            let range = start..<min(start + size, heads.count)
            return HeadPart(range: range, name: "\(heads[range.lowerBound])-\(heads[range.upperBound - 1])")
        }
    }
}
