/// The differences between the curves of a plot: colour, dashes and the shape of the points, each sufficient on its
/// own.
///
/// The colours stay distinct for eyes without red, green or blue cones (tests check their distances under Machado,
/// Oliveira & Fernandes 2009, "A physiologically-based model for simulation of color vision deficiency"). Their
/// contrast with the background is at least 3 (WCAG 2.2, 1.4.11). After six curves, the colours repeat with other
/// dashes.
enum SeriesStyle {
    /// The colours on white.
    static let colours = ["#0072b2", "#d55e00", "#009e73", "#882255", "#332288", "#cc79a7"]
    /// The colours on a dark background, in the same order.
    static let darkColours = ["#56b4e9", "#e69f00", "#fdfc8e", "#e74473", "#8866fd", "#4df6ff"]
    /// The colours for terminals, from the 256-colour palette, readable on black and on white.
    static let terminalColours = [32, 166, 36, 132, 99, 175]
    /// The dark background that `darkColours` are made for.
    static let darkGround = "#17191c"

    private static let dashes = ["", "7 3", "2 3", "9 3 2 3", "13 4", "5 2 1 2 1 2", "1 4"]

    /// The dash attribute of a series' line; empty for a solid line.
    static func dash(_ index: Int) -> String {
        let pattern = dashes[index % dashes.count]
        return pattern.isEmpty ? "" : " stroke-dasharray=\"\(pattern)\""
    }

    /// The attributes of a line: a class, for documents with a dark background, and the colour on white.
    static func line(_ index: Int) -> String {
        "class=\"line\(index % colours.count)\" stroke=\"\(colours[index % colours.count])\""
    }

    /// The attributes of a filled shape.
    static func fill(_ index: Int) -> String {
        "class=\"fill\(index % colours.count)\" fill=\"\(colours[index % colours.count])\""
    }

    /// The marker of a series' points, centred on a position.
    static func marker(_ index: Int, x: Double, y: Double) -> String {
        func points(_ corners: [(Double, Double)]) -> String {
            let places = corners.map { "\(SVGText.number(x + $0.0)),\(SVGText.number(y + $0.1))" }
            return "<polygon points=\"\(places.joined(separator: " "))\"/>"
        }
        switch index % 6 {
        case 0: return "<circle cx=\"\(SVGText.number(x))\" cy=\"\(SVGText.number(y))\" r=\"3.2\"/>"
        case 1: return points([(-3, -3), (3, -3), (3, 3), (-3, 3)])
        case 2: return points([(0, -4), (3.8, 3), (-3.8, 3)])
        case 3: return points([(0, -4.4), (4.4, 0), (0, 4.4), (-4.4, 0)])
        case 4: return points([(0, 4), (3.8, -3), (-3.8, -3)])
        default:
            return points([
                (-1.3, -4), (1.3, -4), (1.3, -1.3), (4, -1.3), (4, 1.3), (1.3, 1.3), (1.3, 4), (-1.3, 4), (-1.3, 1.3),
                (-4, 1.3), (-4, -1.3), (-1.3, -1.3),
            ])
        }
    }
}
