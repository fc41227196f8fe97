import DataFiles

/// What a ``GenerationService`` lets its texts take.
public struct GenerationLimits: Sendable, Equatable {
    /// The most texts in one pass; where more go on, they take turns. The default is 32: beyond it a pass takes longer and
    /// hardly any text gets faster.
    public var textsTogether: Int
    /// The most texts that wait for memory; one more is refused with ``ServiceBusyError``. The default is 64.
    public var waiting: Int
    /// The most tokens of one text, its prompt's included; nil for the model's context.
    public var tokens: Int?
    /// The most bytes of keys and values, of all texts that go on together. The default is half of what the system has left
    /// when the limits are made, or 1 GiB where it doesn't say.
    public var cacheBytes: Int
    /// The most time from the request to the end of a text, its waiting included; nil for no limit, which is the default.
    public var time: Duration?

    /// Limits; each default is said at its property.
    ///
    /// - Precondition: at least one text in a pass, and no negative number that wait.
    public init(
        textsTogether: Int = 32, waiting: Int = 64, tokens: Int? = nil, cacheBytes: Int? = nil, time: Duration? = nil
    ) {
        precondition(textsTogether >= 1, "A pass needs at least one text, not \(textsTogether).")
        precondition(waiting >= 0, "The number of texts that may wait can't be \(waiting).")
        self.textsTogether = textsTogether
        self.waiting = waiting
        self.tokens = tokens
        self.cacheBytes = cacheBytes ?? SystemMemory.available.map { $0 / 2 } ?? 1 << 30
        self.time = time
    }
}

/// What a ``GenerationService`` has to do at the moment.
public struct GenerationLoad: Sendable, Equatable {
    /// The texts that have their memory: that go on, or wait for their readers.
    public var texts: Int
    /// The texts that wait for memory.
    public var waiting: Int
    /// The bytes of keys and values that are set aside.
    public var cacheBytes: Int

    /// Nothing to do, unless something is given.
    public init(texts: Int = 0, waiting: Int = 0, cacheBytes: Int = 0) {
        self.texts = texts
        self.waiting = waiting
        self.cacheBytes = cacheBytes
    }
}

/// A service has as many texts as it may have; the same request can be made again later.
public struct ServiceBusyError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The texts that wait.
    public var waiting: Int

    /// A refusal because so many texts wait already.
    public init(waiting: Int) { self.waiting = waiting }

    public var description: String { "\(waiting) texts wait for memory already; try again later" }
}
