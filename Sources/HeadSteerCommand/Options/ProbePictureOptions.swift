import ArgumentParser
import DataFiles
import Foundation
import Probing
import Reporting

/// The pictures and tables that `probe` can make of its results.
struct ProbePictureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write a map of all heads to this SVG file.", valueName: "file"))
    var svg: String?

    @Option(help: ArgumentHelp("Write a table of all heads to this CSV file.", valueName: "file"))
    var csv: String?

    @Option(help: ArgumentHelp("Show both classes along the direction of this head (L.H).", valueName: "head"))
    var show: String?

    @Option(help: ArgumentHelp("Write that as a picture to this SVG file.", valueName: "file"))
    var showSVG: String?

    func validate() throws {
        if showSVG != nil && show == nil {
            throw ValidationError("--show-svg without a head; give --show L.H too")
        }
    }

    struct Places {
        var svg, csv, showSVG: URL?
    }

    /// Makes sure that the files can be written before the work begins.
    func check() throws -> Places {
        Places(
            svg: try svg.map(OutputFile.check), csv: try csv.map(OutputFile.check),
            showSVG: try showSVG.map(OutputFile.check))
    }

    /// The head to show.
    func cell(_ activations: LabelledActivations, _ opened: OpenedModel) throws -> HeatMap.Cell? {
        guard let show else { return nil }
        let parts = show.split(separator: ".", omittingEmptySubsequences: false).map { Int($0) }
        let table = activations.table
        guard (1...2).contains(parts.count), let layer = parts[0], let head = parts.count == 2 ? parts[1] : 0,
            (0..<table.layers).contains(layer), (0..<table.heads).contains(head)
        else {
            throw InputError.usage(
                "--show \(show)",
                remedy: "give a head as L.H, L from 0 to \(table.layers - 1) and H from 0 to \(table.heads - 1)")
        }
        return HeatMap.Cell(layer: layer, head: head)
    }

    func write(
        _ report: ProbeReport, _ activations: LabelledActivations, _ picture: ProbePicture?, to places: Places
    ) throws {
        if let url = places.svg {
            try AtomicOutput.write(Data(report.heatMap(activations).svg().utf8), to: url)
        }
        if let url = places.csv { try AtomicOutput.write(Data(report.csv().utf8), to: url) }
        if let url = places.showSVG, let picture { try AtomicOutput.write(Data(picture.plot.svg().utf8), to: url) }
    }
}

/// Both classes along one head's direction.
struct ProbePicture {
    let plot: StripPlot

    /// - Parameter estimator: of the direction, fitted on all rows.
    init(
        _ activations: LabelledActivations, _ cell: HeatMap.Cell, estimator: DirectionEstimator, seed: UInt64
    ) throws {
        let head = activations.table[layer: cell.layer, head: cell.head]
        let direction = try HeadDirection(fitting: estimator, to: head, rows: activations.rows, seed: seed)
        let scores = (0..<head.examples).map { row in
            direction.score(head.values[row * head.features..<(row + 1) * head.features])
        }
        let name = activations.table.heads == 1 ? "Layer \(cell.layer)" : "Head \(cell.layer).\(cell.head)"
        plot = StripPlot(
            values: scores, labels: activations.rows.labels, threshold: 0,
            title: "\(name), \(estimator.rawValue), fitted on these rows", quantity: "Projection minus threshold")
    }
}
