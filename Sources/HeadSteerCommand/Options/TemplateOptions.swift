import ArgumentParser
import ChatTemplating
import DataFiles
import Tokenization

/// Options for what a chat template is given besides the messages, in commands that can use one.
struct TemplateOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The date to give to the chat template (default: today). It is recorded in what is written.",
            valueName: "YYYY-MM-DD"))
    var date: CalendarDate?

    @Option(
        name: .customLong("template-variable"), parsing: .unconditionalSingleValue,
        help: ArgumentHelp(
            """
            A variable to give to the chat template, as JSON, or as text if it isn't JSON: enable_thinking=false. It \
            is recorded like the date. Repeatable.
            """, valueName: "name=value"))
    var variables: [TemplateVariable] = []

    func validate() throws {
        var names: Set<String> = []
        for name in variables.map(\.name) {
            guard names.insert(name).inserted else {
                throw ValidationError("--template-variable gives \(name) twice; give it once")
            }
            guard name != "messages" else {
                throw ValidationError("--template-variable gives messages; these are the conversation itself")
            }
        }
    }

    /// The settings, with today's date if none is given.
    var settings: ChatTemplateSettings {
        var settings = ChatTemplateSettings(date: date ?? .today)
        for variable in variables { settings.variables[variable.name] = variable.value }
        return settings
    }

    /// The name of one of these options that is given; nil if none is.
    var given: String? { date != nil ? "--date" : variables.isEmpty ? nil : "--template-variable" }

    /// Makes sure that options that are given aren't ignored.
    ///
    /// - Parameter isUsed: whether a template is used at all.
    func requireUse(_ isUsed: Bool) throws {
        guard !isUsed, let given else { return }
        throw ValidationError("\(given) without a chat template that it is for; give --chat too, or leave it out")
    }
}

/// `NAME=VALUE`: a variable of a chat template.
struct TemplateVariable: ExpressibleByArgument {
    let name: String
    let value: TemplateValue

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals != argument.startIndex else { return nil }
        let name = String(argument[..<equals])
        guard
            name.unicodeScalars.allSatisfy({
                $0 == "_" || $0.properties.isAlphabetic || $0.properties.numericType != nil
            })
        else { return nil }
        self.name = name
        value = TemplateValue(written: String(argument[argument.index(after: equals)...]))
    }
}

extension CalendarDate: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}

extension ChatTemplateSettings {
    /// The lines about the settings in reports.
    var facts: [(term: String, text: String)] {
        let fields = provenance
        return [("date", "date"), ("template variables", "templateVariables")].compactMap { term, key in
            // If there are no variables, there is nothing to report.
            fields[key].flatMap { $0 == "{}" ? nil : (term, $0) }
        }
    }
}

extension ChatFormatter {
    /// Warns of each variable that the template doesn't read, which changes nothing.
    func warnOfUnreadVariables(_ console: Console) {
        for name in unreadVariables {
            let nearest = NearestNames.find(name, among: templateNames.sorted()).first.map { "; the nearest is \($0)" }
            console.warning("the chat template reads no variable \(name)\(nearest ?? "")")
        }
    }
}
