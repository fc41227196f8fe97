import DataFiles
import Foundation
import XCTest

/// Chromium without a window, driven by the DevTools protocol over its pipe: messages in JSON that end with a zero byte.
final class Browser {
    /// Where the browser may be, by the names that packages give it.
    private static let names = ["chromium", "chromium-browser", "google-chrome", "chrome"]
    /// How long the browser may take for an answer, in seconds.
    private static let patience: Int32 = 60

    private let process = Process()
    private let input = Pipe()
    private let output = Pipe()
    private let profile: URL
    private var buffer = Data()
    private var messages = 0
    private var target: String?
    private var session: String?
    /// What the page did unasked: events by method, with their parameters as JSON.
    private(set) var events: [(method: String, parameters: [String: Any])] = []

    /// - Throws: `XCTSkip` where there is no browser. `.ci/run` installs one where it can and runs what has skipped by these
    ///   words.
    init() throws {
        guard let path = Self.path else {
            throw XCTSkip("SKIPPED: wants a browser; run Fixtures/set-up.sh --browser")
        }
        // Where the browser has ended, writing is an error and not the end of all tests.
        signal(SIGPIPE, SIG_IGN)
        profile = FileManager.default.temporaryDirectory.appending(path: "headsteer-browser-\(UUID().uuidString)")
        process.executableURL = URL(filePath: "/bin/sh")
        // The pipe's ends have to be files 3 and 4, and nothing else may write into them.
        process.arguments = [
            "-c",
            """
            exec 3<&0 4>&1; exec "$0" --headless=new --no-sandbox --disable-gpu --hide-scrollbars --no-first-run \
            --remote-debugging-pipe --user-data-dir="$1" about:blank </dev/null >/dev/null 2>&1
            """, path, profile.path(percentEncoded: false),
        ]
        process.standardInput = input
        process.standardOutput = output
        process.standardError = FileHandle.nullDevice
        try process.run()
    }

    private static let path: String? = {
        let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        return names.lazy.flatMap { name in folders.map { "\($0)/\(name)" } }.first(where: works)
    }()

    /// Whether that is a browser: some systems have a program of its name that only says where to get it.
    private static func works(_ path: String) -> Bool {
        guard FileManager.default.isExecutableFile(atPath: path) else { return false }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = ["--version"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        guard (try? process.run()) != nil else { return false }
        process.waitUntilExit()
        return process.terminationStatus == 0
    }

    func close() {
        _ = try? send("Browser.close", inPage: false)
        process.waitUntilExit()
        try? FileManager.default.removeItem(at: profile)
    }

    // MARK: - Messages

    struct Failure: Error { var description: String }

    /// Sends a command and waits for its answer; what comes in between are events.
    @discardableResult
    func send(_ method: String, _ parameters: [String: Any] = [:], inPage: Bool = true) throws -> [String: Any] {
        messages += 1
        var message: [String: Any] = ["id": messages, "method": method, "params": parameters]
        if inPage, let session { message["sessionId"] = session }
        try input.fileHandleForWriting.write(contentsOf: JSONSerialization.data(withJSONObject: message) + [0])
        while true {
            let answer = try receive()
            if let id = answer["id"] as? Int, id == messages {
                if let error = answer["error"] { throw Failure(description: "\(method): \(error)") }
                return answer["result"] as? [String: Any] ?? [:]
            }
            if let event = answer["method"] as? String {
                events.append((event, answer["params"] as? [String: Any] ?? [:]))
            }
        }
    }

    private func receive() throws -> [String: Any] {
        while true {
            if let end = buffer.firstIndex(of: 0) {
                let message = buffer[buffer.startIndex..<end]
                buffer = Data(buffer[(end + 1)...])
                return try JSONSerialization.jsonObject(with: message) as? [String: Any] ?? [:]
            }
            var wait = pollfd(fd: output.fileHandleForReading.fileDescriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&wait, 1, Self.patience * 1000) != 0 else {
                process.terminate()
                throw Failure(description: "no answer from the browser within \(Self.patience) s")
            }
            let more = output.fileHandleForReading.availableData
            guard !more.isEmpty else { throw Failure(description: "the browser has ended") }
            buffer += more
        }
    }

    // MARK: - The page

    /// Opens a page and waits until its program has run.
    func open(_ url: URL, width: Int = 1280, height: Int = 900, isDark: Bool = false, media: String = "screen") throws {
        if let target { try send("Target.closeTarget", ["targetId": target], inPage: false) }
        let target = try send("Target.createTarget", ["url": "about:blank"], inPage: false)["targetId"] as? String ?? ""
        self.target = target
        session = nil
        session =
            try send("Target.attachToTarget", ["targetId": target, "flatten": true], inPage: false)["sessionId"]
            as? String
        events = []
        for domain in ["Page", "Runtime", "Log", "Network"] { try send("\(domain).enable") }
        try send(
            "Emulation.setDeviceMetricsOverride",
            ["width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600])
        try send(
            "Emulation.setEmulatedMedia",
            ["media": media, "features": [["name": "prefers-color-scheme", "value": isDark ? "dark" : "light"]]])
        try send("Page.navigate", ["url": url.absoluteString])
        let end = Date().addingTimeInterval(60)
        while try value("document.documentElement && document.documentElement.dataset.ready") as? String != "true" {
            guard Date() < end else { throw Failure(description: "the page isn't ready: \(problems)") }
            Thread.sleep(forTimeInterval: 0.05)
        }
    }

    /// What an expression gives in the page.
    func value(_ expression: String) throws -> Any? {
        let result = try send(
            "Runtime.evaluate", ["expression": expression, "returnByValue": true, "awaitPromise": true])
        if let exception = result["exceptionDetails"] {
            throw Failure(description: "\(expression): \(exception)")
        }
        return (result["result"] as? [String: Any])?["value"]
    }

    func text(_ selector: String) throws -> String {
        try value("document.querySelector('\(selector)')?.textContent") as? String ?? ""
    }

    func number(_ expression: String) throws -> Double { (try value(expression) as? NSNumber)?.doubleValue ?? .nan }

    /// Clicks with the pointer in the middle of an element.
    func click(_ selector: String) throws {
        let middle = try value(
            """
            (() => { const node = document.querySelector('\(selector)'); node.scrollIntoView({ block: "center" });
              const box = node.getBoundingClientRect(); return [box.left + box.width / 2, box.top + box.height / 2]; })()
            """)
        let place = (middle as? [NSNumber] ?? []).map(\.doubleValue)
        guard place.count == 2 else { throw Failure(description: "there is no \(selector)") }
        for type in ["mouseMoved", "mousePressed", "mouseReleased"] {
            try send(
                "Input.dispatchMouseEvent",
                [
                    "type": type, "x": place[0], "y": place[1], "button": type == "mouseMoved" ? "none" : "left",
                    "clickCount": type == "mouseMoved" ? 0 : 1,
                ])
        }
    }

    /// Presses a key where the focus is.
    func press(_ key: String, code: Int) throws {
        let text = key == "Enter" ? "\r" : ""
        for type in ["keyDown", "keyUp"] {
            var parameters: [String: Any] = [
                "type": type, "key": key, "code": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code,
            ]
            if type == "keyDown", !text.isEmpty { parameters["text"] = text }
            try send("Input.dispatchKeyEvent", parameters)
        }
    }

    /// Chooses an option as a person does: the element's value changes, and it says so.
    func select(_ selector: String, label: String) throws {
        let found = try value(
            """
            (() => { const node = document.querySelector('\(selector)');
              const option = [...node.options].find((option) => option.textContent === '\(label)');
              if (!option) return false;
              node.value = option.value; node.dispatchEvent(new Event("change", { bubbles: true })); return true; })()
            """)
        guard found as? Bool == true else { throw Failure(description: "\(selector) has no option \(label)") }
    }

    /// Errors, exceptions and warnings of the page, and requests other than for itself.
    var problems: [String] {
        events.compactMap { method, parameters in
            switch method {
            case "Runtime.exceptionThrown", "Log.entryAdded", "Runtime.consoleAPICalled":
                return "\(method): \(parameters)"
            case "Network.requestWillBeSent":
                let url = (parameters["request"] as? [String: Any])?["url"] as? String ?? ""
                return url.hasPrefix("file:") && parameters["type"] as? String == "Document"
                    ? nil : "request for \(url)"
            default: return nil
            }
        }
    }
}
