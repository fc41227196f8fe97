/// Scratch memory for float32 values that grows and is never shared.
///
/// The contents are undefined until they are written. Growing discards the contents.
public final class FloatBuffer {
    /// The number of values there is room for.
    public private(set) var capacity: Int
    /// The address of the first value, valid until the buffer grows or is released.
    public private(set) var pointer: UnsafeMutablePointer<Float>

    /// - Parameter capacity: the number of values there is room for.
    public init(capacity: Int = 0) {
        self.capacity = capacity
        self.pointer = Self.allocate(capacity)
    }

    deinit { UnsafeMutableRawPointer(pointer).deallocate() }

    /// Makes room for `count` values and returns the address of the first one.
    @discardableResult
    public func reserve(_ count: Int) -> UnsafeMutablePointer<Float> {
        if count > capacity {
            UnsafeMutableRawPointer(pointer).deallocate()
            capacity = count
            pointer = Self.allocate(count)
        }
        return pointer
    }

    private static func allocate(_ count: Int) -> UnsafeMutablePointer<Float> {
        UnsafeMutableRawPointer.allocate(byteCount: max(count, 1) * MemoryLayout<Float>.stride, alignment: 64)
            .bindMemory(to: Float.self, capacity: max(count, 1))
    }
}
