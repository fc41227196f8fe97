import ArgumentParser
import DataFiles
import Directions
import Documents
import Foundation
import Probing
import Reporting
import Transformer

/// Options for the pictures and tables that `probe` can make of its results.
struct ProbePictureOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Write a map of all heads to this SVG file.", valueName: "file"))
    var svg: String?

    @Option(help: ArgumentHelp("Write a table of all heads to this CSV file.", valueName: "file"))
    var csv: String?

    @Option(help: ArgumentHelp("Show both classes along the direction of this head (L.H).", valueName: "head"))
    var show: String?

    @Option(help: ArgumentHelp("Write the picture of --show to this SVG file.", valueName: "file"))
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
            svg: try svg.map { try OutputFile.check($0, option: "--svg") },
            csv: try csv.map { try OutputFile.check($0, option: "--csv") },
            showSVG: try showSVG.map { try OutputFile.check($0, option: "--show-svg") })
    }

    /// The head to show.
    func head(_ activations: LabelledActivations) throws -> Head? {
        guard let show else { return nil }
        let table = activations.table
        // For a site without heads the layer alone is enough.
        let head = Head(show) ?? Int(show).map { Head(layer: $0, index: 0) }
        guard let head, (0..<table.layers).contains(head.layer), (0..<table.heads).contains(head.index) else {
            throw InputError.usage(
                "--show \(show)",
                remedy: "give a head as L.H, L from 0 to \(table.layers - 1) and H from 0 to \(table.heads - 1)")
        }
        return head
    }

    func write(
        _ report: ProbeReport, _ picture: ProbePicture?, to places: Places
    ) throws {
        if let url = places.svg {
            try AtomicOutput.write(Data(report.heatMap().svg().utf8), to: url)
        }
        if let url = places.csv { try AtomicOutput.write(Data(report.csv().utf8), to: url) }
        if let url = places.showSVG, let picture { try AtomicOutput.write(Data(picture.plot.svg().utf8), to: url) }
    }
}

/// Both classes along one head's direction.
struct ProbePicture {
    let plot: StripPlot

    /// - Parameter estimator: the way to fit the direction, on all rows.
    init(
        _ activations: LabelledActivations, _ head: Head, estimator: DirectionEstimator, seed: UInt64
    ) throws {
        let z = activations.table[head]
        let direction = try HeadDirection(fitting: estimator, to: z, rows: activations.rows, seed: seed)
        let scores = (0..<z.examples).map { row in
            direction.score(z.values[row * z.features..<(row + 1) * z.features])
        }
        let name = activations.table.heads == 1 ? "Layer \(head.layer)" : "Head \(head)"
        plot = StripPlot(
            values: scores, labels: activations.rows.labels, threshold: 0,
            title: "\(name), \(estimator.rawValue), fitted on these rows", quantity: "Projection minus threshold")
    }
}
