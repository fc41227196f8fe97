/// One product of a pass: Y = X·Wᵀ + b for a number of rows.
///
/// It holds only addresses, so that nothing is reference-counted or allocated while a pass runs: the layer must stay
/// alive.
public struct LinearProduct {
    let format: Int32
    /// W's first row.
    let weights: UnsafeRawPointer
    let bytesPerRow: Int
    /// The first panel, if the weights have been packed.
    let panels: UnsafeRawPointer?
    /// 0 for a format without a packed form.
    let bytesPerPanel: Int
    let outputs: Int
    let inputs: Int
    /// [outputs]
    let bias: UnsafePointer<Float>?
    let input: UnsafePointer<Float>
    let inputStride: Int
    let output: UnsafeMutablePointer<Float>
    let outputStride: Int

    /// - Parameters:
    ///   - layer: must outlive the product.
    ///   - input: X, [rows, inputs], rows `inputStride` apart; by default contiguous.
    ///   - output: Y, [rows, outputs], rows `outputStride` apart; by default contiguous. It is overwritten.
    public init(
        _ layer: LinearLayer, _ input: UnsafePointer<Float>, stride inputStride: Int? = nil,
        into output: UnsafeMutablePointer<Float>, stride outputStride: Int? = nil
    ) {
        format = Int32(layer.weights.format.rawValue)
        weights = layer.weights.row(0)
        bytesPerRow = layer.weights.bytesPerRow
        panels = layer.packed?.panels
        bytesPerPanel = layer.packed?.bytesPerPanel ?? layer.weights.bytesPerPanel ?? 0
        outputs = layer.weights.rows
        inputs = layer.weights.columns
        bias = layer.biasAddress
        self.input = input
        self.inputStride = inputStride ?? layer.weights.columns
        self.output = output
        self.outputStride = outputStride ?? layer.weights.rows
    }
}
