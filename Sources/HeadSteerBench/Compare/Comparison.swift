import ArgumentParser
import TensorCore

/// What the rows of a comparison are measured with.
struct Comparison {
    let own: OwnModel
    let work: Workload
    let peers: PeerSet
    let rounds: Int
    let precision: Precision

    /// How many tokens are decoded, after how long a prompt.
    static let decodePrompt = 16
    static let decodeTokens = 64
    /// How long the prompt of the prompt rows is.
    static let promptTokens = 512

    /// Measures the rows of a group.
    ///
    /// - Throws: `InputError` where a peer can't be started or fails.
    func rows(_ group: RowGroup) throws -> [CompareRow] {
        switch group {
        case .decode: try decodeRows()
        case .prompt: try promptRows()
        case .formats: try formatRows()
        case .collect: try collectRows()
        case .batch: try batchRows()
        case .sweep: try sweepRows()
        case .threads: try threadRows()
        case .opening: try openingRows()
        case .memory: try memoryRows()
        case .probes: try probeRows()
        }
    }
}

/// The parts of the table, in its order.
enum RowGroup: String, CaseIterable, ExpressibleByArgument {
    case decode, prompt, formats, collect, batch, sweep, threads, opening, memory, probes
}
