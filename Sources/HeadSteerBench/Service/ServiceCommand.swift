import ArgumentParser
import DataFiles
import Foundation
import Generation
import Transformer

/// `headsteer-bench service`: many readers of one model's streams compared with a single batch of the same texts, and
/// memory over many texts.
struct ServiceCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "service",
        abstract: "Compare the speed of a generation service's concurrent streams with one batch, and show its memory.",
        discussion: """
            Each reader is a task of its own, and each text has its own four-head plan. The service and the batch take \
            turns.
            """)

    @OptionGroup var model: ModelOptions

    @Option(help: ArgumentHelp("The number of readers at once.", valueName: "n"))
    var readers = 16

    @Option(help: ArgumentHelp("The number of tokens in each prompt, and in each text.", valueName: "n"))
    var tokens = 32

    @Option(help: ArgumentHelp("The number of rounds.", valueName: "n"))
    var rounds = 5

    @Option(
        help: ArgumentHelp(
            "Afterwards generate this many short texts and show the resident memory.", valueName: "n"))
    var texts = 0

    func validate() throws {
        guard (1...10_000).contains(readers), (1...100_000).contains(tokens), (1...1000).contains(rounds),
            (0...100_000_000).contains(texts)
        else {
            throw ValidationError(
                "--readers must be 1 to 10000, --tokens 1 to 100000, --rounds 1 to 1000, and --texts 0 to 100000000")
        }
    }

    func run() throws {
        let own = try model.opened()
        let requests = requests(own, count: readers, tokens: tokens)
        let service = GenerationService(own.model, tokenizer: nil, workers: own.workers)
        let all = Double(readers * tokens)
        var expected: [[Int]] = []
        let pairing = try Pairing.alternate(rounds: rounds, ownWork: all, peerWork: all) {
            var ids: [[Int]] = []
            let seconds = try Stopwatch.seconds { ids = try read(requests, service) }
            guard expected.isEmpty || ids == expected else {
                throw InputError.badData("texts that differ from the batch's", in: "the service", remedy: "report it")
            }
            return seconds
        } peer: {
            try Stopwatch.seconds {
                let generator = try BatchGenerator(requests, model: own.model, workers: own.workers)
                expected = generator.finish().map(\.ids)
            }
        }
        try Console.output(
            """
            \(readers) readers, prompts and texts of \(tokens) tokens, \(own.model.precision.rawValue), median of \(rounds) rounds
            service  \(Spread(pairing.own).median.text(digits: 4)) tokens/s
            batch    \(Spread(pairing.peer).median.text(digits: 4)) tokens/s
            ratio    \(pairing.ratio.median.text(digits: 3)) (\(pairing.ratio.lowest.text(digits: 3)) to \
            \(pairing.ratio.highest.text(digits: 3)))
            """)
        if texts > 0 { try showMemory(own, service) }
    }

    private func requests(_ own: OwnModel, count: Int, tokens: Int) -> [GenerationRequest] {
        let work = Workload(own.configuration)
        return (0..<count).map { index in
            GenerationRequest(
                prompt: work.tokens(tokens, stream: index), edits: work.plan(),
                sampling: Sampling(temperature: 1, seed: UInt64(index)), maxTokens: tokens, stream: 0)
        }
    }

    /// Reads one stream for each request, all at once, from this thread.
    private func read(_ requests: [GenerationRequest], _ service: GenerationService) throws -> [[Int]] {
        nonisolated(unsafe) var outcome: Result<[[Int]], any Error> = .success([])
        let done = DispatchSemaphore(value: 0)
        Task {
            do {
                let streams = try requests.map { try service.stream($0) }
                outcome = .success(
                    await withTaskGroup(of: (Int, [Int]).self) { group in
                        for (index, stream) in streams.enumerated() {
                            group.addTask {
                                var ids: [Int] = []
                                for await event in stream { if case .token(let id, _) = event { ids.append(id) } }
                                return (index, ids)
                            }
                        }
                        return await group.reduce(into: [[Int]](repeating: [], count: streams.count)) {
                            $0[$1.0] = $1.1
                        }
                    })
            } catch {
                outcome = .failure(error)
            }
            done.signal()
        }
        done.wait()
        return try outcome.get()
    }

    private func showMemory(_ own: OwnModel, _ service: GenerationService) throws {
        let requests = requests(own, count: readers, tokens: 4)
        try Console.output("\ntexts  resident MB")
        var done = 0
        for part in 1...10 {
            while done < texts * part / 10 {
                done += try read(Array(requests.prefix(texts * part / 10 - done)), service).count
            }
            try Console.output("\(done)  \((Double(try residentBytes()) / 1e6).text(digits: 5))")
        }
        let load = service.load
        try Console.output("left: \(load.texts) texts, \(load.waiting) waiting, \(load.cacheBytes) bytes set aside")
    }

    /// The process's resident memory in bytes, as reported by Linux.
    private func residentBytes() throws -> Int {
        let fields = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8))?.split(separator: " ") ?? []
        guard fields.count > 1, let pages = Int(fields[1]) else {
            throw InputError.usage("--texts where the system has no /proc", remedy: "leave --texts out")
        }
        return pages * Int(sysconf(Int32(_SC_PAGESIZE)))
    }
}
