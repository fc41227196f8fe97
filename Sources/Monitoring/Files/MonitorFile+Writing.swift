import Checkpoints
import DataFiles
import Foundation
import TensorCore

/// A monitor's file: safetensors, whose strings say what it is for and whose tensors say what clean z looks like.
///
/// In the metadata, `format` is ``HeadMonitor/format``, `fingerprint` is the model's, and `monitor` is a JSON object
/// with everything that isn't a tensor. The tensors are float32 except for `whitening`:
///
/// | tensor | shape | is |
/// |---|---|---|
/// | `mean` | [L, H, D] | μ |
/// | `scale` | [L, H] | s |
/// | `whitening` | [L, H, D, D], binary16 | L⁻¹, lower triangular: y = L⁻¹ (z − μ) / s is white |
/// | `radius` | [L, H] | ‖y‖² that one clean position in a thousand passes |
/// | `statistics.centre` | [3, L, H] | the medians of `distance`, `shift`, `stillness` (``HeadStatistic``) |
/// | `statistics.inverse-width` | [3, L, H] | 1 over the distance from the median to the 99 % quantile |
/// | `output.probe` | [M] | r, ±0.5 to ±1.5 |
/// | `output.weights`, `output.offset` | [L, H, D], [L] | W_Oᵀ r and r · b |
/// | `behaviour.I` | [heads, D] | the unit directions of behaviour I, from 0 |
///
/// In Python:
///
/// ```python
/// import json, safetensors
/// file = safetensors.safe_open("monitor.safetensors", "np")
/// x = (z - file.get_tensor("mean")) / file.get_tensor("scale")[..., None]  # [layers, heads, head size]
/// y = (file.get_tensor("whitening").astype("f4") @ x[..., None])[..., 0]
/// distance = (y ** 2).sum(-1)  # the squared Mahalanobis distance of each head
/// about = json.loads(file.metadata()["monitor"])
/// ```
enum MonitorFile {
    static let remedy = "write the file with headsteer monitor fit"
}

extension HeadMonitor {
    /// The value of the metadata's `format`; a file of another version is refused.
    public static let format = "headsteer.monitor/2"

    /// Writes the monitor under a temporary name beside its place and renames it.
    ///
    /// - Throws: `InputError` if the folder can't be written to.
    public func write(to url: URL) throws {
        var writer = SafetensorsWriter(metadata: [
            "format": Self.format, "fingerprint": model.fingerprint,
            "monitor": String(decoding: try JSONEncoder.oneLine.encode(MonitorFields(self)), as: UTF8.self),
        ])
        let (layers, heads, size) = (model.layers, model.heads, model.headSize)
        writer.add("mean", shape: [layers, heads, size], envelope.mean)
        writer.add("scale", shape: [layers, heads], envelope.scale)
        let whitening = envelope.whitening
        writer.add(
            "whitening", type: "F16", shape: [layers, heads, size, size], byteCount: 2 * whitening.count
        ) { emit in
            var halves = [UInt16](repeating: 0, count: whitening.count)
            halves.withUnsafeMutableBytes { halves in
                whitening.withUnsafeBufferPointer { values in
                    guard let values = values.baseAddress, let start = halves.baseAddress else { return }
                    WeightFormat.f16.round(values, count: whitening.count, into: start)
                }
            }
            try halves.map(\.littleEndian).withUnsafeBytes(emit)
        }
        writer.add("radius", shape: [layers, heads], radii)
        let statistics = [HeadStatistic.count, layers, heads]
        writer.add("statistics.centre", shape: statistics, standards.centre)
        writer.add("statistics.inverse-width", shape: statistics, standards.inverseWidth)
        writer.add("output.probe", shape: [model.width], signature.probe)
        writer.add("output.weights", shape: [layers, heads, size], signature.weights)
        writer.add("output.offset", shape: [layers], signature.offsets)
        for (index, detector) in detectors.enumerated() {
            writer.add(
                "behaviour.\(index)", shape: [detector.components.count, size],
                detector.components.flatMap(\.direction))
        }
        try writer.write(to: url)
    }
}
