import ArgumentParser
import TensorCore

/// The model, the work and the peers with which the rows of a comparison are measured.
struct Comparison {
    let own: OwnModel
    let work: Workload
    let peers: PeerSet
    let rounds: Int
    var files = ComparedFiles()
    /// Whether each rival ends before the next begins, for a model so large that memory holds few of them.
    var keepsOneRival = false

    var precision: Precision { own.model.precision }

    /// The length of the prompt before decoding, and the number of decoded tokens.
    static let decodePrompt = 16
    static let decodeTokens = 64
    /// The number of tokens before decoding is measured in a long text.
    static let longPrompt = 1500
    /// The length of the prompt in the prompt rows, if the model's context has room for it.
    static let promptTokens = 512

    /// Measures the rows of a group.
    ///
    /// - Throws: errors that keep our own side from running; a peer that doesn't run becomes a row.
    func rows(_ group: RowGroup) throws -> [CompareRow] {
        switch group {
        case .decode: try decodeRows()
        case .context: try contextRows()
        case .prompt: try promptRows()
        case .streams: try streamRows()
        case .threads: try threadRows()
        case .models: try modelRows()
        case .large: try largeRows()
        case .sweep: try sweepRows()
        case .opening: try openingRows()
        case .probes: try probeRows()
        case .formats: try formatRows()
        case .collect: try collectRows()
        case .memory: try memoryRows()
        }
    }
}

/// The parts of the table, in order.
enum RowGroup: String, CaseIterable, ExpressibleByArgument {
    case decode, context, prompt, streams, threads, models, large, sweep, opening, probes, formats, collect, memory
}

/// The files other than the model that some rows need.
struct ComparedFiles {
    /// Other models to decode with.
    var models: [String] = []
    /// The model of 7 billion weights.
    var large = ""
    /// The path of the `headsteer-bench` from the first round.
    var firstRound: String?
}
