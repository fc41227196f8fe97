import Gradients
import TensorCore
import Transformer

/// How far a head's z is moved in one text, as δ at each position.
struct Move {
    let head: Head
    let positions: [Int]
    /// [positions][D]
    let steps: [[Float]]

    init(_ head: Head, positions: [Int], steps: [[Float]]) {
        self.head = head
        self.positions = positions
        self.steps = steps
    }

    /// Makes the move of an edit: δ = edit(z) − z, where z is the unedited model's.
    init(_ edit: HeadEdit, _ result: GradientResult, _ text: GradientText, headSize: Int) {
        let read = result[.z(edit.layer)]
        let positions = read?.positions ?? []
        let steps = positions.enumerated().map { row, position in
            let before = read?.values.values(row: row, ofHead: edit.head, size: headSize) ?? []
            var after = before
            let token = text.tokens[position - (text.past?.count ?? 0)]
            let place = PassRow(step: 0, position: position, token: token, promptCount: text.promptCount).place
            after.withUnsafeMutableBufferPointer { after in
                if let start = after.baseAddress { edit.at(.all).apply(to: start, count: headSize, place: place) }
            }
            return zip(after, before).map { $0 - $1 }
        }
        self.init(edit.target, positions: positions, steps: steps)
    }

    /// Edits that move the head by a share of δ.
    func edits(times share: Float) -> [Edit] {
        zip(positions, steps).map { position, step in
            .z(head, positions: .range(from: position, to: position + 1), .add(step.map { share * $0 }))
        }
    }

    /// ∇_z · δ at each position.
    func products(with result: GradientResult) -> [Double] {
        guard let gradients = result[.z(head.layer)]?.gradients else { return [] }
        return steps.enumerated().map { row, step in
            zip(step, gradients.values(row: row, ofHead: head.index, size: step.count)).reduce(0) {
                $0 + Double($1.0) * Double($1.1)
            }
        }
    }
}

extension Matrix {
    /// One head's values of a row of [H, D].
    func values(row: Int, ofHead head: Int, size: Int) -> [Float] {
        Array(elements[(row * columns + head * size)..<(row * columns + (head + 1) * size)])
    }
}
