import Foundation

/// Colours from blue through white to red (ColorBrewer's RdBu by Brewer & Harrower, safe for colour blindness and
/// print).
enum DivergingColours {
    private static let steps: [(Double, Double, Double)] = [
        (5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
        (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31),
    ]

    /// The same for a dark background: from light blue through the background to light red.
    private static let darkSteps: [(Double, Double, Double)] = [
        (158, 212, 255), (104, 178, 240), (62, 138, 206), (44, 96, 150), (36, 62, 94), (38, 41, 47), (92, 48, 46),
        (150, 62, 54), (205, 84, 68), (238, 126, 102), (255, 178, 156),
    ]

    /// The number of steps between the classes `tone0` ... `tone20`, which change a picture's colours on a dark
    /// background.
    private static let tones = 20

    /// The attributes for a share of the largest magnitude: its class, and its colour on white.
    static func fill(_ share: Double) -> String {
        let tone = Int(((min(max(share, -1), 1) + 1) / 2 * Double(tones)).rounded())
        return "class=\"tone\(tone)\" fill=\"\(colour(share))\""
    }

    /// The colours of the classes on a dark background.
    static let darkRules = (0...tones).map { tone in
        let colour = mixed(darkSteps, Double(tone) / Double(tones) * 2 - 1)
        return ".adapts .tone\(tone) { fill: \(colour); }"
    }.joined(separator: "\n")

    /// The colour for a share of the largest magnitude, −1 ... 1.
    static func colour(_ share: Double) -> String { mixed(steps, share) }

    private static func mixed(_ steps: [(Double, Double, Double)], _ share: Double) -> String {
        let position = (min(max(share, -1), 1) + 1) / 2 * Double(steps.count - 1)
        let below = min(Int(position), steps.count - 2)
        let weight = position - Double(below)
        let mix = { (a: Double, b: Double) in Int((a + weight * (b - a)).rounded()) }
        let (from, to) = (steps[below], steps[below + 1])
        return String(format: "#%02x%02x%02x", mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }
}
