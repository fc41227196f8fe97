import CWeightKernels

/// A matrix's weights in the order in which the kernels read them: panels of 16 rows, in which the codes of the same columns lie
/// together. They take as many bytes as in the file, up to 3 % more in formats with 6-bit scales.
struct PackedWeights: @unchecked Sendable {
    // Unchecked because of the address: the bytes are written before anybody else has them, and `memory` keeps them alive.
    let panels: UnsafeRawPointer
    let bytesPerPanel: Int
    private let memory: PackedMemory

    /// The rows of a panel.
    static let rowsPerPanel = 16

    /// - Parameter offset: where in `memory` the panels lie, a multiple of 64.
    init(_ memory: PackedMemory, offset: Int, bytesPerPanel: Int) {
        panels = UnsafeRawPointer(memory.start + offset)
        self.bytesPerPanel = bytesPerPanel
        self.memory = memory
    }
}

extension WeightMatrix {
    /// The bytes of a panel of this matrix; nil where its format has no packed form.
    var bytesPerPanel: Int? {
        let bytes = headsteer_panel_bytes(Int32(format.rawValue), columns)
        return bytes > 0 ? bytes : nil
    }

    /// The panels that the rows make, the last one perhaps with fewer than 16.
    var panelCount: Int { (rows + PackedWeights.rowsPerPanel - 1) / PackedWeights.rowsPerPanel }

    /// Packs some panels.
    ///
    /// - Parameter target: the address of the first one of the range.
    func pack(panels range: Range<Int>, bytesPerPanel: Int, into target: UnsafeMutableRawPointer) {
        for panel in range {
            let first = panel &* PackedWeights.rowsPerPanel
            headsteer_pack(
                Int32(format.rawValue), row(first), bytesPerRow, Swift.min(PackedWeights.rowsPerPanel, rows &- first),
                columns, target + (panel &- range.lowerBound) &* bytesPerPanel)
        }
    }
}
