import Reporting

/// The page's elements, which the program fills as far as there is something to show.
enum PageSkeleton {
    static func text(_ contents: ViewContents) -> String {
        let hasHeads = contents.layers > 0
        var sections: [String] = []
        if hasHeads {
            sections.append("<div class=\"aside\">\n\(map)\n\(contents.columns.isEmpty ? "" : plots)\n</div>")
            sections.append(head(contents))
        }
        if contents.steering != nil { sections.append(steering(contents)) }
        if !contents.logs.isEmpty { sections.append(logs) }
        return """
            <a class="skip" href="#\(hasHeads ? "head" : "main")">Skip to the contents</a>
            <header>
            <h1 dir="auto">\(MarkupText.xml(contents.title))</h1>
            \(facts(contents))
            <noscript><p>This page draws its pictures with its own JavaScript, which is turned off here.</p></noscript>
            </header>
            <p class="heard" id="announcer" aria-live="polite"></p>
            <main id="main" tabindex="-1"\(hasHeads ? " class=\"wide\"" : "")>
            \(sections.joined(separator: "\n"))
            </main>
            """
    }

    private static func facts(_ contents: ViewContents) -> String {
        let facts = contents.facts.map { fact in
            "<dt>\(MarkupText.xml(fact.term))</dt><dd dir=\"auto\">\(MarkupText.xml(fact.text))</dd>"
        }
        var parts: [String] = []
        if !facts.isEmpty { parts.append("<dl>\n\(facts.joined(separator: "\n"))\n</dl>") }
        if !contents.notes.isEmpty {
            let notes = contents.notes.map { "<li dir=\"auto\">\(MarkupText.xml($0))</li>" }
            parts.append(
                "<ul class=\"notes\" aria-label=\"What this page leaves out\">\n\(notes.joined(separator: "\n"))\n</ul>"
            )
        }
        return parts.joined(separator: "\n")
    }

    private static let map = """
        <section aria-labelledby="map-title">
        <h2 id="map-title">All heads</h2>
        <div class="controls">
        <label>Colour <select id="column"></select></label>
        <label id="only-significant-label"><input type="checkbox" id="only-significant"> fade q &gt; 0.05</label>
        </div>
        <div class="holder"><div class="scroll">
        <table id="map" role="grid" class="map" aria-label="Heads: layers from left to right, heads from top to bottom. \
        The arrow keys move, Enter chooses."></table>
        </div></div>
        <p class="detail" id="map-detail" aria-hidden="true"></p>
        <div id="map-scale"></div>
        <p class="dim" id="map-note"></p>
        </section>
        """

    private static let plots = """
        <section aria-labelledby="scatter-title">
        <h2 id="scatter-title">Two columns</h2>
        <div class="controls">
        <label>across <select id="x"></select></label>
        <label>up <select id="y"></select></label>
        </div>
        <svg id="scatter" class="plot" role="img" tabindex="0"></svg>
        <p class="detail" id="scatter-detail" aria-hidden="true"></p>
        <p class="dim" id="scatter-text"></p>
        </section>
        <section aria-labelledby="ranking-title">
        <h2 id="ranking-title">Ranking</h2>
        <div class="scroll" tabindex="0">
        <table id="ranking">
        <thead><tr id="ranking-head"><th scope="col" class="right">rank</th><th scope="col">head</th>\
        <th scope="col" class="right" id="ranking-column"></th></tr></thead>
        <tbody id="ranking-body"></tbody>
        </table>
        </div>
        <button type="button" id="ranking-more">Show more</button>
        </section>
        """

    private static func head(_ contents: ViewContents) -> String {
        var parts = [
            """
            <section id="head" aria-labelledby="head-title" tabindex="-1">
            <h2 id="head-title"></h2>
            <p class="dim" id="head-place"></p>
            <div class="controls">
            <button type="button" id="head-before" aria-label="The previous head in the ranking">← previous</button>
            <button type="button" id="head-after" aria-label="The next head in the ranking">next →</button>
            <label>layer <select id="head-layer"></select></label>
            <label>head <select id="head-index"></select></label>
            </div>
            """
        ]
        if !contents.columns.isEmpty {
            parts.append(
                """
                <h3>Scores</h3>
                <div class="scroll" tabindex="0"><table><tbody id="head-values"></tbody></table></div>
                """)
        } else {
            parts.append("<table hidden><tbody id=\"head-values\"></tbody></table>")
        }
        if contents.scores != nil { parts.append(texts(contents)) }
        if !contents.patterns.isEmpty { parts.append(attention) }
        if contents.writes != nil { parts.append(writes) }
        parts.append("</section>")
        return parts.joined(separator: "\n")
    }

    private static func texts(_ contents: ViewContents) -> String {
        let colours =
            contents.projections == nil
            ? ""
            : """
            <p class="dim">Tokens are coloured by their projection on the direction: red where it is above the midpoint, blue \
            where it is below. The score is read at the underlined tokens.</p>
            <div class="controls"><label><input type="checkbox" id="numbers"> show the numbers</label></div>
            """
        return """
            <h3>Texts</h3>
            <svg id="strip" class="plot" role="img" viewBox="0 0 600 86"></svg>
            <p class="dim" id="strip-text"></p>
            \(colours.isEmpty ? "<input type=\"checkbox\" id=\"numbers\" hidden>" : colours)
            <div class="pair">
            <div><h3>Highest</h3><ol class="list" id="texts-high"></ol></div>
            <div><h3>Lowest</h3><ol class="list" id="texts-low"></ol></div>
            </div>
            """
    }

    private static let attention = """
        <h3>Attention</h3>
        <div class="controls"><label>text <select id="attention-choice"></select></label></div>
        <p class="dim">Choose a token to see where it looks: redder tokens get more attention.</p>
        <p class="tokens" id="attention-tokens" role="toolbar" aria-label="Tokens: the arrow keys choose one" dir="auto"></p>
        <p id="attention-text" aria-live="polite"></p>
        <canvas id="pattern" role="img" width="320" height="320"></canvas>
        <p class="dim" id="pattern-text"></p>
        <p class="dim" id="pattern-note"></p>
        """

    private static let writes = """
        <h3>What it writes</h3>
        <p class="dim">The tokens whose logits the head's direction raises and lowers most, if nothing after the head changed it.</p>
        <div class="pair">
        <div><h4 class="kind">raises</h4><ol class="inline" id="writes-raised"></ol></div>
        <div><h4 class="kind">lowers</h4><ol class="inline" id="writes-lowered"></ol></div>
        </div>
        """

    private static func steering(_ contents: ViewContents) -> String {
        """
        <section class="full" aria-labelledby="steering-title">
        <h2 id="steering-title">Steered and unsteered texts</h2>
        <p class="dim">\(MarkupText.xml(contents.steering?.source ?? ""))</p>
        <p><label for="strength">Strength</label>: <output id="strength-text" for="strength"></output></p>
        <div class="slider">
        <span class="dim" id="strength-low"></span>
        <input type="range" id="strength" min="0" step="1" list="strength-marks">
        <span class="dim" id="strength-high"></span>
        </div>
        <datalist id="strength-marks"></datalist>
        <p class="dim">Words that the unsteered text doesn't have are marked.</p>
        <div id="steering-texts"></div>
        </section>
        """
    }

    private static let logs = """
        <section class="full" aria-labelledby="logs-title">
        <h2 id="logs-title">Monitor</h2>
        <div id="logs"></div>
        </section>
        """
}
