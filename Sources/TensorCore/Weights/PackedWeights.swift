import CWeightKernels

/// A matrix's weights in the order in which the kernels read them: panels of 16 rows, in which the codes of the same
/// columns are stored together.
///
/// They take as many bytes as in the file, or up to 3 % more in formats with 6-bit scales.
struct PackedWeights: @unchecked Sendable {
    // Unchecked because of the address: the bytes are written before anyone else gets them, and `memory` keeps them
    // alive.
    let panels: UnsafeRawPointer
    let bytesPerPanel: Int
    private let memory: PackedMemory

    /// The number of rows in a panel.
    static let rowsPerPanel = 16

    /// - Parameter offset: the start of the panels in `memory`, a multiple of 64.
    init(_ memory: PackedMemory, offset: Int, bytesPerPanel: Int) {
        panels = UnsafeRawPointer(memory.start + offset)
        self.bytesPerPanel = bytesPerPanel
        self.memory = memory
    }
}

extension WeightMatrix {
    /// The size of a panel of this matrix in bytes; nil if its format has no packed form.
    var bytesPerPanel: Int? {
        let bytes = headsteer_panel_bytes(Int32(format.rawValue), columns)
        return bytes > 0 ? bytes : nil
    }

    /// The number of panels that the rows take; the last one may have fewer than 16.
    var panelCount: Int { (rows + PackedWeights.rowsPerPanel - 1) / PackedWeights.rowsPerPanel }

    /// Packs some panels.
    ///
    /// - Parameter target: the address of the first panel of the range.
    func pack(panels range: Range<Int>, bytesPerPanel: Int, into target: UnsafeMutableRawPointer) {
        for panel in range {
            let first = panel &* PackedWeights.rowsPerPanel
            headsteer_pack(
                Int32(format.rawValue), row(first), bytesPerRow, Swift.min(PackedWeights.rowsPerPanel, rows &- first),
                columns, target + (panel &- range.lowerBound) &* bytesPerPanel)
        }
    }
}
