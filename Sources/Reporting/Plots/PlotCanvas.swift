/// A grid of characters for drawing lines: braille patterns with eight dots per character, or ASCII with one.
struct PlotCanvas {
    let columns: Int
    let rows: Int
    /// The number of dots in a character, across and down.
    let dots: (x: Int, y: Int)
    private var cells: [Cell]

    private struct Cell {
        var pattern: UInt32 = 0
        /// The series drawn last, which is in front of the others.
        var owner: Int?
        var marker: Character?
        var ground: Character?
    }

    init(columns: Int, rows: Int, usesBraille: Bool) {
        self.columns = columns
        self.rows = rows
        dots = usesBraille ? (2, 4) : (1, 1)
        cells = [Cell](repeating: Cell(), count: columns * rows)
    }

    /// The dot at a position, 0 ... 1 from left to right and from bottom to top.
    func dot(_ x: Double, _ y: Double) -> (x: Int, y: Int) {
        let (width, height) = (columns * dots.x - 1, rows * dots.y - 1)
        return (Int((x * Double(width)).rounded()), height - Int((y * Double(height)).rounded()))
    }

    /// The character at a position.
    func cell(_ x: Double, _ y: Double) -> (column: Int, row: Int) {
        let dot = dot(x, y)
        return (dot.x / dots.x, dot.y / dots.y)
    }

    /// Draws a straight line between two dots (Bresenham 1965).
    mutating func line(from start: (x: Int, y: Int), to end: (x: Int, y: Int), owner: Int) {
        var (x, y) = start
        let (across, down) = (abs(end.x - x), -abs(end.y - y))
        let (right, below) = (x < end.x ? 1 : -1, y < end.y ? 1 : -1)
        var error = across + down
        while true {
            mark(x, y, owner)
            if x == end.x && y == end.y { return }
            let twice = 2 * error
            if twice >= down {
                error += down
                x += right
            }
            if twice <= across {
                error += across
                y += below
            }
        }
    }

    private mutating func mark(_ x: Int, _ y: Int, _ owner: Int) {
        let place = y / dots.y * columns + x / dots.x
        // Braille numbers three dots down the left side, three down the right side, then the two below.
        let bits: [[UInt32]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]
        cells[place].pattern |= dots.x == 1 ? 1 : bits[y % 4][x % 2]
        cells[place].owner = owner
    }

    /// The marker for a position with points of several series.
    static let several: Character = "&"

    /// Puts a marker at a point, in front of the lines.
    mutating func put(_ marker: Character, column: Int, row: Int, owner: Int) {
        let place = row * columns + column
        let isShared = cells[place].marker.map { $0 != marker } ?? false
        hasShared = hasShared || isShared
        cells[place].marker = isShared ? Self.several : marker
        cells[place].owner = owner
    }

    /// Whether points of several series coincide anywhere.
    private(set) var hasShared = false

    /// Fills a character cell behind the lines.
    mutating func fill(_ ground: Character, column: Int, row: Int) {
        cells[row * columns + column].ground = ground
    }

    /// The text of a row.
    ///
    /// Adjacent characters of the same kind are painted together: the first closure paints those of a series, given its
    /// index, and the second the background.
    ///
    /// - Parameter stroke: the character for the lines of a series, given its index, if there are no braille dots.
    func text(
        row: Int, stroke: (Int) -> Character, painted: (String, Int) -> String, dimmed: (String) -> String
    ) -> String {
        var result = ""
        var column = 0
        while column < columns {
            let kind = kind(column, row)
            var run = ""
            while column < columns, self.kind(column, row) == kind {
                run.append(character(column, row, stroke))
                column += 1
            }
            switch kind {
            case .empty: result += run
            case .ground: result += dimmed(run)
            case .series(let index): result += painted(run, index)
            }
        }
        return result
    }

    private enum Kind: Equatable {
        case empty, ground
        case series(Int)
    }

    private func kind(_ column: Int, _ row: Int) -> Kind {
        let cell = cells[row * columns + column]
        return cell.owner.map(Kind.series) ?? (cell.ground == nil ? .empty : .ground)
    }

    private func character(_ column: Int, _ row: Int, _ stroke: (Int) -> Character) -> Character {
        let cell = cells[row * columns + column]
        guard let owner = cell.owner else { return cell.ground ?? " " }
        if let marker = cell.marker { return marker }
        return dots.x == 1 ? stroke(owner) : Unicode.Scalar(0x2800 + cell.pattern).map(Character.init) ?? "."
    }
}
