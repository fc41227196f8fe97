#if LIBFUZZER
    import Foundation

    // Built with `-D LIBFUZZER` and `-sanitize=fuzzer`, the program runs libFuzzer on one target. libFuzzer collects
    // inputs that reach new code, and replaces our own mutations.

    /// The session for the target.
    ///
    /// The environment gives the settings that libFuzzer's options can't: `FUZZ_TARGET`, `FUZZ_FIXTURES` and
    /// `FUZZ_FOLDER`.
    private let session: FuzzSession = {
        let environment = ProcessInfo.processInfo.environment
        guard let target = FuzzTarget.all.first(where: { $0.name == environment["FUZZ_TARGET"] }),
            let fixtures = environment["FUZZ_FIXTURES"], let folder = environment["FUZZ_FOLDER"]
        else { fatalError("Set FUZZ_TARGET, FUZZ_FIXTURES and FUZZ_FOLDER; Fixtures/fuzz/readers.sh does.") }
        // With -fork, each child process has its own files.
        let own = URL(filePath: folder).appending(path: "\(ProcessInfo.processInfo.processIdentifier)")
        do {
            return try FuzzSession(target, fixtures: URL(filePath: fixtures), folder: own)
        } catch {
            fatalError("The file system failed: \(error)")
        }
    }()

    /// The function that libFuzzer calls with each input.
    @_cdecl("LLVMFuzzerTestOneInput")
    public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
        do {
            try session.run(UnsafeBufferPointer(start: bytes, count: count))
        } catch {
            fatalError("The file system failed: \(error)")
        }
        return 0
    }

    /// Runs libFuzzer with the arguments of this program.
    func runLibFuzzer() -> Never {
        var count = CommandLine.argc
        var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
        exit(runDriver(&count, &arguments, testOneInput))
    }

    @_silgen_name("LLVMFuzzerRunDriver")
    private func runDriver(
        _ count: UnsafeMutablePointer<CInt>,
        _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>?>,
        _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
    ) -> CInt
#endif
