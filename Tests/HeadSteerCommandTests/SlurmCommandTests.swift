import Foundation
import XCTest
import _TestSupport

/// `headsteer slurm`: the script that it writes, run as Slurm and GNU parallel run it. `Fixtures/slurm/check.sh` does the
/// same on a real Slurm.
final class SlurmCommandTests: ProgramTestCase {
    private let labelled = ProgramTestCase.fixture("planted/mood.jsonl")

    private func bash(_ arguments: [String], variables: [String: String] = [:]) throws -> (
        status: Int32, output: String
    ) {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/bash")
        process.arguments = arguments
        process.currentDirectoryURL = folder
        process.environment = ProcessInfo.processInfo.environment.merging(variables) { $1 }
        let output = Pipe()
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try process.run()
        let data = try output.fileHandleForReading.readToEnd() ?? Data()
        process.waitUntilExit()
        return (process.terminationStatus, String(decoding: data, as: UTF8.self))
    }

    func testTheScriptRunsShardsAndMerge() throws {
        // Words that a shell would take apart.
        let data = path("it's $HOME.jsonl")
        try FileManager.default.copyItem(atPath: labelled, toPath: data)
        let command = ["collect", Self.planted, "--data", "it's $HOME.jsonl"]
        let written = try json(
            ["slurm"] + command + ["--shards", "3", "--threads", "1", "--out", path("my run.sh")])
        let script = path("my run.sh")
        XCTAssertEqual(try written.string("script"), script)
        XCTAssertEqual(try written.string("results"), path("my run"))
        let checked = try bash(["-n", script])
        XCTAssertEqual(checked.status, 0, checked.output)
        let text = try String(contentsOf: URL(filePath: script), encoding: .utf8)
        for line in [
            "#SBATCH --array=1-3", "#SBATCH --requeue", "#SBATCH --open-mode=append", "#SBATCH --signal=B:USR1@90",
            "#SBATCH --cpus-per-task=1",
        ] {
            XCTAssertTrue(text.split(separator: "\n").contains(line[...]), "\(line) in \(text)")
        }

        for index in [3, 1, 2] {
            let run = try bash([script], variables: ["SLURM_ARRAY_TASK_ID": "\(index)", "SLURM_CPUS_PER_TASK": "1"])
            XCTAssertEqual(run.status, 0, run.output)
        }
        let merged = try bash([script, "merge"])
        XCTAssertEqual(merged.status, 0, merged.output)
        _ = try json(command + ["--out", path("whole.safetensors")])
        XCTAssertEqual(
            try Data(contentsOf: folder.appending(path: "my run/activations.safetensors")),
            try Data(contentsOf: folder.appending(path: "whole.safetensors")))
        XCTAssertEqual(try bash([script]).status, 64, "neither a task nor a word")
    }

    func testSubmittingMakesADependentMerge() throws {
        _ = try json(
            "slurm", "collect", Self.planted, "--data", labelled, "--out", path("results"), "--shards", "3", "--out",
            path("run.sh"))
        // It notes each of its arguments on a line.
        let fake = try write(
            "sbatch", "#!/bin/bash\nfor a in \"$@\"; do echo \"$a\" >>\(path("calls")); done\necho '42;cluster'\n")
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: fake)
        let variables = ["PATH": "\(path("")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")"]
        let submitted = try bash([path("run.sh"), "submit"], variables: variables)
        XCTAssertEqual(submitted.status, 0, submitted.output)
        let calls = try String(contentsOf: folder.appending(path: "calls"), encoding: .utf8).split(separator: "\n")
        XCTAssertEqual(calls.prefix(2), ["--parsable", "\(path("run.sh"))"])
        XCTAssertTrue(calls.contains("--dependency=afterok:42"), "\(calls)")
        XCTAssertEqual(calls.last, "bash \(path("run.sh")) merge")
        let text = try String(contentsOf: folder.appending(path: "run.sh"), encoding: .utf8)
        XCTAssertTrue(text.contains("results=\(path("results"))"), text)
    }

    /// A shard whose time is up is put into the queue again, one that fails is not.
    func testATaskWhoseTimeIsUpIsRequeued() throws {
        _ = try json(
            "slurm", "collect", Self.planted, "--data", labelled, "--shards", "3", "--out", path("run.sh"))
        var text = try String(contentsOf: folder.appending(path: "run.sh"), encoding: .utf8)
        let program = try XCTUnwrap(text.split(separator: "\n").first { $0.hasPrefix("headsteer=") })
        text.replace(program, with: "headsteer=\(path("shard"))")
        _ = try write("run.sh", text)
        let fake = try write("scontrol", "#!/bin/bash\necho \"scontrol $*\"\n")
        // It ends with what $END says once it gets a signal, or at once where $END says so.
        let shard = try write(
            "shard",
            "#!/bin/bash\ntrap 'exit 75' USR1 TERM\n[ -n \"${END:-}\" ] && exit \"$END\"\nkill -USR1 $PPID\n"
                + "for i in {1..200}; do sleep 0.05; done\n")
        for file in [fake, shard] {
            try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: file)
        }
        var variables = [
            "PATH": "\(path("")):\(ProcessInfo.processInfo.environment["PATH"] ?? "")", "SLURM_ARRAY_JOB_ID": "7",
            "SLURM_ARRAY_TASK_ID": "2",
        ]
        func run() throws -> (status: Int32, output: String) { try bash([path("run.sh")], variables: variables) }
        let stopped = try run()
        XCTAssertEqual(stopped.status, 75, stopped.output)
        XCTAssertEqual(stopped.output, "scontrol requeue 7_2\n")
        variables["END"] = "65"
        let failed = try run()
        XCTAssertEqual(failed.status, 65)
        XCTAssertEqual(failed.output, "")
        variables["END"] = "137"
        XCTAssertEqual(try run().output, "scontrol requeue 7_2\n")
        variables["SLURM_RESTART_COUNT"] = "3"
        XCTAssertEqual(try run().output, "")
        // One whose time is up has done something, and goes on however often that was.
        variables["END"] = nil
        XCTAssertEqual(try run().output, "scontrol requeue 7_2\n")
    }

    func testWhatMakesNoSenseIsRefused() throws {
        let start = ["slurm", "collect", Self.planted, "--data", labelled]
        try assertRefused(start + ["--out", path("f.sh")], 64, saying: "--shards")
        try assertRefused(start + ["--shards", "0", "--out", path("f.sh")], 64, saying: "--shards")
        try assertRefused(start + ["--shards", "3"], 64, saying: "--out")
        try assertRefused(start + ["--shards", "3", "--out", labelled], 64, saying: "would replace")
        try assertRefused(start + ["--nonsense", "--shards", "3", "--out", path("f.sh")], 64, saying: "nonsense")
        try assertRefused(
            ["slurm", "inspect", Self.planted, "--shards", "3", "--out", path("f.sh")], 64, saying: "--out")
        try assertRefused(
            ["slurm", "collect", Self.planted, "--data", path("none.jsonl"), "--shards", "3", "--out", path("f.sh")],
            66,
            saying: "none.jsonl")
        try assertRefused(["slurm", "--shards", "3", "--out", path("f.sh")], 64, saying: "no command")
    }

    func testHelp() throws {
        for option in ["--help", "-h"] {
            let help = try Program.run(["slurm", option])
            XCTAssertEqual(help.status, 0, help.error)
            XCTAssertTrue(help.output.contains("--shards <n>"), help.output)
        }
    }
}
