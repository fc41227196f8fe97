import Foundation
import XCTest
import _TestSupport

@testable import Viewing

/// The page in a real browser: what is clicked changes what it should, nothing goes wrong, no request leaves the page.
final class PageInBrowserTests: XCTestCase {
    /// One for all tests, which run one after the other: to start it takes longer than most of them.
    nonisolated(unsafe) private static var browser: Browser?

    override class func tearDown() {
        browser?.close()
        browser = nil
        super.tearDown()
    }

    private func open(
        _ contents: ViewContents, width: Int = 1280, isDark: Bool = false, media: String = "screen",
        _ body: (Browser) throws -> Void
    ) throws {
        let browser = try Self.browser ?? Browser()
        Self.browser = browser
        let page = try makeTemporaryFolder().appending(path: "page.html")
        let html = Data(try contents.html().utf8)
        XCTAssertLessThan(html.count, 10_000_000)
        try html.write(to: page)
        try browser.open(page, width: width, isDark: isDark, media: media)
        try body(browser)
        XCTAssertEqual(browser.problems, [])
        XCTAssertEqual(
            try browser.value("document.title") as? String, contents.title, "a model's text is never a program")
        XCTAssertEqual(try browser.number("document.querySelectorAll('img').length"), 0)
        XCTAssertLessThanOrEqual(
            try browser.number("document.documentElement.scrollWidth"),
            try browser.number("document.documentElement.clientWidth"), "nothing is wider than the window")
    }

    func testClicksChangeWhatTheyShould() throws {
        try open(SamplePage.contents()) { browser in
            XCTAssertEqual(try browser.text("#head-title"), "Head 1.2", "the plan's head comes first")
            XCTAssertEqual(try browser.number("document.querySelectorAll('#map td[data-head]').length"), 12)
            // A cell of the map.
            try browser.click("#map td[data-head=\"9\"]")
            XCTAssertEqual(try browser.text("#head-title"), "Head 3.0")
            XCTAssertEqual(try browser.text("#map td[aria-selected]"), "")
            XCTAssertEqual(
                try browser.value("document.querySelector('#map td[aria-selected]').dataset.head") as? String, "9")
            XCTAssertTrue(try browser.text("#writes-raised").contains("up9"))
            // A point of the scatter plot: the one furthest to the right is the best reader.
            try browser.click("#head-before")
            XCTAssertNotEqual(try browser.text("#head-title"), "Head 3.0")
            // A row of the ranking, by another column.
            try browser.select("#column", label: "auroc")
            XCTAssertTrue(try browser.text("#ranking-body tr").contains("3.0"))
            try browser.click("#ranking-body tr:first-child button")
            XCTAssertEqual(try browser.text("#head-title"), "Head 3.0")
            // Layer and head by number.
            try browser.select("#head-layer", label: "0")
            XCTAssertEqual(try browser.text("#head-title"), "Head 0.0")
            XCTAssertTrue(try browser.text("#map-detail").contains("no value"), "nothing was measured there")
            // The monitor's alarm leads to its head.
            try browser.click("#logs button")
            XCTAssertEqual(try browser.text("#head-title"), "Head 3.0")
            XCTAssertTrue((try browser.value("location.hash") as? String ?? "").hasPrefix("#head=3.0&column=probes"))
        }
    }

    func testPointsOfTheScatterPlot() throws {
        try open(SamplePage.contents()) { browser in
            XCTAssertEqual(
                try browser.number("document.querySelectorAll('#scatter .point').length"), 11, "one has no area")
            let right = try browser.value(
                """
                (() => { const points = [...document.querySelectorAll('#scatter .point')];
                  const best = points.reduce((a, b) => +a.getAttribute('cx') > +b.getAttribute('cx') ? a : b);
                  best.id = 'best-point'; return true; })()
                """)
            XCTAssertEqual(right as? Bool, true)
            try browser.click("#best-point")
            XCTAssertEqual(try browser.text("#head-title"), "Head 3.0")
            XCTAssertTrue(try browser.text("#scatter-detail").hasPrefix("Head 3.0: auroc 0.970"))
        }
    }

    func testKeysMoveThroughTheMap() throws {
        try open(SamplePage.contents()) { browser in
            _ = try browser.value("document.querySelector('#map td[tabindex=\"0\"]').focus()")
            try browser.press("ArrowRight", code: 39)
            try browser.press("ArrowUp", code: 38)
            XCTAssertEqual(try browser.value("document.activeElement.dataset.head") as? String, "7")
            XCTAssertEqual(try browser.text("#head-title"), "Head 1.2", "moving chooses nothing yet")
            try browser.press("Enter", code: 13)
            XCTAssertEqual(try browser.text("#head-title"), "Head 2.1")
            let label = try browser.value("document.activeElement.getAttribute('aria-label')") as? String ?? ""
            XCTAssertTrue(label.hasPrefix("Head 2.1: effect"), label)
            try browser.press("End", code: 35)
            try browser.press("ArrowRight", code: 39)
            XCTAssertEqual(
                try browser.value("document.activeElement.dataset.head") as? String, "10", "the map ends there")
            XCTAssertEqual(try browser.text("#announcer").hasPrefix("Head 2.1"), true, "what was chosen is said")
        }
    }

    func testTextsAreThoseThatScoreHighestAndLowest() throws {
        try open(SamplePage.contents()) { browser in
            let order = { (list: String) in
                try browser.value("[...document.querySelectorAll('#\(list) li')].map((li) => +li.dataset.text)")
                    as? [Int]
            }
            XCTAssertEqual(try order("texts-high"), [11, 10, 9, 8, 7])
            XCTAssertEqual(try order("texts-low"), [0, 1, 2, 3, 4])
            XCTAssertEqual(
                try browser.number("document.querySelectorAll('#texts-high li:first-child .token').length"), 9)
            XCTAssertTrue(try browser.text("#texts-high li").contains(SamplePage.hostile), "shown as it is")
            XCTAssertTrue(try browser.text("#texts-high li").hasPrefix("+11"))
            XCTAssertEqual(try browser.number("document.querySelectorAll('.token .value').length"), 0)
            try browser.click("#numbers")
            XCTAssertEqual(try browser.number("document.querySelectorAll('.token .value').length"), 90)
        }
    }

    func testATokenShowsWhereItLooks() throws {
        try open(SamplePage.contents()) { browser in
            let looks = try browser.text("#attention-text")
            XCTAssertTrue(looks.contains("“t0w7” 100 %"), looks)
            try browser.click("#attention-tokens button:nth-child(5)")
            XCTAssertTrue(try browser.text("#attention-text").hasPrefix("“t0w4” (token 4) looks at “t0w3” 100 %"))
            try browser.press("ArrowLeft", code: 37)
            XCTAssertTrue(try browser.text("#attention-text").hasPrefix("“t0w3” (token 3)"))
            try browser.click("#pattern")
            XCTAssertTrue(try browser.text("#attention-text").hasPrefix("“t0w4” (token 4)"), "the middle of nine rows")
        }
    }

    func testTheSliderShowsEachStrength() throws {
        try open(SamplePage.contents()) { browser in
            XCTAssertEqual(try browser.text("#strength-text"), "+8 σ")
            XCTAssertTrue(try browser.text("#steering-texts").contains("was a great day"))
            XCTAssertEqual(try browser.text("#steering-texts mark"), " a", "words that are new are marked")
            _ = try browser.value("document.querySelector('#strength').focus()")
            try browser.press("ArrowLeft", code: 37)
            try browser.press("ArrowLeft", code: 37)
            XCTAssertEqual(try browser.text("#strength-text"), "−8 σ")
            XCTAssertTrue(try browser.text("#steering-texts").contains("was sad"))
            XCTAssertTrue(try browser.text("#steering-texts").contains(SamplePage.hostile))
        }
    }

    func testAPhoneADarkOneAndPaper() throws {
        try open(SamplePage.contents(layers: 32, heads: 32), width: 360) { browser in
            XCTAssertGreaterThanOrEqual(
                try browser.number("document.querySelector('#map td[data-head]').getBoundingClientRect().width"), 7)
            XCTAssertLessThan(
                try browser.number(
                    "[...document.querySelectorAll('#logs td')].find((cell) => cell.textContent === 'activations')"
                        + ".getBoundingClientRect().height / parseFloat(getComputedStyle(document.body).fontSize)"), 4,
                "a word isn't broken in letters")
        }
        for (isDark, media) in [(true, "screen"), (false, "print")] {
            try open(SamplePage.contents(), isDark: isDark, media: media) { browser in
                let contrast = try browser.number(Self.leastContrast)
                XCTAssertGreaterThanOrEqual(contrast, 4.5, "\(media), dark \(isDark)")
            }
        }
    }

    /// The least contrast between a token and its ground (WCAG 2.2, 1.4.3), painted to be measured.
    private static let leastContrast = """
        (() => {
          const canvas = document.createElement("canvas");
          canvas.width = canvas.height = 1;
          const context = canvas.getContext("2d", { willReadFrequently: true });
          const light = (colours) => {
            for (const colour of colours) { context.fillStyle = colour; context.fillRect(0, 0, 1, 1); }
            const [r, g, b] = [...context.getImageData(0, 0, 1, 1).data].slice(0, 3).map((value) => value / 255)
              .map((value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4);
            return 0.2126 * r + 0.7152 * g + 0.0722 * b;
          };
          let least = 21;
          const page = getComputedStyle(document.body).backgroundColor;
          for (const token of document.querySelectorAll(".token")) {
            const style = getComputedStyle(token);
            const [a, b] = [light([page, style.backgroundColor]), light([style.color])];
            least = Math.min(least, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05));
          }
          return least;
        })()
        """

    /// A large model of 1,024 heads and 200 texts: a choice changes what is shown of one head, not a page of 200 texts. What is counted
    /// is what changes, as times depend on what else the machine does: with these counts a choice took 0.02 s on a quiet one.
    func testALargeRunStaysFluid() throws {
        try open(SamplePage.contents(layers: 32, heads: 32, texts: 200, tokens: 30)) { browser in
            let elements = try browser.number(
                Self.changed { "document.querySelectorAll('#map td[data-head]')[\($0) * 50].click();" })
            XCTAssertGreaterThan(elements, 50, "elements changed for each head chosen")
            XCTAssertLessThan(elements, 4000, "elements changed for each head chosen")
            let cells = try browser.number(
                Self.changed {
                    "{ const s = document.querySelector('#column'); s.value = \($0) % 3; s.dispatchEvent(new Event('change')); }"
                })
            XCTAssertGreaterThan(cells, 200, "elements changed for each column chosen")
            XCTAssertLessThan(cells, 4000, "elements changed for each column chosen")
        }
    }

    /// JavaScript for the mean number of elements that change or come when something is done ten times.
    private static func changed(_ action: (_ number: String) -> String) -> String {
        """
        (() => {
          const observer = new MutationObserver(() => {});
          observer.observe(document.documentElement, { subtree: true, childList: true, attributes: true, characterData: true });
          for (let i = 0; i < 10; i++) { \(action("i")) }
          let count = 0;
          for (const record of observer.takeRecords()) {
            if (record.type !== "childList") { count += 1; continue; }
            for (const node of record.addedNodes) count += 1 + (node.querySelectorAll ? node.querySelectorAll("*").length : 0);
          }
          return count / 10;
        })()
        """
    }
}
