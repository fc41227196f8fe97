import ArgumentParser
import TensorCore

/// What the rows of a comparison are measured with.
struct Comparison {
    let own: OwnModel
    let work: Workload
    let peers: PeerSet
    let rounds: Int
    var files = ComparedFiles()
    /// Whether each rival ends before the next begins: where a model is so large that memory holds few of them.
    var keepsOneRival = false

    var precision: Precision { own.model.precision }

    /// How many tokens are decoded, after how long a prompt.
    static let decodePrompt = 16
    static let decodeTokens = 64
    /// How many tokens come before where decoding in a long text is measured.
    static let longPrompt = 1500
    /// How long the prompt of the prompt rows is, where the model's context has room for it.
    static let promptTokens = 512

    /// Measures the rows of a group.
    ///
    /// - Throws: what keeps our own side from running; a peer that doesn't run is a row.
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

/// The parts of the table, in its order.
enum RowGroup: String, CaseIterable, ExpressibleByArgument {
    case decode, context, prompt, streams, threads, models, large, sweep, opening, probes, formats, collect, memory
}

/// The files beside the model that some rows need.
struct ComparedFiles {
    /// Other models to decode with.
    var models: [String] = []
    /// The model of 7 billion weights.
    var large = ""
    /// The `headsteer-bench` of the first round.
    var firstRound: String?
}
