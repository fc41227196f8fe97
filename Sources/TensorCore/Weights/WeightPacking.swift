import DataFiles
import Foundation
import Synchronization

/// Packs the weights of layers into one piece of memory, and drops the pages of their file from memory.
///
/// First add every layer (``add(_:)``), then pack all of them together on several threads (``run(into:threads:)``), and
/// then get each one with its packed weights (``layer(_:)``). Weights in formats without a packed form stay where they
/// are.
public struct WeightPacking: Sendable {
    private struct Entry {
        var layer: LinearLayer
        /// The start of the panels; nil if the format has no packed form.
        var offset: Int?
    }

    /// The bytes of panels that one task packs, about a quarter of a megabyte.
    private static let bytesOfTask = 1 << 18

    private var entries: [Entry] = []
    private var memory: PackedMemory?
    /// The bytes that the packed weights take.
    public private(set) var byteCount = 0

    /// A packing without layers.
    public init() {}

    /// Adds a layer to be packed.
    ///
    /// - Returns: its number for ``layer(_:)``.
    public mutating func add(_ layer: LinearLayer) -> Int {
        var offset: Int?
        if let bytes = layer.weights.bytesPerPanel {
            offset = byteCount
            byteCount += bytes * layer.weights.panelCount
        }
        entries.append(Entry(layer: layer, offset: offset))
        return entries.count - 1
    }

    /// Packs all layers; O(bytes).
    ///
    /// When a layer is done, its pages of a mapped file are dropped from memory, so that the resident memory stays
    /// about the size of the file.
    ///
    /// - Parameter memory: room for ``byteCount`` bytes.
    /// - Precondition: memory for ``byteCount`` bytes.
    public mutating func run(into memory: PackedMemory, threads: Int) {
        precondition(memory.count >= byteCount, "The packed weights take \(byteCount) bytes.")
        self.memory = memory
        struct Task {
            var entry: Int
            var panels: Range<Int>
        }
        var tasks: [Task] = []
        var tasksOfEntry = [Int](repeating: 0, count: entries.count)
        for (index, entry) in entries.enumerated() where entry.offset != nil {
            let size = max(Self.bytesOfTask / max(entry.layer.weights.bytesPerPanel ?? 1, 1), 1)
            for first in stride(from: 0, to: entry.layer.weights.panelCount, by: size) {
                let end = min(first + size, entry.layer.weights.panelCount)
                tasks.append(Task(entry: index, panels: first..<end))
                tasksOfEntry[index] += 1
            }
        }
        let left = Mutex(tasksOfEntry)
        let next = Atomic<Int>(0)
        let (entries, allTasks) = (entries, tasks)
        DispatchQueue.concurrentPerform(iterations: max(threads, 1)) { _ in
            while true {
                let index = next.add(1, ordering: .relaxed).oldValue
                guard index < allTasks.count else { return }
                let task = allTasks[index]
                let weights = entries[task.entry].layer.weights
                guard let bytes = weights.bytesPerPanel, let offset = entries[task.entry].offset else { continue }
                weights.pack(
                    panels: task.panels, bytesPerPanel: bytes,
                    into: memory.start + offset + task.panels.lowerBound * bytes)
                let isDone = left.withLock { left in
                    left[task.entry] -= 1
                    return left[task.entry] == 0
                }
                if isDone { weights.letPagesGo() }
            }
        }
    }

    /// A layer with its packed weights, or the layer as it was if its format has no packed form.
    public func layer(_ index: Int) -> LinearLayer {
        let entry = entries[index]
        guard let memory, let offset = entry.offset, let bytes = entry.layer.weights.bytesPerPanel else {
            return entry.layer
        }
        return LinearLayer(entry.layer, packed: PackedWeights(memory, offset: offset, bytesPerPanel: bytes))
    }
}

extension WeightMatrix {
    /// Tells the system that the pages of a mapped file won't be needed soon.
    fileprivate func letPagesGo() {
        guard let file = owner as? MappedFile else { return }
        file.letGo(of: UnsafeRawBufferPointer(start: row(0), count: byteCount))
    }
}
