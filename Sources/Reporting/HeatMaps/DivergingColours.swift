import Foundation

/// Colours from blue over white to red (ColorBrewer's RdBu by Brewer & Harrower, safe for colour-blind eyes and in print).
enum DivergingColours {
    private static let steps: [(Double, Double, Double)] = [
        (5, 48, 97), (33, 102, 172), (67, 147, 195), (146, 197, 222), (209, 229, 240), (247, 247, 247),
        (253, 219, 199), (244, 165, 130), (214, 96, 77), (178, 24, 43), (103, 0, 31),
    ]

    /// The colour of a share of the largest magnitude, −1 ... 1.
    static func colour(_ share: Double) -> String {
        let position = (min(max(share, -1), 1) + 1) / 2 * Double(steps.count - 1)
        let below = min(Int(position), steps.count - 2)
        let weight = position - Double(below)
        let mix = { (a: Double, b: Double) in Int((a + weight * (b - a)).rounded()) }
        let (from, to) = (steps[below], steps[below + 1])
        return String(format: "#%02x%02x%02x", mix(from.0, to.0), mix(from.1, to.1), mix(from.2, to.2))
    }
}
